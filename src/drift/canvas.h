/* Canvas: the support as it was seen up to now, three fields wide and high,
 * with the first frame in the middle. Two means, each of every other frame:
 * what both show is no noise.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "drift/plane.h"

typedef struct {
    const CsDriftField *field;
    size_t    cells_x; /* three times the field's */
    size_t    cells_y;
    CsImage   half[2]; /* means */
    uint16_t *n[2];    /* by cell: frames in the mean */
    uint8_t  *bad;     /* by cell: frames it was far off in */
    CsImage   rest;    /* by cell: mean of the frame minus what was known;
                          NAN where there is nothing to compare */
    float    *spare;   /* 2 by cell */
    float     light[3]; /* of the frame in hand, as fitted to rest: at the
                           field's middle, and its slopes to the edges */
} CsDriftCanvas;

/* Errors: CS_ERROR_LIMIT. */
bool cs_drift_canvas_init(CsDriftCanvas *canvas, const CsDriftField *field,
                          GError **error);
void cs_drift_canvas_clear(CsDriftCanvas *canvas);

/* Forgets all but what the field closed. */
void cs_drift_canvas_forget(CsDriftCanvas *canvas);

/* A quarter of the memory of what was bad is lost at a time: what has been
 * still for long may be support after all. Cells that become good again are
 * learned afresh. */
void cs_drift_canvas_forgive(CsDriftCanvas *canvas);

/* Whether the cell has been seen, and is neither closed nor bad. */
bool cs_drift_canvas_knows(const CsDriftCanvas *canvas, size_t cell);

/* Compares the frame, which lies (dx, dy) from the first, with what is known:
 * fills rest and light, and marks as bad the cells whose neighbourhood is off by
 * 6 sd and by bad_from of the brightness (INFINITY: none). */
void cs_drift_canvas_compare(CsDriftCanvas *canvas, const CsDriftPlane *plane,
                             double dx, double dy, double bad_from);

/* Takes the frame, as compared last, into one half. */
void cs_drift_canvas_learn(CsDriftCanvas *canvas, const CsDriftPlane *plane,
                           double dx, double dy, size_t half);

/* Where pixel (0, 0) of a cell lies in a frame: first whole pixel, and the
 * weights of it and its right, lower and lower right neighbour. */
typedef struct {
    ptrdiff_t x;
    ptrdiff_t y;
    float     weight[4];
} CsDriftPlace;

/* False where the cell is not all in the frame. `margin` more pixels on all
 * sides are inside, too. */
bool cs_drift_place(const CsDriftCanvas *canvas, const CsDriftPlane *plane,
                    size_t cell, const double *shift, ptrdiff_t margin,
                    CsDriftPlace *place);

/* Whether any cell of the frame under the place is closed. */
bool cs_drift_place_closed(const CsDriftPlane *plane,
                           const CsDriftPlace *place);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsDriftCanvas, cs_drift_canvas_clear)
