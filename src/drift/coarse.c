/* A search over all shifts on cells, in three steps of size. What counts is
 * how much of the frame agrees with what was seen before, not how well all of
 * it does: a needle that moves on its own is a small part that disagrees, and
 * beyond some size a disagreement costs no more (Geman and McClure's measure).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/coarse.h"

#include <math.h>
#include <stdlib.h>

#include "core/alloc.h"

enum {
    N_LEVELS = 3,
    CELLS = 32,        /* along the longer side, at the coarsest level        */
    N_CANDIDATES = 5,  /* places to look at more closely                      */
    MEMORY = 30,       /* planes the canvas is the mean of                    */
};

/* A disagreement counts half from that many sd on. */
#define HALF_COST_SD 3.0f

/* A place where less of the frame lies on what is known tells nothing. */
#define LEAST_OVERLAP 0.3

typedef struct {
    ptrdiff_t x, y; /* cells */
} Cell;

typedef struct {
    Cell   at;
    double score;
} Place;

typedef struct {
    size_t  factor;     /* binned pixels a cell                       */
    CsImage plane;      /* cells of the plane in hand; NAN is a hole  */
    CsImage canvas;     /* cells of all before, 3 x 3 planes          */
    float   offset;     /* of the plane in hand from the canvas       */
    float   half_cost;  /* squared                                    */
} Level;

struct CsCoarse {
    const CsDriftField *field;
    Level               level[N_LEVELS]; /* from coarse to fine */
    uint16_t           *n_seen;          /* of the finest canvas */
    double              neutral;         /* mean cost of a cell anywhere */
    Cell                last;            /* at the finest level */
    bool                has_any;
};

void
cs_coarse_free(CsCoarse *c)
{
    if (c == NULL)
        return;
    for (size_t k = 0; k < N_LEVELS; k++) {
        cs_image_clear(&c->level[k].plane);
        cs_image_clear(&c->level[k].canvas);
    }
    g_free(c->n_seen);
    g_free(c);
}

CsCoarse *
cs_coarse_new(const CsDriftField *field, GError **error)
{
    g_autoptr(CsCoarse) c = g_new0(CsCoarse, 1);
    size_t side = MAX(field->width, field->height);
    size_t finest = MAX(side / (CELLS * 4), 1), cells;

    c->field = field;
    for (size_t k = 0; k < N_LEVELS; k++) {
        Level *l = &c->level[k];

        /* whole multiples, and canvases that hold whole cells of all */
        l->factor = finest << (N_LEVELS - 1 - k);
        if (!cs_image_resize(&l->plane, MAX(field->width / l->factor, 1),
                             MAX(field->height / l->factor, 1), error)
            || !cs_image_resize(
                &l->canvas,
                3 * (field->width / c->level[0].factor + 1) << k,
                3 * (field->height / c->level[0].factor + 1) << k, error))
            return NULL;
    }
    cells = c->level[N_LEVELS - 1].canvas.width
            * c->level[N_LEVELS - 1].canvas.height;
    for (size_t i = 0; i < cells; i++)
        c->level[N_LEVELS - 1].canvas.px[i] = NAN;
    c->n_seen = cs_try_alloc(cells, sizeof *c->n_seen, "drift", error);
    return c->n_seen != NULL ? g_steal_pointer(&c) : NULL;
}

/* ---- Cells --------------------------------------------------------------- */

/* The mean of factor x factor values; a hole where less than half is there. */
static float
cell_mean(const CsImage *from, size_t u, size_t v, size_t factor)
{
    float sum = 0;
    size_t n = 0;

    for (size_t j = v * factor; j < MIN((v + 1) * factor, from->height); j++)
        for (size_t i = u * factor; i < MIN((u + 1) * factor, from->width);
             i++) {
            float value = from->px[j * from->width + i];

            if (!isnan(value)) {
                sum += value;
                n++;
            }
        }
    return 2 * n >= factor * factor ? sum / (float) n : NAN;
}

static void
fill_cells(const CsImage *from, size_t factor, CsImage *cells)
{
    for (size_t v = 0; v < cells->height; v++)
        for (size_t u = 0; u < cells->width; u++)
            cells->px[v * cells->width + u] = cell_mean(from, u, v, factor);
}

/* The canvas where the cell of the plane lies when moved by `by`; NAN where it
 * is not known. */
static float
canvas_at(const Level *l, size_t u, size_t v, Cell by)
{
    ptrdiff_t x = (ptrdiff_t) (u + l->canvas.width / 3) + by.x;
    ptrdiff_t y = (ptrdiff_t) (v + l->canvas.height / 3) + by.y;

    if (x < 0 || y < 0 || x >= (ptrdiff_t) l->canvas.width
        || y >= (ptrdiff_t) l->canvas.height)
        return NAN;
    return l->canvas.px[(size_t) y * l->canvas.width + (size_t) x];
}

/* ---- Agreement ------------------------------------------------------------ */

/* Sets offset and scale of the level from where the plane is expected. */
static void
set_scale(Level *l, Cell by)
{
    size_t n = 0, n_cells = l->plane.width * l->plane.height;
    g_autofree float *rest = g_new(float, n_cells);
    float sd;

    for (size_t v = 0; v < l->plane.height; v++)
        for (size_t u = 0; u < l->plane.width; u++) {
            float r = l->plane.px[v * l->plane.width + u]
                      - canvas_at(l, u, v, by);

            if (!isnan(r))
                rest[n++] = r;
        }
    l->offset = n > 0 ? cs_drift_median(rest, n) : 0;
    for (size_t i = 0; i < n; i++)
        rest[i] = fabsf(rest[i] - l->offset);
    sd = n > 0 ? cs_drift_median(rest, n) / 0.6745f : 0;
    l->half_cost = fmaxf(HALF_COST_SD * HALF_COST_SD * sd * sd, 1e-10f);
}

/* The cost of all cells that lie on known ones, and how many do. */
static double
cost_at(const Level *l, Cell by, size_t *n)
{
    double cost = 0;

    *n = 0;
    for (size_t v = 0; v < l->plane.height; v++)
        for (size_t u = 0; u < l->plane.width; u++) {
            float r = l->plane.px[v * l->plane.width + u]
                      - canvas_at(l, u, v, by) - l->offset;

            if (!isnan(r)) {
                cost += (double) (r * r / (r * r + l->half_cost));
                ++*n;
            }
        }
    return cost;
}

/* How much better than anywhere the plane fits there. */
static double
score_at(const CsCoarse *c, const Level *l, Cell by)
{
    size_t n;
    double cost = cost_at(l, by, &n);

    if ((double) n < LEAST_OVERLAP * (double) l->plane.width
                         * (double) l->plane.height / 2)
        return -INFINITY;
    return (double) n * c->neutral - cost;
}

/* Climbs from `at` to the best place near. */
static Place
climb(const CsCoarse *c, const Level *l, Cell at)
{
    Place best = { at, score_at(c, l, at) };
    bool moved = true;

    for (int step = 0; moved && step < 8; step++) {
        Cell from = best.at;

        moved = false;
        for (ptrdiff_t j = -1; j <= 1; j++)
            for (ptrdiff_t i = -1; i <= 1; i++) {
                Cell to = { from.x + i, from.y + j };
                double score = i == 0 && j == 0 ? best.score
                                                : score_at(c, l, to);

                if (score > best.score) {
                    best = (Place) { to, score };
                    moved = true;
                }
            }
    }
    return best;
}

/* ---- Search ---------------------------------------------------------------- */

/* Keeps the best places that are no neighbours of each other. */
static void
keep_place(Place *places, size_t n, Place one)
{
    size_t worst = 0;

    for (size_t k = 0; k < n; k++) {
        if (labs((long) (places[k].at.x - one.at.x)) <= 1
            && labs((long) (places[k].at.y - one.at.y)) <= 1) {
            if (one.score > places[k].score)
                places[k] = one;
            return;
        }
        if (places[k].score < places[worst].score)
            worst = k;
    }
    if (one.score > places[worst].score)
        places[worst] = one;
}

typedef struct {
    Cell   at;
    size_t n;
    double cost;
} Trial;

/* All shifts up to the whole plane at the coarsest level. */
static void
scan(CsCoarse *c, Place *places, size_t n_places)
{
    const Level *l = &c->level[0];
    ptrdiff_t w = (ptrdiff_t) l->plane.width, h = (ptrdiff_t) l->plane.height;
    Cell last = { c->last.x >> (N_LEVELS - 1), c->last.y >> (N_LEVELS - 1) };
    g_autofree Trial *trials
        = g_new(Trial, (size_t) (2 * w + 1) * (size_t) (2 * h + 1));
    double all = 0, n_all = 0;
    size_t n_trials = 0;

    for (ptrdiff_t y = last.y - h; y <= last.y + h; y++)
        for (ptrdiff_t x = last.x - w; x <= last.x + w; x++) {
            Trial t = { .at = { x, y } };

            t.cost = cost_at(l, t.at, &t.n);
            if ((double) t.n < LEAST_OVERLAP * (double) (w * h) / 2)
                continue;
            all += t.cost;
            n_all += (double) t.n;
            trials[n_trials++] = t;
        }
    c->neutral = n_all > 0 ? all / n_all : 0;
    for (size_t k = 0; k < n_trials; k++)
        keep_place(places, n_places,
                   (Place) { trials[k].at, (double) trials[k].n * c->neutral
                                               - trials[k].cost });
}

/* Follows a place down the levels. */
static Place
descend(const CsCoarse *c, Cell at)
{
    Place place = { at, 0 };

    for (size_t k = 1; k < N_LEVELS; k++) {
        Cell finer = { 2 * place.at.x, 2 * place.at.y };

        place = climb(c, &c->level[k], finer);
    }
    return place;
}

static Place
find(CsCoarse *c)
{
    Place places[N_CANDIDATES], best;
    const Level *finest = &c->level[N_LEVELS - 1];

    for (size_t k = 0; k < N_CANDIDATES; k++)
        places[k] = (Place) { { PTRDIFF_MAX / 4, 0 }, -INFINITY };
    for (size_t k = 0; k < N_LEVELS; k++) {
        size_t down = N_LEVELS - 1 - k;

        set_scale(&c->level[k], (Cell) { c->last.x >> down,
                                         c->last.y >> down });
    }
    scan(c, places, N_CANDIDATES);
    best = climb(c, finest, c->last);
    for (size_t k = 0; k < N_CANDIDATES; k++) {
        Place one;

        if (!isfinite(places[k].score))
            continue;
        one = descend(c, places[k].at);
        if (one.score > best.score)
            best = one;
    }
    return best;
}

/* ---- Following ---------------------------------------------------------------- */

/* Where the top lies between three scores, in cells. */
static double
vertex(double before, double at, double after)
{
    double curvature = before - 2 * at + after;

    return isfinite(before) && isfinite(after) && curvature < 0
               ? CLAMP((before - after) / (2 * curvature), -0.5, 0.5)
               : 0;
}

/* The plane at a cell of the canvas when it is moved by (x, y) cells; NAN
 * outside, and where growth is. */
static float
learned_at(const CsCoarse *c, size_t u, size_t v, double x, double y)
{
    const Level *l = &c->level[N_LEVELS - 1];
    ptrdiff_t i = (ptrdiff_t) u - (ptrdiff_t) l->canvas.width / 3;
    ptrdiff_t j = (ptrdiff_t) v - (ptrdiff_t) l->canvas.height / 3;
    ptrdiff_t f = (ptrdiff_t) l->factor;
    double from_x = (double) i + 0.5 - x, from_y = (double) j + 0.5 - y;

    if (from_x < 0 || from_y < 0 || from_x > (double) l->plane.width
        || from_y > (double) l->plane.height
        || !cs_drift_field_allows(c->field, i * f + f / 2, j * f + f / 2))
        return NAN;
    return cs_image_at(&l->plane, from_x, from_y) - l->offset;
}

/* Takes the plane into the finest canvas; a value far off moves the mean no
 * more than one at the edge of what noise does. */
static void
learn(CsCoarse *c, double x, double y)
{
    Level *l = &c->level[N_LEVELS - 1];
    float most = sqrtf(l->half_cost);

    for (size_t v = 0; v < l->canvas.height; v++)
        for (size_t u = 0; u < l->canvas.width; u++) {
            size_t at = v * l->canvas.width + u;
            float value = learned_at(c, u, v, x, y);

            if (isnan(value))
                continue;
            c->n_seen[at] = (uint16_t) MIN(c->n_seen[at] + 1, MEMORY);
            if (isnan(l->canvas.px[at]))
                l->canvas.px[at] = value;
            else
                l->canvas.px[at] += CLAMP(value - l->canvas.px[at], -most, most)
                                    / (float) c->n_seen[at];
        }
}

/* The best place to a part of a cell. */
static void
interpolate(const CsCoarse *c, const Level *l, const Place *best, double *x,
            double *y)
{
    Cell at = best->at;

    *x = (double) at.x
         + vertex(score_at(c, l, (Cell) { at.x - 1, at.y }), best->score,
                  score_at(c, l, (Cell) { at.x + 1, at.y }));
    *y = (double) at.y
         + vertex(score_at(c, l, (Cell) { at.x, at.y - 1 }), best->score,
                  score_at(c, l, (Cell) { at.x, at.y + 1 }));
}

void
cs_coarse_follow(CsCoarse *c, const CsImage *plane, double *dx, double *dy)
{
    Level *finest = &c->level[N_LEVELS - 1];
    Place best = { { 0, 0 }, 0 };
    double x = 0, y = 0;

    for (size_t k = 0; k < N_LEVELS; k++)
        fill_cells(plane, c->level[k].factor, &c->level[k].plane);
    if (c->has_any) {
        for (size_t k = 0; k + 1 < N_LEVELS; k++)
            fill_cells(&finest->canvas, (size_t) 1 << (N_LEVELS - 1 - k),
                       &c->level[k].canvas);
        best = find(c);
        interpolate(c, finest, &best, &x, &y);
        set_scale(finest, best.at);
    } else
        finest->half_cost = INFINITY;
    learn(c, x, y);
    *dx = x * (double) finest->factor;
    *dy = y * (double) finest->factor;
    c->last = best.at;
    c->has_any = true;
}
