/* Edge: the forward model of a particle's rim, seen along the normal.
 *
 * A sphere of radius R has a core of radius R - t in a shell of thickness t.
 * Along a ray at depth d below the rim the beam passes chords of shell and
 * core; Beer-Lambert gives the transmission, the optics blur it, defocus adds
 * a fringe. Particles that are no balls (facets, rafts, discs) end in a step
 * instead: a slab. Equations and limits: docs/methods/outline.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

/* What is fitted. Depths and lengths in pixels. */
typedef enum {
    CS_EDGE_SHELL,     /* optical depth of the coating per pixel of chord    */
    CS_EDGE_CORE,      /* the same of the core                               */
    CS_EDGE_THICKNESS, /* of the coating                                     */
    CS_EDGE_LN_BLUR,   /* ln of the standard deviation of the blur           */
    CS_EDGE_FRINGE,    /* Fresnel: weight of the curvature of the depth      */
    CS_EDGE_INNER,     /* what the core is not: depth growing as (d - t)²    */
    CS_EDGE_N
} CsEdgeParameter;

enum { CS_EDGE_MAX_POINTS = 640 };

/* A model on a grid of depths; also its derivatives. */
typedef struct {
    int    n;
    float  first; /* depth of the first point */
    float  step;
    float  value[CS_EDGE_MAX_POINTS]; /* transmission, or 1 + depth: outside
                                         the particle 1                     */
    float  by_depth[CS_EDGE_MAX_POINTS];
    float  by[CS_EDGE_N][CS_EDGE_MAX_POINTS];
} CsEdgeGrid;

typedef struct {
    bool   is_dark;   /* transmission; else brightness that adds up          */
    bool   has_coat;  /* else the shell's depth is the core's too            */
    bool   is_slab;   /* as thick at its edge as inside: a step, not a ball  */
    double radius_px; /* of the particle                                     */
    double from_px;   /* depths wanted, from outside (negative) to inside    */
    double to_px;
} CsEdgeShape;

/* Fills the grid for depths from_px - 3 to to_px + 3 with value and
 * derivatives. */
void cs_edge_fill(const CsEdgeShape *shape, const double *p,
                  CsEdgeGrid *grid);

/* Index of the grid point below depth d, and the fraction above it. */
static inline int
cs_edge_at(const CsEdgeGrid *grid, float d, float *fraction)
{
    float u = (d - grid->first) / grid->step;
    int   i;

    if (u < 0)
        u = 0;
    if (u > (float) (grid->n - 2))
        u = (float) (grid->n - 2);
    i = (int) u;
    *fraction = u - (float) i;
    return i;
}
