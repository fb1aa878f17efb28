/* Solve: least squares of few parameters.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { CS_MAX_PARAMS = 5 };

typedef struct {
    size_t n;        /* residuals */
    size_t n_params; /* at most CS_MAX_PARAMS */
    double lo[CS_MAX_PARAMS];
    double hi[CS_MAX_PARAMS];
    double step[CS_MAX_PARAMS]; /* of derivatives, and to scale by */
    void (*residuals)(const double *param, void *data, double *residual);
    void *data;
} CsSquares;

typedef struct {
    double param[CS_MAX_PARAMS];
    double sum; /* of squares */
    double curvature[CS_MAX_PARAMS][CS_MAX_PARAMS]; /* J'J, in steps */
} CsSolution;

/* Levenberg-Marquardt from solution->param, within bounds; at most that many
 * steps. work has (2 + n_params) n places. */
void cs_squares_solve(const CsSquares *squares, int n_steps, double *work,
                      CsSolution *solution);

/* The variance of a quantity whose derivatives by param are given: g' (J'J)^-1
 * g, for residuals of variance 1. */
double cs_solution_variance(const CsSquares *squares,
                            const CsSolution *solution,
                            const double *gradient);
