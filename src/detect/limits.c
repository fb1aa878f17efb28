/* What is too small to be found.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/limits.h"

#include <glib.h>

#include "coatscope/detect.h"

double
cs_detect_least_diameter_px(size_t width, size_t height)
{
    size_t side = MAX(width, height);
    size_t bin = MAX((side + CS_SEARCH_MAX_SIDE - 1) / CS_SEARCH_MAX_SIDE, 1);

    return (double) (CS_SEARCH_LEAST_DIAMETER * bin);
}
