/* The fit of a rim: one joint least-squares problem a frame.
 *
 * Unknown are the parameters of the edge and the level of the background
 * (common), and for each sector its shift, its amplitude and its background
 * level. The last two are eliminated sector by sector.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/fit.h"

#include <glib.h>
#include <string.h>

#include "core/wide.h"
#include "outline/fit_inner.h"
#include "outline/solve.h"

static const double least_swept = 0.3; /* by a front, to mistrust the core */

/* What a round moves, the common unknowns apart. */
typedef struct {
    double delta[S];
    double amplitude[S];
    double local[S];     /* relative level of a sector           */
    double level;        /* common correction of the background  */
    double p[E];
} Place;

/* ---- One round of Gauss-Newton ------------------------------------------- */

/* What the model says of a cell, and its derivatives by the Q unknowns. */
static inline double
predict(const CsFit *f, int s, const CsRimCell *cell, double *j)
{
    const CsEdgeGrid *grid = &f->grid;
    double plane = cs_fit_plane_at(f, s);
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
find_colour(CsFit *f)
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
                            * (cs_rim_variance(&f->model, f->plane[0], value)
                               + (double) cell->n * f->bin[b].model
                                     / f->model.clumping);
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
add_cell(CsFit *f, int s, int depth, const CsRimCell *cell)
{
    double j[Q], z, weight, variance;
    double value = predict(f, s, cell, j);
    double residual = (double) cell->value - value;
    double *g = f->sector_g[s];

    variance = cs_rim_variance(&f->model, f->plane[0], value)
               * f->model.clumping / (double) cell->n;
    f->bin[depth].n += (double) cell->n;
    f->bin[depth].residual += (double) cell->n * residual;
    f->bin[depth].variance += (double) (cell->n * cell->n) * variance;
    variance += f->bin[depth].model;
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
add_sector(CsFit *f, int s)
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
add_penalty(CsFit *f, int s, const double *c, int n, double value,
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
add_shape_prior(CsFit *f)
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

/* Matter is not lighter than vacuum, nor is any solid ten times lighter than
 * a coating (SCIENCE 7.1: of all in question lithium is the lightest, a
 * seventh of TiO2). */
static void
add_floor(CsFit *f, int j)
{
    static const double sd = 0.0003;
    double floor = f->model.has_coat ? 0.1 * f->model.p[CS_EDGE_SHELL] : 0;
    double below = floor - f->model.p[j];

    if (!f->model.is_dark || below <= 0)
        return;
    f->h[(S + j) * N + S + j] += 1 / (sd * sd);
    f->g[S + j] += below / (sd * sd);
    f->cost += square(below / sd);
}

static void
add_edge_prior(CsFit *f)
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
    for (int j = CS_EDGE_CORE; j < E; j++)
        add_floor(f, j);
    f->h[(S + LEVEL) * N + S + LEVEL] += 1 / (0.05 * 0.05);
    f->g[S + LEVEL] -= f->level / (0.05 * 0.05);
    f->cost += square(f->level / 0.05);
}

/* What all sectors have in common at one depth inside the core, beyond what
 * noise explains, the model cannot say: a front steeper than the nodes are
 * apart, say. It must not move the rim. */
static void
find_model_error(CsFit *f)
{
    double from = f->model.has_coat ? f->model.p[CS_EDGE_THICKNESS] + 1 : 4;
    double seen = 0, out = 0;

    for (int s = 0; s < S; s++)
        if (!f->hidden[s]) {
            seen += 1;
            out += f->delta[s];
        }
    for (int b = 0; b < f->rim->n_bins; b++) {
        double depth = (double) f->rim->first_px
                       + b * (double) f->rim->bin_px + out / MAX(seen, 1);
        double n = f->bin[b].n, mean = f->bin[b].residual / MAX(n, 1);
        double chance = f->bin[b].variance / MAX(n * n, 1);

        f->bin[b].model = depth > from && n > 0
                              ? seen * MAX(mean * mean - chance, 0) : 0;
    }
}

void
cs_fit_fill_grid(CsFit *f)
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
assemble(CsFit *f)
{
    memset(f->h, 0, sizeof f->h);
    memset(f->g, 0, sizeof f->g);
    memset(f->sector_h, 0, sizeof f->sector_h);
    memset(f->sector_g, 0, sizeof f->sector_g);
    f->cost = f->chi2 = f->n_cells = 0;
    for (int b = 0; b < f->rim->n_bins; b++)
        f->bin[b].n = f->bin[b].residual = f->bin[b].variance = 0;
    for (int s = 0; s < S; s++) {
        double before = f->chi2;

        if (f->hidden[s])
            continue;
        for (int b = 0; b < f->rim->n_bins; b++)
            if (f->rim->cell[s][b].n > 0)
                add_cell(f, s, b, &f->rim->cell[s][b]);
        f->sector_chi2[s] = f->chi2 - before;
        add_sector(f, s);
    }
    add_shape_prior(f);
    add_edge_prior(f);
}

/* The eliminated unknowns of a sector, from the steps of the others. */
static void
step_sector(CsFit *f, int s, const double *x)
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
step(CsFit *f)
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
note_place(const CsFit *f, Place *place)
{
    memcpy(place->delta, f->delta, sizeof place->delta);
    memcpy(place->amplitude, f->amplitude, sizeof place->amplitude);
    memcpy(place->local, f->local, sizeof place->local);
    memcpy(place->p, f->model.p, sizeof place->p);
    place->level = f->level;
}

/* A share of the way from that place to the present one. */
static void
go_back(CsFit *f, const Place *to, double share)
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
settle(CsFit *f, const Place *best, double cost)
{
    cs_fit_fill_grid(f);
    assemble(f);
    if (f->cost > cost) {
        go_back(f, best, 0);
        cs_fit_fill_grid(f);
        assemble(f);
    }
    return cs_cholesky(f->h, N);
}

/* Gauss-Newton; a step that made things worse is halved, for far from its goal
 * the model is anything but linear in the thickness and the blur. */
static bool
converge(CsFit *f, int rounds)
{
    double best = INFINITY;
    Place  place;

    f->moved = INFINITY;
    for (int round = 0; round < rounds && f->moved > 0.05; round++) {
        cs_fit_fill_grid(f);
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
        if (round >= 1 && f->model.swept > least_swept) {
            find_model_error(f);
            best = INFINITY; /* costs of other weights compare to nothing */
        }
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
sd_of(const CsFit *f, const double *weights)
{
    double x[N], sum = 0;

    memcpy(x, weights, sizeof x);
    cs_solve_lower(f->h, N, x);
    for (int i = 0; i < N; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}

static void
find_area_sds(const CsFit *f, CsRimFit *fit)
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
find_rim_signal(CsFit *f, CsRimFit *fit)
{
    double t = f->model.p[CS_EDGE_THICKNESS];
    CsRimModel bare = f->model;
    double j[Q];

    bare.p[CS_EDGE_SHELL] = 0;
    f->model = bare;
    cs_fit_fill_grid(f);
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
report(CsFit *f, CsRimFit *fit)
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

/* What is left over scatters more than was allowed for: then all is known
 * less well than the normal matrix says. */
static void
doubt(CsFit *f, double ratio, CsRimFit *fit)
{
    double factor = sqrt(ratio);

    if (!(ratio > 1))
        return;
    for (int i = 0; i < E * E; i++)
        f->model.covariance[i] *= ratio;
    for (int s = 0; s < S; s++)
        fit->delta_sd[s] *= factor;
    fit->area_sd *= factor;
    fit->core_area_sd *= factor;
    fit->thickness_sd *= factor;
    fit->contrast /= factor;
}

/* How much of what a fit left over is believed to be the noise's: less where
 * the model has reason to be wrong. */
static double
colour_share(const CsRimModel *model, double colour)
{
    if (!model->coloured)
        return 1;
    if (colour < model->clumping)
        return 0.5;
    return model->swept > least_swept ? 0 : 0.1;
}

bool
cs_rim_fit(const CsRim *rim, const CsContour *start,
           const CsContour *prediction, double offset_px, CsRimModel *model,
           CsRimFit *fit)
{
    g_autoptr(CsFit) f = cs_fit_new(rim, start, offset_px, model);
    double colour;

    f->prediction = prediction;
    if (!cs_fit_prepare(f))
        return false;
    if (!converge(f, model->has_shape ? ROUNDS : FIRST_ROUNDS))
        return false;
    learn_spread(&f->model.sd_amplitude, f->amplitude, f->amplitude_var,
                 f->hidden, 0.003, 0.3);
    learn_spread(&f->model.sd_level, f->local, f->local_var, f->hidden,
                 0.001, 0.2);
    colour = find_colour(f);
    report(f, fit);
    find_area_sds(f, fit);
    if (!isnan(colour)) {
        doubt(f, colour / f->model.clumping, fit);
        cs_fit_blend(&f->model.clumping, CLAMP(colour, 1, 50),
              colour_share(&f->model, colour));
    }
    f->model.coloured |= !isnan(colour);
    *model = f->model;
    if (model->has_coat)
        find_rim_signal(f, fit);
    return true;
}
