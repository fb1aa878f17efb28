/* Stats: few particles, correlated frames, breaks that were not seen.
 *
 * Pure functions of numbers; what is random takes a generator with a seed and
 * gives the same on every machine. Intervals are two-sided, of the level
 * asked for (0.95). NAN comes back where a quantity is not defined.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef struct {
    double lo;
    double hi;
} CsInterval;

/* ---- Random numbers ------------------------------------------------------ */

/* SplitMix64 (Steele, Lea & Flood 2014): small, and good enough to resample. */
typedef struct {
    guint64 state;
} CsDice;

/* A stream of its own for each pair of seed and stream. */
void cs_dice_seed(CsDice *dice, guint64 seed, guint64 stream);

/* Uniform in (0, 1); uniform in 0 … n-1 (n > 0); normal of sd 1. */
double cs_dice_uniform(CsDice *dice);
size_t cs_dice_below(CsDice *dice, size_t n);
double cs_dice_gauss(CsDice *dice);

/* ---- Distributions ------------------------------------------------------- */

/* n choose k as a double, exact below 2^53. */
double cs_choose(size_t n, size_t k);

/* The p quantile of the normal distribution and of Student's t with df > 0
 * degrees of freedom; NAN unless 0 < p < 1. */
double cs_normal_quantile(double p);
double cs_student_quantile(double p, double df);

/* Two-sided p of |t| with df degrees of freedom. */
double cs_student_p(double t, double df);

/* P(chi squared with one degree of freedom > x). */
double cs_chi2_p(double x);

/* Clopper-Pearson: the share of k in n, n > 0. */
CsInterval cs_binomial_interval(size_t k, size_t n, double level);

/* The p quantile of n values (sorted here, in place) by linear interpolation
 * between order statistics; NAN for n = 0. */
double cs_quantile(double *value, size_t n, double p);

/* ---- Two groups ---------------------------------------------------------- */

typedef struct {
    double p;          /* two-sided                                          */
    double n_extreme;  /* regroupings at least as extreme as what was seen   */
    double n_total;    /* n choose k, or how many were drawn                 */
    bool   exact;      /* every regrouping was visited                       */
} CsPermutation;

/* Is the mean of the n_a values different from that of the n_b others? All
 * regroupings up to a million, else 100000 drawn with the seed, where
 * p = (n_extreme + 1) / (n_total + 1). NAN without two groups. Errors:
 * CS_ERROR_ARGUMENT for a value that is not finite; CS_ERROR_LIMIT. */
bool cs_permutation_test(const double *a, size_t n_a, const double *b,
                         size_t n_b, guint64 seed, CsPermutation *result,
                         GError **error);

/* Values of several groups. Where they come in blocks (days, needles) that
 * differ, values are exchanged within their block only. */
typedef struct {
    size_t        n;
    size_t        n_groups;
    const double *value;
    const size_t *group; /* of each value, below n_groups                    */
    const size_t *block; /* of each value; NULL: all in one                  */
} CsGrouped;

/* Do the means of the groups differ? By 9999 random regroupings with the seed
 * (F's order; p is at least 1e-4, and as valid as an exact one). NAN where
 * fewer than two groups have a value. Errors: CS_ERROR_ARGUMENT for a value
 * that is not finite; CS_ERROR_LIMIT. */
bool cs_permute_groups(const CsGrouped *all, guint64 seed,
                       CsPermutation *result, GError **error);

/* The chance to tell two groups of n each apart whose means differ by so many
 * sd of one value: a two-sided t test of that level (0.95). Exact for normal
 * values. NAN for n < 2. */
double cs_power_two_means(double difference_sd, size_t n, double level);

/* The fewest in each group for that power (0 to 1); not fewer than an exact
 * permutation test needs to reach the level at all. 0 where it is more than
 * 100000; steps of 1 % from 200 on. */
size_t cs_power_n_particles(double difference_sd, double power, double level);

/* ---- Survival ------------------------------------------------------------ */

/* One particle: until when it was seen, and whether it broke then. The clock
 * may be time, hoop strain or dose. */
typedef struct {
    double until;
    bool   broke;
} CsLifetime;

/* One time at which something broke. */
typedef struct {
    double     time;
    size_t     n_at_risk;
    size_t     n_broke;
    double     survival;    /* Kaplan & Meier 1958, after that time           */
    double     survival_se; /* Greenwood; NAN where survival is 0             */
    CsInterval interval;    /* on the log(-log) scale; NAN where it is 0      */
} CsSurvivalStep;

typedef struct {
    size_t          n;
    CsSurvivalStep *step; /* in the order of time */
} CsSurvival;

#define CS_SURVIVAL_INIT { 0 }

void cs_survival_clear(CsSurvival *survival);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsSurvival, cs_survival_clear)

/* Errors: CS_ERROR_ARGUMENT for a lifetime that is not finite;
 * CS_ERROR_LIMIT. */
bool cs_survival_fit(const CsLifetime *life, size_t n, double level,
                     CsSurvival *survival, GError **error);

/* The share that is whole at that time: the step at or before it, or 1 with
 * se 0 and the exact binomial interval of none among `n_at_risk` where
 * nothing broke before. */
CsSurvivalStep cs_survival_at(const CsSurvival *survival, double time,
                              size_t n_at_risk, double level);

typedef struct {
    double        observed; /* breaks in group a                             */
    double        expected; /* were both groups alike                        */
    double        variance;
    double        chi2;     /* NAN where nothing can be told                 */
    double        p;        /* of chi2, for many particles                   */
    CsPermutation exact;    /* of |observed - expected|, for few             */
} CsLogRank;

/* Mantel's log-rank test. Errors as cs_permutation_test. */
bool cs_log_rank(const CsLifetime *a, size_t n_a, const CsLifetime *b,
                 size_t n_b, guint64 seed, CsLogRank *result, GError **error);

/* ---- Pooling ------------------------------------------------------------- */

typedef struct {
    size_t     n;
    double     mean;
    double     se;        /* of DerSimonian & Laird 1986                     */
    double     tau2;      /* variance between particles                      */
    double     q;
    double     hk_se;     /* of Hartung & Knapp 2001; NAN for one            */
    CsInterval normal;    /* mean -+ z se                                    */
    CsInterval student;   /* mean -+ t hk_se, n - 1 degrees; NAN for one     */
} CsPooled;

/* Values with standard errors, with a random effect between them. Those
 * whose value is not finite, or whose error is not above 0, are left out;
 * all NAN for none. */
CsPooled cs_pool(const double *value, const double *se, size_t n,
                 double level);

/* ---- Choosing among models ----------------------------------------------- */

/* From n residuals' sum of squares and k parameters, the variance among
 * them. AICc is INFINITY for n <= k + 1. n need not be whole: see
 * cs_effective_n. */
double cs_aic(double n, double rss, double k);
double cs_aicc(double n, double rss, double k);
double cs_bic(double n, double rss, double k);

/* ---- Correlated frames --------------------------------------------------- */

/* Autocorrelation at lag 1 of n residuals about 0; 0 for fewer than 3. */
double cs_autocorrelation(const double *residual, size_t n);

/* How many independent values n values of that autocorrelation are worth,
 * n (1 - rho) / (1 + rho), from 1 to n. */
double cs_effective_n(size_t n, double rho);

/* Length of blocks for n values: n^(1/3), and at least the length after which
 * the correlation falls below 0.05; at most n / 3; at least 1. */
size_t cs_block_length(size_t n, double rho);

/* Fills to with n values of from in blocks that start anywhere (Kuensch
 * 1989). */
void cs_block_resample(const double *from, size_t n, size_t block,
                       CsDice *dice, double *to);

/* One value a particle, with its standard error, nested in sessions. */
typedef struct {
    size_t        n;
    const int    *session;
    const double *value;
    const double *se; /* NULL: none */
} CsNested;

/* Interval of the mean over particles by resampling sessions, then particles
 * in each, then the value within its error. One session cannot tell how
 * sessions differ: only its particles are resampled then. Errors:
 * CS_ERROR_ARGUMENT for n = 0 or a value that is not finite;
 * CS_ERROR_LIMIT. */
bool cs_nested_interval(const CsNested *nested, size_t n_draws, double level,
                        guint64 seed, CsInterval *interval, GError **error);

G_END_DECLS
