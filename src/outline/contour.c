/* Star-shaped contours.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/contour.h"

#include <glib.h>
#include <math.h>

enum { K = CS_CONTOUR_ANGLES, S = CS_CONTOUR_SECTORS };

static const double step = 2 * G_PI / K;

static bool
fill_gaps(float *r)
{
    float filled[K];

    for (int k = 0; k < K; k++) {
        int before = 0, after = 0;

        while (before < K && isnan(r[(k + K - before) % K]))
            before++;
        if (before == K)
            return false;
        while (isnan(r[(k + after) % K]))
            after++;
        filled[k] = before + after == 0
                        ? r[k]
                        : ((float) after * r[(k + K - before) % K]
                           + (float) before * r[(k + after) % K])
                              / (float) (before + after);
    }
    for (int k = 0; k < K; k++)
        r[k] = filled[k];
    return true;
}

bool
cs_contour_from_polygon(const CsPolygon *polygon, CsContour *contour)
{
    CsPoint c = cs_polygon_centroid(polygon);

    contour->x = c.x;
    contour->y = c.y;
    for (int k = 0; k < K; k++)
        contour->r[k] = (float) cs_polygon_ray(polygon, c, k * step);
    if (!isfinite(c.x) || !isfinite(c.y) || !fill_gaps(contour->r))
        return false;
    for (int k = 0; k < K; k++)
        contour->r[k] = MAX(contour->r[k], 1);
    return true;
}

double
cs_contour_area(const CsContour *contour)
{
    double sum = 0;

    for (int k = 0; k < K; k++)
        sum += (double) contour->r[k] * (double) contour->r[k];
    return sum * step / 2;
}

/* Where the ray from the new pole (ox, oy) at angle k meets the old curve:
 * fixed-point steps on the angle seen from the old pole. */
static float
radius_from(const CsContour *old, double ox, double oy, int k)
{
    double c = cos(k * step), s = sin(k * step);
    double r = (double) old->r[k];

    for (int i = 0; i < 8; i++) {
        float  x = (float) (ox + r * c), y = (float) (oy + r * s);
        double there = (double) cs_contour_between(old->r,
                                                   cs_contour_angle(x, y));

        r += there - hypot((double) x, (double) y);
        r = MAX(r, 1);
    }
    return (float) r;
}

void
cs_contour_move_pole(CsContour *contour, double dx, double dy)
{
    const CsContour old = *contour;

    for (int k = 0; k < K; k++)
        contour->r[k] = radius_from(&old, dx, dy, k);
    contour->x += dx;
    contour->y += dy;
}

void
cs_contour_recentre(CsContour *contour)
{
    double area = 0, x = 0, y = 0;

    for (int k = 0; k < K; k++) {
        double r = (double) contour->r[k];

        area += r * r / 2;
        x += r * r * r / 3 * cos(k * step);
        y += r * r * r / 3 * sin(k * step);
    }
    cs_contour_move_pole(contour, x / area, y / area);
}

void
cs_contour_cosines(const CsContour *contour, float *cosine)
{
    const float *r = contour->r;

    for (int k = 0; k < K; k++) {
        float slope = (r[(k + 2) % K] - r[(k + K - 2) % K])
                      / (float) (4 * step) / r[k];

        cosine[k] = 1 / sqrtf(1 + slope * slope);
    }
}

void
cs_contour_add_sectors(CsContour *contour, const double *delta)
{
    for (int s = 0; s < S; s++) {
        double a = delta[(s + S - 1) % S], b = delta[s];
        double c = delta[(s + 1) % S], d = delta[(s + 2) % S];
        float *r = contour->r + 2 * s;

        r[0] = MAX(r[0] + (float) b, 1);
        r[1] = MAX(r[1] + (float) ((9 * (b + c) - a - d) / 16), 1);
    }
}

bool
cs_contour_contains(const CsContour *contour, double x, double y,
                    double margin_px)
{
    float dx = (float) (x - contour->x), dy = (float) (y - contour->y);
    float r = cs_contour_between(contour->r, cs_contour_angle(dx, dy))
              + (float) margin_px;

    return dx * dx + dy * dy < r * r;
}

float
cs_contour_largest(const CsContour *contour)
{
    float most = 0;

    for (int k = 0; k < K; k++)
        most = MAX(most, contour->r[k]);
    return most;
}

float
cs_contour_smallest(const CsContour *contour)
{
    float least = INFINITY;

    for (int k = 0; k < K; k++)
        least = MIN(least, contour->r[k]);
    return least;
}
