/* Locate: dynamic programming for the closed path of the strongest edge in
 * the neighbourhood unrolled about a predicted contour.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/locate.h"

#include <math.h>
#include <string.h>

enum {
    K = CS_CONTOUR_ANGLES,
    MAX_STEPS = 129, /* radial positions of the path               */
    WINDOW = 4,      /* samples averaged on either side of an edge */
    MAX_SAMPLES = MAX_STEPS + 2 * WINDOW,
    REACH = 3, /* the path moves no more than that per angle  */
};

typedef struct {
    int   n;    /* radial positions, odd: the middle one is the prediction */
    float step; /* pixels between them                                     */
    float edge[K][MAX_STEPS]; /* strength, outside less inside             */
    float noise;              /* of strengths                              */
    float typical;            /* strength of a typical ray's best position */
} Unrolled;

/* The grey value at a place, or NAN where hidden. */
static float
value_at(const CsPatch *patch, double x, double y)
{
    ptrdiff_t i = (ptrdiff_t) floor(x), j = (ptrdiff_t) floor(y);

    if (i < 0 || j < 0 || i >= (ptrdiff_t) patch->image.width
        || j >= (ptrdiff_t) patch->image.height
        || patch->hidden[(size_t) j * patch->image.width + (size_t) i])
        return NAN;
    return cs_image_at(&patch->image, x, y);
}

static void
sample_ray(const CsPatch *patch, const CsContour *prediction, int k, int n,
           float step, float *to)
{
    double c = cos(2 * G_PI * k / K), s = sin(2 * G_PI * k / K);

    for (int i = 0; i < n; i++) {
        double r = (double) prediction->r[k]
                   + (double) step * ((double) i - (n - 1) / 2.0);

        to[i] = r < 0 ? NAN
                      : value_at(patch, prediction->x - patch->x0 + r * c,
                                 prediction->y - patch->y0 + r * s);
    }
}

/* Outside less inside, weighted towards the position; 0 where too much of
 * either is hidden. */
static float
edge_strength(const float *at)
{
    static const float weight[WINDOW] = { 0.5f, 1, 0.7f, 0.3f };
    float in = 0, out = 0, n_in = 0, n_out = 0;

    for (int i = 0; i < WINDOW; i++) {
        float a = at[-i - 1], b = at[i + 1];

        if (!isnan(a)) {
            in += weight[i] * a;
            n_in += weight[i];
        }
        if (!isnan(b)) {
            out += weight[i] * b;
            n_out += weight[i];
        }
    }
    if (n_in < 1 || n_out < 1)
        return 0;
    return out / n_out - in / n_in;
}

static int
by_value(const void *a, const void *b)
{
    const float *x = a;
    const float *y = b;

    return (*x > *y) - (*x < *y);
}

static float
median(float *values, int n)
{
    qsort(values, (size_t) n, sizeof *values, by_value);
    return values[n / 2];
}

static void
unroll(const CsPatch *patch, const CsContour *prediction, bool is_dark,
       Unrolled *u)
{
    float best[K], spread[K];
    float samples[MAX_SAMPLES];

    for (int k = 0; k < K; k++) {
        float most = 0, sum = 0;

        sample_ray(patch, prediction, k, u->n + 2 * WINDOW, u->step, samples);
        for (int i = 0; i < u->n; i++) {
            float e = edge_strength(samples + i + WINDOW);

            u->edge[k][i] = is_dark ? e : -e;
            most = MAX(most, u->edge[k][i]);
            sum += fabsf(e);
        }
        best[k] = most;
        spread[k] = sum / (float) u->n;
    }
    u->typical = median(best, K);
    u->noise = median(spread, K);
}

/* Cheapest ways to every position of ray k + 1 from those of ray k. */
static void
advance(const Unrolled *u, const float *cost, const float *bend, int k,
        float *next, signed char *from)
{
    for (int i = 0; i < u->n; i++) {
        float least = INFINITY;

        for (int m = -REACH; m <= REACH; m++) {
            int   j = i + m;
            float c;

            if (j < 0 || j >= u->n)
                continue;
            c = cost[j] + bend[m < 0 ? -m : m];
            if (c < least) {
                least = c;
                from[i] = (signed char) m;
            }
        }
        /* One very dark neighbour must not buy a detour. */
        next[i] = least - MIN(u->edge[k % K][i], 2 * u->typical);
    }
}

/* Goes round twice and keeps the middle turn, whose ends agree. */
static void
find_path(const Unrolled *u, const float *bend, int *path)
{
    static const float far_off = 0.02f; /* of a typical edge, times range² */
    signed char from[2 * K][MAX_STEPS];
    float cost[2][MAX_STEPS];
    int at = 0;

    for (int i = 0; i < u->n; i++) {
        float off = (float) (2 * i - (u->n - 1)) / (float) u->n;

        cost[0][i] = far_off * u->typical * off * off;
    }
    for (int k = 0; k < 2 * K; k++)
        advance(u, cost[k % 2], bend, k, cost[(k + 1) % 2], from[k]);
    for (int i = 1; i < u->n; i++)
        if (cost[0][i] < cost[0][at])
            at = i;
    for (int k = 2 * K - 1; k >= K / 2; k--) {
        if (k < K + K / 2)
            path[k % K] = at;
        at += from[k][at];
    }
}

double
cs_locate(const CsPatch *patch, const CsContour *prediction, bool is_dark,
          double range_px, CsContour *found, bool *seen)
{
    Unrolled u;
    float bend[REACH + 1];
    int path[K];
    double along = 0;
    CsContour contour = *prediction;

    u.n = (int) CLAMP(2 * ceil(range_px / 0.75) + 1, 9, MAX_STEPS);
    u.step = (float) (2 * range_px / (u.n - 1));
    unroll(patch, prediction, is_dark, &u);
    if (u.typical <= 0)
        return 0;
    for (int m = 0; m <= REACH; m++)
        bend[m] = 0.25f * u.typical * (float) (m * m) * u.step * u.step;
    find_path(&u, bend, path);
    for (int k = 0; k < K; k++) {
        contour.r[k] += u.step * (float) (path[k] - (u.n - 1) / 2);
        contour.r[k] = MAX(contour.r[k], 1);
        along += (double) u.edge[k][path[k]];
        seen[k] = u.edge[k][path[k]] > 0.3f * u.typical;
    }
    /* The path is on a grid: soften its steps. */
    for (int k = 0; k < K; k++) {
        float sum = 0;

        for (int m = -2; m <= 2; m++)
            sum += contour.r[(k + K + m) % K] - prediction->r[(k + K + m) % K];
        found->r[k] = MAX(prediction->r[k] + sum / 5, 1);
    }
    found->x = prediction->x;
    found->y = prediction->y;
    return along / K / (double) MAX(u.noise, 1e-30f);
}
