/* Polygons. Sums are taken relative to the first vertex, so that an outline
 * far from the origin loses no digits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/polygon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

bool
cs_polygon_resize(CsPolygon *polygon, size_t n, GError **error)
{
    CsPoint *points = cs_try_alloc(n, sizeof *points, "a polygon", error);

    if (points == NULL)
        return false;
    g_free(polygon->points);
    *polygon = (CsPolygon) { n, points };
    return true;
}

bool
cs_polygon_copy(const CsPolygon *from, CsPolygon *to, GError **error)
{
    if (from == to)
        return true;
    if (!cs_polygon_resize(to, from->n, error))
        return false;
    if (from->n > 0)
        memcpy(to->points, from->points, from->n * sizeof *from->points);
    return true;
}

void
cs_polygon_clear(CsPolygon *polygon)
{
    g_free(polygon->points);
    *polygon = (CsPolygon) CS_POLYGON_INIT;
}

/* Twice the signed area, and its first moments about the first vertex. */
static double
moments(const CsPolygon *p, double *mx, double *my)
{
    double twice = 0;

    *mx = *my = 0;
    for (size_t i = 1; i + 1 < p->n; i++) {
        double ax = p->points[i].x - p->points[0].x;
        double ay = p->points[i].y - p->points[0].y;
        double bx = p->points[i + 1].x - p->points[0].x;
        double by = p->points[i + 1].y - p->points[0].y;
        double cross = ax * by - bx * ay;

        twice += cross;
        *mx += cross * (ax + bx);
        *my += cross * (ay + by);
    }
    return twice;
}

double
cs_polygon_area(const CsPolygon *polygon)
{
    double mx, my;

    return fabs(moments(polygon, &mx, &my)) / 2;
}

CsPoint
cs_polygon_centroid(const CsPolygon *polygon)
{
    double mx, my, twice = moments(polygon, &mx, &my);
    CsPoint mean = { 0, 0 };

    if (fabs(twice) > 0)
        return (CsPoint) { polygon->points[0].x + mx / (3 * twice),
                           polygon->points[0].y + my / (3 * twice) };
    for (size_t i = 0; i < polygon->n; i++) {
        mean.x += polygon->points[i].x / (double) polygon->n;
        mean.y += polygon->points[i].y / (double) polygon->n;
    }
    return mean;
}

double
cs_polygon_perimeter(const CsPolygon *polygon)
{
    double sum = 0;

    for (size_t i = 0, last = polygon->n - 1; i < polygon->n; last = i++)
        sum += hypot(polygon->points[i].x - polygon->points[last].x,
                     polygon->points[i].y - polygon->points[last].y);
    return sum;
}

/* ---- Convex hull (Andrew's monotone chain) ------------------------------ */

static int
by_x_then_y(const void *a, const void *b)
{
    const CsPoint *p = a;
    const CsPoint *q = b;

    if (p->x < q->x || p->x > q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

static bool
turns_left(CsPoint a, CsPoint b, CsPoint c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) > 0;
}

static size_t
extend_chain(CsPoint *hull, size_t n, size_t base, CsPoint p)
{
    while (n >= base + 2 && !turns_left(hull[n - 2], hull[n - 1], p))
        n--;
    hull[n] = p;
    return n + 1;
}

double
cs_polygon_solidity(const CsPolygon *polygon)
{
    g_autofree CsPoint *sorted = NULL;
    g_autofree CsPoint *hull = NULL;
    size_t n = 0, base;
    double hull_area;

    if (polygon->n < 3)
        return NAN;
    sorted = g_memdup2(polygon->points, polygon->n * sizeof *sorted);
    hull = g_new(CsPoint, 2 * polygon->n + 1);
    qsort(sorted, polygon->n, sizeof *sorted, by_x_then_y);
    for (size_t i = 0; i < polygon->n; i++)
        n = extend_chain(hull, n, 0, sorted[i]);
    base = n - 1;
    for (size_t i = polygon->n - 1; i-- > 0;)
        n = extend_chain(hull, n, base, sorted[i]);
    hull_area = cs_polygon_area(&(CsPolygon) { n - 1, hull });
    return hull_area > 0 ? cs_polygon_area(polygon) / hull_area : NAN;
}

bool
cs_polygon_contains(const CsPolygon *polygon, CsPoint point)
{
    bool inside = false;

    for (size_t i = 0, last = polygon->n - 1; i < polygon->n; last = i++) {
        CsPoint a = polygon->points[last], b = polygon->points[i];

        if ((a.y > point.y) != (b.y > point.y)
            && point.x < a.x + (b.x - a.x) * (point.y - a.y) / (b.y - a.y))
            inside = !inside;
    }
    return inside;
}

double
cs_polygon_ray(const CsPolygon *polygon, CsPoint centre, double angle)
{
    double cx = cos(angle), cy = sin(angle), farthest = NAN;

    for (size_t i = 0, last = polygon->n - 1; i < polygon->n; last = i++) {
        double ax = polygon->points[last].x - centre.x;
        double ay = polygon->points[last].y - centre.y;
        double bx = polygon->points[i].x - centre.x;
        double by = polygon->points[i].y - centre.y;
        double a_side = cx * ay - cy * ax, b_side = cx * by - cy * bx;
        double t, r;

        if ((a_side > 0) == (b_side > 0))
            continue;
        t = a_side / (a_side - b_side);
        r = cx * (ax + t * (bx - ax)) + cy * (ay + t * (by - ay));
        if (r >= 0 && !(r <= farthest))
            farthest = r;
    }
    return farthest;
}
