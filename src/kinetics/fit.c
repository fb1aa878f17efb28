/* Fit: all laws to one curve.
 *
 * Residuals are whitened as those of an AR(1) process whose correlation comes
 * from the law that fits best without it; it is the same for all laws, so
 * that their AICc can be compared (SCIENCE 3.8).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/stats.h"
#include "core/alloc.h"
#include "kinetics/curve.h"
#include "kinetics/solve.h"

enum { LEVEL, ONSET, LOG_TAU, LOG_SWELL, EXPONENT };
enum { MOST_MODELS = 16, GRID = 200, STEPS = 40 };

static const double told_apart = 4; /* in AICc */
static const double most_rho = 0.95;

typedef struct {
    const CsCurve *curve;
    const CsModel *model;
    double         rho;
    double        *s; /* scratch, n each */
    double        *a;
    CsSquares      squares;
    CsSolution     solution;
    double         aicc;
    double         weight;
    double         value[CS_N_READINGS];
    double         variance[CS_N_READINGS];
} Fit;

static CsLaw
law_of(const double *param, unsigned n_params)
{
    CsLaw law = { .z = 2, .tau_s = 1, .exponent = 0 };

    if (n_params > LOG_TAU)
        law.tau_s = exp(param[LOG_TAU]);
    if (n_params > LOG_SWELL)
        law.z = pow(1 + exp(param[LOG_SWELL]), 1.5);
    if (n_params > EXPONENT)
        law.exponent = param[EXPONENT];
    return law;
}

static void
evaluate(const Fit *f, const double *param)
{
    CsLaw  law = law_of(param, f->model->n_params);
    double onset = f->model->n_params > ONSET ? param[ONSET] : 0;

    for (size_t i = 0; i < f->curve->n; i++)
        f->s[i] = f->curve->time_s[i] - onset;
    f->model->expansion(&law, f->s, f->curve->n, f->a);
}

static void
residuals(const double *param, void *data, double *residual)
{
    const Fit     *f = data;
    const CsCurve *c = f->curve;
    double scale = 1 / sqrt(1 - f->rho * f->rho), last = 0;

    evaluate(f, param);
    for (size_t i = 0; i < c->n; i++) {
        double e = (c->value[i] - param[LEVEL] * f->a[i]) * c->weight[i];

        residual[i] = i == 0 ? e : (e - f->rho * last) * scale;
        last = e;
    }
}

/* ---- Where to start ------------------------------------------------------- */

static double
mean_of(const double *value, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += value[i] / (double) n;
    return sum;
}

static void
set_bounds(Fit *f)
{
    const CsCurve *c = f->curve;
    double start = c->time_s[0], length = c->time_s[c->n - 1] - start;
    CsSquares q = {
        .n = c->n, .n_params = f->model->n_params,
        .lo = { 0.2, start, log(length * 1e-3), log(2e-3), 0 },
        .hi = { 5, start + length, log(length * 1e3), log(6), 12 },
        .step = { 1e-4, length * 1e-4, 1e-3, 1e-3, 1e-3 },
        .residuals = residuals, .data = f,
    };

    f->squares = q;
}

static double
sum_at(const Fit *f, const double *param, double *scratch)
{
    double sum = 0;

    residuals(param, (void *) f, scratch);
    for (size_t i = 0; i < f->curve->n; i++)
        sum += scratch[i] * scratch[i];
    return sum;
}

/* Tries onsets, time constants and sizes all over the recording. */
static void
find_start(Fit *f, double *scratch)
{
    static const double onsets[] = { 0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7 };
    static const double taus[] = { 0.04, 0.1, 0.2, 0.4, 0.8, 1.6 };
    static const double swells[] = { 1, 2 };
    const CsCurve *c = f->curve;
    size_t tail = MAX(c->n / 10, 3);
    double level = mean_of(c->value, 3), length = f->squares.hi[ONSET]
                                                  - f->squares.lo[ONSET];
    double change = mean_of(c->value + c->n - tail, tail) / level - 1;
    double best = INFINITY;

    change = CLAMP(change, 0.01, 5);
    for (size_t i = 0; i < G_N_ELEMENTS(onsets); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(taus); j++)
            for (size_t k = 0; k < G_N_ELEMENTS(swells); k++) {
                double param[CS_MAX_PARAMS] = {
                    level, f->squares.lo[ONSET] + onsets[i] * length,
                    log(taus[j] * length), log(swells[k] * change), 1,
                };
                double sum = sum_at(f, param, scratch);

                if (sum < best)
                    memcpy(f->solution.param, param, sizeof param);
                best = MIN(best, sum);
            }
}

/* ---- What a fitted law says ----------------------------------------------- */

/* When a, which rises over the grid s, passes that value; NAN if not. */
static double
crossing(const double *s, const double *a, double value)
{
    for (int i = 1; i < GRID; i++)
        if (a[i] >= value && a[i] > a[i - 1])
            return s[i - 1]
                   + (s[i] - s[i - 1]) * MAX(value - a[i - 1], 0)
                         / (a[i] - a[i - 1]);
    return NAN;
}

static void
read_off(const Fit *f, const double *param, double *reading)
{
    const CsCurve *c = f->curve;
    CsLaw  law = law_of(param, f->model->n_params);
    double onset = f->model->n_params > ONSET ? param[ONSET] : c->time_s[0];
    double length = c->time_s[c->n - 1] - onset, change;
    double s[GRID], a[GRID];

    /* closer together at first, where all happens for the fast */
    for (int i = 0; i < GRID; i++)
        s[i] = length * i * i / ((GRID - 1.0) * (GRID - 1.0));
    f->model->expansion(&law, s, GRID, a);
    change = a[GRID - 1] - 1;
    reading[CS_READ_FINAL] = 1 + change;
    reading[CS_READ_ONSET] = f->model->n_params > ONSET ? onset : NAN;
    reading[CS_READ_T20] = onset + crossing(s, a, 1 + 0.2 * change);
    reading[CS_READ_T50] = onset + crossing(s, a, 1 + 0.5 * change);
    reading[CS_READ_T80] = onset + crossing(s, a, 1 + 0.8 * change);
    reading[CS_READ_RATE] = 0.6 * change / (reading[CS_READ_T80]
                                            - reading[CS_READ_T20]);
    reading[CS_READ_FIRST_RATE] = 0.2 * change / (reading[CS_READ_T20]
                                                  - onset);
    reading[CS_READ_T50_FULL] = onset + crossing(s, a, (1 + c->full) / 2);
}

/* The variance of each reading, to first order, for residuals of unit
 * variance. */
static void
propagate(Fit *f)
{
    double gradient[CS_N_READINGS][CS_MAX_PARAMS] = { { 0 } };

    read_off(f, f->solution.param, f->value);
    for (size_t j = 0; j < f->squares.n_params; j++) {
        double up[CS_N_READINGS], down[CS_N_READINGS], param[CS_MAX_PARAMS];
        double width;

        memcpy(param, f->solution.param, sizeof param);
        param[j] = MIN(param[j] + f->squares.step[j], f->squares.hi[j]);
        width = param[j];
        read_off(f, param, up);
        param[j] = f->solution.param[j] - f->squares.step[j];
        param[j] = MAX(param[j], f->squares.lo[j]);
        width -= param[j];
        read_off(f, param, down);
        for (int i = 0; i < CS_N_READINGS; i++)
            gradient[i][j] = (up[i] - down[i]) / width;
    }
    for (int i = 0; i < CS_N_READINGS; i++)
        f->variance[i] = cs_solution_variance(&f->squares, &f->solution,
                                              gradient[i]);
}

/* ---- Choosing and averaging ----------------------------------------------- */

typedef struct {
    const CsCurve *curve;
    size_t         n;
    Fit            fit[MOST_MODELS];
    double        *work;
} Fits;

static void
solve_all(Fits *fits, double rho)
{
    for (size_t i = 0; i < fits->n; i++) {
        Fit *f = &fits->fit[i];

        f->rho = rho;
        cs_squares_solve(&f->squares, STEPS, fits->work, &f->solution);
        f->aicc = cs_aicc((double) fits->curve->n,
                          MAX(f->solution.sum, 1e-12),
                          f->model->n_params + 1);
    }
}

static size_t
find_best(const Fits *fits)
{
    size_t best = 0;

    for (size_t i = 1; i < fits->n; i++)
        if (fits->fit[i].aicc < fits->fit[best].aicc)
            best = i;
    return best;
}

/* Correlation of the residuals. A mean of k parameters takes about
 * (k + (k + 2) rho) / n from it: (1 + 3 rho) / n for a constant (Kendall 1954),
 * (2 + 4 rho) / n for a line. */
static double
correlation_of(const Fit *f, double *scratch)
{
    double n = (double) f->curve->n, k = f->model->n_params, rho;

    residuals(f->solution.param, (void *) f, scratch);
    rho = cs_autocorrelation(scratch, f->curve->n);
    rho += (k + (k + 2) * rho) / n;
    return CLAMP(rho, 0, most_rho);
}

static void
weigh(Fits *fits, CsCurveFit *to)
{
    const Fit *best = &fits->fit[find_best(fits)];
    double sum = 0, none = INFINITY;

    to->best = best->model;
    to->delta_aicc = INFINITY;
    for (size_t i = 0; i < fits->n; i++) {
        Fit   *f = &fits->fit[i];
        double delta = f->aicc - best->aicc;

        f->weight = exp(-delta / 2);
        sum += f->weight;
        if (f != best)
            to->delta_aicc = MIN(to->delta_aicc, delta);
        if (strcmp(f->model->name, "none") == 0)
            none = delta;
    }
    for (size_t i = 0; i < fits->n; i++)
        fits->fit[i].weight /= sum;
    to->weight = best->weight;
    to->grows = none >= told_apart;
}

/* Burnham & Anderson's estimate that no law is taken for granted: the mean by
 * weight, and errors that hold the differences between laws. */
static void
average(const Fits *fits, CsReading r, double variance, CsCurveFit *to)
{
    double sum = 0, mean = 0, sd = 0;

    for (size_t i = 0; i < fits->n; i++)
        if (isfinite(fits->fit[i].value[r])) {
            sum += fits->fit[i].weight;
            mean += fits->fit[i].weight * fits->fit[i].value[r];
        }
    mean = sum > 0.5 ? mean / sum : NAN;
    for (size_t i = 0; i < fits->n; i++) {
        const Fit *f = &fits->fit[i];
        double own = variance * f->variance[r], off = f->value[r] - mean;

        if (isfinite(f->value[r]) && f->weight > 1e-6)
            sd += f->weight / sum * sqrt(own + off * off);
    }
    to->value[r] = mean;
    to->sd[r] = sd;
}

static void
run(Fits *fits, CsCurveFit *to)
{
    const Fit *best;
    double     n = (double) fits->curve->n, variance, degrees, wide;

    for (size_t i = 0; i < fits->n; i++)
        find_start(&fits->fit[i], fits->work);
    solve_all(fits, 0);
    to->rho = correlation_of(&fits->fit[find_best(fits)], fits->work);
    if (to->rho > 0)
        solve_all(fits, to->rho);
    weigh(fits, to);
    best = &fits->fit[find_best(fits)];
    variance = best->solution.sum / (n - best->model->n_params);
    to->residual_sd = sqrt(variance);
    /* so that 1.96 sd holds 95 % with few frames too */
    degrees = cs_effective_n(fits->curve->n, to->rho) - best->model->n_params;
    wide = cs_student_quantile(0.975, MAX(degrees, 1))
           / cs_normal_quantile(0.975);
    for (size_t i = 0; i < fits->n; i++)
        propagate(&fits->fit[i]);
    for (int r = 0; r < CS_N_READINGS; r++)
        average(fits, (CsReading) r, variance * wide * wide, to);
}

bool
cs_curve_fit(const CsCurve *curve, CsCurveFit *fit, GError **error)
{
    Fits fits = { .curve = curve };
    g_autofree double *work
        = cs_try_alloc((size_t) (4 + CS_MAX_PARAMS) * curve->n,
                       sizeof *work, "the fit", error);

    if (work == NULL)
        return false;
    fits.work = work + 2 * curve->n;
    for (const CsModel *m = cs_models; m->name != NULL; m++) {
        Fit *f = &fits.fit[fits.n];

        if (!m->fitted || fits.n == MOST_MODELS)
            continue;
        fits.n++;
        *f = (Fit) { .curve = curve, .model = m, .s = work,
                     .a = work + curve->n };
        set_bounds(f);
    }
    run(&fits, fit);
    return true;
}
