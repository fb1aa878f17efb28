/* Paint: what the specimen does to the beam, pixel by pixel.
 *
 * A map holds, for each pixel, the share of the beam that arrives: in bright
 * field what gets through (layers multiply), in HAADF what is scattered onto
 * the detector (layers add). Values are integrals over the pixel.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/image.h"
#include "coatscope/polygon.h"
#include "simulator/body.h"

typedef struct {
    CsRecipeMode mode;
    double       nm_per_px;
} CsPaint;

/* Lays one more thing on a pixel. */
static inline void
cs_paint_pixel(CsRecipeMode mode, float *px, double value)
{
    *px = (float) (mode == CS_MODE_HAADF ? *px + value : *px * value);
}

/* A body in some state with its centre at (x, y) px. */
void cs_paint_body(const CsPaint *paint, const CsBody *body,
                   const CsBodyState *state, CsPoint centre_px, CsImage *map);

/* Adds to map the length in nm that the beam passes of the whole body. */
void cs_paint_length(const CsPaint *paint, const CsBodyState *state,
                     CsPoint centre_px, CsImage *map);

/* A soft blob of given depth (contrast x thickness at its middle). */
void cs_paint_blob(const CsPaint *paint, CsPoint centre_px, double radius_px,
                   double depth, CsImage *map);
