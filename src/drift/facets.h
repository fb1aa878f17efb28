/* Facets: the cells of the canvas that tell a shift, with their slopes. A
 * shift is what makes a frame differ from the canvas along its slopes; slopes
 * that two halves of the frames do not have in common are noise and left out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "drift/canvas.h"

typedef struct {
    float  known[CS_DRIFT_CELL_PX]; /* the canvas                        */
    float  gx[CS_DRIFT_CELL_PX];    /* its slopes, blurred against noise */
    float  gy[CS_DRIFT_CELL_PX];
    size_t cell;
    double share;  /* of the slopes' squares that is no noise: its weight */
    double h[3];   /* sums of gx gx, gx gy, gy gy                         */
    double s[2];   /* sums of gx, gy                                      */
} CsDriftFacet;

typedef struct {
    size_t        n;
    size_t        n_allocated;
    CsDriftFacet *facet;
    double        blur_px; /* of the slopes; 0 before the first time      */
    double        gain;    /* slope that a frame should show, over the
                              slopes' own: both are blurred, only one noisy */
    double        power;   /* sum of share * (h[0] + h[2])                */
} CsDriftFacets;

/* Anew from the canvas: known and slopes from one half (0 or 1), or from both
 * (2). The blur is that of the last time or the next smaller one, or, at
 * first, the one that tells most.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_facets_make(const CsDriftCanvas *canvas, size_t half,
                          CsDriftFacets *facets, GError **error);
void cs_drift_facets_clear(CsDriftFacets *facets);

typedef struct {
    double dx; /* in binned pixels; where to begin, then the fit */
    double dy;
    double sd;       /* of either; INFINITY where there is no telling */
    double slope;    /* the frame's over the expected: 1 as the canvas, 0
                        nothing in common; NAN where there is no telling */
    double slope_sd;
} CsDriftFit;

/* Scratch space of a fit. */
typedef struct {
    size_t  n_allocated;
    double (*sum)[8];
    float  *spare;
} CsDriftBench;
void cs_drift_bench_clear(CsDriftBench *bench);

/* Fits the plane from where fit says. faith: share of the expected slope that
 * frames were found to have.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_fit(const CsDriftCanvas *canvas, const CsDriftFacets *facets,
                  const CsDriftPlane *plane, double faith,
                  CsDriftBench *bench, CsDriftFit *fit, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsDriftFacets, cs_drift_facets_clear)
