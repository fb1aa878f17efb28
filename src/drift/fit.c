/* Gauss-Newton on brightness: the frame is the canvas moved, plus a plane of
 * light. Cells whose brightness or pull is far from what the others say lose
 * their weight. How sure the shift is comes from how the pulls of parts of
 * the frame scatter, so that correlated noise and what does not quite fit
 * count as they should.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "drift/facets.h"

enum {
    CELL = CS_DRIFT_CELL,
    N_STEPS = 10,
    LEAST_CELLS = 6,
    PART = 4, /* cells along the side of a part */
    P = 5,    /* dx, dy, light, and its two slopes */
};

#define STOP_PX 0.003
#define LONGEST_STEP_PX 2.0

/* From so many sd on a cell has lost most of its weight. */
#define FAR_SD 4.0

/* No cell tells more than so many usual ones. */
#define MOST_USUAL 12.0

/* What is summed up of a cell, and its weight. */
enum { PULL_X, PULL_Y, REST, WEIGHT, ACROSS_X, ACROSS_Y, N_SUMS };

typedef double Matrix[P][P];

typedef struct {
    const CsDriftCanvas *canvas;
    const CsDriftFacets *facets;
    const CsDriftPlane  *plane;
    CsDriftBench        *bench;
    double               shift[2];
    double               light[3];
    double               usual; /* median of share * (h[0] + h[2]) */
    size_t               n;     /* cells with weight */
} Fit;

void
cs_drift_bench_clear(CsDriftBench *bench)
{
    g_free(bench->sum);
    g_free(bench->spare);
    *bench = (CsDriftBench) { 0 };
}

static bool
make_room(CsDriftBench *bench, size_t n, GError **error)
{
    if (n <= bench->n_allocated)
        return true;
    cs_drift_bench_clear(bench);
    bench->sum = cs_try_alloc(n, sizeof *bench->sum, "drift", error);
    bench->spare = cs_try_alloc(n + 1, sizeof *bench->spare, "drift", error);
    if (bench->sum == NULL || bench->spare == NULL)
        return false;
    bench->n_allocated = n;
    return true;
}

/* ---- Sums over cells ---------------------------------------------------------- */

static inline float
value_at(const float *p, size_t w, const float *weight)
{
    return weight[0] * p[0] + weight[1] * p[1] + weight[2] * p[w]
           + weight[3] * p[w + 1];
}

static void
sum_cell(const Fit *f, const CsDriftFacet *facet, const CsDriftPlace *at,
         double *sum)
{
    size_t w = f->plane->image.width;
    const float *p = f->plane->image.px + (size_t) at->y * w + (size_t) at->x;
    float x[CELL] = { 0 }, y[CELL] = { 0 }, all[CELL] = { 0 };

    for (size_t l = 0; l < CELL; l++)
        for (size_t k = 0; k < CELL; k++) {
            float r = value_at(p + l * w + k, w, at->weight)
                      - facet->known[l * CELL + k];

            x[k] += r * facet->gx[l * CELL + k];
            y[k] += r * facet->gy[l * CELL + k];
            all[k] += r;
        }
    sum[PULL_X] = sum[PULL_Y] = sum[REST] = 0;
    for (size_t k = 0; k < CELL; k++) {
        sum[PULL_X] += (double) x[k];
        sum[PULL_Y] += (double) y[k];
        sum[REST] += (double) all[k];
    }
}

static void
across(const Fit *f, size_t cell, double *sum)
{
    const CsDriftCanvas *c = f->canvas;
    double w = (double) c->field->cells_x, h = (double) c->field->cells_y;

    sum[ACROSS_X] = 2 * ((double) (cell % c->cells_x) + 0.5 - w
                         - f->shift[0] / CELL) / w - 1;
    sum[ACROSS_Y] = 2 * ((double) (cell / c->cells_x) + 0.5 - h
                         - f->shift[1] / CELL) / h - 1;
}

/* Weight 1 for cells that the frame shows and that are still good. */
static void
sum_up(Fit *f)
{
    f->n = 0;
    for (size_t k = 0; k < f->facets->n; k++) {
        const CsDriftFacet *facet = &f->facets->facet[k];
        double *sum = f->bench->sum[k];
        CsDriftPlace at;

        sum[WEIGHT] = 0;
        if (!cs_drift_canvas_knows(f->canvas, facet->cell)
            || !cs_drift_place(f->canvas, f->plane, facet->cell, f->shift, 0,
                               &at)
            || cs_drift_place_closed(f->plane, &at))
            continue;
        sum_cell(f, facet, &at, sum);
        across(f, facet->cell, sum);
        sum[WEIGHT] = facet->share;
        f->n++;
    }
}

static double
light_at(const Fit *f, const double *sum)
{
    return f->light[0] + f->light[1] * sum[ACROSS_X]
           + f->light[2] * sum[ACROSS_Y];
}

/* ---- Weights ---------------------------------------------------------------------- */

enum { BY_REST, BY_X, BY_Y, N_TESTS };

/* What is left of a cell: mean, or pull along x or y, per unit of noise. */
static double
test_value(const Fit *f, size_t k, int test)
{
    const CsDriftFacet *facet = &f->facets->facet[k];
    const double *sum = f->bench->sum[k];
    double light = light_at(f, sum);

    switch (test) {
    case BY_REST:
        return sum[REST] / CS_DRIFT_CELL_PX - light;
    case BY_X:
        return (sum[PULL_X] - light * facet->s[0])
               / sqrt(facet->h[0] + 1e-30);
    default:
        return (sum[PULL_Y] - light * facet->s[1])
               / sqrt(facet->h[2] + 1e-30);
    }
}

static double
usual_size(const Fit *f, int test)
{
    float *spare = f->bench->spare;
    size_t n = 0;

    for (size_t k = 0; k < f->facets->n; k++)
        if (f->bench->sum[k][WEIGHT] > 0)
            spare[n++] = (float) fabs(test_value(f, k, test));
    return n > 0 ? fmax((double) cs_drift_median(spare, n) / 0.6745, 1e-9)
                 : 1e-9;
}

static void
start_light(Fit *f)
{
    float *spare = f->bench->spare;
    size_t n = 0;

    for (size_t k = 0; k < f->facets->n; k++)
        if (f->bench->sum[k][WEIGHT] > 0)
            spare[n++] = (float) (f->bench->sum[k][REST] / CS_DRIFT_CELL_PX);
    f->light[0] = n > 0 ? (double) cs_drift_median(spare, n) : 0;
    f->light[1] = f->light[2] = 0;
}

static void
weigh(Fit *f)
{
    double usual[N_TESTS];

    for (int t = 0; t < N_TESTS; t++)
        usual[t] = usual_size(f, t);
    for (size_t k = 0; k < f->facets->n; k++) {
        const CsDriftFacet *facet = &f->facets->facet[k];
        double *sum = f->bench->sum[k], far = 0, tells;

        if (!(sum[WEIGHT] > 0))
            continue;
        for (int t = 0; t < N_TESTS; t++)
            far = fmax(far, fabs(test_value(f, k, t)) / usual[t] / FAR_SD);
        tells = facet->share * (facet->h[0] + facet->h[2]);
        sum[WEIGHT] = facet->share / ((1 + far * far) * (1 + far * far))
                      * fmin(1, MOST_USUAL * f->usual / tells);
    }
}

static void
find_usual(Fit *f)
{
    float *spare = f->bench->spare;

    for (size_t k = 0; k < f->facets->n; k++) {
        const CsDriftFacet *facet = &f->facets->facet[k];

        spare[k] = (float) (facet->share * (facet->h[0] + facet->h[2]));
    }
    f->usual = (double) cs_drift_median(spare, f->facets->n);
}

/* ---- Normal equations ------------------------------------------------------------- */

static void
swap_rows(Matrix a, double *b, size_t i, size_t j)
{
    for (size_t k = 0; k < P; k++) {
        double keep = a[i][k];

        a[i][k] = a[j][k];
        a[j][k] = keep;
    }
    {
        double keep = b[i];

        b[i] = b[j];
        b[j] = keep;
    }
}

/* a x = b by elimination with pivots; false where there is no one solution. */
static bool
solve(Matrix a, double *b)
{
    for (size_t k = 0; k < P; k++) {
        size_t pivot = k;

        for (size_t i = k + 1; i < P; i++)
            if (fabs(a[i][k]) > fabs(a[pivot][k]))
                pivot = i;
        if (!(fabs(a[pivot][k]) > 1e-20))
            return false;
        swap_rows(a, b, k, pivot);
        for (size_t i = k + 1; i < P; i++) {
            double by = a[i][k] / a[k][k];

            for (size_t j = k; j < P; j++)
                a[i][j] -= by * a[k][j];
            b[i] -= by * b[k];
        }
    }
    for (size_t k = P; k-- > 0;) {
        for (size_t j = k + 1; j < P; j++)
            b[k] -= a[k][j] * b[j];
        b[k] /= a[k][k];
    }
    return true;
}

/* Sum over a cell of the products of its row (slopes, 1, where it is). */
static void
add_cell(const CsDriftFacet *facet, const double *sum, Matrix a, double *b)
{
    double w = sum[WEIGHT], n = CS_DRIFT_CELL_PX;
    double light[3] = { 1, sum[ACROSS_X], sum[ACROSS_Y] };

    a[0][0] += w * facet->h[0];
    a[0][1] += w * facet->h[1];
    a[1][0] += w * facet->h[1];
    a[1][1] += w * facet->h[2];
    b[0] += w * sum[PULL_X];
    b[1] += w * sum[PULL_Y];
    for (size_t p = 0; p < 3; p++) {
        for (size_t q = 0; q < 2; q++) {
            a[q][2 + p] += w * facet->s[q] * light[p];
            a[2 + p][q] += w * facet->s[q] * light[p];
        }
        for (size_t q = 0; q < 3; q++)
            a[2 + p][2 + q] += w * n * light[p] * light[q];
        b[2 + p] += w * light[p] * sum[REST];
    }
}

static void
add_all(const Fit *f, Matrix a, double *b)
{
    for (size_t k = 0; k < f->facets->n; k++)
        if (f->bench->sum[k][WEIGHT] > 0)
            add_cell(&f->facets->facet[k], f->bench->sum[k], a, b);
}

/* One step; false where the equations do not tell. */
static bool
step(Fit *f, double gain, double *length)
{
    Matrix a = { { 0 } };
    double b[P] = { 0 };

    add_all(f, a, b);
    if (!solve(a, b))
        return false;
    for (size_t k = 0; k < 3; k++)
        f->light[k] = b[2 + k];
    for (size_t k = 0; k < 2; k++)
        b[k] /= gain;
    *length = hypot(b[0], b[1]);
    for (size_t k = 0; k < 2; k++)
        f->shift[k] += b[k] * fmin(1, LONGEST_STEP_PX / fmax(*length, 1e-9));
    return true;
}

/* ---- How sure ------------------------------------------------------------------- */

/* Sums over a part of the frame. */
typedef struct {
    double pull[P];
    double seen;     /* slopes of frame and canvas, multiplied */
    double expected;
} Part;

static double
slopes_seen(const Fit *f, const CsDriftFacet *facet, const CsDriftPlace *at)
{
    size_t w = f->plane->image.width;
    const float *p = f->plane->image.px + (size_t) at->y * w + (size_t) at->x;
    float sum = 0;

    for (size_t l = 0; l < CELL; l++)
        for (size_t k = 0; k < CELL; k++) {
            const float *q = p + l * w + k;

            sum += facet->gx[l * CELL + k]
                       * (value_at(q + 1, w, at->weight)
                          - value_at(q - 1, w, at->weight))
                   + facet->gy[l * CELL + k]
                         * (value_at(q + w, w, at->weight)
                            - value_at(q - w, w, at->weight));
        }
    return (double) sum / 2;
}

static void
add_to_part(const Fit *f, size_t k, Part *part)
{
    const CsDriftFacet *facet = &f->facets->facet[k];
    const double *sum = f->bench->sum[k];
    double light = light_at(f, sum), w = sum[WEIGHT];
    double rest = sum[REST] - CS_DRIFT_CELL_PX * light;
    CsDriftPlace at;

    part->pull[0] += w * (sum[PULL_X] - light * facet->s[0]);
    part->pull[1] += w * (sum[PULL_Y] - light * facet->s[1]);
    part->pull[2] += w * rest;
    part->pull[3] += w * rest * sum[ACROSS_X];
    part->pull[4] += w * rest * sum[ACROSS_Y];
    if (!cs_drift_place(f->canvas, f->plane, facet->cell, f->shift, 1, &at))
        return;
    part->seen += w * slopes_seen(f, facet, &at);
    part->expected += w * (facet->h[0] + facet->h[2]);
}

/* Which part a cell is of: facets are in the order of rows. */
static size_t
part_of(const Fit *f, size_t k)
{
    size_t cell = f->facets->facet[k].cell, w = f->canvas->cells_x;

    return cell / w / PART * (w / PART + 1) + cell % w / PART;
}

static size_t
n_parts(const Fit *f)
{
    return (f->canvas->cells_x / PART + 1) * (f->canvas->cells_y / PART + 1);
}

/* Variance of parameter p: row p of the inverse on both sides of scatter. */
static double
variance(const Fit *f, const Part *parts, size_t n, size_t p)
{
    Matrix a = { { 0 } };
    double unit[P] = { 0 }, none[P] = { 0 }, sum = 0;

    add_all(f, a, none);
    unit[p] = 1;
    if (!solve(a, unit))
        return INFINITY;
    for (size_t k = 0; k < n; k++) {
        double one = 0;

        for (size_t i = 0; i < P; i++)
            one += unit[i] * parts[k].pull[i];
        sum += one * one;
    }
    return sum;
}

static void
judge_slope(const Part *parts, size_t n, CsDriftFit *fit)
{
    double seen = 0, expected = 0, square = 0;

    for (size_t k = 0; k < n; k++) {
        seen += parts[k].seen;
        expected += parts[k].expected;
    }
    if (!(expected > 0))
        return;
    fit->slope = seen / expected;
    for (size_t k = 0; k < n; k++)
        square += pow(parts[k].seen - fit->slope * parts[k].expected, 2);
    fit->slope_sd = sqrt(square) / expected;
}

static bool
judge(const Fit *f, double gain, CsDriftFit *fit, GError **error)
{
    size_t n = n_parts(f);
    g_autofree Part *parts = cs_try_alloc(n, sizeof *parts, "drift", error);

    if (parts == NULL)
        return false;
    for (size_t k = 0; k < f->facets->n; k++)
        if (f->bench->sum[k][WEIGHT] > 0)
            add_to_part(f, k, &parts[part_of(f, k)]);
    judge_slope(parts, n, fit);
    fit->slope /= f->facets->gain;
    fit->slope_sd /= f->facets->gain;
    fit->sd = sqrt((variance(f, parts, n, 0) + variance(f, parts, n, 1)) / 2)
              / gain;
    return true;
}

static bool
converge(Fit *f, double gain)
{
    double length = INFINITY;

    for (int k = 0; k < N_STEPS && length > STOP_PX; k++) {
        sum_up(f);
        if (f->n < LEAST_CELLS)
            return false;
        if (k == 0)
            start_light(f);
        weigh(f);
        if (!step(f, gain, &length))
            return false;
    }
    sum_up(f);
    if (f->n < LEAST_CELLS)
        return false;
    weigh(f);
    return true;
}

bool
cs_drift_fit(const CsDriftCanvas *canvas, const CsDriftFacets *facets,
             const CsDriftPlane *plane, double faith, CsDriftBench *bench,
             CsDriftFit *fit, GError **error)
{
    Fit f = { canvas, facets, plane, bench, .shift = { fit->dx, fit->dy } };
    double gain = facets->gain * MAX(faith, 0.1);

    fit->sd = INFINITY;
    fit->slope = fit->slope_sd = NAN;
    if (facets->n < LEAST_CELLS || !(facets->gain > 0))
        return true;
    if (!make_room(bench, facets->n, error))
        return false;
    find_usual(&f);
    if (!converge(&f, gain))
        return true;
    fit->dx = f.shift[0];
    fit->dy = f.shift[1];
    return judge(&f, gain, fit, error);
}
