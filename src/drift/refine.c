/* Gauss-Newton on brightness: the frame is the template moved, plus a plane of
 * light. Pixels whose neighbourhood does not follow lose their weight. How
 * sure the shift is comes from how the pull of parts of the frame scatters,
 * so that correlated noise and what does not quite fit count as they should.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/refine.h"

#include <math.h>
#include <string.h>

enum {
    STRIDE = CS_DRIFT_STRIDE, /* planes are blurred by more than half of it */
    N_STEPS = 8,
    PART = 16,   /* samples along the side of a part */
    P = 5,       /* dx, dy, light, and its two slopes */
};

#define STOP_PX 0.003
#define LONGEST_STEP_PX 2.0

/* Neighbourhood that must follow (sd, in samples), and from how many sd on it
 * has lost most of its weight. */
#define NEAR_SAMPLES 3.0
#define FAR_SD 3.0f

/* Below that part of the texture in common to both templates, it is noise. */
#define LEAST_COMMON 0.3

typedef struct {
    size_t  width; /* in samples */
    size_t  height;
    CsImage rest;
    CsImage near;
    CsImage weight;
    double  light[3];
} Fit;

static void
fit_clear(Fit *f)
{
    cs_image_clear(&f->rest);
    cs_image_clear(&f->near);
    cs_image_clear(&f->weight);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fit, fit_clear)

typedef struct {
    double value, gx, gy;
} Slope;

/* Value and slope; NAN where not known. */
static Slope
slope_at(const CsImage *image, double x, double y)
{
    double w = (double) image->width, h = (double) image->height;
    Slope s = { NAN, NAN, NAN };

    if (x < 1.5 || y < 1.5 || x > w - 1.5 || y > h - 1.5)
        return s;
    s.value = (double) cs_image_at(image, x, y);
    s.gx = (double) (cs_image_at(image, x + 1, y)
                     - cs_image_at(image, x - 1, y)) / 2;
    s.gy = (double) (cs_image_at(image, x, y + 1)
                     - cs_image_at(image, x, y - 1)) / 2;
    if (isnan(s.gx) || isnan(s.gy))
        s.value = NAN;
    return s;
}

static Slope
template_at(const CsDriftTemplate *t, double x, double y)
{
    return slope_at(&t->image, x - (double) t->x0, y - (double) t->y0);
}

/* Centre of a sample, in pixels of the plane. */
static double
place(size_t k)
{
    return (double) (k * STRIDE) + 0.5;
}

/* From -1 to 1 across the plane. */
static double
across(size_t k, size_t n)
{
    return 2 * ((double) k + 0.5) / (double) n - 1;
}

static double
light_at(const Fit *f, size_t i, size_t j)
{
    return f->light[0] + f->light[1] * across(i, f->width)
           + f->light[2] * across(j, f->height);
}

/* ---- Weights ---------------------------------------------------------------- */

static float
usual_size(const CsImage *image, const CsImage *weight, float *spare)
{
    size_t n = 0;

    for (size_t k = 0; k < image->width * image->height; k += 3)
        if (weight->px[k] > 0.5f)
            spare[n++] = fabsf(image->px[k]);
    return n > 0 ? cs_drift_median(spare, n) / 0.6745f : 0;
}

/* What is left unexplained, blurred over neighbourhoods, decides. */
static bool
weigh(Fit *f, const CsImage *plane, const CsDriftTemplate *t, double dx,
      double dy, GError **error)
{
    size_t n = f->width * f->height;
    g_autofree float *spare = g_new(float, n / 3 + 1);
    float sd;

    for (size_t j = 0; j < f->height; j++)
        for (size_t i = 0; i < f->width; i++) {
            size_t k = j * f->width + i;
            Slope s = template_at(t, place(i) + dx, place(j) + dy);
            double r = (double) plane->px[j * STRIDE * plane->width
                                          + i * STRIDE]
                       - s.value - light_at(f, i, j);

            f->weight.px[k] = isnan(r) ? 0 : 1;
            f->rest.px[k] = isnan(r) ? 0 : (float) r;
        }
    if (!cs_image_blur(&f->rest, NEAR_SAMPLES, &f->rest, error)
        || !cs_image_blur(&f->weight, NEAR_SAMPLES, &f->near, error))
        return false;
    for (size_t k = 0; k < n; k++)
        f->rest.px[k] /= fmaxf(f->near.px[k], 0.1f);
    sd = fmaxf(usual_size(&f->rest, &f->weight, spare), 1e-6f);
    for (size_t k = 0; k < n; k++) {
        float far;

        f->rest.px[k] = fabsf(f->rest.px[k]) / sd;
        far = f->rest.px[k] / FAR_SD;
        f->weight.px[k] *= 1 / ((1 + far * far) * (1 + far * far));
    }
    return true;
}

/* ---- Normal equations --------------------------------------------------------- */

typedef double Matrix[P][P];

/* a x = b by elimination with pivots; false where there is no one solution. */
static bool
solve(Matrix a, double *b)
{
    for (size_t k = 0; k < P; k++) {
        size_t pivot = k;

        for (size_t i = k + 1; i < P; i++)
            if (fabs(a[i][k]) > fabs(a[pivot][k]))
                pivot = i;
        if (!(fabs(a[pivot][k]) > 1e-12))
            return false;
        for (size_t j = 0; j < P; j++) {
            double keep = a[k][j];

            a[k][j] = a[pivot][j];
            a[pivot][j] = keep;
        }
        {
            double keep = b[k];

            b[k] = b[pivot];
            b[pivot] = keep;
        }
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

typedef struct {
    size_t i, j;
} Sample;

/* The row of a sample: slopes first; its rest. False where it has none. */
static bool
row_of(const Fit *f, const CsImage *plane, const CsDriftTemplate *t,
       const CsDriftFit *fit, Sample at, double *row, double *rest)
{
    size_t i = at.i, j = at.j;
    Slope s;

    if (f->weight.px[j * f->width + i] <= 0)
        return false;
    s = template_at(t, place(i) + fit->dx, place(j) + fit->dy);
    *rest = (double) plane->px[j * STRIDE * plane->width + i * STRIDE]
            - s.value - light_at(f, i, j);
    if (isnan(*rest))
        return false;
    row[0] = s.gx;
    row[1] = s.gy;
    row[2] = 1;
    row[3] = across(i, f->width);
    row[4] = across(j, f->height);
    return true;
}

static void
add_row(const double *row, double rest, double w, Matrix a, double *b)
{
    for (size_t p = 0; p < P; p++) {
        for (size_t q = 0; q < P; q++)
            a[p][q] += w * row[p] * row[q];
        b[p] += w * row[p] * rest;
    }
}

/* One step; false where the equations do not tell. */
static bool
step(Fit *f, const CsImage *plane, const CsDriftTemplate *t, CsDriftFit *fit,
     double *length)
{
    Matrix a = { { 0 } };
    double b[P] = { 0 };

    for (size_t j = 0; j < f->height; j++)
        for (size_t i = 0; i < f->width; i++) {
            double row[P], rest;

            if (row_of(f, plane, t, fit, (Sample) { i, j }, row, &rest))
                add_row(row, rest,
                        (double) f->weight.px[j * f->width + i], a, b);
        }
    if (!solve(a, b))
        return false;
    *length = hypot(b[0], b[1]);
    if (*length > LONGEST_STEP_PX) {
        b[0] *= LONGEST_STEP_PX / *length;
        b[1] *= LONGEST_STEP_PX / *length;
    }
    fit->dx += b[0];
    fit->dy += b[1];
    for (size_t k = 0; k < 3; k++)
        f->light[k] += b[2 + k];
    return true;
}

/* ---- How sure --------------------------------------------------------------------- */

/* Sums over the fit, and over the part of it in hand. */
typedef struct {
    Matrix a;         /* normal equations                             */
    Matrix scatter;   /* of the pulls of parts                        */
    double pull[P];
    double own;       /* squared slopes of the template               */
    double common;    /* slopes of both templates, multiplied: signal */
    double part_seen; /* slopes of frame and template, multiplied     */
    double part_common;
    double seen;
    double seen2, seen_common, common2; /* sums of squares over parts */
} Sums;

static void
add_sample(const Fit *f, const CsImage *plane, const CsDriftTemplate *onto,
           const CsDriftTemplate *other, const CsDriftFit *fit, Sample at,
           Sums *s)
{
    size_t i = at.i, j = at.j;
    double w = (double) f->weight.px[j * f->width + i], row[P], rest;
    Slope mine, twin;

    if (!row_of(f, plane, onto, fit, at, row, &rest))
        return;
    twin = template_at(other, place(i) + fit->dx, place(j) + fit->dy);
    mine = slope_at(plane, place(i), place(j));
    if (isnan(twin.value) || isnan(mine.value))
        return;
    add_row(row, rest, w, s->a, s->pull);
    s->own += w * (row[0] * row[0] + row[1] * row[1]);
    s->part_common += w * (row[0] * twin.gx + row[1] * twin.gy);
    s->part_seen += w * (row[0] * mine.gx + row[1] * mine.gy);
}

static void
close_part(Sums *s)
{
    for (size_t p = 0; p < P; p++)
        for (size_t q = 0; q < P; q++)
            s->scatter[p][q] += s->pull[p] * s->pull[q];
    memset(s->pull, 0, sizeof s->pull);
    s->seen += s->part_seen;
    s->common += s->part_common;
    s->seen2 += s->part_seen * s->part_seen;
    s->seen_common += s->part_seen * s->part_common;
    s->common2 += s->part_common * s->part_common;
    s->part_seen = s->part_common = 0;
}

/* Variance of parameter p: row p of the inverse on both sides of scatter. */
static double
variance(const Sums *s, size_t p)
{
    double unit[P] = { 0 }, sum = 0;
    Matrix a;

    memcpy(a, s->a, sizeof a);
    unit[p] = 1;
    if (!solve(a, unit))
        return INFINITY;
    for (size_t i = 0; i < P; i++)
        for (size_t j = 0; j < P; j++)
            sum += unit[i] * s->scatter[i][j] * unit[j];
    return sum;
}

static void
judge(const Fit *f, const CsImage *plane, const CsDriftTemplate *onto,
      const CsDriftTemplate *other, CsDriftFit *fit)
{
    Sums s = { 0 };
    double share;

    for (size_t v = 0; v < f->height; v += PART)
        for (size_t u = 0; u < f->width; u += PART) {
            for (size_t j = v; j < MIN(v + PART, f->height); j++)
                for (size_t i = u; i < MIN(u + PART, f->width); i++)
                    add_sample(f, plane, onto, other, fit, (Sample) { i, j },
                               &s);
            close_part(&s);
        }
    fit->sd = INFINITY;
    fit->sharpness = fit->sharpness_sd = NAN;
    share = s.own > 0 ? s.common / s.own : 0;
    if (!(share > LEAST_COMMON))
        return;
    /* noise in the template bends the equations, but not the truth */
    fit->sd = sqrt((variance(&s, 0) + variance(&s, 1)) / 2) / MIN(share, 1);
    fit->sharpness = s.seen / s.common;
    fit->sharpness_sd
        = sqrt(fmax(s.seen2 - 2 * fit->sharpness * s.seen_common
                        + fit->sharpness * fit->sharpness * s.common2, 0))
          / s.common;
}

static bool
allocate(Fit *f, const CsImage *plane, GError **error)
{
    f->width = (plane->width + STRIDE - 1) / STRIDE;
    f->height = (plane->height + STRIDE - 1) / STRIDE;
    return cs_image_resize(&f->rest, f->width, f->height, error)
           && cs_image_resize(&f->near, f->width, f->height, error)
           && cs_image_resize(&f->weight, f->width, f->height, error);
}

bool
cs_drift_refine(const CsImage *plane, const CsDriftTemplate *onto,
                const CsDriftTemplate *other, CsDriftFit *fit, CsImage *far,
                GError **error)
{
    g_auto(Fit) f = { 0 };
    const CsDriftFit start = *fit;
    double length = INFINITY;

    if (!allocate(&f, plane, error))
        return false;
    for (int k = 0; k < N_STEPS && length > STOP_PX; k++) {
        if (!weigh(&f, plane, onto, fit->dx, fit->dy, error))
            return false;
        if (!step(&f, plane, onto, fit, &length)) {
            *fit = start;
            fit->sd = INFINITY;
            fit->sharpness = fit->sharpness_sd = NAN;
            return true;
        }
    }
    judge(&f, plane, onto, other, fit);
    if (far != NULL) {
        CsImage keep = *far;

        *far = f.rest;
        f.rest = keep;
    }
    return true;
}
