/* What a fit stands on: background, noise, hidden sectors, and where about the
 * rim is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <string.h>

#include "outline/fit_inner.h"
#include "outline/solve.h"

static const double far_outside_px = 4; /* no edge, no fringe beyond that */

/* ---- Background and noise ------------------------------------------------ */

/* The mean of a sector far outside the rim. */
static double
outside_mean(const CsFit *f, int s, double *n)
{
    const CsRim *rim = f->rim;
    double sum = 0;

    *n = 0;
    for (int b = 0; b < rim->n_bins; b++) {
        const CsRimCell *cell = &rim->cell[s][b];

        if ((double) rim->first_px + (b + 1) * (double) rim->bin_px
            > -far_outside_px - f->offset)
            break;
        sum += (double) (cell->n * cell->value);
        *n += (double) cell->n;
    }
    return sum / MAX(*n, 1);
}

/* One weighted fit of the plane to the sectors' means. */
static void
fit_plane(CsFit *f, const double *mean, const double *weight)
{
    double h[9] = { 0 }, g[3] = { 0 };
    double typical = 0;

    for (int s = 0; s < S; s++) {
        double x[3] = { 1, f->cosine[s], f->sine[s] };

        typical += weight[s] / S;
        for (int i = 0; i < 3; i++) {
            g[i] += weight[s] * x[i] * mean[s];
            for (int j = 0; j < 3; j++)
                h[i * 3 + j] += weight[s] * x[i] * x[j];
        }
    }
    h[0] += 1e-9 * typical;
    h[4] += typical; /* a gradient seen from few sectors is not believed */
    h[8] += typical;
    if (!cs_cholesky(h, 3))
        return;
    cs_solve(h, 3, g);
    memcpy(f->plane, g, sizeof f->plane);
}

static void
find_background(CsFit *f)
{
    double mean[S], n[S], weight[S], sorted[S], off[S];
    int    m = 0;

    for (int s = 0; s < S; s++) {
        mean[s] = outside_mean(f, s, &n[s]);
        if (n[s] >= 6)
            sorted[m++] = mean[s];
    }
    /* Most of what is behind or beside a particle is darker than the
     * vacuum (carbon, needle, neighbours), so not the median. */
    f->plane[0] = cs_sorted_at(sorted, m, f->model.is_dark ? 0.6 : 0.4);
    f->plane[1] = f->plane[2] = 0;
    for (int round = 0; round < 4; round++) {
        double spread;

        m = 0;
        for (int s = 0; s < S; s++)
            if (n[s] >= 6)
                off[m++] = fabs(mean[s] - cs_fit_plane_at(f, s));
        spread = MAX(1.5 * cs_sorted_at(off, m, 0.5), 1e-9);
        for (int s = 0; s < S; s++) {
            double u = (mean[s] - cs_fit_plane_at(f, s)) / (4 * spread);

            weight[s] = n[s] >= 6 && fabs(u) < 1
                            ? n[s] * (1 - u * u) * (1 - u * u) : 0;
        }
        fit_plane(f, mean, weight);
    }
}

/* Sectors whose outside is as dark as a particle say nothing of the rim. */
static void
find_hidden(CsFit *f)
{
    double limit = f->model.is_dark ? exp(-0.3) : 0;

    for (int s = 0; s < S; s++) {
        double n, mean = outside_mean(f, s, &n);

        if (n < 4)
            f->hidden[s] = true;
        else if (f->model.is_dark)
            f->hidden[s] = mean < limit * cs_fit_plane_at(f, s);
        else
            f->hidden[s] = mean > cs_fit_plane_at(f, s) + 0.5 * f->model.scale;
    }
}

static double
mean_inside(const CsRim *rim)
{
    double sum = 0, n = 0;
    int    first = (int) ((8 - rim->first_px) / rim->bin_px);

    for (int s = 0; s < S; s++)
        for (int b = first; b < rim->n_bins; b++) {
            sum += (double) (rim->cell[s][b].n * rim->cell[s][b].value);
            n += (double) rim->cell[s][b].n;
        }
    return n > 0 ? sum / n : NAN;
}

void
cs_fit_blend(double *old, double now, double share)
{
    if (isnan(*old))
        *old = now;
    else if (!isnan(now))
        *old += share * (now - *old);
}

/* How much the sectors' means scatter beyond what single pixels say. */
static double
find_clumping(const CsFit *f)
{
    double ratio[S];
    int    m = 0;

    for (int s = 0; s < S; s++) {
        double n, mean = outside_mean(f, s, &n);

        if (f->hidden[s] || n < 8)
            continue;
        mean -= cs_fit_plane_at(f, s);
        ratio[m++] = mean * mean * n / f->model.variance_out;
    }
    /* the median of chi² with one degree of freedom is 0.455 */
    return m < 16 ? NAN : CLAMP(cs_sorted_at(ratio, m, 0.5) / 0.455, 1, 50);
}

static bool
find_noise(CsFit *f)
{
    CsRimModel *m = &f->model;
    bool first = isnan(m->variance_out);

    m->level_in = mean_inside(f->rim);
    cs_fit_blend(&m->variance_out, f->rim->noise_out, first ? 1 : 0.1);
    cs_fit_blend(&m->variance_in, f->rim->noise_in, first ? 1 : 0.1);
    if (isnan(m->variance_out))
        m->variance_out = m->variance_in;
    if (isnan(m->variance_in))
        m->variance_in = m->variance_out;
    if (isnan(m->level_in) || isnan(m->variance_in)
        || fabs(f->plane[0] - m->level_in) < 1e-9 * fabs(f->plane[0]))
        return false;
    /* Images without noise exist; their pixels are still not exact. */
    m->variance_out = MAX(m->variance_out, 1e-8 * f->plane[0] * f->plane[0]);
    m->variance_in = MAX(m->variance_in, 1e-8 * f->plane[0] * f->plane[0]);
    if (!m->coloured)
        cs_fit_blend(&m->clumping, find_clumping(f), first ? 0.5 : 0.05);
    m->clumping = MAX(m->clumping, 1);
    return true;
}

/* ---- Where the rim is ---------------------------------------------------- */

enum { MAX_SHIFTS = 65 };

static const double shift_step_px = 0.25;

/* The mean profile over all sectors: transmission, or counts in the scale,
 * above the background's. */
static void
mean_profile(const CsFit *f, double *mean, double *n)
{
    const CsRim *rim = f->rim;

    for (int b = 0; b < rim->n_bins; b++) {
        double sum = 0;

        n[b] = 0;
        for (int s = 0; s < S; s++) {
            const CsRimCell *cell = &rim->cell[s][b];
            double plane = cs_fit_plane_at(f, s);

            if (f->hidden[s] || cell->n == 0)
                continue;
            n[b] += (double) cell->n;
            sum += (double) cell->n
                   * ((double) cell->value - plane)
                   / (f->model.is_dark ? plane : f->model.scale);
        }
        mean[b] = n[b] > 0 ? sum / n[b] : 0;
    }
}

/* The misfit of the model's outer side, moved outwards by shift, per pixel;
 * its strength may have changed a little. INFINITY where it is not seen. */
static double
outer_misfit(const CsFit *f, const double *mean, const double *n, double shift,
             double inside_px)
{
    static const double change = 0.15; /* of strength, in one frame */
    double yy = 0, ym = 0, mm = 0, sum = 0, strength;

    for (int b = 0; b < f->rim->n_bins; b++) {
        double d = (double) f->rim->first_px
                   + (b + 0.5) * (double) f->rim->bin_px + shift;
        double value;
        float  u;
        int    i;

        if (d > inside_px)
            break;
        i = cs_edge_at(&f->grid, (float) d, &u);
        value = (double) ((1 - u) * f->grid.value[i]
                          + u * f->grid.value[i + 1]) - 1;
        yy += n[b] * mean[b] * mean[b];
        ym += n[b] * mean[b] * value;
        mm += n[b] * value * value;
        sum += n[b];
    }
    if (sum < 4 * S || mm <= 0)
        return INFINITY;
    strength = CLAMP(ym / mm, 1 - change, 1 + change);
    return (yy - 2 * strength * ym + strength * strength * mm) / sum;
}

/* A front that runs inwards takes the strongest edge with it, but not the
 * rim: the outer side of the profile, as it was in the frame before, is
 * looked for as a whole. Returns how far outside the start it is. */
static double
find_shift(CsFit *f, double reach_px, double *misfit)
{
    double mean[CS_RIM_MAX_BINS], n[CS_RIM_MAX_BINS];
    double t = f->model.p[CS_EDGE_THICKNESS], best = 0, least = INFINITY;
    double inside = f->model.has_coat ? CLAMP(0.8 * t, 3, 10) : 4;

    cs_fit_fill_grid(f);
    mean_profile(f, mean, n);
    for (int k = 0; k < MAX_SHIFTS; k++) {
        double shift = shift_step_px * (k - MAX_SHIFTS / 2);
        double now = fabs(shift) > reach_px
                         ? INFINITY : outer_misfit(f, mean, n, shift, inside);

        if (now < least) {
            least = now;
            best = shift;
        }
    }
    *misfit = least;
    return best;
}

/* ---- Begin --------------------------------------------------------------- */

bool
cs_fit_prepare(CsFit *f)
{
    double *h = f->prior_h, l[E * E];

    find_background(f);
    if (!isfinite(f->plane[0]) || (f->model.is_dark && f->plane[0] <= 0))
        return false;
    if (!f->model.is_dark && isnan(f->model.variance_out))
        f->model.scale = MAX(mean_inside(f->rim) - f->plane[0], 1e-6);
    find_hidden(f);
    if (!find_noise(f))
        return false;
    memcpy(h, f->prior.covariance, sizeof f->prior_h);
    if (!cs_cholesky(h, E))
        return false;
    memcpy(l, h, sizeof l);
    cs_inverse(l, E, h);
    return true;
}

CsFit *
cs_fit_new(const CsRim *rim, const CsContour *start, double offset_px,
        const CsRimModel *model)
{
    CsFit *f = g_new0(CsFit, 1);

    f->rim = rim;
    f->start = start;
    f->offset = offset_px;
    f->model = f->prior = *model;
    for (int s = 0; s < S; s++) {
        f->delta[s] = offset_px;
        f->cosine[s] = cos(2 * G_PI * s / S);
        f->sine[s] = sin(2 * G_PI * s / S);
    }
    return f;
}

void
cs_fit_free(CsFit *f)
{
    g_free(f);
}

double
cs_rim_shift(const CsRim *rim, const CsContour *start,
             const CsRimModel *model, double reach_px, double *misfit)
{
    g_autoptr(CsFit) f = cs_fit_new(rim, start, 0, model);

    *misfit = INFINITY;
    return cs_fit_prepare(f) ? find_shift(f, reach_px, misfit) : 0;
}
