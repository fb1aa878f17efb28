/* Edge: the forward model of a particle's rim, seen along the normal.
 *
 * A ball of radius R has a coating of thickness t about a core whose density
 * may change with depth, as it does where a reaction front runs inwards or a
 * crystal diffracts. Along a ray at depth d below the rim the beam passes
 * chords of coating and core; Beer-Lambert gives the transmission, optics and
 * camera blur it, defocus adds a fringe. docs/methods/outline.md has the
 * equations and their limits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

enum { CS_EDGE_NODES = 7 };

/* What is fitted. Depths and lengths in pixels. The core's optical depth per
 * pixel of chord is given at nodes below the core's edge, linear in between. */
typedef enum {
    CS_EDGE_THICKNESS, /* of the coating                                     */
    CS_EDGE_LN_BLUR,   /* ln of the standard deviation of the blur           */
    CS_EDGE_FRINGE,    /* Fresnel: weight of the curvature of the path       */
    CS_EDGE_TAIL,      /* share of the light that is blurred far wider       */
    CS_EDGE_SHELL,     /* optical depth of the coating per pixel of chord    */
    CS_EDGE_CORE,      /* the same of the core at its edge, and deeper       */
    CS_EDGE_N = CS_EDGE_CORE + CS_EDGE_NODES
} CsEdgeParameter;

/* Depths of the nodes below the core's edge. */
extern const double cs_edge_node_px[CS_EDGE_NODES];

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
    double chord[CS_EDGE_N]; /* what the optical depth at_px below the rim
                                is made of: its derivatives               */
} CsEdgeGrid;

typedef struct {
    bool   is_dark;   /* transmission; else brightness that adds up          */
    bool   has_coat;  /* else it is all core                                  */
    double radius_px; /* of the particle                                     */
    double from_px;   /* depths wanted, from outside (negative) to inside    */
    double to_px;
    double at_px;     /* where chord is wanted                               */
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
