/* What is known of a rim before a fit, and from one frame to the next.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <math.h>

#include "outline/fit.h"

enum { E = CS_EDGE_N };

/* Densities of the core, in optical depth per pixel: how much they may all
 * be, how much they may change with depth, and over what depth; and how much
 * of the darkest they may change in a frame, and over what depth. */
static const double density_sd = 0.02, density_change_sd = 0.004;
static const double density_reach_px = 6;
static const double ageing = 0.1, ageing_reach_px = 4;
/* A front that makes the particle grow by dR has swept some 1.3 dR (the
 * volume grows Z-fold, Z 2.5 to 4): what lies between two nodes may be
 * another substance once it has swept that much. */
static const double front_px = 3;

/* How densities of the core at nodes i and j go together: alike where they
 * are near each other. */
static double
kinship(int i, int j, double reach_px)
{
    double u = (cs_edge_node_px[i] - cs_edge_node_px[j]) / reach_px;

    return exp(-u * u / 2);
}

void
cs_rim_model_start(bool is_dark, CsRimModel *model)
{
    static const double guess[E] = {
        [CS_EDGE_SHELL] = 0.006, [CS_EDGE_THICKNESS] = 8,
        [CS_EDGE_LN_BLUR] = 0.2, [CS_EDGE_TAIL] = 0.05,
    };
    static const double sd[E] = {
        [CS_EDGE_SHELL] = 0.02, [CS_EDGE_THICKNESS] = 4,
        [CS_EDGE_LN_BLUR] = 0.5, [CS_EDGE_FRINGE] = 0.8,
        [CS_EDGE_TAIL] = 0.05,
    };
    enum { C = CS_EDGE_CORE };

    *model = (CsRimModel) {
        .is_dark = is_dark, .scale = 1, .clumping = 1,
        .variance_out = NAN, .variance_in = NAN,
        .sd_amplitude = 0.03, .sd_level = 0.005,
        .sd_bend_px = 0.3, .sd_change_px = 1,
    };
    for (int i = 0; i < E; i++) {
        model->p[i] = i < C ? guess[i] : 0.006;
        model->covariance[i * E + i] = sd[i] * sd[i];
    }
    for (int i = 0; i < CS_EDGE_NODES; i++)
        for (int j = 0; j < CS_EDGE_NODES; j++)
            model->covariance[(C + i) * E + C + j]
                = density_sd * density_sd
                  + density_change_sd * density_change_sd
                        * (kinship(i, j, density_reach_px)
                           + (i == j ? 1e-4 : 0));
}

void
cs_rim_model_forget(const CsRimModel *model, CsRimModel *fresh)
{
    static const CsEdgeParameter optics[]
        = { CS_EDGE_LN_BLUR, CS_EDGE_FRINGE, CS_EDGE_TAIL };

    cs_rim_model_start(model->is_dark, fresh);
    for (size_t i = 0; i < G_N_ELEMENTS(optics); i++) {
        size_t a = optics[i] * (E + 1);

        fresh->p[optics[i]] = model->p[optics[i]];
        fresh->covariance[a] = MIN(4 * model->covariance[a],
                                   fresh->covariance[a]);
    }
    fresh->scale = model->scale;
    fresh->variance_out = model->variance_out;
    fresh->variance_in = model->variance_in;
    fresh->level_in = model->level_in;
    fresh->clumping = model->clumping;
    fresh->coloured = model->coloured;
    fresh->sd_amplitude = model->sd_amplitude;
    fresh->sd_level = model->sd_level;
}

/* The densities may have changed by that share of the darkest. */
static void
add_change(CsRimModel *model, double share)
{
    enum { C = CS_EDGE_CORE };
    double darkest = 0.002, sd;

    for (int j = 0; j < CS_EDGE_NODES; j++) {
        double c = fabs(model->p[C + j]);

        if (model->covariance[(C + j) * (E + 1)] < c * c / 9)
            darkest = MAX(darkest, c);
    }
    sd = share * darkest;
    for (int i = 0; i < CS_EDGE_NODES; i++)
        for (int j = 0; j < CS_EDGE_NODES; j++)
            model->covariance[(C + i) * E + C + j]
                += sd * sd
                   * (kinship(i, j, ageing_reach_px) + (i == j ? 1e-4 : 0));
}

void
cs_rim_model_grow(CsRimModel *model, double growth_px)
{
    double share = MIN(fabs(growth_px) / front_px, 1);

    model->swept = share;
    add_change(model, share);
}

void
cs_rim_model_age(CsRimModel *model)
{
    double sd[CS_EDGE_N] = {
        [CS_EDGE_SHELL] = 0.01 * model->p[CS_EDGE_SHELL],
        [CS_EDGE_THICKNESS] = 0.03, [CS_EDGE_LN_BLUR] = 0.01,
        [CS_EDGE_FRINGE] = 0.02, [CS_EDGE_TAIL] = 0.001,
    };

    for (int i = 0; i < CS_EDGE_CORE; i++)
        model->covariance[i * E + i] += sd[i] * sd[i];
    add_change(model, ageing);
    model->sd_change_px = 0.15;
    model->has_shape = true;
}

double
cs_rim_thickness(double shell_px3, double radius_px)
{
    double cube = radius_px * radius_px * radius_px;

    return radius_px - cbrt(MAX(cube - shell_px3, 0));
}

void
cs_rim_model_remember(const CsRimModel *model, double radius_px,
                      CsRimMemory *memory)
{
    enum { C = CS_EDGE_CORE };
    double t = model->p[CS_EDGE_THICKNESS];
    double core = MAX(radius_px - t, 0);
    double sd = sqrt(model->covariance[CS_EDGE_THICKNESS * (E + 1)]) / t;

    if (!model->has_coat || (memory->known && sd >= memory->relative_sd))
        return;
    memory->known = true;
    memory->relative_sd = sd;
    memory->shell_px3 = radius_px * radius_px * radius_px - core * core * core;
    for (int a = 0; a < C; a++) {
        memory->p[a] = model->p[a];
        for (int b = 0; b < C; b++)
            memory->covariance[a * C + b] = model->covariance[a * E + b];
    }
}

void
cs_rim_model_recall(const CsRimMemory *memory, double radius_px,
                    CsRimModel *model)
{
    enum { C = CS_EDGE_CORE };
    static const double extra[C] = { [CS_EDGE_LN_BLUR] = 0.05,
        [CS_EDGE_FRINGE] = 0.1, [CS_EDGE_TAIL] = 0.01 };
    double t = cs_rim_thickness(memory->shell_px3, radius_px);
    double scale = t / memory->p[CS_EDGE_THICKNESS];
    double shell = memory->p[CS_EDGE_SHELL];

    if (!memory->known)
        return;
    model->has_coat = model->recalled = true;
    for (int a = 0; a < C; a++) {
        double by_a = a == CS_EDGE_THICKNESS ? scale : 1;

        model->p[a] = a == CS_EDGE_THICKNESS ? t : memory->p[a];
        for (int b = 0; b < C; b++)
            model->covariance[a * E + b]
                = by_a * (b == CS_EDGE_THICKNESS ? scale : 1)
                  * memory->covariance[a * C + b];
        model->covariance[a * E + a] += extra[a] * extra[a];
    }
    model->covariance[CS_EDGE_THICKNESS * (E + 1)] += 0.03 * t * 0.03 * t;
    model->covariance[CS_EDGE_SHELL * (E + 1)] += 0.02 * shell * 0.02 * shell;
    for (int j = 0; j < CS_EDGE_NODES; j++)
        model->p[CS_EDGE_CORE + j] = 0.7 * shell;
}

double
cs_rim_variance(const CsRimModel *m, double background, double value)
{
    double slope = (m->variance_out - m->variance_in)
                   / (background - m->level_in);
    double v = m->variance_in + slope * (value - m->level_in);

    return MAX(v, 0.3 * MIN(m->variance_out, m->variance_in));
}

void
cs_rim_model_remind(const CsRimMemory *memory, double radius_px,
                    CsRimModel *model)
{
    enum { T = CS_EDGE_THICKNESS };
    double t, share;

    if (!memory->learned || !model->has_coat)
        return;
    t = cs_rim_thickness(memory->shell_px3, radius_px);
    share = hypot(memory->relative_sd, 0.02) * t
            / sqrt(model->covariance[T * (E + 1)]);
    model->p[T] = t;
    for (int a = 0; a < E; a++) {
        model->covariance[T * E + a] *= share;
        model->covariance[a * E + T] *= share;
    }
}
