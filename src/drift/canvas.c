/* What is known of the support.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/canvas.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"

enum {
    CELL = CS_DRIFT_CELL,
    MEMORY = 128,  /* frames that a half is the mean of */
    MANY_BAD = 2,  /* frames in which no support is far off: one may be bad */
};

/* A neighbourhood that differs by more than that many sd may have changed. */
#define FAR_SD 6.0f

bool
cs_drift_canvas_init(CsDriftCanvas *canvas, const CsDriftField *field,
                     GError **error)
{
    g_auto(CsDriftCanvas) c = { .field = field };
    size_t n;
    CsDriftCanvas none = { 0 };

    c.cells_x = 3 * field->cells_x;
    c.cells_y = 3 * field->cells_y;
    n = c.cells_x * c.cells_y;
    for (size_t k = 0; k < 2; k++) {
        c.n[k] = cs_try_alloc(n, sizeof *c.n[k], "drift", error);
        if (c.n[k] == NULL
            || !cs_image_resize(&c.half[k], c.cells_x * CELL,
                                c.cells_y * CELL, error))
            return false;
    }
    c.bad = cs_try_alloc(n, 1, "drift", error);
    c.spare = cs_try_alloc(2 * n + 1, sizeof *c.spare, "drift", error);
    if (c.bad == NULL || c.spare == NULL
        || !cs_image_resize(&c.rest, c.cells_x, c.cells_y, error))
        return false;
    for (size_t j = 0; j < field->cells_y; j++)
        for (size_t i = 0; i < field->cells_x; i++)
            if (field->closed[j * field->cells_x + i])
                c.bad[(j + field->cells_y) * c.cells_x + i + field->cells_x]
                    = UINT8_MAX;
    *canvas = c;
    c = none;
    return true;
}

void
cs_drift_canvas_clear(CsDriftCanvas *c)
{
    for (size_t k = 0; k < 2; k++) {
        cs_image_clear(&c->half[k]);
        g_free(c->n[k]);
    }
    cs_image_clear(&c->rest);
    g_free(c->bad);
    g_free(c->spare);
    *c = (CsDriftCanvas) { 0 };
}

void
cs_drift_canvas_forget(CsDriftCanvas *c)
{
    size_t n = c->cells_x * c->cells_y;

    for (size_t k = 0; k < 2; k++)
        memset(c->n[k], 0, n * sizeof *c->n[k]);
    for (size_t k = 0; k < n; k++)
        c->bad[k] = c->bad[k] == UINT8_MAX ? UINT8_MAX : 0;
}

void
cs_drift_canvas_forgive(CsDriftCanvas *c)
{
    for (size_t k = 0; k < c->cells_x * c->cells_y; k++) {
        uint8_t bad = c->bad[k];

        if (bad == 0 || bad == UINT8_MAX)
            continue;
        c->bad[k] = (uint8_t) (bad - bad / 4 - 1);
        if (bad >= MANY_BAD && c->bad[k] < MANY_BAD)
            c->n[0][k] = c->n[1][k] = 0;
    }
}

bool
cs_drift_canvas_knows(const CsDriftCanvas *c, size_t cell)
{
    return c->n[0][cell] + c->n[1][cell] > 0 && c->bad[cell] < MANY_BAD;
}

/* ---- Where a cell lies in a frame ------------------------------------------- */

bool
cs_drift_place(const CsDriftCanvas *c, const CsDriftPlane *plane, size_t cell,
               const double *shift, ptrdiff_t margin, CsDriftPlace *place)
{
    const CsDriftField *f = c->field;
    ptrdiff_t i = (ptrdiff_t) (cell % c->cells_x) - (ptrdiff_t) f->cells_x;
    ptrdiff_t j = (ptrdiff_t) (cell / c->cells_x) - (ptrdiff_t) f->cells_y;
    double x = (double) (i * CELL) - shift[0], y = (double) (j * CELL) - shift[1];
    float u = (float) (x - floor(x)), v = (float) (y - floor(y));
    ptrdiff_t w = (ptrdiff_t) plane->image.width;
    ptrdiff_t h = (ptrdiff_t) plane->image.height;

    place->x = (ptrdiff_t) floor(x);
    place->y = (ptrdiff_t) floor(y);
    place->weight[0] = (1 - u) * (1 - v);
    place->weight[1] = u * (1 - v);
    place->weight[2] = (1 - u) * v;
    place->weight[3] = u * v;
    return place->x >= margin && place->y >= margin
           && place->x + CELL + margin < w && place->y + CELL + margin < h;
}

bool
cs_drift_place_closed(const CsDriftPlane *plane, const CsDriftPlace *place)
{
    size_t w = plane->cells.width, h = plane->cells.height;
    size_t i0 = (size_t) place->x / CELL, j0 = (size_t) place->y / CELL;

    if (i0 + 1 >= w || j0 + 1 >= h)
        return true;
    return plane->closed[j0 * w + i0] || plane->closed[j0 * w + i0 + 1]
           || plane->closed[(j0 + 1) * w + i0]
           || plane->closed[(j0 + 1) * w + i0 + 1];
}

/* ---- Comparing ----------------------------------------------------------------- */

/* The frame's value at pixel (k, l) of a cell. */
static inline float
value_at(const float *p, size_t w, const float *weight)
{
    return weight[0] * p[0] + weight[1] * p[1] + weight[2] * p[w]
           + weight[3] * p[w + 1];
}

static float
cell_rest(const CsDriftCanvas *c, const CsDriftPlane *plane, size_t cell,
          const CsDriftPlace *at)
{
    size_t w = plane->image.width, cw = c->half[0].width;
    const float *p = plane->image.px + (size_t) at->y * w + (size_t) at->x;
    size_t first = cell / c->cells_x * CELL * cw + cell % c->cells_x * CELL;
    float a = (float) c->n[0][cell], b = (float) c->n[1][cell], sum = 0;

    for (size_t l = 0; l < CELL; l++)
        for (size_t k = 0; k < CELL; k++) {
            size_t m = first + l * cw + k;
            float known = (a > 0 ? a * c->half[0].px[m] : 0)
                          + (b > 0 ? b * c->half[1].px[m] : 0);

            sum += value_at(p + l * w + k, w, at->weight) - known / (a + b);
        }
    return sum / CS_DRIFT_CELL_PX;
}

/* From -1 to 1 across the field of the frame. */
static void
across(const CsDriftCanvas *c, size_t cell, const double *shift, double *u,
       double *v)
{
    const CsDriftField *f = c->field;
    double i = (double) (cell % c->cells_x) - (double) f->cells_x + 0.5;
    double j = (double) (cell / c->cells_x) - (double) f->cells_y + 0.5;

    *u = 2 * (i - shift[0] / CELL) / (double) f->cells_x - 1;
    *v = 2 * (j - shift[1] / CELL) / (double) f->cells_y - 1;
}

typedef struct {
    size_t i0, i1, j0, j1; /* cells of the canvas, ends excluded */
} Window;

/* All cells that may lie in the frame. */
static Window
window_of(const CsDriftCanvas *c, const double *shift)
{
    const CsDriftField *f = c->field;
    double x = (double) f->cells_x + shift[0] / CELL;
    double y = (double) f->cells_y + shift[1] / CELL;
    double w = (double) c->cells_x, h = (double) c->cells_y;

    return (Window) {
        (size_t) CLAMP(floor(x), 0, w),
        (size_t) CLAMP(ceil(x + (double) f->cells_x), 0, w),
        (size_t) CLAMP(floor(y), 0, h),
        (size_t) CLAMP(ceil(y + (double) f->cells_y), 0, h),
    };
}

/* a x = b for three unknowns, by Cramer. */
static bool
solve3(double a[3][3], const double *b, double *x)
{
    double det = 0;

    for (int k = 0; k < 3; k++) {
        int i = (k + 1) % 3, j = (k + 2) % 3;

        det += a[0][k] * (a[1][i] * a[2][j] - a[1][j] * a[2][i]);
    }
    if (!(fabs(det) > 1e-9))
        return false;
    for (int k = 0; k < 3; k++) {
        int i = (k + 1) % 3, j = (k + 2) % 3;

        x[k] = (b[0] * (a[1][i] * a[2][j] - a[1][j] * a[2][i])
                + b[1] * (a[2][i] * a[0][j] - a[2][j] * a[0][i])
                + b[2] * (a[0][i] * a[1][j] - a[0][j] * a[1][i]))
               / det;
    }
    return true;
}

/* One step of a robust fit of a plane of light to rest: cells far from the
 * plane so far count little. */
static void
fit_light(CsDriftCanvas *c, const Window *w, const double *shift, float sd)
{
    double a[3][3] = { { 0 } }, b[3] = { 0 }, fit[3];

    for (size_t j = w->j0; j < w->j1; j++)
        for (size_t i = w->i0; i < w->i1; i++) {
            float r = c->rest.px[j * c->cells_x + i];
            double row[3] = { 1 }, weight;

            if (isnan(r))
                continue;
            across(c, j * c->cells_x + i, shift, &row[1], &row[2]);
            weight = ((double) r - (double) c->light[0]
                      - (double) c->light[1] * row[1]
                      - (double) c->light[2] * row[2]) / (3 * (double) sd);
            weight = 1 / pow(1 + weight * weight, 2);
            for (int p = 0; p < 3; p++) {
                for (int q = 0; q < 3; q++)
                    a[p][q] += weight * row[p] * row[q];
                b[p] += weight * row[p] * (double) r;
            }
        }
    if (solve3(a, b, fit))
        for (int p = 0; p < 3; p++)
            c->light[p] = (float) fit[p];
}

/* Median of the magnitudes of what is left after light, as an sd. */
static float
usual_rest(CsDriftCanvas *c, const Window *w)
{
    size_t n = 0;

    for (size_t j = w->j0; j < w->j1; j++)
        for (size_t i = w->i0; i < w->i1; i++) {
            float r = c->rest.px[j * c->cells_x + i];

            if (!isnan(r))
                c->spare[n++] = fabsf(r - c->light[0]);
        }
    return n > 0 ? cs_drift_median(c->spare, n) / 0.6745f : 0;
}

static float
median_rest(CsDriftCanvas *c, const Window *w)
{
    size_t n = 0;

    for (size_t j = w->j0; j < w->j1; j++)
        for (size_t i = w->i0; i < w->i1; i++)
            if (!isnan(c->rest.px[j * c->cells_x + i]))
                c->spare[n++] = c->rest.px[j * c->cells_x + i];
    return n > 0 ? cs_drift_median(c->spare, n) : 0;
}

/* The mean of what is left of a cell and its neighbours; NAN where the cell
 * itself is not known. */
static float
near_rest(const CsDriftCanvas *c, size_t i, size_t j)
{
    float sum = 0;
    size_t n = 0;

    if (isnan(c->rest.px[j * c->cells_x + i]))
        return NAN;
    for (size_t v = MAX(j, 1) - 1; v < MIN(j + 2, c->cells_y); v++)
        for (size_t u = MAX(i, 1) - 1; u < MIN(i + 2, c->cells_x); u++)
            if (!isnan(c->rest.px[v * c->cells_x + u])) {
                sum += c->rest.px[v * c->cells_x + u];
                n++;
            }
    return sum / (float) n;
}

/* Marks the cells whose neighbourhood is far off; they are told no more. */
static void
mark_bad(CsDriftCanvas *c, const Window *w, double least)
{
    float *near = c->spare + c->cells_x * c->cells_y;
    size_t n = 0;
    float sd;

    for (size_t j = w->j0; j < w->j1; j++)
        for (size_t i = w->i0; i < w->i1; i++) {
            float r = near_rest(c, i, j);

            near[j * c->cells_x + i] = r;
            if (!isnan(r))
                c->spare[n++] = fabsf(r);
        }
    if (n == 0)
        return;
    sd = cs_drift_median(c->spare, n) / 0.6745f;
    for (size_t j = w->j0; j < w->j1; j++)
        for (size_t i = w->i0; i < w->i1; i++) {
            size_t cell = j * c->cells_x + i;

            if (!(fabsf(near[cell]) > fmaxf(FAR_SD * sd, (float) least)))
                continue;
            c->rest.px[cell] = NAN;
            c->bad[cell] = (uint8_t) MIN(c->bad[cell] + 1, UINT8_MAX - 1);
        }
}

static void
take_light(CsDriftCanvas *c, const Window *w, const double *shift)
{
    for (size_t j = w->j0; j < w->j1; j++)
        for (size_t i = w->i0; i < w->i1; i++) {
            double u, v;

            across(c, j * c->cells_x + i, shift, &u, &v);
            c->rest.px[j * c->cells_x + i]
                -= c->light[0] + c->light[1] * (float) u
                   + c->light[2] * (float) v;
        }
}

void
cs_drift_canvas_compare(CsDriftCanvas *c, const CsDriftPlane *plane,
                        double dx, double dy, double bad_from)
{
    const double shift[2] = { dx, dy };
    Window w = window_of(c, shift);

    for (size_t k = 0; k < c->cells_x * c->cells_y; k++)
        c->rest.px[k] = NAN;
    for (size_t j = w.j0; j < w.j1; j++)
        for (size_t i = w.i0; i < w.i1; i++) {
            size_t cell = j * c->cells_x + i;
            CsDriftPlace at;

            c->rest.px[cell]
                = cs_drift_canvas_knows(c, cell)
                          && cs_drift_place(c, plane, cell, shift, 0, &at)
                          && !cs_drift_place_closed(plane, &at)
                      ? cell_rest(c, plane, cell, &at)
                      : NAN;
        }
    c->light[0] = median_rest(c, &w);
    c->light[1] = c->light[2] = 0;
    for (int k = 0; k < 3; k++)
        fit_light(c, &w, shift, fmaxf(usual_rest(c, &w), 1e-6f));
    take_light(c, &w, shift);
    if (isfinite(bad_from))
        mark_bad(c, &w, bad_from);
}

/* ---- Learning ------------------------------------------------------------------- */

static void
learn_cell(CsDriftCanvas *c, const CsDriftPlane *plane, size_t cell,
           const CsDriftPlace *at, size_t half, float light)
{
    size_t w = plane->image.width, cw = c->half[half].width;
    const float *p = plane->image.px + (size_t) at->y * w + (size_t) at->x;
    float *to = c->half[half].px + cell / c->cells_x * CELL * cw
                + cell % c->cells_x * CELL;
    uint16_t n = (uint16_t) MIN(c->n[half][cell] + 1, MEMORY);
    float share = 1 / (float) n, keep = n > 1 ? 1 - share : 0;

    if (n == 1) /* may hold anything */
        for (size_t l = 0; l < CELL; l++)
            memset(to + l * cw, 0, CELL * sizeof *to);
    for (size_t l = 0; l < CELL; l++)
        for (size_t k = 0; k < CELL; k++)
            to[l * cw + k]
                = keep * to[l * cw + k]
                  + share * (value_at(p + l * w + k, w, at->weight) - light);
    c->n[half][cell] = n;
}

void
cs_drift_canvas_learn(CsDriftCanvas *c, const CsDriftPlane *plane, double dx,
                      double dy, size_t half)
{
    const double shift[2] = { dx, dy };
    Window w = window_of(c, shift);

    for (size_t j = w.j0; j < w.j1; j++)
        for (size_t i = w.i0; i < w.i1; i++) {
            size_t cell = j * c->cells_x + i;
            bool is_known = c->n[0][cell] + c->n[1][cell] > 0;
            CsDriftPlace at;
            double u, v;

            if (c->bad[cell] >= MANY_BAD
                || (is_known && isnan(c->rest.px[cell]))
                || !cs_drift_place(c, plane, cell, shift, 0, &at)
                || cs_drift_place_closed(plane, &at))
                continue;
            across(c, cell, shift, &u, &v);
            learn_cell(c, plane, cell, &at, half,
                       c->light[0] + c->light[1] * (float) u
                           + c->light[2] * (float) v);
        }
}
