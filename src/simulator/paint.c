/* Painting bodies: chords through nested surfaces, Beer and Lambert, with as
 * many samples in a pixel as its distance from the surfaces asks for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/paint.h"

#include <math.h>

typedef struct {
    const CsPaint     *paint;
    const CsBody      *body;
    const CsBodyState *state;
    CsPoint            centre_px;
} Brush;

/* Where theta lies in the tables of radii. */
typedef struct {
    size_t k;
    double rest;
} Direction;

/* From an angle in steps of the table, at most one turn off. */
static inline Direction
direction_at(double at)
{
    size_t k;

    at += at < 0 ? CS_BODY_ANGLES : 0;
    at -= at >= CS_BODY_ANGLES ? CS_BODY_ANGLES : 0;
    k = (size_t) at;
    return (Direction) { k, at - (double) k };
}

static inline double
radius_at(const CsBodyState *state, size_t surface, Direction d)
{
    const double *r = state->r_nm[surface] + d.k;

    return r[0] + d.rest * (r[1] - r[0]);
}

/* What one ray, r nm from the centre in some direction, does to the beam. */
static double
trace(const Brush *brush, double r2, Direction d)
{
    const CsBodyState *s = brush->state;
    double inner = 0, depth = 0, fresh = 0;

    for (size_t i = 0; i < s->n_surfaces; i++) {
        double radius = radius_at(s, i, d);
        double u = 1 - r2 / (radius * radius);
        double chord = radius > 0 && u > 0 ? 2 * s->half_nm[i] * sqrt(u) : 0;

        chord = MAX(chord, inner);
        depth += s->take[i] * (chord - inner);
        inner = chord;
        if (i == 0)
            fresh = chord;
    }
    if (brush->paint->mode == CS_MODE_HAADF)
        return depth;
    if (fresh > 0 && s->crystal > 0) {
        double wave = sin(G_PI * fresh / brush->body->recipe.extinction_nm);

        return exp(-depth) * (1 - s->crystal * wave * wave);
    }
    return exp(-depth);
}

/* Samples a side for a pixel r nm from the centre: edges are square-root
 * steep, far from them one sample errs by less than 1e-4. */
static int
samples_at(const Brush *brush, double r, Direction d)
{
    const CsBodyState *s = brush->state;
    double nearest = INFINITY;

    for (size_t i = 0; i < s->n_surfaces; i++)
        nearest = MIN(nearest, fabs(r - radius_at(s, i, d)));
    nearest /= brush->paint->nm_per_px;
    return nearest < 1.2 ? 8 : nearest < 3 ? 3 : nearest < 8 ? 2 : 1;
}

/* Within a pixel the angle is taken to change linearly, which at 8 px from
 * the centre errs by less than 4e-3 rad and farther out by much less; nearer,
 * where outlines of real particles are not, it does not matter. */
static double
integrate_pixel(const Brush *brush, double x, double y)
{
    static const double STEPS = CS_BODY_ANGLES / (2 * G_PI);
    double size = brush->paint->nm_per_px, sum = 0;
    double r2 = x * x + y * y, at = atan2(y, x) * STEPS;
    double turn = STEPS / MAX(r2, size * size);
    Direction d = direction_at(at);
    int n = samples_at(brush, sqrt(r2), d);

    if (n == 1)
        return trace(brush, r2, d);
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            double u = size * ((i + 0.5) / n - 0.5);
            double v = size * ((j + 0.5) / n - 0.5);
            double by = (x * v - y * u) * turn;

            sum += trace(brush, (x + u) * (x + u) + (y + v) * (y + v),
                         direction_at(at + by));
        }
    return sum / (n * n);
}

/* Three samples a side: fringes are drawn after a blur of more than a pixel. */
static double
mean_length(const CsBodyState *state, double x, double y, double size)
{
    enum { N = 3 };
    size_t outer = state->n_surfaces - 1;
    double sum = 0;

    for (int k = 0; k < N * N; k++) {
        double u = x + size * ((k % N + 0.5) / N - 0.5);
        double v = y + size * (((double) (k / N) + 0.5) / N - 0.5);
        double r = cs_body_radius(state, outer, atan2(v, u));
        double inside = 1 - (u * u + v * v) / (r * r);

        sum += inside > 0 ? 2 * state->half_nm[outer] * sqrt(inside) : 0;
    }
    return sum / (N * N);
}

static double
reach_of(const CsBodyState *state)
{
    double reach = 0;

    for (size_t i = 0; i < state->n_surfaces; i++)
        for (size_t k = 0; k < CS_BODY_ANGLES; k++)
            reach = MAX(reach, state->r_nm[i][k]);
    return reach;
}

/* First and one past the last pixel from `low` to `high`, inside 0 … n. */
static void
clip(double low, double high, size_t n, size_t *first, size_t *end)
{
    *first = (size_t) CLAMP(floor(low), 0, (double) n);
    *end = (size_t) CLAMP(ceil(high), 0, (double) n);
}

void
cs_paint_body(const CsPaint *paint, const CsBody *body,
              const CsBodyState *state, CsPoint centre, CsImage *map)
{
    Brush brush = { paint, body, state, centre };
    double size = paint->nm_per_px, reach = reach_of(state) / size + 1;
    size_t i0, i1, j0, j1;

    clip(centre.x - reach, centre.x + reach, map->width, &i0, &i1);
    clip(centre.y - reach, centre.y + reach, map->height, &j0, &j1);
    for (size_t j = j0; j < j1; j++)
        for (size_t i = i0; i < i1; i++) {
            double x = (double) i + 0.5 - centre.x;
            double y = (double) j + 0.5 - centre.y;

            if (x * x + y * y < reach * reach)
                cs_paint_pixel(paint->mode, &map->px[j * map->width + i],
                               integrate_pixel(&brush, x * size, y * size));
        }
}

void
cs_paint_length(const CsPaint *paint, const CsBodyState *state,
                CsPoint centre, CsImage *map)
{
    double size = paint->nm_per_px, reach = reach_of(state) / size + 1;
    size_t i0, i1, j0, j1;

    clip(centre.x - reach, centre.x + reach, map->width, &i0, &i1);
    clip(centre.y - reach, centre.y + reach, map->height, &j0, &j1);
    for (size_t j = j0; j < j1; j++)
        for (size_t i = i0; i < i1; i++)
            map->px[j * map->width + i] += (float) mean_length(
                state, ((double) i + 0.5 - centre.x) * size,
                ((double) j + 0.5 - centre.y) * size, size);
}

void
cs_paint_blob(const CsPaint *paint, CsPoint centre, double radius,
              double depth, CsImage *map)
{
    size_t i0, i1, j0, j1;

    clip(centre.x - radius, centre.x + radius, map->width, &i0, &i1);
    clip(centre.y - radius, centre.y + radius, map->height, &j0, &j1);
    for (size_t j = j0; j < j1; j++)
        for (size_t i = i0; i < i1; i++) {
            double u = 1 - (pow((double) i + 0.5 - centre.x, 2)
                            + pow((double) j + 0.5 - centre.y, 2))
                               / (radius * radius);
            double d = u > 0 ? depth * sqrt(u) : 0;

            if (u > 0)
                cs_paint_pixel(paint->mode, &map->px[j * map->width + i],
                               paint->mode == CS_MODE_HAADF ? d : exp(-d));
        }
}
