/* The forward model of a rim.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/edge.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum { PAD = 64, MAX_FINE = CS_EDGE_MAX_POINTS + 2 * PAD };

static const double grid_step = 0.25;
static const double max_blur_px = 4;

typedef struct {
    int    n;
    double first;
    float  px[MAX_FINE];
} Line;

/* The mean of sqrt(R² - x²) over [a, b]: chords of a ball meet the rim with
 * an infinite slope, which point samples would miss. */
static double
mean_half_chord(double R, double a, double b)
{
    double x[2] = { CLAMP(a, -R, R), CLAMP(b, -R, R) };
    double f[2];

    if (R <= 0)
        return 0;
    for (int i = 0; i < 2; i++)
        f[i] = (x[i] * sqrt(MAX(R * R - x[i] * x[i], 0))
                + R * R * asin(x[i] / R)) / 2;
    return (f[1] - f[0]) / (b - a);
}

static void
fill_depth(const CsEdgeShape *shape, const double *p, Line *depth)
{
    double R = shape->radius_px;
    double t = CLAMP(p[CS_EDGE_THICKNESS], 0, R);
    double span = MAX(shape->to_px - t, 4);
    double shell = p[CS_EDGE_SHELL];
    double core = shape->has_coat ? p[CS_EDGE_CORE] : shell;

    for (int i = 0; i < depth->n; i++) {
        double d = depth->first + i * grid_step;
        double a = R - d - grid_step / 2, b = R - d + grid_step / 2;
        double whole = 2 * mean_half_chord(R, a, b);
        double inner = 2 * mean_half_chord(R - t, a, b);
        double in = MAX(d - t, 0) / span;

        depth->px[i] = (float) (shell * (whole - inner) + core * inner
                                + p[CS_EDGE_INNER] * in * in);
    }
}

/* As thick everywhere as the ball is in its middle; the cell that holds the
 * edge takes its share. */
static void
fill_slab(const CsEdgeShape *shape, const double *p, Line *depth)
{
    double whole = 2 * p[CS_EDGE_SHELL] * shape->radius_px;
    double span = MAX(shape->to_px, 4);

    for (int i = 0; i < depth->n; i++) {
        double d = depth->first + i * grid_step;
        double in = MAX(d, 0) / span;

        depth->px[i] = (float) (whole * CLAMP(d / grid_step + 0.5, 0, 1)
                                + p[CS_EDGE_INNER] * in * in);
    }
}

static int
make_kernel(double sigma, float *kernel)
{
    int    half = (int) ceil(4 * sigma / grid_step);
    double sum = 0;

    for (int k = 0; k <= half; k++) {
        double u = k * grid_step / sigma;

        kernel[k] = (float) exp(-u * u / 2);
        sum += (k > 0 ? 2 : 1) * (double) kernel[k];
    }
    for (int k = 0; k <= half; k++)
        kernel[k] = (float) ((double) kernel[k] / sum);
    return half;
}

static void
blur(const float *padded, int n, const float *kernel, int half, float *to)
{
    for (int i = 0; i < n; i++)
        to[i] = kernel[0] * padded[i + PAD];
    for (int k = 1; k <= half; k++)
        for (int i = 0; i < n; i++)
            to[i] += kernel[k] * (padded[i + PAD - k] + padded[i + PAD + k]);
}

static double
blur_of(const double *p)
{
    return CLAMP(exp(p[CS_EDGE_LN_BLUR]), 0.3, max_blur_px - 0.01);
}

static void
fill_value(const CsEdgeShape *shape, const double *p, int n, double first,
           float *value)
{
    Line  depth = { .n = n + 2 * PAD };
    float kernel[PAD + 1], smooth[CS_EDGE_MAX_POINTS];
    float image[MAX_FINE] = { 0 };
    double sigma = blur_of(p);
    float fringe = (float) (p[CS_EDGE_FRINGE] / (grid_step * grid_step));
    int   half = make_kernel(sigma, kernel);

    /* Blurring in two dimensions moves a curved edge inwards, by
     * sigma² / 2R against blurring along a line. */
    depth.first = first - PAD * grid_step
                  - sigma * sigma / (2 * MAX(shape->radius_px, 1));
    if (shape->is_slab)
        fill_slab(shape, p, &depth);
    else
        fill_depth(shape, p, &depth);
    for (int i = 0; i < depth.n; i++)
        image[i] = shape->is_dark ? expf(-depth.px[i]) : 1 + depth.px[i];
    blur(image, n, kernel, half, value);
    if (fringe == 0 || shape->is_slab)
        return;
    blur(depth.px, n, kernel, half, smooth);
    for (int i = 1; i + 1 < n; i++)
        value[i] *= 1 + fringe * (smooth[i - 1] - 2 * smooth[i] + smooth[i + 1]);
}

static void
fill_derivative(const CsEdgeShape *shape, const double *p, int which,
                CsEdgeGrid *grid)
{
    static const double steps[CS_EDGE_N] = {
        [CS_EDGE_SHELL] = 1e-4, [CS_EDGE_CORE] = 1e-4,
        [CS_EDGE_THICKNESS] = 0.05, [CS_EDGE_LN_BLUR] = 0.02,
        [CS_EDGE_FRINGE] = 0.02, [CS_EDGE_INNER] = 1e-3,
    };
    double q[CS_EDGE_N];
    float *to = grid->by[which];
    float  scale = (float) (1 / steps[which]);

    memcpy(q, p, sizeof q);
    q[which] += steps[which];
    fill_value(shape, q, grid->n, (double) grid->first, to);
    for (int i = 0; i < grid->n; i++)
        to[i] = (to[i] - grid->value[i]) * scale;
}

void
cs_edge_fill(const CsEdgeShape *shape, const double *p, CsEdgeGrid *grid)
{
    double first = shape->from_px - 3;
    double n = (shape->to_px + 3 - first) / grid_step + 1;

    grid->n = (int) MIN(n, CS_EDGE_MAX_POINTS);
    grid->first = (float) first;
    grid->step = (float) grid_step;
    fill_value(shape, p, grid->n, first, grid->value);
    for (int i = 0; i < grid->n; i++) {
        int a = MAX(i - 1, 0), b = MIN(i + 1, grid->n - 1);

        grid->by_depth[i] = (grid->value[b] - grid->value[a])
                            / ((float) (b - a) * grid->step);
    }
    for (int k = 0; k < CS_EDGE_N; k++)
        fill_derivative(shape, p, k, grid);
}
