/* Voting for centres, radius by radius, on each level.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/spots.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"

/* Radii that are looked for on a level, in its pixels. Those of two levels
 * overlap: the coarser has less noise, the finer keeps the rim of a particle
 * apart from the front inside it. */
static const double radii_px[]
    = { 4, 4.7, 5.5, 6.4, 7.4, 8.6, 10, 11.6, 13.5, 15.6, 18.2 };

/* An edge has a slope of that many times what noise does. */
#define LEAST_SLOPE_TO_NOISE 2.5
/* Votes that miss the centre by that share of the radius still count. */
#define TOLERANCE 0.2
#define LEAST_VOTES 0.3
/* Spots so alike lead to the same ring. */
#define SAME_RADIUS 0.2
#define SAME_CENTRE 0.25
enum { MAX_SPOTS = 400 };

typedef struct {
    float x, y;   /* pixel of the edge */
    float ux, uy; /* unit vector to the dark side */
} Edge;

static float
size_at(const CsImage *image, ptrdiff_t i, ptrdiff_t j)
{
    float gx, gy;

    i = CLAMP(i, 0, (ptrdiff_t) image->width - 1);
    j = CLAMP(j, 0, (ptrdiff_t) image->height - 1);
    cs_levels_slope(image, (size_t) i, (size_t) j, &gx, &gy);
    return gx * gx + gy * gy;
}

/* The pixels on the crest of an edge. */
static GArray *
find_edges(const CsLevel *level)
{
    const CsImage *image = &level->image;
    GArray *edges = g_array_new(FALSE, FALSE, sizeof(Edge));
    float least = (float) (LEAST_SLOPE_TO_NOISE * level->noise_slope);

    for (size_t j = 0; j < image->height; j++)
        for (size_t i = 0; i < image->width; i++) {
            ptrdiff_t x = (ptrdiff_t) i, y = (ptrdiff_t) j, dx, dy;
            float gx, gy, g2, g;
            Edge edge;

            cs_levels_slope(image, i, j, &gx, &gy);
            g2 = gx * gx + gy * gy;
            if (!(g2 > least * least))
                continue;
            g = sqrtf(g2);
            dx = (ptrdiff_t) lrintf(gx / g);
            dy = (ptrdiff_t) lrintf(gy / g);
            if (g2 < size_at(image, x + dx, y + dy)
                || g2 <= size_at(image, x - dx, y - dy))
                continue;
            edge = (Edge) { (float) i, (float) j, -gx / g, -gy / g };
            g_array_append_val(edges, edge);
        }
    return edges;
}

static void
vote(const GArray *edges, double radius, size_t w, size_t h, float *votes)
{
    memset(votes, 0, w * h * sizeof *votes);
    for (guint k = 0; k < edges->len; k++) {
        const Edge *e = &g_array_index(edges, Edge, k);
        float x = e->x + (float) radius * e->ux;
        float y = e->y + (float) radius * e->uy;

        if (x > -0.5f && y > -0.5f && x < (float) w - 0.5f
            && y < (float) h - 0.5f)
            votes[(size_t) lrintf(y) * w + (size_t) lrintf(x)]++;
    }
}

/* The sums over windows of 2 t + 1 along x, or along y. */
static void
sum_windows(const float *from, float *to, size_t w, size_t h, size_t t)
{
    for (size_t j = 0; j < h; j++) {
        float sum = 0;

        for (size_t i = 0; i < w + t; i++) {
            if (i < w)
                sum += from[j * w + i];
            if (i > 2 * t)
                sum -= from[j * w + i - 2 * t - 1];
            if (i >= t)
                to[j * w + i - t] = sum;
        }
    }
}

static void
sum_columns(const float *from, float *to, size_t w, size_t h, size_t t)
{
    for (size_t j = 0; j < h; j++) {
        size_t first = j > t ? j - t : 0, end = MIN(j + t + 1, h);

        memset(to + j * w, 0, w * sizeof *to);
        for (size_t k = first; k < end; k++)
            for (size_t i = 0; i < w; i++)
                to[j * w + i] += from[k * w + i];
    }
}

/* Whether a pixel has the most votes of its neighbourhood; of equals, the
 * first has. */
static bool
is_peak(const float *votes, size_t w, size_t h, size_t at, size_t reach)
{
    size_t i = at % w, j = at / w;

    for (size_t v = j > reach ? j - reach : 0; v < MIN(j + reach + 1, h); v++)
        for (size_t u = i > reach ? i - reach : 0; u < MIN(i + reach + 1, w);
             u++) {
            size_t k = v * w + u;

            if (votes[k] > votes[at] || (votes[k] == votes[at] && k < at))
                return false;
        }
    return true;
}

static void
take_peaks(const float *votes, const CsLevel *level, double radius,
           GArray *spots)
{
    size_t w = level->image.width, h = level->image.height;
    float least = (float) (LEAST_VOTES * 2 * G_PI * radius);
    size_t reach = (size_t) (radius / 3) + 1;

    for (size_t k = 0; k < w * h; k++) {
        CsSpot spot;

        if (votes[k] < least || !is_peak(votes, w, h, k, reach))
            continue;
        spot = (CsSpot) {
            .x = ((double) (k % w) + 0.5) * level->scale,
            .y = ((double) (k / w) + 0.5) * level->scale,
            .radius = radius * level->scale,
            .votes = (double) votes[k] / (2 * G_PI * radius),
        };
        g_array_append_val(spots, spot);
    }
}

static bool
find_on_level(const CsLevel *level, GArray *spots, GError **error)
{
    size_t w = level->image.width, h = level->image.height;
    g_autoptr(GArray) edges = NULL;
    g_autofree float *votes = cs_try_alloc(2 * w * h, sizeof *votes,
                                           "the votes", error);

    if (votes == NULL)
        return false;
    edges = find_edges(level);
    for (size_t k = 0; k < G_N_ELEMENTS(radii_px); k++) {
        size_t t = (size_t) lrint(TOLERANCE * radii_px[k]);

        vote(edges, radii_px[k], w, h, votes);
        sum_windows(votes, votes + w * h, w, h, t);
        sum_columns(votes + w * h, votes, w, h, t);
        take_peaks(votes, level, radii_px[k], spots);
    }
    return true;
}

static int
by_votes(const void *a, const void *b)
{
    const CsSpot *x = a;
    const CsSpot *y = b;

    if (x->votes != y->votes)
        return x->votes < y->votes ? 1 : -1;
    if (x->radius != y->radius)
        return x->radius < y->radius ? 1 : -1;
    if (x->y != y->y)
        return x->y < y->y ? -1 : 1;
    return (x->x > y->x) - (x->x < y->x);
}

static bool
is_same(const CsSpot *a, const CsSpot *b)
{
    return fabs(log(a->radius / b->radius)) < SAME_RADIUS
           && hypot(a->x - b->x, a->y - b->y)
                  < SAME_CENTRE * fmin(a->radius, b->radius);
}

/* Drops what is nearly the same as one with more votes. */
static void
drop_doubles(GArray *spots)
{
    CsSpot *spot = (CsSpot *) (void *) spots->data;
    guint n = 0;

    for (guint k = 0; k < spots->len && n < MAX_SPOTS; k++) {
        bool is_new = true;

        for (guint i = 0; i < n && is_new; i++)
            is_new = !is_same(&spot[i], &spot[k]);
        if (is_new)
            spot[n++] = spot[k];
    }
    g_array_set_size(spots, n);
}

bool
cs_spots_find(const CsLevels *levels, GArray *spots, GError **error)
{
    for (size_t k = 0; k < levels->n; k++)
        if (!find_on_level(&levels->level[k], spots, error))
            return false;
    g_array_sort(spots, by_votes);
    drop_doubles(spots);
    return true;
}
