/* Texture: from a frame to what drift is measured on: the relative texture of
 * what does not grow.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

#include "coatscope/frame.h"
#include "coatscope/image.h"
#include "coatscope/seeds.h"

/* Where to look, on the binned first frame: 1 support, 0 what grows or moves. */
typedef struct {
    size_t   bin;
    size_t   width;  /* of the binned frame */
    size_t   height;
    float   *weight; /* width * height, falls to 0 at borders and masks */
} CsDriftField;

/* seeds may be NULL: then all is looked at.
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_field_init(CsDriftField *field, size_t width, size_t height,
                         const CsSeeds *seeds, GError **error);
void cs_drift_field_clear(CsDriftField *field);

/* texture = weight (moved by -dx, -dy binned pixels) times the relative
 * deviation of the binned frame from its local mean. The local mean is that
 * of unmasked pixels, so that neither the masks nor illumination leave an
 * edge. texture has the field's size.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_texture(const CsDriftField *field, const CsImage *binned,
                      double dx, double dy, CsImage *texture,
                      GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsDriftField, cs_drift_field_clear)
