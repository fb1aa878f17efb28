/* Measures.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/measures.h"

void
cs_measures_clear(CsMeasures *measures)
{
    g_free(measures->recording);
    g_free(measures->coating);
    g_free(measures->row);
    *measures = (CsMeasures) CS_MEASURES_INIT;
}
