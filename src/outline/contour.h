/* A star-shaped contour in the pixels of one frame, and how to walk on it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>

#include "coatscope/polygon.h"

enum {
    CS_CONTOUR_ANGLES = 128, /* vertices of a contour                        */
    CS_CONTOUR_SECTORS = 64, /* every other vertex is the middle of a sector */
};

typedef struct {
    double x; /* the pole */
    double y;
    float  r[CS_CONTOUR_ANGLES];
} CsContour;

/* The contour of a polygon about its centroid. False where the polygon is
 * not star-shaped enough to give a radius at any angle. */
bool cs_contour_from_polygon(const CsPolygon *polygon, CsContour *contour);

/* The enclosed area, ½ ∮ r² dθ: that of a smooth curve through the vertices,
 * not of the chords between them. */
double cs_contour_area(const CsContour *contour);

/* Moves the pole by (dx, dy), or to the centroid; the curve stays. */
void cs_contour_move_pole(CsContour *contour, double dx, double dy);
void cs_contour_recentre(CsContour *contour);

/* cosine[k]: of the angle between ray k and the contour's normal there. */
void cs_contour_cosines(const CsContour *contour, float *cosine);

/* The angle of (dx, dy) in steps of the contour, 0 ≤ … < CS_CONTOUR_ANGLES;
 * good to 0.005 of a step. Without branches, so that loops become vectors. */
static inline float
cs_contour_angle(float dx, float dy)
{
    float ax = fabsf(dx), ay = fabsf(dy);
    float big = MAX(ax, ay), small = MIN(ax, ay);
    float t = small / (big > 0 ? big : 1), t2 = t * t;
    /* arctangent on [0, 1], a minimax polynomial good to 2e-6 rad */
    float a = t
              * (0.99997726f
                 + t2 * (-0.33262347f
                    + t2 * (0.19354346f
                       + t2 * (-0.11643287f
                          + t2 * (0.05265332f + t2 * -0.01172120f)))));

    a = ay > ax ? (float) G_PI_2 - a : a;
    a = dx < 0 ? (float) G_PI - a : a;
    a = dy < 0 ? (float) (2 * G_PI) - a : a;
    a *= (float) (CS_CONTOUR_ANGLES / (2 * G_PI));
    a = a < (float) CS_CONTOUR_ANGLES ? a : 0;
    return a >= 0 ? a : 0;
}

/* A value between those at the vertices. */
static inline float
cs_contour_between(const float *values, float angle)
{
    unsigned k = (unsigned) angle; /* unsigned: a cheap remainder */
    float    f = angle - (float) k;

    return (1 - f) * values[k % CS_CONTOUR_ANGLES]
           + f * values[(k + 1) % CS_CONTOUR_ANGLES];
}

/* Adds values given at the sectors (cubic in between) to the radii, which
 * stay above 1 pixel. */
void cs_contour_add_sectors(CsContour *contour, const double *delta);

bool cs_contour_contains(const CsContour *contour, double x, double y,
                         double margin_px);
float cs_contour_largest(const CsContour *contour);
float cs_contour_smallest(const CsContour *contour);
