/* Ring: what the rim of one particle shows, frame by frame, angle by angle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/outlines.h"

/* Tables are n_frames * n_angles, frame by frame; NAN where the rim is hidden.
 * Frames in which the particle was lost, or nothing of its rim was seen, are
 * left out. */
typedef struct {
    size_t  n_frames;
    size_t  n_angles;
    size_t *frame;     /* their numbers in the recording                     */
    double *depth;     /* optical depth of the coating, over what the same
                          angle showed at first and what the whole ring shows
                          now: 1 where it is whole, towards 0 where not      */
    double *bump_px;   /* radius beyond a smooth contour with its first bumps */
    double *level;     /* n_frames: the whole ring's depth over that at first */
    double *radius_px; /* n_frames: mean                                     */
    double *work;      /* what the tables point into                         */
    double  seen;      /* share of the angles that are seen in most frames   */
} CsRing;

#define CS_RING_INIT { 0 }
void cs_ring_clear(CsRing *ring);

/* Errors: CS_ERROR_LIMIT. */
bool cs_ring_read(const CsOutlines *outlines, size_t particle, CsRing *ring,
                  GError **error);

/* The median of n values, NAN left out; NAN for none. Scratch has room for n. */
double cs_ring_median(const double *value, size_t n, size_t stride,
                      double *scratch);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsRing, cs_ring_clear)
