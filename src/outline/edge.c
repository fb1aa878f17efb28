/* The forward model of a rim.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/edge.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum { PAD = 80, MAX_FINE = CS_EDGE_MAX_POINTS + 2 * PAD, M = CS_EDGE_NODES };

const double cs_edge_node_px[M] = { 0, 2.5, 6, 10.5, 16, 23, 32 };

static const double grid_step = 0.25;
static const double max_blur_px = 4;
/* Fringes come of the phase, and so of the path through matter: mean inner
 * potentials differ far less than densities do (SCIENCE 7.2). In units of a
 * usual optical depth per pixel. */
static const double fringe_unit = 0.006;
static const double tail_px = 3; /* added to the blur in the camera's tail */

/* Functions of depth on a fine grid wider than wanted. */
typedef struct {
    int    n;
    double first;
    float  shell[MAX_FINE]; /* chords */
    float  core[M][MAX_FINE];
} Chords;

/* The mean of sqrt(R² - x²) over [a, b]: chords of a ball meet the rim with
 * an infinite slope, which point samples would miss. */
static double
mean_half_chord(double R, double a, double b)
{
    double x[2] = { CLAMP(a, -R, R), CLAMP(b, -R, R) };
    double f[2];

    if (R <= 0 || a >= R)
        return 0;
    for (int i = 0; i < 2; i++)
        f[i] = (x[i] * sqrt(MAX(R * R - x[i] * x[i], 0))
                + R * R * asin(x[i] / R)) / 2;
    return (f[1] - f[0]) / (b - a);
}

/* The integral of the chord 2 sqrt(r² - x²) over the radius r up to R. */
static double
sum_of_chords(double R, double x)
{
    double root, away = fabs(x);

    if (R <= away)
        return 0;
    root = sqrt(R * R - x * x);
    return away < 1e-6 ? R * R
                       : R * root - x * x * log((R + root) / away);
}

/* Chords weighted by a density that is 1 at the core's edge or a node, and
 * falls to 0 at the nodes beside it. */
static void
core_chords(double Rc, double x, double half_step, double *to)
{
    double slope[M + 1] = { 0 }, above = sum_of_chords(Rc, x);

    for (int j = 0; j + 1 < M; j++) {
        double below = sum_of_chords(Rc - cs_edge_node_px[j + 1], x);

        slope[j + 1] = (above - below)
                       / (cs_edge_node_px[j + 1] - cs_edge_node_px[j]);
        above = below;
    }
    to[0] = 2 * mean_half_chord(Rc, x - half_step, x + half_step) - slope[1];
    for (int j = 1; j < M; j++)
        to[j] = slope[j] - (j + 1 < M ? slope[j + 1] : 0);
}

static void
fill_chords(const CsEdgeShape *shape, double t, double first, int n,
            Chords *c)
{
    double R = shape->radius_px;
    double core[M];

    c->n = n;
    c->first = first;
    for (int i = 0; i < n; i++) {
        double x = R - (first + i * grid_step);
        double a = x - grid_step / 2, b = x + grid_step / 2;

        if (a >= R) {
            c->shell[i] = 0;
            for (int j = 0; j < M; j++)
                c->core[j][i] = 0;
            continue;
        }
        core_chords(R - t, x, grid_step / 2, core);
        c->shell[i] = (float) (2 * (mean_half_chord(R, a, b)
                                    - mean_half_chord(R - t, a, b)));
        for (int j = 0; j < M; j++)
            c->core[j][i] = (float) core[j];
    }
}

static double
coat_of(const CsEdgeShape *shape, const double *p)
{
    return shape->has_coat ? CLAMP(p[CS_EDGE_THICKNESS], 0, shape->radius_px)
                           : 0;
}

typedef struct {
    int   half;
    float weight[PAD + 1];
} Kernel;

static void
add_gauss(double sigma, double share, Kernel *k)
{
    double sum = 0, w[PAD + 1];

    for (int i = 0; i <= k->half; i++) {
        double u = i * grid_step / sigma;

        w[i] = exp(-u * u / 2);
        sum += (i > 0 ? 2 : 1) * w[i];
    }
    for (int i = 0; i <= k->half; i++)
        k->weight[i] += (float) (share * w[i] / sum);
}

static double
blur_of(const double *p)
{
    return CLAMP(exp(p[CS_EDGE_LN_BLUR]), 0.3, max_blur_px - 0.01);
}

static void
make_kernel(const double *p, Kernel *k)
{
    double sigma = blur_of(p);

    k->half = (int) MIN(ceil(4 * hypot(sigma, tail_px) / grid_step), PAD);
    memset(k->weight, 0, sizeof k->weight);
    add_gauss(sigma, 1 - p[CS_EDGE_TAIL], k);
    add_gauss(hypot(sigma, tail_px), p[CS_EDGE_TAIL], k);
}

static void
blur(const float *padded, int n, const Kernel *k, float *to)
{
    for (int i = 0; i < n; i++)
        to[i] = k->weight[0] * padded[i + PAD];
    for (int j = 1; j <= k->half; j++)
        for (int i = 0; i < n; i++)
            to[i] += k->weight[j] * (padded[i + PAD - j] + padded[i + PAD + j]);
}

/* Blurring in two dimensions moves a curved edge inwards, by sigma² / 2R
 * against blurring along a line. */
static double
pad_first(const CsEdgeShape *shape, const double *p, double first)
{
    double sigma = blur_of(p);

    return first - PAD * grid_step
           - sigma * sigma / (2 * MAX(shape->radius_px, 1));
}

/* What is seen before the blur, of the depths p makes of the chords. */
static void
make_image(const CsEdgeShape *shape, const double *p, const Chords *c,
           float *depth, float *image)
{
    float shell = shape->has_coat ? (float) p[CS_EDGE_SHELL] : 0;

    for (int i = 0; i < c->n; i++)
        depth[i] = shell * c->shell[i];
    for (int j = 0; j < M; j++) {
        float mu = (float) p[CS_EDGE_CORE + j];

        for (int i = 0; i < c->n; i++)
            depth[i] += mu * c->core[j][i];
    }
    for (int i = 0; i < c->n; i++)
        image[i] = shape->is_dark ? expf(-depth[i]) : 1 + depth[i];
}

static void
add_fringe(const double *p, const Chords *c, const Kernel *k, int n,
           float *value)
{
    float fringe = (float) (p[CS_EDGE_FRINGE] * fringe_unit
                            / (grid_step * grid_step));
    float smooth[CS_EDGE_MAX_POINTS], path[MAX_FINE];

    if (fringe == 0)
        return;
    memcpy(path, c->shell, (size_t) c->n * sizeof *path);
    for (int j = 0; j < M; j++)
        for (int i = 0; i < c->n; i++)
            path[i] += c->core[j][i];
    blur(path, n, k, smooth);
    for (int i = 1; i + 1 < n; i++)
        value[i] *= 1 + fringe * (smooth[i - 1] - 2 * smooth[i] + smooth[i + 1]);
}

static void
find_chords(const CsEdgeShape *shape, const double *p, const CsEdgeGrid *grid,
            Chords *c)
{
    fill_chords(shape, coat_of(shape, p),
                pad_first(shape, p, (double) grid->first), grid->n + 2 * PAD,
                c);
}

static void
fill_value(const CsEdgeShape *shape, const double *p, const Chords *c,
           float *value)
{
    Kernel k;
    float  depth[MAX_FINE], image[MAX_FINE];
    int    n = c->n - 2 * PAD;

    make_kernel(p, &k);
    make_image(shape, p, c, depth, image);
    blur(image, n, &k, value);
    add_fringe(p, c, &k, n, value);
}

static void
fill_derivative(const CsEdgeShape *shape, const double *p, int which,
                const Chords *chords, CsEdgeGrid *grid)
{
    static const double steps[CS_EDGE_SHELL] = {
        [CS_EDGE_THICKNESS] = 0.05, [CS_EDGE_LN_BLUR] = 0.02,
        [CS_EDGE_FRINGE] = 0.02, [CS_EDGE_TAIL] = 0.02,
    };
    bool   moves = which == CS_EDGE_THICKNESS || which == CS_EDGE_LN_BLUR;
    Chords moved;
    double q[CS_EDGE_N];
    float *to = grid->by[which];
    float  scale = (float) (1 / steps[which]);

    memcpy(q, p, sizeof q);
    q[which] += steps[which];
    if (moves)
        find_chords(shape, q, grid, &moved);
    fill_value(shape, q, moves ? &moved : chords, to);
    for (int i = 0; i < grid->n; i++)
        to[i] = (to[i] - grid->value[i]) * scale;
}

/* The fringe is small and hardly changes what a density does. */
static void
fill_by_density(const CsEdgeShape *shape, const float *chord,
                const float *image, const Kernel *k, int n, float *to)
{
    float by[MAX_FINE];

    if (shape->is_dark)
        for (int i = 0; i < n + 2 * PAD; i++)
            by[i] = -chord[i] * image[i];
    else
        memcpy(by, chord, (size_t) (n + 2 * PAD) * sizeof *by);
    blur(by, n, k, to);
}

static void
fill_densities(const CsEdgeShape *shape, const double *p, const Chords *c,
               CsEdgeGrid *grid)
{
    Kernel k;
    float  depth[MAX_FINE], image[MAX_FINE];
    double at;
    int    i;

    make_kernel(p, &k);
    make_image(shape, p, c, depth, image);
    fill_by_density(shape, c->shell, image, &k, grid->n,
                    grid->by[CS_EDGE_SHELL]);
    at = (shape->at_px - c->first) / grid_step;
    i = (int) CLAMP(at, 0, c->n - 1);
    grid->chord[CS_EDGE_SHELL] = shape->has_coat ? (double) c->shell[i] : 0;
    for (int j = 0; j < M; j++) {
        fill_by_density(shape, c->core[j], image, &k, grid->n,
                        grid->by[CS_EDGE_CORE + j]);
        grid->chord[CS_EDGE_CORE + j] = (double) c->core[j][i];
    }
}

void
cs_edge_fill(const CsEdgeShape *shape, const double *p, CsEdgeGrid *grid)
{
    double first = shape->from_px - 3;
    double n = (shape->to_px + 3 - first) / grid_step + 1;
    Chords chords;

    grid->n = (int) MIN(n, CS_EDGE_MAX_POINTS);
    grid->first = (float) first;
    grid->step = (float) grid_step;
    memset(grid->chord, 0, sizeof grid->chord);
    find_chords(shape, p, grid, &chords);
    fill_value(shape, p, &chords, grid->value);
    for (int i = 0; i < grid->n; i++) {
        int a = MAX(i - 1, 0), b = MIN(i + 1, grid->n - 1);

        grid->by_depth[i] = (grid->value[b] - grid->value[a])
                            / ((float) (b - a) * grid->step);
    }
    for (int k = 0; k < CS_EDGE_SHELL; k++)
        fill_derivative(shape, p, k, &chords, grid);
    fill_densities(shape, p, &chords, grid);
    if (!shape->has_coat)
        memset(grid->by[CS_EDGE_SHELL], 0, sizeof grid->by[CS_EDGE_SHELL]);
}
