/* Levels: one picture at ever coarser scales.
 *
 * Binned by two from level to level, noise halves while what is large keeps
 * its contrast: on some level the edge of every particle stands out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/image.h"

enum { CS_MAX_LEVELS = 10 };

typedef struct {
    CsImage image;       /* blurred by about a pixel                        */
    double  scale;       /* pixels of the first level in one of this        */
    double  noise_slope; /* sd of a slope (a component, per pixel) by noise */
} CsLevel;

typedef struct {
    size_t  n;
    CsLevel level[CS_MAX_LEVELS];
} CsLevels;

#define CS_LEVELS_INIT { 0 }

/* Builds the levels of a picture, down to a least side of 20 pixels; one
 * level at least. Errors: CS_ERROR_LIMIT. */
bool cs_levels_build(const CsImage *picture, CsLevels *levels,
                     GError **error);
void cs_levels_clear(CsLevels *levels);

/* The slope of an image at pixel (i, j), by central differences. */
void cs_levels_slope(const CsImage *image, size_t i, size_t j, float *gx,
                     float *gy);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsLevels, cs_levels_clear)
