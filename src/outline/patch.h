/* The neighbourhood of one particle in one frame: grey values, and which of
 * them may be used.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdint.h>

#include "coatscope/image.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"
#include "outline/contour.h"

typedef struct {
    CsImage  image;
    double   x0; /* frame coordinates of the image's corner */
    double   y0;
    uint8_t *hidden; /* 1: outside the frame, a neighbour's, needle, hot    */
    size_t   capacity;
    bool     cut;    /* some pixels lie outside the frame */
} CsPatch;

#define CS_PATCH_INIT { .image = CS_IMAGE_INIT }

/* Cuts out the surroundings of contour up to margin_px around it. */
bool cs_patch_cut(const CsFrame *frame, const CsContour *contour,
                  double margin_px, CsPatch *patch, GError **error);

/* Hides what lies inside another particle's contour. */
void cs_patch_hide_contour(CsPatch *patch, const CsContour *contour,
                           double margin_px);

/* Hides the cells of the needle (and of dirt). */
void cs_patch_hide_needle(CsPatch *patch, const CsSeeds *seeds,
                          const CsShift *shift);

/* Hides pixels that stand out from all their neighbours, as hot, dead and
 * X-ray-hit ones do. */
void cs_patch_hide_spikes(CsPatch *patch);

void cs_patch_clear(CsPatch *patch);
