/* From the rim and the mean of the whole.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "breakage/darkness.h"

#include <math.h>

enum { FRAMES = 10 };

/* The rim's depth over the longest chord through the coating; and the mean
 * depth of a coated ball less its coating's, over the mean chord of the core,
 * 4/3 R^3 / Ro^2. */
static double
one_frame(const CsOutline *o, size_t n_angles)
{
    double r = sqrt(o->area_px2 / G_PI), core = sqrt(o->core_area_px2 / G_PI);
    double through_core = 4.0 / 3 * core * core * core / (r * r);
    double through_coat = 4.0 / 3 * r - through_core;
    double rim = 0, n = 0, coat, whole;

    for (size_t k = 0; k < n_angles; k++)
        if (isfinite(o->rim[k])) {
            rim += (double) o->rim[k];
            n += 1;
        }
    coat = rim / n / (2 * sqrt(r * r - core * core));
    whole = log(o->background / o->intensity);
    return coat * through_core / (whole - coat * through_coat);
}

double
cs_darkness(const CsOutlines *outlines, size_t particle, const CsRing *ring)
{
    double value[FRAMES], scratch[FRAMES];
    size_t n = 0;

    for (size_t i = 0; i < ring->n_frames && n < FRAMES; i++) {
        double one = one_frame(cs_outlines_at(outlines, ring->frame[i],
                                              particle),
                               outlines->n_angles);

        if (isfinite(one) && one > 0)
            value[n++] = one;
    }
    return cs_ring_median(value, n, 1, scratch);
}
