/* Plane: from a frame to what drift is measured on: relative brightness at
 * most 512 pixels wide, in cells of 8 x 8 of these, some of them closed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "coatscope/frame.h"
#include "coatscope/image.h"
#include "coatscope/seeds.h"

enum {
    CS_DRIFT_CELL = 8,
    CS_DRIFT_CELL_PX = CS_DRIFT_CELL * CS_DRIFT_CELL,
};

/* Where to look, on the binned first frame. */
typedef struct {
    size_t   bin;
    size_t   cells_x; /* whole cells */
    size_t   cells_y;
    uint8_t *closed;  /* cells_x * cells_y: 1 where something grows or moves */
} CsDriftField;

/* seeds may be NULL: then all is looked at.
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_field_init(CsDriftField *field, size_t width, size_t height,
                         const CsSeeds *seeds, GError **error);
void cs_drift_field_clear(CsDriftField *field);

typedef struct {
    CsImage  image;  /* the binned frame over its median, minus 1           */
    CsImage  cells;  /* its mean over cells                                 */
    uint8_t *closed; /* by cell: far from the rest, or beside what is:
                        tungsten, thick particles                           */
    size_t   n_closed; /* allocated */
    double   light;  /* mean grey value of the frame                        */
} CsDriftPlane;

#define CS_DRIFT_PLANE_INIT { .image = CS_IMAGE_INIT, .cells = CS_IMAGE_INIT }

/* Errors: CS_ERROR_LIMIT. */
bool cs_drift_plane(const CsDriftField *field, const CsFrame *frame,
                    CsDriftPlane *plane, GError **error);
void cs_drift_plane_clear(CsDriftPlane *plane);

/* The median of n values, whose order changes; NAN for none. */
float cs_drift_median(float *value, size_t n);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsDriftField, cs_drift_field_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsDriftPlane, cs_drift_plane_clear)
