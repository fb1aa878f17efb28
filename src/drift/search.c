/* A search over all shifts in three steps of size. What counts is how much of
 * the frame agrees with what was seen before, not how well all of it does: a
 * needle that moves on its own is a small part that disagrees, and beyond
 * some size a disagreement costs no more (Geman and McClure's measure).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/search.h"

#include <math.h>
#include <stdlib.h>

#include "core/alloc.h"

enum { N_LEVELS = 3, FINEST = 4 /* pixels */, CELL = CS_DRIFT_CELL };

/* A disagreement counts half from that many sd on. */
#define HALF_COST_SD 3.0f

/* Another place than the expected one must be better by that, times the root
 * of the number of cells: 8 sd of a sum of costs of noise, as there are many
 * places to choose from. */
#define SURE 0.8

/* A place where less of the frame lies on what is known tells nothing. */
#define LEAST_OVERLAP 0.15

typedef struct {
    ptrdiff_t x, y; /* cells of a level */
} Cell;

typedef struct {
    Cell   at;
    double score;
} Place;

typedef struct {
    CsImage plane;  /* NAN is a hole */
    CsImage canvas; /* three by three planes */
    float   offset; /* of the plane from the canvas */
    float   half_cost; /* squared */
} Level;

typedef struct {
    Level  level[N_LEVELS]; /* from fine to coarse */
    double neutral;         /* mean cost of a cell anywhere */
} Search;

static void
search_clear(Search *s)
{
    for (size_t k = 0; k < N_LEVELS; k++) {
        cs_image_clear(&s->level[k].plane);
        cs_image_clear(&s->level[k].canvas);
    }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

/* ---- Cells --------------------------------------------------------------- */

/* Mean of a block at pixel (x, y). */
static float
block_mean(const CsImage *image, size_t x, size_t y)
{
    float sum = 0;

    for (size_t l = 0; l < FINEST; l++)
        for (size_t k = 0; k < FINEST; k++)
            sum += image->px[(y + l) * image->width + x + k];
    return sum / (FINEST * FINEST);
}

static float
canvas_mean(const CsDriftCanvas *c, size_t cell, size_t x, size_t y)
{
    float a = (float) c->n[0][cell], b = (float) c->n[1][cell], sum = 0;

    if (!cs_drift_canvas_knows(c, cell))
        return NAN;
    if (a > 0)
        sum += a * block_mean(&c->half[0], x, y);
    if (b > 0)
        sum += b * block_mean(&c->half[1], x, y);
    return sum / (a + b);
}

static bool
fill_finest(const CsDriftCanvas *c, const CsDriftPlane *plane, Level *l,
            GError **error)
{
    enum { PER_CELL = CELL / FINEST };
    size_t w = plane->cells.width * PER_CELL, h = plane->cells.height * PER_CELL;

    if (!cs_image_resize(&l->plane, w, h, error)
        || !cs_image_resize(&l->canvas, 3 * w, 3 * h, error))
        return false;
    for (size_t v = 0; v < h; v++)
        for (size_t u = 0; u < w; u++)
            l->plane.px[v * w + u]
                = plane->closed[v / PER_CELL * plane->cells.width
                                + u / PER_CELL]
                      ? NAN
                      : block_mean(&plane->image, u * FINEST, v * FINEST);
    for (size_t v = 0; v < 3 * h; v++)
        for (size_t u = 0; u < 3 * w; u++)
            l->canvas.px[v * 3 * w + u]
                = canvas_mean(c, v / PER_CELL * c->cells_x + u / PER_CELL,
                              u * FINEST, v * FINEST);
    return true;
}

/* Four cells into one, a hole where less than half is there. */
static bool
halve(const CsImage *fine, size_t w, size_t h, CsImage *coarse,
      GError **error)
{
    if (!cs_image_resize(coarse, w, h, error))
        return false;
    for (size_t v = 0; v < h; v++)
        for (size_t u = 0; u < w; u++) {
            float sum = 0;
            int n = 0;

            for (size_t k = 0; k < 4; k++) {
                size_t x = 2 * u + k % 2, y = 2 * v + k / 2;
                float value = x < fine->width && y < fine->height
                                  ? fine->px[y * fine->width + x]
                                  : NAN;

                if (!isnan(value)) {
                    sum += value;
                    n++;
                }
            }
            coarse->px[v * w + u] = n >= 2 ? sum / (float) n : NAN;
        }
    return true;
}

static bool
fill_levels(Search *s, const CsDriftCanvas *c, const CsDriftPlane *plane,
            GError **error)
{
    if (!fill_finest(c, plane, &s->level[0], error))
        return false;
    for (size_t k = 1; k < N_LEVELS; k++) {
        const Level *fine = &s->level[k - 1];
        Level *l = &s->level[k];

        if (!halve(&fine->plane, MAX(fine->plane.width / 2, 1),
                   MAX(fine->plane.height / 2, 1), &l->plane, error)
            || !halve(&fine->canvas, MAX(fine->canvas.width / 2, 1),
                      MAX(fine->canvas.height / 2, 1), &l->canvas, error))
            return false;
    }
    return true;
}

/* ---- Agreement ------------------------------------------------------------ */

/* The rows and columns of the plane that lie on the canvas when moved by. */
typedef struct {
    size_t    u0, u1, v0, v1;
    ptrdiff_t canvas; /* index under plane cell (0, 0), perhaps outside */
} Overlap;

static Overlap
overlap_of(const Level *l, Cell by, Cell middle)
{
    ptrdiff_t x = middle.x + by.x, y = middle.y + by.y;
    ptrdiff_t w = (ptrdiff_t) l->canvas.width, h = (ptrdiff_t) l->canvas.height;

    return (Overlap) {
        (size_t) MAX(-x, 0),
        (size_t) CLAMP(w - x, 0, (ptrdiff_t) l->plane.width),
        (size_t) MAX(-y, 0),
        (size_t) CLAMP(h - y, 0, (ptrdiff_t) l->plane.height),
        y * w + x,
    };
}

/* Where the first frame lies on the canvas of a level. */
static Cell
middle_of(const Search *s, size_t level)
{
    const CsImage *fine = &s->level[0].plane;

    return (Cell) { (ptrdiff_t) (fine->width >> level),
                    (ptrdiff_t) (fine->height >> level) };
}

/* Sets offset and scale of the level from where the plane is expected. */
static void
set_scale(Search *s, size_t level, Cell by)
{
    Level *l = &s->level[level];
    size_t n = 0;
    g_autofree float *rest = g_new(float, l->plane.width * l->plane.height + 1);
    Overlap o = overlap_of(l, by, middle_of(s, level));
    float sd;

    for (size_t v = o.v0; v < o.v1; v++)
        for (size_t u = o.u0; u < o.u1; u++) {
            ptrdiff_t at = o.canvas + (ptrdiff_t) (v * l->canvas.width + u);
            float r = l->plane.px[v * l->plane.width + u]
                      - l->canvas.px[at];

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
cost_at(const Search *s, size_t level, Cell by, size_t *n)
{
    const Level *l = &s->level[level];
    Overlap o = overlap_of(l, by, middle_of(s, level));
    double cost = 0;

    *n = 0;
    for (size_t v = o.v0; v < o.v1 && o.u0 < o.u1; v++) {
        const float *p = l->plane.px + v * l->plane.width + o.u0;
        const float *q = l->canvas.px + o.canvas
                         + (ptrdiff_t) (v * l->canvas.width + o.u0);
        float row = 0, seen = 0;

        for (size_t u = 0; u < o.u1 - o.u0; u++) {
            float r = p[u] - q[u] - l->offset, r2 = r * r;
            bool is_there = r2 == r2;

            row += is_there ? r2 / (r2 + l->half_cost) : 0;
            seen += is_there ? 1 : 0;
        }
        cost += (double) row;
        *n += (size_t) seen;
    }
    return cost;
}

static bool
is_enough(const Level *l, size_t n)
{
    return (double) n >= LEAST_OVERLAP * (double) l->plane.width
                             * (double) l->plane.height;
}

/* How much better than anywhere the plane fits there. */
static double
score_at(const Search *s, size_t level, Cell by)
{
    size_t n;
    double cost = cost_at(s, level, by, &n);

    return is_enough(&s->level[level], n) ? (double) n * s->neutral - cost
                                          : -INFINITY;
}

/* Climbs from `at` to the best place near. */
static Place
climb(const Search *s, size_t level, Cell at)
{
    Place best = { at, score_at(s, level, at) };
    bool moved = true;

    for (int step = 0; moved && step < 8; step++) {
        Cell from = best.at;

        moved = false;
        for (int k = 0; k < 9; k++) {
            Cell to = { from.x + k % 3 - 1, from.y + k / 3 - 1 };
            double score = k == 4 ? best.score : score_at(s, level, to);

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
scan(Search *s, Cell from, Place *places, size_t n_places)
{
    const Level *l = &s->level[N_LEVELS - 1];
    ptrdiff_t w = (ptrdiff_t) l->plane.width, h = (ptrdiff_t) l->plane.height;
    g_autofree Trial *trials
        = g_new(Trial, (size_t) (2 * w + 1) * (size_t) (2 * h + 1));
    double all = 0, n_all = 0;
    size_t n_trials = 0;

    for (ptrdiff_t y = from.y - h; y <= from.y + h; y++)
        for (ptrdiff_t x = from.x - w; x <= from.x + w; x++) {
            Trial t = { .at = { x, y } };

            t.cost = cost_at(s, N_LEVELS - 1, t.at, &t.n);
            if (!is_enough(l, t.n))
                continue;
            all += t.cost;
            n_all += (double) t.n;
            trials[n_trials++] = t;
        }
    s->neutral = n_all > 0 ? all / n_all : 0;
    for (size_t k = 0; k < n_trials; k++)
        keep_place(places, n_places,
                   (Place) { trials[k].at, (double) trials[k].n * s->neutral
                                               - trials[k].cost });
}

/* Where the top lies between three scores, in cells. */
static double
vertex(double before, double at, double after)
{
    double curvature = before - 2 * at + after;

    return isfinite(before) && isfinite(after) && curvature < 0
               ? CLAMP((before - after) / (2 * curvature), -0.5, 0.5)
               : 0;
}

/* Follows a place down the levels. */
static CsDriftFound
descend(const Search *s, Cell at)
{
    Place p = { at, 0 };
    CsDriftFound found;

    for (size_t k = N_LEVELS - 1; k-- > 0;)
        p = climb(s, k, (Cell) { 2 * p.at.x, 2 * p.at.y });
    found.score = p.score;
    found.dx = (double) p.at.x
               + vertex(score_at(s, 0, (Cell) { p.at.x - 1, p.at.y }), p.score,
                        score_at(s, 0, (Cell) { p.at.x + 1, p.at.y }));
    found.dy = (double) p.at.y
               + vertex(score_at(s, 0, (Cell) { p.at.x, p.at.y - 1 }), p.score,
                        score_at(s, 0, (Cell) { p.at.x, p.at.y + 1 }));
    found.dx *= FINEST;
    found.dy *= FINEST;
    return found;
}

static int
by_score(const void *a, const void *b)
{
    const CsDriftFound *x = a;
    const CsDriftFound *y = b;

    return (x->score < y->score) - (x->score > y->score);
}

/* Whether that score is surely better than that of the place expected. */
static bool
is_better(const Search *s, double score, double dx, double dy)
{
    Cell near = { (ptrdiff_t) floor(dx / FINEST + 0.5),
                  (ptrdiff_t) floor(dy / FINEST + 0.5) };
    double there = score_at(s, 0, near);
    size_t n;

    cost_at(s, 0, near, &n);
    return !isfinite(there) || score - there > SURE * sqrt((double) n);
}

bool
cs_drift_search(const CsDriftCanvas *canvas, const CsDriftPlane *plane,
                double dx, double dy,
                CsDriftFound found[CS_DRIFT_N_PLACES], GError **error)
{
    g_auto(Search) s = { 0 };
    Place places[CS_DRIFT_N_PLACES - 1];
    Cell near = { 0, 0 };

    for (size_t k = 0; k < G_N_ELEMENTS(places); k++)
        places[k] = (Place) { { PTRDIFF_MAX / 4, 0 }, -INFINITY };
    if (!fill_levels(&s, canvas, plane, error))
        return false;
    for (size_t k = 0; k < N_LEVELS; k++) {
        double side = FINEST << k;

        near = (Cell) { (ptrdiff_t) floor(dx / side + 0.5),
                        (ptrdiff_t) floor(dy / side + 0.5) };
        set_scale(&s, k, near);
    }
    scan(&s, near, places, G_N_ELEMENTS(places));
    found[0] = descend(&s, near);
    for (size_t k = 0; k < G_N_ELEMENTS(places); k++)
        found[k + 1] = isfinite(places[k].score)
                           ? descend(&s, places[k].at)
                           : (CsDriftFound) { 0, 0, -INFINITY };
    qsort(found, CS_DRIFT_N_PLACES, sizeof *found, by_score);
    if (!is_better(&s, found[0].score, dx, dy))
        found[0] = (CsDriftFound) { dx, dy, found[0].score };
    return true;
}
