/* The fit of a rim: one joint least-squares problem a frame.
 *
 * Unknown are the parameters of the edge and the level of the background
 * (common), and for each sector its shift, its amplitude and its background
 * level. The last two are eliminated sector by sector.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/fit.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "core/wide.h"
#include "outline/solve.h"

enum {
    S = CS_CONTOUR_SECTORS,
    E = CS_EDGE_N,
    P = E + 1, /* common: the edge, and the level */
    LEVEL = E,
    SHIFT = P, /* of one sector */
    AMPLITUDE = P + 1,
    LOCAL_LEVEL = P + 2,
    Q = P + 3, /* unknowns a sector's cells see */
    N = S + P, /* after elimination: shifts, then common ones */
    VALUE = E, /* places in a row of the table */
    BY_DEPTH = E + 1,
    ROW = (E + 2 + 3) / 4 * 4,
    ROUNDS = 4,
    FIRST_ROUNDS = 14, /* where no frame before says where to begin */
};

static const double far_outside_px = 4; /* no edge, no fringe beyond that */

/* What a round moves, the common unknowns apart. */
typedef struct {
    double delta[S];
    double amplitude[S];
    double local[S];     /* relative level of a sector           */
    double level;        /* common correction of the background  */
    double p[E];
} Place;

typedef struct {
    const CsRim     *rim;
    const CsContour *start;
    const CsContour *prediction;
    CsRimModel       model; /* being fitted */
    CsRimModel       prior;
    CsEdgeGrid       grid;
    float            table[CS_EDGE_MAX_POINTS][ROW]; /* the grid, by point  */
    double           offset;     /* where the rim is looked for, beyond the
                                    start                                */
    double           level;      /* common correction of the background  */
    double           plane[3];   /* background = b0 + bx cos + by sin    */
    double           cosine[S];  /* of the sectors' angles               */
    double           sine[S];
    bool             hidden[S];
    double           delta[S];
    double           amplitude[S];
    double           local[S];   /* relative level of a sector           */
    double           amplitude_var[S];
    double           local_var[S];
    double           prior_h[E * E]; /* inverse of the prior covariance  */
    double           h[N * N];
    double           g[N];
    double           sector_h[S][Q * Q];
    double           sector_g[S][Q];
    double           moved;      /* by the last step: the most, in pixels */
    double           cost;       /* what is made least: -2 ln posterior  */
    double           chi2;
    double           n_cells;
    double           sector_chi2[S];
} Fit;

/* ---- Background and noise ------------------------------------------------ */

/* The mean of a sector far outside the rim. */
static double
outside_mean(const Fit *f, int s, double *n)
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

static double
plane_at(const Fit *f, int s)
{
    return f->plane[0] + f->plane[1] * f->cosine[s]
           + f->plane[2] * f->sine[s];
}

/* One weighted fit of the plane to the sectors' means. */
static void
fit_plane(Fit *f, const double *mean, const double *weight)
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
find_background(Fit *f)
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
                off[m++] = fabs(mean[s] - plane_at(f, s));
        spread = MAX(1.5 * cs_sorted_at(off, m, 0.5), 1e-9);
        for (int s = 0; s < S; s++) {
            double u = (mean[s] - plane_at(f, s)) / (4 * spread);

            weight[s] = n[s] >= 6 && fabs(u) < 1
                            ? n[s] * (1 - u * u) * (1 - u * u) : 0;
        }
        fit_plane(f, mean, weight);
    }
}

/* Sectors whose outside is as dark as a particle say nothing of the rim. */
static void
find_hidden(Fit *f)
{
    double limit = f->model.is_dark ? exp(-0.3) : 0;

    for (int s = 0; s < S; s++) {
        double n, mean = outside_mean(f, s, &n);

        if (n < 4)
            f->hidden[s] = true;
        else if (f->model.is_dark)
            f->hidden[s] = mean < limit * plane_at(f, s);
        else
            f->hidden[s] = mean > plane_at(f, s) + 0.5 * f->model.scale;
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

static void
blend(double *old, double now, double share)
{
    if (isnan(*old))
        *old = now;
    else if (!isnan(now))
        *old += share * (now - *old);
}

/* How much the sectors' means scatter beyond what single pixels say. */
static double
find_clumping(const Fit *f)
{
    double ratio[S];
    int    m = 0;

    for (int s = 0; s < S; s++) {
        double n, mean = outside_mean(f, s, &n);

        if (f->hidden[s] || n < 8)
            continue;
        mean -= plane_at(f, s);
        ratio[m++] = mean * mean * n / f->model.variance_out;
    }
    /* the median of chi² with one degree of freedom is 0.455 */
    return m < 16 ? NAN : CLAMP(cs_sorted_at(ratio, m, 0.5) / 0.455, 1, 50);
}

static bool
find_noise(Fit *f)
{
    CsRimModel *m = &f->model;
    bool first = isnan(m->variance_out);

    m->level_in = mean_inside(f->rim);
    blend(&m->variance_out, f->rim->noise_out, first ? 1 : 0.1);
    blend(&m->variance_in, f->rim->noise_in, first ? 1 : 0.1);
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
        blend(&m->clumping, find_clumping(f), first ? 0.5 : 0.05);
    m->clumping = MAX(m->clumping, 1);
    return true;
}

/* ---- One round of Gauss-Newton ------------------------------------------- */

/* What the model says of a cell, and its derivatives by the Q unknowns. */
static inline double
predict(const Fit *f, int s, const CsRimCell *cell, double *j)
{
    const CsEdgeGrid *grid = &f->grid;
    double plane = plane_at(f, s);
    double base = f->plane[0] + (plane - f->plane[0]) * (double) cell->out;
    double factor = 1 + f->amplitude[s];
    double scale, below;
    float  u, at[ROW];
    int    i = cs_edge_at(grid, cell->depth + (float) f->delta[s], &u);

    for (int k = 0; k < ROW; k++)
        at[k] = (1 - u) * f->table[i][k] + u * f->table[i + 1][k];
    below = (double) at[VALUE] - 1;
    base *= f->model.is_dark ? 1 + f->level + f->local[s] : 1;
    scale = f->model.is_dark ? base : f->model.scale;
    if (!f->model.is_dark)
        base += scale * (f->level + f->local[s]);
    for (int k = 0; k < E; k++)
        j[k] = scale * factor * (double) at[k];
    j[SHIFT] = scale * factor * (double) at[BY_DEPTH];
    j[AMPLITUDE] = scale * below;
    j[LEVEL] = scale * (f->model.is_dark ? 1 + factor * below : 1);
    j[LOCAL_LEVEL] = j[LEVEL];
    return base + scale * factor * below;
}

/* How much sums of neighbouring cells scatter beyond what single pixels say:
 * the noise of cameras is coloured, and no model is perfect. */
static double
find_colour(Fit *f)
{
    enum { BLOCK = 6 };
    double j[Q], ratio = 0, n = 0;

    for (int s = 0; s < S; s++) {
        double sum = 0, variance = 0;

        for (int b = 0; b < f->rim->n_bins && !f->hidden[s]; b++) {
            const CsRimCell *cell = &f->rim->cell[s][b];
            double value, z;

            if (cell->n > 0) {
                value = predict(f, s, cell, j);
                sum += (double) cell->n * ((double) cell->value - value);
                variance += (double) cell->n
                            * cs_rim_variance(&f->model, f->plane[0], value);
            }
            if ((b + 1) % BLOCK != 0 || variance <= 0)
                continue;
            z = sum * sum / variance;
            ratio += MIN(z, 9 * f->model.clumping);
            n += 1;
            sum = variance = 0;
        }
    }
    /* shifts, levels and amplitudes have taken about three of the blocks of
     * each sector */
    return n < 4 * S ? NAN : ratio / (n - 3 * S);
}

/* Four numbers side by side, anywhere in an array. */
typedef double Four __attribute__((vector_size(32), aligned(8), may_alias));

G_STATIC_ASSERT(Q % 4 == 0);

/* Adds weight * j jᵀ to the lower triangle of h, in whole fours: what lands
 * above the diagonal is not used. */
static inline void
add_products(double *h, const double *j, double weight)
{
    for (int a = 0; a < Q; a++) {
        double wj = weight * j[a];

        for (int b = 0; b <= a; b += 4)
            *(Four *) (h + a * Q + b) += wj * *(const Four *) (j + b);
    }
}

static inline void
add_cell(Fit *f, int s, const CsRimCell *cell)
{
    double j[Q], z, weight, variance;
    double value = predict(f, s, cell, j);
    double residual = (double) cell->value - value;
    double *g = f->sector_g[s];

    variance = cs_rim_variance(&f->model, f->plane[0], value)
               * f->model.clumping / (double) cell->n;
    z = fabs(residual) / sqrt(variance);
    weight = (z > 3 ? 3 / z : 1) / variance;
    f->chi2 += z > 3 ? 9 : z * z;
    f->cost += z > 3 ? 6 * z - 9 : z * z;
    f->n_cells += 1;
    add_products(f->sector_h[s], j, weight);
    for (int a = 0; a < Q; a++)
        g[a] += weight * j[a] * residual;
}

static double
square(double x)
{
    return x * x;
}

/* Eliminates the amplitude and the level of a sector, which have priors
 * around 0, and adds what is left to the whole system. */
static void
add_sector(Fit *f, int s)
{
    double *h = f->sector_h[s], *g = f->sector_g[s];

    h[AMPLITUDE * Q + AMPLITUDE] += 1 / (f->model.sd_amplitude
                                         * f->model.sd_amplitude);
    g[AMPLITUDE] -= f->amplitude[s] / (f->model.sd_amplitude
                                       * f->model.sd_amplitude);
    h[LOCAL_LEVEL * Q + LOCAL_LEVEL] += 1 / (f->model.sd_level
                                             * f->model.sd_level);
    g[LOCAL_LEVEL] -= f->local[s] / (f->model.sd_level * f->model.sd_level);
    f->cost += square(f->amplitude[s] / f->model.sd_amplitude)
               + square(f->local[s] / f->model.sd_level);
    for (int e = Q - 1; e >= AMPLITUDE; e--) {
        double *row = h + e * Q;

        for (int a = 0; a < e; a++) {
            double q = row[a] / row[e];

            g[a] -= q * g[e];
            for (int b = 0; b <= a; b++)
                h[a * Q + b] -= q * row[b];
        }
    }
    f->h[s * N + s] += h[SHIFT * Q + SHIFT];
    f->g[s] += g[SHIFT];
    for (int a = 0; a < P; a++) {
        f->h[(S + a) * N + s] += h[SHIFT * Q + a];
        f->g[S + a] += g[a];
        for (int b = 0; b <= a; b++)
            f->h[(S + a) * N + S + b] += h[a * Q + b];
    }
}

/* Adds weight * (c . delta + value)² / 2, where c has coefficients at n
 * successive sectors from s on. */
static void
add_penalty(Fit *f, int s, const double *c, int n, double value,
            double weight)
{
    f->cost += weight * value * value;
    for (int a = 0; a < n; a++) {
        int i = (s + a) % S;

        f->g[i] -= weight * c[a] * value;
        for (int b = 0; b < n; b++) {
            int j = (s + b) % S;

            if (j <= i)
                f->h[i * N + j] += weight * c[a] * c[b];
        }
    }
}

/* The contour bends little, and grows from its prediction alike at
 * neighbouring sectors: nothing is said of its size. Where nothing is seen,
 * the shape it had counts, not that it might be rounder. */
static void
add_shape_prior(Fit *f)
{
    static const double bend[] = { 1, -2, 1 };
    double wb = 1 / (f->model.sd_bend_px * f->model.sd_bend_px);
    double wc = 1 / (f->model.sd_change_px * f->model.sd_change_px);
    double r[S], d[S], far[S], mean = 0;

    for (int s = 0; s < S; s++) {
        r[s] = (double) f->start->r[2 * s] + f->delta[s];
        far[s] = (double) f->prediction->r[2 * s];
        d[s] = r[s] - far[s];
        mean += far[s] / S;
    }
    for (int s = 0; s < S; s++) {
        int    t = (s + 1) % S, u = (s + 2) % S;
        double change[] = { -mean / far[s], mean / far[t] };
        bool   seen = !f->hidden[s] && !f->hidden[t] && !f->hidden[u];

        add_penalty(f, s, bend, 3, r[s] - 2 * r[t] + r[u],
                    f->model.has_shape && !seen ? 0.003 * wb : wb);
        add_penalty(f, s, change, 2, change[1] * d[t] + change[0] * d[s], wc);
    }
}

static void
add_edge_prior(Fit *f)
{
    for (int a = 0; a < E; a++)
        for (int b = 0; b < E; b++) {
            double w = f->prior_h[a * E + b];
            double off = f->model.p[b] - f->prior.p[b];

            if (b <= a)
                f->h[(S + a) * N + S + b] += w;
            f->g[S + a] -= w * off;
            f->cost += w * off * (f->model.p[a] - f->prior.p[a]);
        }
    f->h[(S + LEVEL) * N + S + LEVEL] += 1 / (0.05 * 0.05);
    f->g[S + LEVEL] -= f->level / (0.05 * 0.05);
    f->cost += square(f->level / 0.05);
}

static void
fill_grid(Fit *f)
{
    CsEdgeShape shape = {
        .is_dark = f->model.is_dark, .has_coat = f->model.has_coat,
        .radius_px = sqrt(cs_contour_area(f->start) / G_PI),
        .from_px = (double) f->rim->first_px,
        .to_px = (double) f->rim->first_px
                 + f->rim->n_bins * (double) f->rim->bin_px + f->offset,
    };

    shape.at_px = MIN(6, shape.radius_px / 3);

    cs_edge_fill(&shape, f->model.p, &f->grid);
    for (int i = 0; i < f->grid.n; i++) {
        for (int k = 0; k < E; k++)
            f->table[i][k] = f->grid.by[k][i];
        f->table[i][VALUE] = f->grid.value[i];
        f->table[i][BY_DEPTH] = f->grid.by_depth[i];
    }
}

CS_WIDE static void
assemble(Fit *f)
{
    memset(f->h, 0, sizeof f->h);
    memset(f->g, 0, sizeof f->g);
    memset(f->sector_h, 0, sizeof f->sector_h);
    memset(f->sector_g, 0, sizeof f->sector_g);
    f->cost = f->chi2 = f->n_cells = 0;
    for (int s = 0; s < S; s++) {
        double before = f->chi2;

        if (f->hidden[s])
            continue;
        for (int b = 0; b < f->rim->n_bins; b++)
            if (f->rim->cell[s][b].n > 0)
                add_cell(f, s, &f->rim->cell[s][b]);
        f->sector_chi2[s] = f->chi2 - before;
        add_sector(f, s);
    }
    add_shape_prior(f);
    add_edge_prior(f);
}

/* The eliminated unknowns of a sector, from the steps of the others. */
static void
step_sector(Fit *f, int s, const double *x)
{
    const double *h = f->sector_h[s], *g = f->sector_g[s];
    double step[2];

    for (int e = AMPLITUDE; e < Q; e++) {
        double sum = g[e] - h[e * Q + SHIFT] * x[s];

        for (int a = 0; a < P; a++)
            sum -= h[e * Q + a] * x[S + a];
        if (e == LOCAL_LEVEL)
            sum -= h[e * Q + AMPLITUDE] * step[0];
        step[e - AMPLITUDE] = sum / h[e * Q + e];
    }
    f->amplitude[s] += step[0];
    f->local[s] += step[1];
    f->amplitude_var[s] = 1 / h[AMPLITUDE * Q + AMPLITUDE];
    f->local_var[s] = 1 / h[LOCAL_LEVEL * Q + LOCAL_LEVEL];
}

static bool
step(Fit *f)
{
    double x[N], most = 0, damp;

    memcpy(x, f->g, sizeof x);
    if (!cs_cholesky(f->h, N))
        return false;
    cs_solve(f->h, N, x);
    for (int s = 0; s < S; s++)
        most = MAX(most, fabs(x[s]));
    damp = most > 2 ? 2 / most : 1;
    f->moved = MAX(most, fabs(x[S + CS_EDGE_THICKNESS]));
    for (int i = 0; i < N; i++) {
        if (!isfinite(x[i]))
            return false;
        x[i] *= damp;
    }
    for (int s = 0; s < S; s++) {
        f->delta[s] += x[s];
        if (!f->hidden[s])
            step_sector(f, s, x);
    }
    for (int k = 0; k < E; k++)
        f->model.p[k] += x[S + k];
    f->model.p[CS_EDGE_THICKNESS] = MAX(f->model.p[CS_EDGE_THICKNESS], 0.5);
    f->model.p[CS_EDGE_TAIL] = CLAMP(f->model.p[CS_EDGE_TAIL], 0, 0.5);
    f->model.p[CS_EDGE_LN_BLUR]
        = CLAMP(f->model.p[CS_EDGE_LN_BLUR], -1, 1.35);
    f->level += x[S + LEVEL];
    return true;
}

static void
note_place(const Fit *f, Place *place)
{
    memcpy(place->delta, f->delta, sizeof place->delta);
    memcpy(place->amplitude, f->amplitude, sizeof place->amplitude);
    memcpy(place->local, f->local, sizeof place->local);
    memcpy(place->p, f->model.p, sizeof place->p);
    place->level = f->level;
}

/* A share of the way from that place to the present one. */
static void
go_back(Fit *f, const Place *to, double share)
{
    for (int s = 0; s < S; s++) {
        f->delta[s] = to->delta[s] + share * (f->delta[s] - to->delta[s]);
        f->amplitude[s] = to->amplitude[s]
                          + share * (f->amplitude[s] - to->amplitude[s]);
        f->local[s] = to->local[s] + share * (f->local[s] - to->local[s]);
    }
    for (int k = 0; k < E; k++)
        f->model.p[k] = to->p[k] + share * (f->model.p[k] - to->p[k]);
    f->level = to->level + share * (f->level - to->level);
}

/* Leaves the factor of the normal matrix behind, of the best place seen. */
static bool
settle(Fit *f, const Place *best, double cost)
{
    fill_grid(f);
    assemble(f);
    if (f->cost > cost) {
        go_back(f, best, 0);
        fill_grid(f);
        assemble(f);
    }
    return cs_cholesky(f->h, N);
}

/* Gauss-Newton; a step that made things worse is halved, for far from its goal
 * the model is anything but linear in the thickness and the blur. */
static bool
converge(Fit *f, int rounds)
{
    double best = INFINITY;
    Place  place;

    f->moved = INFINITY;
    for (int round = 0; round < rounds && f->moved > 0.05; round++) {
        fill_grid(f);
        assemble(f);
        if (f->cost > best) {
            go_back(f, &place, 0.5);
            f->moved /= 2;
            continue;
        }
        best = f->cost;
        note_place(f, &place);
        if (!step(f))
            return false;
    }
    return settle(f, &place, best);
}

/* ---- What comes of it ---------------------------------------------------- */

/* How much sectors really differ, by one step of expectation-maximisation. */
static void
learn_spread(double *sd, const double *x, const double *variance,
             const bool *hidden, double least, double most)
{
    double sum = 0, n = 0;

    for (int s = 0; s < S; s++)
        if (!hidden[s]) {
            sum += x[s] * x[s] + variance[s];
            n += 1;
        }
    if (n >= 8)
        *sd = CLAMP(sqrt(sum / n), least, most);
}

/* The sd of a sum over the unknowns with these weights. */
static double
sd_of(const Fit *f, const double *weights)
{
    double x[N], sum = 0;

    memcpy(x, weights, sizeof x);
    cs_solve_lower(f->h, N, x);
    for (int i = 0; i < N; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}

static void
find_area_sds(const Fit *f, CsRimFit *fit)
{
    double outer[N] = { 0 }, core[N] = { 0 };
    double t = f->model.p[CS_EDGE_THICKNESS];
    double dtheta = 2 * G_PI / S;

    for (int s = 0; s < S; s++) {
        double r = (double) f->start->r[2 * s] + f->delta[s];

        outer[s] = r * dtheta;
        core[s] = MAX(r - t, 0) * dtheta;
        core[S + CS_EDGE_THICKNESS] -= core[s];
    }
    fit->area_sd = sd_of(f, outer);
    fit->core_area_sd = sd_of(f, core);
}

/* Optical depth of the rim above what the core alone would give. */
static void
find_rim_signal(Fit *f, CsRimFit *fit)
{
    double t = f->model.p[CS_EDGE_THICKNESS];
    CsRimModel bare = f->model;
    double j[Q];

    bare.p[CS_EDGE_SHELL] = 0;
    f->model = bare;
    fill_grid(f);
    for (int s = 0; s < S; s++) {
        double sum = 0, n = 0;

        for (int b = 0; b < f->rim->n_bins && !f->hidden[s]; b++) {
            const CsRimCell *cell = &f->rim->cell[s][b];
            double d = (double) cell->depth + f->delta[s];

            if (cell->n == 0 || d < 0.3 * t || d > 1.3 * t)
                continue;
            sum += (double) cell->n * ((double) cell->value
                                       / predict(f, s, cell, j));
            n += (double) cell->n;
        }
        fit->rim[s] = n > 0 && sum > 0 ? -log(sum / n) : NAN;
    }
}

static void
report(Fit *f, CsRimFit *fit)
{
    double *inverse = g_new(double, N * N);
    double depth = 0, variance = 0;

    cs_inverse(f->h, N, inverse);
    for (int a = 0; a < E; a++)
        for (int b = 0; b < E; b++)
            f->model.covariance[a * E + b] = inverse[(S + a) * N + S + b];
    fit->seen = 0;
    for (int s = 0; s < S; s++) {
        fit->delta[s] = f->delta[s];
        fit->delta_sd[s] = sqrt(inverse[s * N + s]);
        fit->hidden[s] = f->hidden[s];
        fit->seen += f->hidden[s] ? 0 : 1.0 / S;
    }
    for (int a = CS_EDGE_SHELL; a < E; a++) {
        depth += f->grid.chord[a] * f->model.p[a];
        for (int b = CS_EDGE_SHELL; b < E; b++)
            variance += f->grid.chord[a] * f->grid.chord[b]
                        * f->model.covariance[a * E + b];
    }
    fit->contrast = depth / sqrt(variance);
    fit->thickness_sd = sqrt(inverse[(S + CS_EDGE_THICKNESS) * N + S
                                     + CS_EDGE_THICKNESS]);
    fit->background = f->plane[0] * (1 + (f->model.is_dark ? f->level : 0));
    fit->chi2 = f->chi2 / MAX(f->n_cells - N, 1);
    for (int s = 0; s < S; s++)
        fit->sector_chi2[s] = f->hidden[s] ? NAN : f->sector_chi2[s];
    g_free(inverse);
}

static bool
prepare(Fit *f)
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

bool
cs_rim_fit(const CsRim *rim, const CsContour *start,
           const CsContour *prediction, double offset_px, CsRimModel *model,
           CsRimFit *fit)
{
    g_autofree Fit *f = g_new0(Fit, 1);
    double colour;

    f->rim = rim;
    f->start = start;
    f->prediction = prediction;
    f->offset = offset_px;
    f->model = f->prior = *model;
    for (int s = 0; s < S; s++) {
        f->delta[s] = offset_px;
        f->cosine[s] = cos(2 * G_PI * s / S);
        f->sine[s] = sin(2 * G_PI * s / S);
    }
    if (!prepare(f))
        return false;
    if (!converge(f, model->has_shape ? ROUNDS : FIRST_ROUNDS))
        return false;
    learn_spread(&f->model.sd_amplitude, f->amplitude, f->amplitude_var,
                 f->hidden, 0.003, 0.3);
    learn_spread(&f->model.sd_level, f->local, f->local_var, f->hidden,
                 0.001, 0.2);
    report(f, fit);
    find_area_sds(f, fit);
    colour = find_colour(f);
    if (!isnan(colour))
        blend(&f->model.clumping, CLAMP(colour, 1, 50),
              f->model.coloured ? 0.1 : 1);
    f->model.coloured |= !isnan(colour);
    *model = f->model;
    if (model->has_coat)
        find_rim_signal(f, fit);
    return true;
}
