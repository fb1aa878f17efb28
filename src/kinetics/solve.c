/* Solve.
 *
 * Parameters are counted in steps, so that all are of like size.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kinetics/solve.h"

#include <glib.h>
#include <math.h>
#include <string.h>

typedef double Matrix[CS_MAX_PARAMS][CS_MAX_PARAMS];

static double
evaluate(const CsSquares *q, const double *param, double *residual)
{
    double sum = 0;

    q->residuals(param, q->data, residual);
    for (size_t i = 0; i < q->n; i++)
        sum += residual[i] * residual[i];
    return sum;
}

/* Central differences, one-sided at a bound. */
static void
differentiate(const CsSquares *q, const double *param, double *jacobian,
              double *scratch)
{
    for (size_t j = 0; j < q->n_params; j++) {
        double shifted[CS_MAX_PARAMS], width;
        double *column = jacobian + j * q->n;

        memcpy(shifted, param, sizeof shifted);
        shifted[j] = MIN(param[j] + q->step[j], q->hi[j]);
        width = shifted[j];
        q->residuals(shifted, q->data, column);
        shifted[j] = MAX(param[j] - q->step[j], q->lo[j]);
        width -= shifted[j];
        q->residuals(shifted, q->data, scratch);
        for (size_t i = 0; i < q->n; i++)
            column[i] = (column[i] - scratch[i]) * q->step[j] / width;
    }
}

static double
dot(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* x with (m + ridge diag m) x = b, by Cholesky; false where that fails. */
static bool
solve_linear(const Matrix m, size_t n, double ridge, const double *b,
             double *x)
{
    Matrix l = { { 0 } };

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = m[i][j] - dot(l[i], l[j], j);

            if (i == j)
                sum += ridge * m[i][i] + 1e-14;
            if (i == j && !(sum > 0))
                return false;
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
    for (size_t i = 0; i < n; i++)
        x[i] = (b[i] - dot(l[i], x, i)) / l[i][i];
    for (size_t i = n; i-- > 0;) {
        for (size_t j = i + 1; j < n; j++)
            x[i] -= l[j][i] * x[j];
        x[i] /= l[i][i];
    }
    return true;
}

/* One step with that damping; true if it went down. */
static bool
try_step(const CsSquares *q, const double *downhill, double damping,
         double *residual, CsSolution *to)
{
    double move[CS_MAX_PARAMS] = { 0 }, param[CS_MAX_PARAMS], sum;

    if (!solve_linear(to->curvature, q->n_params, damping, downhill, move))
        return false;
    memcpy(param, to->param, sizeof param);
    for (size_t j = 0; j < q->n_params; j++)
        param[j] = CLAMP(param[j] + move[j] * q->step[j], q->lo[j],
                         q->hi[j]);
    sum = evaluate(q, param, residual);
    if (!(sum < to->sum))
        return false;
    memcpy(to->param, param, sizeof param);
    to->sum = sum;
    return true;
}

static void
measure_curvature(const CsSquares *q, double *residual, double *jacobian,
                  double *scratch, double *downhill, CsSolution *to)
{
    to->sum = evaluate(q, to->param, residual);
    differentiate(q, to->param, jacobian, scratch);
    for (size_t j = 0; j < q->n_params; j++) {
        const double *column = jacobian + j * q->n;

        downhill[j] = -dot(column, residual, q->n);
        for (size_t k = 0; k <= j; k++)
            to->curvature[j][k] = to->curvature[k][j]
                = dot(column, jacobian + k * q->n, q->n);
    }
}

void
cs_squares_solve(const CsSquares *q, int n_steps, double *work,
                 CsSolution *solution)
{
    double *residual = work, *scratch = work + q->n;
    double *jacobian = work + 2 * q->n;
    double damping = 1e-3, downhill[CS_MAX_PARAMS] = { 0 };

    for (int i = 0; i < n_steps; i++) {
        double before;
        bool   lower = false;

        measure_curvature(q, residual, jacobian, scratch, downhill,
                          solution);
        before = solution->sum;
        for (int j = 0; j < 12 && !lower; j++) {
            lower = try_step(q, downhill, damping, scratch, solution);
            damping *= lower ? 0.2 : 5;
        }
        damping = CLAMP(damping, 1e-9, 1e9);
        if (!lower || before - solution->sum < 1e-7 * before)
            break;
    }
    measure_curvature(q, residual, jacobian, scratch, downhill, solution);
}

double
cs_solution_variance(const CsSquares *q, const CsSolution *solution,
                     const double *gradient)
{
    double g[CS_MAX_PARAMS] = { 0 }, x[CS_MAX_PARAMS] = { 0 };

    for (size_t j = 0; j < q->n_params; j++)
        g[j] = gradient[j] * q->step[j];
    if (!solve_linear(solution->curvature, q->n_params, 1e-9, g, x))
        return NAN;
    return dot(g, x, q->n_params);
}
