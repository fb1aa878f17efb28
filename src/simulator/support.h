/* The support: carbon with holes and texture, and dirt on it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"
#include "simulator/paint.h"

/* Thickness of carbon in nm at a place of the specimen. */
double cs_support_thickness_nm(const CsSupportRecipe *recipe, uint64_t seed,
                               double x_nm, double y_nm);

/* Where to paint: the first pixel of the map lies at (x0, y0) px of the
 * specimen. `take` is the contrast of carbon a nm. */
typedef struct {
    CsPaint                paint;
    const CsSupportRecipe *recipe;
    uint64_t               seed;
    double                 take;
    ptrdiff_t              x0, y0;
} CsSupportView;

/* Fills map with what the support and the dirt on it do to the beam.
 * Errors: CS_ERROR_CANCELLED. */
bool cs_support_paint(const CsSupportView *view, const CsJob *job,
                      CsImage *map, GError **error);
