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

/* relative: the binned frame over its local mean, minus 1. weight: the field's,
 * for a frame that lies (dx, dy) binned pixels off. The local mean is that of
 * weighted pixels, so that neither masks nor illumination leave an edge. Both
 * images get the field's size.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_texture(const CsDriftField *field, const CsImage *binned,
                      double dx, double dy, CsImage *relative,
                      CsImage *weight, GError **error);

/* Takes the weight off where relative differs from what is usual there (mean,
 * on the first frame) by more than noise does: the needle that comes in, a
 * particle that has grown out of its mask.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_mask_changes(const CsDriftField *field, const CsImage *mean,
                           const CsImage *relative, double dx, double dy,
                           CsImage *weight, GError **error);

/* Takes the weight off what differs from its surroundings far more than the
 * support does: a needle moves on its own, and its edge outshines all.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_mask_outliers(const CsImage *relative, CsImage *weight,
                            GError **error);

/* Moves mean (NAN where nothing is known yet) towards relative, where there is
 * weight, by the given share. */
void cs_drift_learn(const CsDriftField *field, const CsImage *relative,
                    const CsImage *weight, double dx, double dy, float share,
                    CsImage *mean);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsDriftField, cs_drift_field_clear)
