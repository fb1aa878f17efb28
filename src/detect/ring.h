/* Ring: the closed edge about a spot, and how sure it is one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "detect/spots.h"

enum { CS_RING_RAYS = 64 };

/* A star-shaped outline in pixels of the first level. */
typedef struct {
    double x, y;             /* centroid                                    */
    double r[CS_RING_RAYS];  /* from there, ray k at 2 pi k / CS_RING_RAYS  */
    float  edge[CS_RING_RAYS]; /* step to the outside, over the typical one;
                                NAN outside the picture                     */
    double area;
    double shape;            /* area over that of the hull                  */
    double roundness;        /* 1 for an ellipse, less for anything else    */
    double step;             /* the typical step                            */
    double noise;            /* sd of a step by noise alone                 */
    double inside, outside;  /* levels at 0.6 and 1.2 of the way to it      */
    double dome;             /* level at 0.8 less that at 0.3, over their
                                difference                                  */
    double fill;             /* share of it that is darker than around it   */
    bool   at_border;        /* of the picture                              */
} CsRing;

/* Fits the ring of a spot, by the best closed path around it. False if there
 * is no edge at all. */
bool cs_ring_fit(const CsLevels *levels, const CsSpot *spot, CsRing *ring);

/* Whether ray k meets an edge. */
bool cs_ring_has_edge(const CsRing *ring, size_t k);

/* Points spread evenly over a ring: (*x, *y) is number k of them. */
enum { CS_RING_POINTS = 2 * CS_RING_RAYS };
void cs_ring_point(const CsRing *ring, int k, double *x, double *y);

/* Whether (x, y) lies inside the ring. */
bool cs_ring_holds(const CsRing *ring, double x, double y);

/* The distance from the centre to the ring at an angle in radians. */
double cs_ring_reach(const CsRing *ring, double angle);
