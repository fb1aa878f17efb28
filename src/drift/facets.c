/* Which cells tell a shift, and their slopes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/facets.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"

enum { CELL = CS_DRIFT_CELL };

/* Below that part of the slopes' squares in common to both halves, in a cell
 * and its neighbours, they are noise: of noise, 1 in 500 gets there. */
#define LEAST_COMMON 0.35

/* Blurs to choose from, from fine to coarse. */
static const double blurs_px[] = { 1.4, 2.0, 2.8, 4.0 };

/* The part of the canvas that is known, in cells, and what is made of it. */
typedef struct {
    const CsDriftCanvas *canvas;
    size_t   i0, j0, w, h;
    CsImage  raw[2];    /* halves, 0 where nothing is known */
    CsImage  smooth[2];
    CsImage  common;    /* by cell: slopes of both, multiplied    */
    CsImage  noise;     /* by cell: squared differences, halved   */
    CsImage  seen;      /* by cell: blurred slopes times raw ones */
    CsImage  share;
} Work;

static void
work_clear(Work *k)
{
    for (size_t i = 0; i < 2; i++) {
        cs_image_clear(&k->raw[i]);
        cs_image_clear(&k->smooth[i]);
    }
    cs_image_clear(&k->common);
    cs_image_clear(&k->noise);
    cs_image_clear(&k->seen);
    cs_image_clear(&k->share);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

void
cs_drift_facets_clear(CsDriftFacets *facets)
{
    cs_free_aligned(facets->facet);
    *facets = (CsDriftFacets) { 0 };
}

/* Both halves have seen the cell. */
static bool
is_sure(const CsDriftCanvas *c, size_t cell)
{
    return cs_drift_canvas_knows(c, cell) && c->n[0][cell] > 0
           && c->n[1][cell] > 0;
}

/* ---- The known part ----------------------------------------------------------- */

static bool
find_known(Work *k)
{
    const CsDriftCanvas *c = k->canvas;
    size_t i0 = c->cells_x, j0 = c->cells_y, i1 = 0, j1 = 0;

    for (size_t j = 0; j < c->cells_y; j++)
        for (size_t i = 0; i < c->cells_x; i++)
            if (is_sure(c, j * c->cells_x + i)) {
                i0 = MIN(i0, i);
                j0 = MIN(j0, j);
                i1 = MAX(i1, i + 1);
                j1 = MAX(j1, j + 1);
            }
    if (i1 <= i0)
        return false;
    k->i0 = i0;
    k->j0 = j0;
    k->w = i1 - i0;
    k->h = j1 - j0;
    return true;
}

static size_t
canvas_cell(const Work *k, size_t i, size_t j)
{
    return (k->j0 + j) * k->canvas->cells_x + k->i0 + i;
}

static bool
copy_half(Work *k, size_t half, GError **error)
{
    const CsImage *from = &k->canvas->half[half];
    CsImage *to = &k->raw[half];

    if (!cs_image_resize(to, k->w * CELL, k->h * CELL, error))
        return false;
    memset(to->px, 0, to->width * to->height * sizeof *to->px);
    for (size_t j = 0; j < k->h; j++)
        for (size_t i = 0; i < k->w; i++) {
            if (!is_sure(k->canvas, canvas_cell(k, i, j)))
                continue;
            for (size_t l = 0; l < CELL; l++)
                memcpy(to->px + (j * CELL + l) * to->width + i * CELL,
                       from->px
                           + ((k->j0 + j) * CELL + l) * from->width
                           + (k->i0 + i) * CELL,
                       CELL * sizeof *to->px);
        }
    return true;
}

/* ---- Slopes -------------------------------------------------------------------- */

/* Whether a cell and all around it are known, so that blur and slopes are. */
static bool
is_inside(const Work *k, size_t i, size_t j)
{
    if (i < 1 || j < 1 || i + 1 >= k->w || j + 1 >= k->h)
        return false;
    for (size_t v = j - 1; v <= j + 1; v++)
        for (size_t u = i - 1; u <= i + 1; u++)
            if (!is_sure(k->canvas, canvas_cell(k, u, v)))
                return false;
    return true;
}

static inline float
slope_x(const float *p)
{
    return (p[1] - p[-1]) / 2;
}

static inline float
slope_y(const float *p, size_t w)
{
    return (p[w] - p[-(ptrdiff_t) w]) / 2;
}

/* What both halves of a cell have in common. */
static void
weigh_cell(Work *k, size_t i, size_t j)
{
    size_t w = k->raw[0].width, at = j * k->w + i;
    double common = 0, noise = 0, seen = 0;

    for (size_t l = 0; l < CELL; l++)
        for (size_t m = 0; m < CELL; m++) {
            size_t o = (j * CELL + l) * w + i * CELL + m;
            float ax = slope_x(k->smooth[0].px + o);
            float ay = slope_y(k->smooth[0].px + o, w);
            float bx = slope_x(k->smooth[1].px + o);
            float by = slope_y(k->smooth[1].px + o, w);
            float rx = slope_x(k->raw[0].px + o), sx = slope_x(k->raw[1].px + o);
            float ry = slope_y(k->raw[0].px + o, w);
            float sy = slope_y(k->raw[1].px + o, w);

            common += (double) (ax * bx + ay * by);
            noise += (double) ((ax - bx) * (ax - bx) + (ay - by) * (ay - by))
                     / 2;
            seen += (double) (ax * sx + ay * sy + bx * rx + by * ry) / 2;
        }
    k->common.px[at] = (float) common;
    k->noise.px[at] = (float) noise;
    k->seen.px[at] = (float) seen;
}

/* The share that is no noise in a mean of `parts` halves; 0 where that cannot
 * be told from 0. */
static float
share_of(const Work *k, size_t i, size_t j, float parts)
{
    double common = 0, noise = 0;

    for (size_t v = j - 1; v <= j + 1; v++)
        for (size_t u = i - 1; u <= i + 1; u++)
            if (!isnan(k->common.px[v * k->w + u])) {
                common += (double) k->common.px[v * k->w + u];
                noise += (double) k->noise.px[v * k->w + u];
            }
    if (!(common > LEAST_COMMON * (common + noise)))
        return 0;
    return (float) (common / (common + noise / (double) parts));
}

/* Slopes at one blur. How well they tell a shift: the square of what a shift
 * does to the pull, over the variance of the pull. */
static bool
weigh(Work *k, double blur_px, float parts, double *tells, GError **error)
{
    double pull = 0, variance = 0;

    for (size_t half = 0; half < 2; half++)
        if (!cs_image_blur(&k->raw[half], blur_px, &k->smooth[half], error))
            return false;
    for (size_t j = 0; j < k->h; j++)
        for (size_t i = 0; i < k->w; i++)
            if (is_inside(k, i, j))
                weigh_cell(k, i, j);
            else
                k->common.px[j * k->w + i] = NAN;
    for (size_t j = 0; j < k->h; j++)
        for (size_t i = 0; i < k->w; i++) {
            size_t at = j * k->w + i;
            double share;

            k->share.px[at] = 0;
            if (isnan(k->common.px[at]))
                continue;
            k->share.px[at] = share_of(k, i, j, parts);
            share = (double) k->share.px[at];
            pull += share * (double) k->seen.px[at];
            variance += share * share
                        * (double) (k->common.px[at]
                                    + k->noise.px[at] / parts);
        }
    *tells = pull > 0 && variance > 0 ? pull * pull / variance : 0;
    return true;
}

/* Leaves the slopes of the better blur in k. */
static bool
choose_blur(Work *k, float parts, double *blur_px, GError **error)
{
    size_t n = G_N_ELEMENTS(blurs_px), first = 0, end = n;
    double best = -1, tells;

    for (size_t b = 0; b < n && *blur_px > 0; b++)
        if (blurs_px[b] <= *blur_px) {
            end = b + 1;
            first = MAX(b, 1) - 1;
        }
    for (size_t b = first; b < end; b++) {
        if (!weigh(k, blurs_px[b], parts, &tells, error))
            return false;
        if (tells > best) {
            best = tells;
            *blur_px = blurs_px[b];
        }
    }
    return *blur_px == blurs_px[end - 1]
           || weigh(k, *blur_px, parts, &tells, error);
}

/* ---- Facets ---------------------------------------------------------------------- */

/* Mixes halves: weights a and b. */
static void
fill_facet(const Work *k, size_t i, size_t j, const float *mix,
           CsDriftFacet *f)
{
    size_t w = k->raw[0].width;

    *f = (CsDriftFacet) { .cell = canvas_cell(k, i, j),
                          .share = (double) k->share.px[j * k->w + i] };
    for (size_t l = 0; l < CELL; l++)
        for (size_t m = 0; m < CELL; m++) {
            size_t o = (j * CELL + l) * w + i * CELL + m, to = l * CELL + m;
            float gx = 0, gy = 0, known = 0;

            for (size_t half = 0; half < 2; half++) {
                gx += mix[half] * slope_x(k->smooth[half].px + o);
                gy += mix[half] * slope_y(k->smooth[half].px + o, w);
                known += mix[half] * k->raw[half].px[o];
            }
            f->known[to] = known;
            f->gx[to] = gx;
            f->gy[to] = gy;
            f->h[0] += (double) (gx * gx);
            f->h[1] += (double) (gx * gy);
            f->h[2] += (double) (gy * gy);
            f->s[0] += (double) gx;
            f->s[1] += (double) gy;
        }
}

static bool
make_room(CsDriftFacets *facets, size_t n, GError **error)
{
    CsDriftFacet *fresh;

    if (n <= facets->n_allocated)
        return true;
    fresh = cs_try_alloc_aligned(n, sizeof *fresh, "drift", error);
    if (fresh == NULL)
        return false;
    cs_free_aligned(facets->facet);
    facets->facet = fresh;
    facets->n_allocated = n;
    return true;
}

static bool
fill_facets(const Work *k, size_t half, CsDriftFacets *facets, GError **error)
{
    const CsDriftCanvas *c = k->canvas;
    double seen = 0;
    size_t n = 0;

    for (size_t at = 0; at < k->w * k->h; at++)
        n += k->share.px[at] > 0;
    if (!make_room(facets, n, error))
        return false;
    facets->n = 0;
    facets->power = 0;
    for (size_t j = 0; j < k->h; j++)
        for (size_t i = 0; i < k->w; i++) {
            CsDriftFacet *f = &facets->facet[facets->n];
            size_t cell = canvas_cell(k, i, j);
            float a = (float) c->n[0][cell], b = (float) c->n[1][cell];
            float mix[2] = { half == 2 ? a / (a + b) : half == 0,
                             half == 2 ? b / (a + b) : half == 1 };

            if (!(k->share.px[j * k->w + i] > 0))
                continue;
            fill_facet(k, i, j, mix, f);
            facets->power += f->share * (f->h[0] + f->h[2]);
            seen += f->share * (double) k->seen.px[j * k->w + i];
            facets->n++;
        }
    facets->gain = facets->power > 0 ? seen / facets->power : 0;
    return true;
}

bool
cs_drift_facets_make(const CsDriftCanvas *canvas, size_t half,
                     CsDriftFacets *facets, GError **error)
{
    g_auto(Work) k = { .canvas = canvas };

    facets->n = 0;
    facets->power = facets->gain = 0;
    if (!find_known(&k))
        return true;
    return copy_half(&k, 0, error) && copy_half(&k, 1, error)
           && cs_image_resize(&k.common, k.w, k.h, error)
           && cs_image_resize(&k.noise, k.w, k.h, error)
           && cs_image_resize(&k.seen, k.w, k.h, error)
           && cs_image_resize(&k.share, k.w, k.h, error)
           && choose_blur(&k, half == 2 ? 2 : 1, &facets->blur_px, error)
           && fill_facets(&k, half, facets, error);
}
