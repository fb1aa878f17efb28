/* Shift between two images.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/shift.h"

#include <math.h>

#include "core/alloc.h"
#include "coatscope/error.h"

/* Steps of the coarsest search to either side; pixels that must count. */
enum { MOST_STEPS = 6, LEAST_PIXELS = 40, LEAST_SIDE = 16, MOST_ROUNDS = 12 };

/* One level of the pyramid: cells of bin x bin pixels. */
typedef struct {
    size_t   width, height, bin;
    CsImage  a, b;
    guint8  *use;
} Level;

static void
level_clear(Level *l)
{
    cs_image_clear(&l->a);
    cs_image_clear(&l->b);
    g_free(l->use);
    *l = (Level) { 0 };
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Level, level_clear)

static bool
bin_image(const CsImage *from, size_t bin, CsImage *to, GError **error)
{
    if (!cs_image_resize(to, from->width / bin, from->height / bin, error))
        return false;
    for (size_t j = 0; j < to->height; j++)
        for (size_t i = 0; i < to->width; i++) {
            double sum = 0;

            for (size_t k = 0; k < bin * bin; k++)
                sum += from->px[(j * bin + k / bin) * from->width + i * bin
                                + k % bin];
            to->px[j * to->width + i] = (float) (sum / (double) (bin * bin));
        }
    return true;
}

/* A cell counts if all of its pixels do. */
static void
bin_mask(const guint8 *use, size_t width, size_t bin, Level *l)
{
    for (size_t j = 0; j < l->height; j++)
        for (size_t i = 0; i < l->width; i++) {
            guint8 all = 1;

            for (size_t k = 0; use != NULL && k < bin * bin && all; k++)
                all = use[(j * bin + k / bin) * width + i * bin + k % bin]
                      != 0;
            l->use[j * l->width + i] = all;
        }
}

static bool
make_level(const CsImage *a, const CsImage *b, const CsShiftPlan *plan,
           size_t bin, Level *l, GError **error)
{
    l->bin = bin;
    l->width = a->width / bin;
    l->height = a->height / bin;
    l->use = cs_try_alloc(l->width * l->height, 1, "a mask", error);
    if (l->use == NULL || !bin_image(a, bin, &l->a, error)
        || !bin_image(b, bin, &l->b, error))
        return false;
    bin_mask(plan->use, a->width, bin, l);
    return true;
}

/* Correlation where b is shifted by whole cells; -2: too little to compare. */
static double
correlate(const Level *l, ptrdiff_t dx, ptrdiff_t dy)
{
    double n = 0, sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0, va, vb;
    ptrdiff_t w = (ptrdiff_t) l->width, h = (ptrdiff_t) l->height;

    for (ptrdiff_t j = MAX(0, -dy); j < MIN(h, h - dy); j++)
        for (ptrdiff_t i = MAX(0, -dx); i < MIN(w, w - dx); i++) {
            double a, b;

            if (!l->use[j * w + i])
                continue;
            a = l->a.px[j * w + i];
            b = l->b.px[(j + dy) * w + i + dx];
            n++;
            sa += a;
            sb += b;
            saa += a * a;
            sbb += b * b;
            sab += a * b;
        }
    if (n < LEAST_PIXELS)
        return -2;
    va = saa - sa * sa / n;
    vb = sbb - sb * sb / n;
    return va > 0 && vb > 0 ? (sab - sa * sb / n) / sqrt(va * vb) : -1;
}

static bool
search(const Level *l, ptrdiff_t steps, CsShiftFound *found)
{
    double bin = (double) l->bin, best = -2;
    ptrdiff_t x0 = lround(found->dx_px / bin), y0 = lround(found->dy_px / bin);

    for (ptrdiff_t dy = y0 - steps; dy <= y0 + steps; dy++)
        for (ptrdiff_t dx = x0 - steps; dx <= x0 + steps; dx++) {
            double score = correlate(l, dx, dy);

            if (score > best) {
                best = score;
                found->dx_px = (double) dx * bin;
                found->dy_px = (double) dy * bin;
                found->score = score;
            }
        }
    return best > -2;
}

/* ---- To a fraction of a pixel -------------------------------------------- */

/* Sums of the normal equations for b(x + d) = g a(x) + o, in d, g and o. */
typedef struct {
    double n, rss;
    double h[4][5]; /* the last column is the right side */
} Normal;

static void
add_pixel(Normal *m, const double row[4], double residual)
{
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++)
            m->h[i][j] += row[i] * row[j];
        m->h[i][4] += row[i] * residual;
    }
    m->n++;
    m->rss += residual * residual;
}

/* Gauss with pivots; the inverse's diagonal of the first two in *var. */
static bool
solve(const Normal *m, double x[4], double *var)
{
    double h[4][7] = { { 0 } };

    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 5; j++)
            h[i][j] = m->h[i][j];
        h[i][5] = i == 0;
        h[i][6] = i == 1;
    }
    for (int c = 0; c < 4; c++) {
        int p = c;

        for (int r = c + 1; r < 4; r++)
            if (fabs(h[r][c]) > fabs(h[p][c]))
                p = r;
        if (!(fabs(h[p][c]) > 1e-12 * fabs(m->h[c][c]) && fabs(h[p][c]) > 0))
            return false;
        for (int k = 0; k < 7; k++) {
            double t = h[c][k];

            h[c][k] = h[p][k];
            h[p][k] = t;
        }
        for (int r = 0; r < 4; r++) {
            double f = r != c ? h[r][c] / h[c][c] : 0;

            for (int k = c; k < 7; k++)
                h[r][k] -= f * h[c][k];
        }
    }
    for (int i = 0; i < 4; i++)
        x[i] = h[i][4] / h[i][i];
    *var = MAX(h[0][5] / h[0][0], h[1][6] / h[1][1]);
    return true;
}

static void
sum_up(const Level *l, const CsShiftFound *f, double gain, double offset,
       Normal *m)
{
    size_t w = l->width, h = l->height;

    *m = (Normal) { 0 };
    for (size_t j = 1; j + 1 < h; j++)
        for (size_t i = 1; i + 1 < w; i++) {
            double x = (double) i + f->dx_px, y = (double) j + f->dy_px;
            double a = l->a.px[j * w + i], row[4];

            if (!l->use[j * w + i] || x < 1 || y < 1 || x > (double) w - 2
                || y > (double) h - 2)
                continue;
            /* the gradient of a: it does not change with the shift */
            row[0] = gain * (l->a.px[j * w + i + 1] - l->a.px[j * w + i - 1])
                     / 2;
            row[1] = gain * (l->a.px[(j + 1) * w + i]
                             - l->a.px[(j - 1) * w + i]) / 2;
            row[2] = a;
            row[3] = 1;
            add_pixel(m, row,
                      cs_image_at(&l->b, x + 0.5, y + 0.5) - gain * a
                          - offset);
        }
}

/* b(x + d) - g a = 0 is stepped towards by d -= step: moving b back. */
static void
refine(const Level *l, CsShiftFound *f)
{
    double gain = 1, offset = 0, x[4], var = NAN, x0 = f->dx_px,
           y0 = f->dy_px;
    Normal m;

    for (int round = 0; round < MOST_ROUNDS; round++) {
        sum_up(l, f, gain, offset, &m);
        if (m.n < LEAST_PIXELS || !solve(&m, x, &var))
            return;
        f->dx_px = CLAMP(f->dx_px - x[0], x0 - 2.5, x0 + 2.5);
        f->dy_px = CLAMP(f->dy_px - x[1], y0 - 2.5, y0 + 2.5);
        gain += x[2];
        offset += x[3];
        if (hypot(x[0], x[1]) < 0.002)
            break;
    }
    f->sd_px = sqrt(var * m.rss / MAX(m.n - 4, 1));
}

/* ---- The whole ------------------------------------------------------------ */

static size_t
first_bin(const CsImage *a, double reach_px)
{
    size_t bin = 1;

    while (reach_px / (double) bin > MOST_STEPS
           && MIN(a->width, a->height) / (2 * bin) >= LEAST_SIDE)
        bin *= 2;
    return bin;
}

static bool
search_levels(const CsImage *a, const CsImage *b, const CsShiftPlan *plan,
              CsShiftFound *f, GError **error)
{
    size_t first = first_bin(a, plan->reach_px);

    for (size_t bin = first; bin >= 1; bin /= 2) {
        g_auto(Level) level = { 0 };
        ptrdiff_t steps = bin == first
                              ? (ptrdiff_t) ceil(plan->reach_px
                                                 / (double) bin)
                              : 1;

        if (!make_level(a, b, plan, bin, &level, error))
            return false;
        if (!search(&level, MIN(steps, 64), f) && bin == 1)
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "two images have too little in common to find the "
                           "shift between them");
        if (bin == 1)
            refine(&level, f);
    }
    return true;
}

bool
cs_shift_find(const CsImage *a, const CsImage *b, const CsShiftPlan *plan,
              CsShiftFound *found, GError **error)
{
    CsShiftFound f = { .dx_px = plan->near_x_px, .dy_px = plan->near_y_px,
                       .sd_px = NAN };
    g_auto(CsImage) smooth_a = CS_IMAGE_INIT, smooth_b = CS_IMAGE_INIT;

    if (a->width != b->width || a->height != b->height
        || MIN(a->width, a->height) < LEAST_SIDE || !isfinite(f.dx_px)
        || !isfinite(f.dy_px) || !(plan->reach_px >= 0))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "images of %zu x %zu and %zu x %zu pixels cannot be "
                       "compared", a->width, a->height, b->width, b->height);
    if (!cs_image_blur(a, 1, &smooth_a, error)
        || !cs_image_blur(b, 1, &smooth_b, error)
        || !search_levels(&smooth_a, &smooth_b, plan, &f, error))
        return false;
    *found = f;
    return true;
}
