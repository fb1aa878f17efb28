/* Rings: the picture around a spot is unrolled into rays, and the closed path
 * that crosses them where they brighten most, without jumping, is found by
 * dynamic programming.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/ring.h"

#include <math.h>
#include <stdlib.h>

#include "coatscope/polygon.h"
#include "image/select.h"

enum {
    N_RAYS = CS_RING_RAYS,
    N_RADII = 23,
    N_STEP = 3,     /* samples on each side that make a step */
    FINENESS = 24,  /* samples to a radius */
    FIRST = 15,     /* first sample: at 0.63 radii, the last at 1.54 */
    MOST_JUMP = 2,  /* samples from ray to ray */
    N_NEAR = 4,
    N_ROUNDS = 3,
};

/* What a jump of one sample costs, in typical steps. */
#define JUMP_COST 0.12
/* A step of that many typical ones is as good as any; how much better the
 * outermost is than the innermost. */
#define ENOUGH 0.4
#define OUTWARDS 0.3
/* A ray has an edge if its step is that share of the typical one. */
#define LEAST_EDGE 0.35
/* The radius on the level that a ring is fitted on, in its pixels: that if its
 * edge stands out of the noise so much, else less, down to the least. */
#define FINE_RADIUS_PX 8.0
#define LEAST_RADIUS_PX 3.5
#define CLEAR_STEP_TO_NOISE 4.0
#define DARKER 0.3
/* What a ring must have on a coarse level to be looked at on a finer one. */
#define LEAST_SHAPE 0.8
#define LEAST_CLOSED 0.4
/* Around a particle with neighbours that share of the rays is not open. */
#define OPEN_SHARE 0.7

typedef struct {
    const CsLevel *level;
    double x, y, radius;                /* on the level */
    float  value[N_RAYS][N_RADII + 2 * N_STEP]; /* NAN outside */
    float  step[N_RAYS][N_RADII];       /* NAN outside */
    int    path[N_RAYS];
    double typical;
} Fan;

static double
radius_of(const Fan *f, double k)
{
    return f->radius * (FIRST + k) / FINENESS;
}

static float
value_at(const CsImage *image, double x, double y)
{
    if (!(x >= 0 && y >= 0 && x < (double) image->width
          && y < (double) image->height))
        return NAN;
    return cs_image_at(image, x, y);
}

static void
unroll(Fan *f)
{
    for (int a = 0; a < N_RAYS; a++) {
        double c = cos(2 * G_PI * a / N_RAYS), s = sin(2 * G_PI * a / N_RAYS);

        for (int k = 0; k < N_RADII + 2 * N_STEP; k++) {
            double r = radius_of(f, k - N_STEP);

            f->value[a][k]
                = value_at(&f->level->image, f->x + r * c, f->y + r * s);
        }
    }
}

static float
raw_step(const Fan *f, int a, int k)
{
    const float *v = f->value[(a + N_RAYS) % N_RAYS] + k;
    float sum = 0;

    for (int d = 0; d < N_STEP; d++)
        sum += v[N_STEP + 1 + d] - v[d];
    return sum / N_STEP;
}

/* Steps, averaged over neighbouring rays against noise. */
static void
find_steps(Fan *f)
{
    static const float weights[] = { 1, 2, 3, 2, 1 };

    for (int a = 0; a < N_RAYS; a++)
        for (int k = 0; k < N_RADII; k++) {
            float sum = 0, n = 0;

            for (int d = -2; d <= 2; d++) {
                float step = raw_step(f, a + d, k);

                if (isfinite(step)) {
                    sum += weights[d + 2] * step;
                    n += weights[d + 2];
                }
            }
            f->step[a][k] = isfinite(raw_step(f, a, k)) ? sum / n : NAN;
        }
}

/* The value that a share of the finite ones of n values is below; they are
 * moved; NAN of none. */
static double
quantile_of(float *value, size_t n, double share)
{
    size_t m = 0;

    for (size_t k = 0; k < n; k++)
        if (isfinite(value[k]))
            value[m++] = value[k];
    return m > 0 ? (double) cs_select(value, m, (size_t) (share * (double) m))
                 : NAN;
}

static double
median_of(float *value, size_t n)
{
    return quantile_of(value, n, 0.5);
}

/* The median of each ray's greatest step. */
static double
typical_step(const Fan *f)
{
    float greatest[N_RAYS];

    for (int a = 0; a < N_RAYS; a++) {
        greatest[a] = NAN;
        for (int k = 0; k < N_RADII; k++)
            greatest[a] = fmaxf(greatest[a], f->step[a][k]);
    }
    return median_of(greatest, N_RAYS);
}

/* An edge is an edge, however strong: neither a needle in the way nor the
 * reaction front inside a particle draws the path from its pale rim. Of two
 * edges the outer one is the particle's. */
static float
gain_of_edge(const Fan *f, int a, int k)
{
    float step = f->step[a % N_RAYS][k] / (float) (ENOUGH * f->typical);
    float outwards = (float) (1 + OUTWARDS * k / N_RADII);

    return isfinite(step) ? CLAMP(step, -0.5f, 1.0f) * outwards : 0;
}

/* Near the path found so, the edge lies where the step is greatest. */
static float
gain_of_step(const Fan *f, int a, int k)
{
    float step = f->step[a % N_RAYS][k] / (float) f->typical;

    if (abs(k - f->path[a % N_RAYS]) > N_NEAR)
        return -1;
    return isfinite(step) ? CLAMP(step, -0.5f, 1.5f) : 0;
}

/* Sums that a path may come from, with room for jumps at both ends. */
typedef float Sums[N_RADII + 2 * MOST_JUMP];

/* The best way to each sample of a ray from the ray before: its sum, and the
 * jump it takes. */
static void
jump(const Sums old, float *best, int *from)
{
    for (int i = 0; i < N_RADII; i++) {
        best[i] = old[i] - (float) (JUMP_COST * MOST_JUMP);
        from[i] = -MOST_JUMP;
    }
    for (int d = 1 - MOST_JUMP; d <= MOST_JUMP; d++) {
        float cost = (float) (JUMP_COST * abs(d));

        for (int i = 0; i < N_RADII; i++) {
            float way = old[i + d + MOST_JUMP] - cost;

            from[i] = way > best[i] ? d : from[i];
            best[i] = way > best[i] ? way : best[i];
        }
    }
}

/* The best closed path: gains are summed up twice around, and what the way
 * back does in the middle, where the start is forgotten, is a closed path but
 * for a jump that rounding takes off. */
static void
find_path(Fan *f, float (*gain)(const Fan *, int, int))
{
    enum { N = 2 * N_RAYS };
    float gains[N_RAYS][N_RADII], best[N_RADII];
    int from[N][N_RADII], k = 0;
    Sums sum = { 0 };

    for (int i = 0; i < MOST_JUMP; i++)
        sum[i] = sum[MOST_JUMP + N_RADII + i] = -INFINITY;
    for (int a = 0; a < N_RAYS; a++)
        for (int i = 0; i < N_RADII; i++)
            gains[a][i] = gain(f, a, i);
    for (int a = 0; a < N; a++) {
        jump(sum, best, from[a]);
        for (int i = 0; i < N_RADII; i++)
            sum[MOST_JUMP + i] = best[i] + gains[a % N_RAYS][i];
    }
    for (int i = 1; i < N_RADII; i++)
        if (sum[MOST_JUMP + i] > sum[MOST_JUMP + k])
            k = i;
    for (int a = N - 1; a >= N_RAYS / 2; a--) {
        if (a < N_RAYS + N_RAYS / 2)
            f->path[a % N_RAYS] = k;
        k += from[a][k];
    }
}

/* ---- From the path to a ring ------------------------------------------------ */

static CsPoint
corner_of(const Fan *f, int a)
{
    double angle = 2 * G_PI * a / N_RAYS, r = radius_of(f, f->path[a]);

    return (CsPoint) { f->x + r * cos(angle), f->y + r * sin(angle) };
}

/* Area over that of the ellipse with the same second moments, which are sums
 * over triangles from the centre. */
static double
roundness_of(const CsRing *ring)
{
    double area = 0, xx = 0, yy = 0, xy = 0;

    for (int a = 0; a < N_RAYS; a++) {
        double t = 2 * G_PI * a / N_RAYS, u = 2 * G_PI * (a + 1) / N_RAYS;
        double p = ring->r[a], q = ring->r[(a + 1) % N_RAYS];
        double x0 = p * cos(t), y0 = p * sin(t);
        double x1 = q * cos(u), y1 = q * sin(u);
        double twice = x0 * y1 - x1 * y0;

        area += twice / 2;
        xx += twice * (x0 * x0 + x0 * x1 + x1 * x1) / 12;
        yy += twice * (y0 * y0 + y0 * y1 + y1 * y1) / 12;
        xy += twice * (2 * x0 * y0 + x0 * y1 + x1 * y0 + 2 * x1 * y1) / 24;
    }
    return area * area
           / (4 * G_PI * sqrt(fmax(xx * yy - xy * xy, 1e-12)));
}

/* The level that a share of the ring at `scale` of the way is below. */
static double
level_at(const CsLevel *level, const CsRing *ring, double scale, double share)
{
    float value[N_RAYS];

    for (int a = 0; a < N_RAYS; a++) {
        double angle = 2 * G_PI * a / N_RAYS, d = scale * ring->r[a];

        value[a] = value_at(&level->image,
                            (ring->x + d * cos(angle)) / level->scale,
                            (ring->y + d * sin(angle)) / level->scale);
    }
    return quantile_of(value, N_RAYS, share);
}

/* Moves the fan to the middle of its path if that is far; false if not. */
static bool
recentre(Fan *f)
{
    CsPoint points[N_RAYS];
    CsPolygon p = { N_RAYS, points };
    double radius;
    CsPoint c;

    for (int a = 0; a < N_RAYS; a++)
        points[a] = corner_of(f, a);
    c = cs_polygon_centroid(&p);
    radius = sqrt(cs_polygon_area(&p) / G_PI);
    if (hypot(c.x - f->x, c.y - f->y) < 0.05 * radius
        && fabs(f->radius / radius - 1) < 0.1)
        return false;
    f->radius = radius;
    f->x = c.x;
    f->y = c.y;
    return true;
}

/* The share of its points that are darker than around it, by a part of the
 * step, since the flanks of a ball are paler than its middle. */
static double
fill_of(const CsLevel *level, const CsRing *ring)
{
    int n = 0, n_dark = 0;

    for (int k = 0; k < CS_RING_POINTS; k++) {
        double x, y;
        float value;

        cs_ring_point(ring, k, &x, &y);
        value = value_at(&level->image, x / level->scale, y / level->scale);
        n += isfinite(value);
        n_dark += (double) value < ring->outside - DARKER * ring->step;
    }
    return (double) n_dark / MAX(n, 1);
}

static void
make_ring(const Fan *f, CsRing *ring)
{
    double scale = f->level->scale;
    CsPoint points[N_RAYS];
    float steps[N_RAYS];
    CsPolygon p = { N_RAYS, points };

    *ring = (CsRing) { .x = f->x * scale, .y = f->y * scale };
    for (int a = 0; a < N_RAYS; a++) {
        CsPoint c = corner_of(f, a);

        points[a] = (CsPoint) { c.x * scale, c.y * scale };
        ring->r[a] = radius_of(f, f->path[a]) * scale;
        steps[a] = ring->edge[a] = f->step[a][f->path[a]];
        ring->at_border |= !isfinite(steps[a]);
    }
    ring->area = cs_polygon_area(&p);
    ring->shape = cs_polygon_solidity(&p);
    ring->roundness = roundness_of(ring);
    ring->step = median_of(steps, N_RAYS);
    /* Blurred by a pixel, white noise of sd s has slopes of s / sqrt(2). */
    ring->noise = 2 * f->level->noise_slope;
    ring->inside = level_at(f->level, ring, 0.6, 0.5);
    ring->outside = level_at(f->level, ring, 1.2, OPEN_SHARE);
    ring->dome
        = (level_at(f->level, ring, 0.8, 0.5)
           - level_at(f->level, ring, 0.3, 0.5))
          / fmax(ring->outside - ring->inside, 1e-9);
    ring->fill = fill_of(f->level, ring);
    for (int a = 0; a < N_RAYS; a++)
        ring->edge[a] /= (float) ring->step;
}

static bool
fit_on_level(const CsLevel *level, const CsSpot *spot, CsRing *ring)
{
    g_autofree Fan *f = g_new0(Fan, 1);

    f->level = level;
    f->x = spot->x / level->scale;
    f->y = spot->y / level->scale;
    f->radius = spot->radius / level->scale;
    for (int round = 0; round < N_ROUNDS; round++) {
        if (round > 0 && !recentre(f))
            break;
        unroll(f);
        find_steps(f);
        f->typical = typical_step(f);
        if (!(f->typical > 0))
            return false;
        find_path(f, gain_of_edge);
        find_path(f, gain_of_step);
    }
    make_ring(f, ring);
    return ring->step > 0 && isfinite(ring->inside)
           && isfinite(ring->outside);
}

/* Whether a ring might become one of a particle where it is seen finer. */
static bool
is_worth_more(const CsRing *ring)
{
    int n = 0;

    for (size_t k = 0; k < N_RAYS; k++)
        n += cs_ring_has_edge(ring, k) || !isfinite(ring->edge[k]);
    return ring->shape >= LEAST_SHAPE && n >= LEAST_CLOSED * N_RAYS
           && ring->step >= ring->noise;
}

bool
cs_ring_fit(const CsLevels *levels, const CsSpot *spot, CsRing *ring)
{
    bool is_found = false;

    for (size_t k = levels->n; k-- > 0;) {
        double radius = spot->radius / levels->level[k].scale;
        CsRing fresh;

        if (radius < LEAST_RADIUS_PX && k > 0)
            continue;
        if (is_found && radius >= 2 * FINE_RADIUS_PX)
            break;
        if (is_found && !is_worth_more(ring))
            break;
        if (!fit_on_level(&levels->level[k], spot, &fresh)
            || (is_found
                && fresh.step < CLEAR_STEP_TO_NOISE * fresh.noise))
            break;
        *ring = fresh;
        is_found = true;
    }
    return is_found;
}

bool
cs_ring_has_edge(const CsRing *ring, size_t k)
{
    return ring->edge[k] >= (float) LEAST_EDGE;
}

double
cs_ring_reach(const CsRing *ring, double angle)
{
    double at = angle / (2 * G_PI) * N_RAYS, floor_at = floor(at);
    int k = ((int) floor_at % N_RAYS + N_RAYS) % N_RAYS;
    double part = at - floor_at;

    return (1 - part) * ring->r[k] + part * ring->r[(k + 1) % N_RAYS];
}

bool
cs_ring_holds(const CsRing *ring, double x, double y)
{
    double dx = x - ring->x, dy = y - ring->y;

    return hypot(dx, dy) <= cs_ring_reach(ring, atan2(dy, dx));
}

void
cs_ring_point(const CsRing *ring, int k, double *x, double *y)
{
    enum { N_SHELLS = 4 };
    int ray = 2 * (k / N_SHELLS);
    double part = sqrt((k % N_SHELLS + 0.5) / N_SHELLS);
    double angle = 2 * G_PI * ray / N_RAYS;

    *x = ring->x + part * ring->r[ray] * cos(angle);
    *y = ring->y + part * ring->r[ray] * sin(angle);
}
