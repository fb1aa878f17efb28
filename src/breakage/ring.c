/* From outlines to the tables of a ring.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "breakage/ring.h"

#include <math.h>
#include <stdlib.h>

#include "core/alloc.h"

enum {
    LEAST_FIRST = 3, /* frames that say how a ring looks when it is whole    */
    MOST_FIRST = 10,
    ORDERS = 3, /* of the smooth contour: shift, ellipse, triangle           */
    SMOOTH = 2, /* orders of what a ring changes as a whole                  */
    TURNS = 8,
    FULL = 128, /* angles in which SHADE counts                              */
    SHADE = 2,
};

static const double least_depth = 0.4; /* of the median depth               */
static const double far_off = 1.5;     /* from a half of what was there     */

void
cs_ring_clear(CsRing *ring)
{
    g_free(ring->frame);
    g_free(ring->work);
    *ring = (CsRing) CS_RING_INIT;
}

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

double
cs_ring_median(const double *value, size_t n, size_t stride, double *scratch)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i * stride]))
            scratch[m++] = value[i * stride];
    if (m == 0)
        return NAN;
    qsort(scratch, m, sizeof *scratch, by_value);
    return m % 2 ? scratch[m / 2] : (scratch[m / 2 - 1] + scratch[m / 2]) / 2;
}

/* Whether a third of its rim has a depth. */
static bool
shows_rim(const CsOutline *o, size_t n_angles)
{
    size_t n = 0;

    if (o->state == CS_OUTLINE_LOST || o->rim == NULL)
        return false;
    for (size_t k = 0; k < n_angles; k++) {
        if (!isfinite(o->r_px[k]))
            return false;
        n += isfinite(o->rim[k]) && o->rim[k] > 0;
    }
    return n > 0 && 3 * n >= n_angles;
}

static size_t
find_frames(const CsOutlines *outlines, size_t p, size_t *frame)
{
    size_t n = 0;

    for (size_t f = 0; f < outlines->n_frames; f++)
        if (shows_rim(cs_outlines_at(outlines, f, p), outlines->n_angles))
            frame[n++] = f;
    return n;
}

static bool
make_room(CsRing *ring, GError **error)
{
    size_t n = ring->n_frames, k = ring->n_angles;

    ring->work = cs_try_alloc(2 * n * k + 2 * n + 1, sizeof *ring->work,
                              "the ring", error);
    if (ring->work == NULL)
        return false;
    ring->depth = ring->work;
    ring->bump_px = ring->depth + n * k;
    ring->level = ring->bump_px + n * k;
    ring->radius_px = ring->level + n;
    return true;
}

/* ---- Radius -------------------------------------------------------------- */

/* The radius less its mean and its first harmonics, of a radius of 1. */
static void
take_bumps(const float *r, size_t n, double *bump, double *mean)
{
    double sum = 0;

    for (size_t k = 0; k < n; k++)
        sum += (double) r[k];
    *mean = sum / (double) n;
    for (size_t k = 0; k < n; k++)
        bump[k] = (double) r[k] / *mean - 1;
    for (int m = 1; m <= ORDERS; m++) {
        double a = 0, b = 0, step = 2 * G_PI * m / (double) n;

        for (size_t k = 0; k < n; k++) {
            a += bump[k] * cos(step * (double) k) * 2 / (double) n;
            b += bump[k] * sin(step * (double) k) * 2 / (double) n;
        }
        for (size_t k = 0; k < n; k++)
            bump[k] -= a * cos(step * (double) k) + b * sin(step * (double) k);
    }
}

/* Bumps that were there at first grow with the particle. */
static void
read_bumps(const CsOutlines *outlines, size_t p, size_t n_first, CsRing *ring,
           double *scratch)
{
    size_t n = ring->n_angles;

    for (size_t i = 0; i < ring->n_frames; i++)
        take_bumps(cs_outlines_at(outlines, ring->frame[i], p)->r_px, n,
                   ring->bump_px + i * n, &ring->radius_px[i]);
    for (size_t k = 0; k < n; k++) {
        double first
            = cs_ring_median(ring->bump_px + k, n_first, n, scratch);

        for (size_t i = 0; i < ring->n_frames; i++) {
            double *bump = &ring->bump_px[i * n + k];

            *bump = (*bump - first) * ring->radius_px[i];
        }
    }
}

/* ---- Depth --------------------------------------------------------------- */

/* Beside something that hides the rim, its shade may fall on it. */
static bool
is_clear(const float *rim, size_t n, size_t k)
{
    size_t shade = SHADE * n / FULL;

    for (size_t i = 0; i <= 2 * shade; i++)
        if (!isfinite(rim[(k + n - shade + i) % n]))
            return false;
    return true;
}

static void
copy_depths(const CsOutlines *outlines, size_t p, CsRing *ring)
{
    size_t n = ring->n_angles;

    for (size_t i = 0; i < ring->n_frames; i++) {
        const float *rim = cs_outlines_at(outlines, ring->frame[i], p)->rim;

        for (size_t k = 0; k < n; k++)
            ring->depth[i * n + k]
                = is_clear(rim, n, k) ? (double) rim[k] : NAN;
    }
}

/* Where there was next to no depth at first nothing can be missed later. */
static void
drop_faint(CsRing *ring, size_t n_first, double *scratch)
{
    size_t n = ring->n_angles;
    double typical
        = cs_ring_median(ring->depth, n_first * n, 1, scratch);

    for (size_t k = 0; k < n; k++) {
        double first = cs_ring_median(ring->depth + k, n_first, n, scratch);

        for (size_t i = 0; first < least_depth * typical && i < ring->n_frames; i++)
            ring->depth[i * n + k] = NAN;
    }
}

/* An angle that is hidden at first is held against all its frames. */
static void
divide_by_first(CsRing *ring, size_t n_first, double *scratch)
{
    size_t n = ring->n_angles;

    for (size_t k = 0; k < n; k++) {
        double *column = ring->depth + k;
        double first = cs_ring_median(column, n_first, n, scratch);

        if (!(first > 0))
            first = cs_ring_median(column, ring->n_frames, n, scratch);
        for (size_t i = 0; i < ring->n_frames; i++)
            column[i * n] = first > 0 ? column[i * n] / first : NAN;
    }
}

/* The median over the ring is what is left of it, unless most of it falls off
 * at once. */
static void
divide_by_level(CsRing *ring, double *scratch)
{
    size_t n = ring->n_angles;

    for (size_t i = 0; i < ring->n_frames; i++) {
        double *row = ring->depth + i * n;

        ring->level[i] = cs_ring_median(row, n, 1, scratch);
        for (size_t k = 0; k < n; k++) {
            row[k] /= ring->level[i];
            /* nothing on a rim looks so: the contour lies somewhere else */
            if (!(ring->level[i] > 0 && fabs(row[k] - 0.5) <= far_off))
                row[k] = NAN;
        }
    }
}

/* Adds to smooth the harmonics up to SMOOTH of row - smooth, cut at the limit;
 * what is hidden counts as what it is thought to be so far. */
static void
approach(const double *row, size_t n, double limit, double *smooth)
{
    double a[SMOOTH + 1] = { 0 }, b[SMOOTH + 1] = { 0 };

    for (size_t k = 0; k < n; k++) {
        double off = isfinite(row[k]) ? row[k] - smooth[k] : 0;
        double turn = 2 * G_PI * (double) k / (double) n;

        off = CLAMP(off, -limit, limit) * 2 / (double) n;
        for (int m = 0; m <= SMOOTH; m++) {
            a[m] += off * cos(m * turn) / (m == 0 ? 2 : 1);
            b[m] += off * sin(m * turn);
        }
    }
    for (size_t k = 0; k < n; k++)
        for (int m = 0; m <= SMOOTH; m++) {
            double turn = 2 * G_PI * m * (double) k / (double) n;

            smooth[k] += a[m] * cos(turn) + b[m] * sin(turn);
        }
}

/* A ring that darkens on one side and pales on the other, or on two, as it
 * grows or its centre moves, is no gap. What an arc does must not pull the
 * smooth part along: deviations count up to 1.5 sd (Huber's M-estimate, by
 * pseudo-values). */
static void
take_smooth(CsRing *ring, double *scratch)
{
    size_t n = ring->n_angles;
    double *smooth = scratch + n, *off = scratch + 2 * n;

    for (size_t i = 0; i < ring->n_frames; i++) {
        double *row = ring->depth + i * n;

        for (size_t k = 0; k < n; k++)
            smooth[k] = 1;
        for (int turn = 0; turn < TURNS; turn++) {
            for (size_t k = 0; k < n; k++)
                off[k] = fabs(row[k] - smooth[k]);
            approach(row, n, 1.5 * 1.4826 * cs_ring_median(off, n, 1, scratch),
                     smooth);
        }
        for (size_t k = 0; k < n; k++)
            row[k] += 1 - smooth[k];
    }
}

static double
share_seen(const CsRing *ring)
{
    size_t n_seen = 0;

    for (size_t k = 0; k < ring->n_angles; k++) {
        size_t n = 0;

        for (size_t i = 0; i < ring->n_frames; i++)
            n += isfinite(ring->depth[i * ring->n_angles + k]);
        n_seen += 2 * n > ring->n_frames;
    }
    return ring->n_angles > 0 ? (double) n_seen / (double) ring->n_angles : 0;
}

static size_t
most_values(const CsOutlines *outlines)
{
    return MAX(outlines->n_frames, MOST_FIRST * outlines->n_angles)
           + 2 * outlines->n_angles + 1;
}

bool
cs_ring_read(const CsOutlines *outlines, size_t particle, CsRing *ring,
             GError **error)
{
    g_auto(CsRing) fresh = { .n_angles = outlines->n_angles };
    CsRing old = *ring;
    g_autofree double *scratch
        = cs_try_alloc(most_values(outlines), sizeof *scratch, "the ring", error);
    size_t n_first;

    if (scratch == NULL)
        return false;
    fresh.frame = cs_try_alloc(outlines->n_frames, sizeof *fresh.frame,
                               "the ring", error);
    if (fresh.frame == NULL)
        return false;
    fresh.n_frames = find_frames(outlines, particle, fresh.frame);
    if (!make_room(&fresh, error))
        return false;
    n_first = CLAMP(fresh.n_frames / 4, LEAST_FIRST, MOST_FIRST);
    n_first = MIN(n_first, fresh.n_frames);
    read_bumps(outlines, particle, n_first, &fresh, scratch);
    copy_depths(outlines, particle, &fresh);
    drop_faint(&fresh, n_first, scratch);
    divide_by_first(&fresh, n_first, scratch);
    divide_by_level(&fresh, scratch);
    take_smooth(&fresh, scratch);
    fresh.seen = share_seen(&fresh);
    *ring = fresh;
    fresh = old;
    return true;
}
