/* Search: where a frame may lie on the canvas, at any shift up to its size.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "drift/canvas.h"

enum { CS_DRIFT_N_PLACES = 4 };

typedef struct {
    double dx; /* binned pixels, to a few */
    double dy;
    double score; /* -INFINITY: no place */
} CsDriftFound;

/* The best places, best first. (dx, dy) is where the frame is expected, from
 * which the size of disagreements is taken.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_search(const CsDriftCanvas *canvas, const CsDriftPlane *plane,
                     double dx, double dy,
                     CsDriftFound found[CS_DRIFT_N_PLACES], GError **error);
