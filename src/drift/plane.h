/* Plane: from a frame to what drift is measured on: relative brightness, with
 * holes where nothing may be matched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

#include "coatscope/frame.h"
#include "coatscope/image.h"
#include "coatscope/seeds.h"

/* What may be looked at, on the binned first frame: 1 support, 0 what grows or
 * moves. Elsewhere, too, there may be support. */
typedef struct {
    size_t bin;
    size_t width;  /* of the binned frame */
    size_t height;
    float *weight; /* width * height */
} CsDriftField;

/* seeds may be NULL: then all is looked at.
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_field_init(CsDriftField *field, size_t width, size_t height,
                         const CsSeeds *seeds, GError **error);
void cs_drift_field_clear(CsDriftField *field);

/* Whether binned pixel (x, y) of the first frame, or beside it, may count. */
bool cs_drift_field_allows(const CsDriftField *field, ptrdiff_t x,
                           ptrdiff_t y);

/* plane: the binned frame over its median, minus 1, lightly blurred. NAN where
 * a pixel differs from the rest far more than a support does: tungsten, thick
 * particles. light: mean grey value of the frame.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_plane(const CsDriftField *field, const CsFrame *frame,
                    CsImage *plane, double *light, GError **error);

/* The median of n values, which are put in order; NAN for none. */
float cs_drift_median(float *value, size_t n);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsDriftField, cs_drift_field_clear)
