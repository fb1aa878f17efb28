/* Refine: templates of the support from many frames, and where a frame lies on
 * them to a hundredth of a pixel.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

#include "coatscope/job.h"
#include "drift/plane.h"

/* Pixels from sample to sample of a fit. */
enum { CS_DRIFT_STRIDE = 2 };

/* The usual plane, on the first frame. NAN where it is not known. */
typedef struct {
    CsImage   image;
    ptrdiff_t x0; /* its pixel (0, 0) is that of the first frame */
    ptrdiff_t y0;
} CsDriftTemplate;

/* A frame as it takes part: its plane, and where it lies. */
typedef struct {
    CsImage plane;
    double  dx;
    double  dy;
    double  moved_x; /* since it was first placed */
    double  moved_y;
    CsImage far; /* as cs_drift_refine() tells; empty at first */
} CsDriftKey;

/* The middle half of what keys number first, first + 2, … say of each pixel,
 * where `field` allows and no keys are far off. The image's size and place are
 * those it has.
 *
 * Errors: CS_ERROR_LIMIT, CS_ERROR_CANCELLED. */
bool cs_drift_template_build(const CsDriftField *field, const CsDriftKey *keys,
                             size_t n_keys, size_t first, const CsJob *job,
                             CsDriftTemplate *t, GError **error);

typedef struct {
    double dx; /* in binned pixels */
    double dy;
    double sd;          /* of either; INFINITY where there is no telling */
    double sharpness;   /* 1: as the templates, 0: nothing in common */
    double sharpness_sd;
} CsDriftFit;

/* Fits the plane, known to lie near (fit->dx, fit->dy), onto `onto`. `other`
 * is a template from other frames: what both show is no noise. far, unless
 * NULL, becomes how many sd the neighbourhood of each sample is off.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_refine(const CsImage *plane, const CsDriftTemplate *onto,
                     const CsDriftTemplate *other, CsDriftFit *fit,
                     CsImage *far, GError **error);
