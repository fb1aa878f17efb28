/* CsPolygon: a closed outline in pixels.
 *
 * The last vertex joins the first. Corner coordinates as in ImageJ (frame.h).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef struct {
    double x;
    double y;
} CsPoint;

typedef struct {
    size_t   n;
    CsPoint *points; /* n, ours */
} CsPolygon;

#define CS_POLYGON_INIT { 0 }

/* Room for n points, all (0, 0). Errors: CS_ERROR_LIMIT. */
bool cs_polygon_resize(CsPolygon *polygon, size_t n, GError **error);
bool cs_polygon_copy(const CsPolygon *from, CsPolygon *to, GError **error);
void cs_polygon_clear(CsPolygon *polygon);

/* The enclosed area by the shoelace rule, positive whichever way round. */
double cs_polygon_area(const CsPolygon *polygon);

/* The centroid of the enclosed area; of the vertices where that is 0. */
CsPoint cs_polygon_centroid(const CsPolygon *polygon);

/* The length of the closed outline. */
double cs_polygon_perimeter(const CsPolygon *polygon);

/* Area over area of the convex hull, 0 to 1; NAN where that is 0. */
double cs_polygon_solidity(const CsPolygon *polygon);

/* Even-odd rule. */
bool cs_polygon_contains(const CsPolygon *polygon, CsPoint point);

/* The distance along the ray from `centre` at `angle` (radians, from +x
 * towards +y) to the farthest crossing, or NAN where it meets none. */
double cs_polygon_ray(const CsPolygon *polygon, CsPoint centre, double angle);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsPolygon, cs_polygon_clear)

G_END_DECLS
