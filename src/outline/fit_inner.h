/* The inside of a fit, for the files it is made of.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>

#include "outline/fit.h"

enum {
    S = CS_CONTOUR_SECTORS,
    E = CS_EDGE_N,
    P = E + 1, /* common: the edge, and the level */
    LEVEL = E,
    SHIFT = P, /* of one sector */
    AMPLITUDE = P + 1,
    LOCAL_LEVEL = P + 2,
    Q = P + 3, /* unknowns a sector's cells see */
    N = S + P, /* after elimination: shifts, then common ones */
    VALUE = E, /* places in a row of the table */
    BY_DEPTH = E + 1,
    ROW = (E + 2 + 3) / 4 * 4,
    ROUNDS = 4,
    FIRST_ROUNDS = 14, /* where no frame before says where to begin */
};

typedef struct {
    const CsRim     *rim;
    const CsContour *start;
    const CsContour *prediction;
    CsRimModel       model; /* being fitted */
    CsRimModel       prior;
    CsEdgeGrid       grid;
    float            table[CS_EDGE_MAX_POINTS][ROW]; /* the grid, by point  */
    double           offset;     /* where the rim is looked for, beyond the
                                    start                                */
    double           level;      /* common correction of the background  */
    double           plane[3];   /* background = b0 + bx cos + by sin    */
    double           cosine[S];  /* of the sectors' angles               */
    double           sine[S];
    bool             hidden[S];
    double           delta[S];
    double           amplitude[S];
    double           local[S];   /* relative level of a sector           */
    double           amplitude_var[S];
    double           local_var[S];
    double           prior_h[E * E]; /* inverse of the prior covariance  */
    double           h[N * N];
    double           g[N];
    double           sector_h[S][Q * Q];
    double           sector_g[S][Q];
    double           moved;      /* by the last step: the most, in pixels */
    double           cost;       /* what is made least: -2 ln posterior  */
    double           chi2;
    double           n_cells;
    double           sector_chi2[S];
    struct {
        double n, residual, variance; /* sums over the sectors */
        double model; /* variance of a cell that the model gets wrong */
    } bin[CS_RIM_MAX_BINS];
} CsFit;

/* The background beside a sector, in counts. */
static inline double
cs_fit_plane_at(const CsFit *f, int s)
{
    return f->plane[0] + f->plane[1] * f->cosine[s]
           + f->plane[2] * f->sine[s];
}

/* A fit that has not begun: free with cs_fit_free(). */
CsFit *cs_fit_new(const CsRim *rim, const CsContour *start, double offset_px,
                  const CsRimModel *model);
void cs_fit_free(CsFit *fit);

/* Finds background, noise and hidden sectors; false where there is too little
 * to fit. */
bool cs_fit_prepare(CsFit *f);

/* The model on the grid of depths, for the present parameters. */
void cs_fit_fill_grid(CsFit *f);

/* old moves towards now by that share; what is NAN gives way. */
void cs_fit_blend(double *old, double now, double share);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsFit, cs_fit_free)
