/* Spots: where particles might be.
 *
 * Each pixel of an edge votes for the centres that lie a radius behind it, on
 * its dark side; a closed edge gathers its votes (a Hough transform with the
 * direction of the edge: D. H. Ballard, Pattern Recognit. 13, 111, 1981).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "detect/levels.h"

typedef struct {
    double x, y;   /* in pixels of the first level, corner coordinates */
    double radius; /* the same */
    double votes;  /* share of a whole circle that voted */
} CsSpot;

/* Appends to `spots` (of CsSpot) what looks round and dark on any level, many
 * of it more than once, the most voted for first. Errors: CS_ERROR_LIMIT. */
bool cs_spots_find(const CsLevels *levels, GArray *spots, GError **error);
