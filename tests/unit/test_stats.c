/* Stats: the reference values, and what must hold for any numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/error.h"
#include "coatscope/stats.h"
#include "reference.h"

/* Two coatings: until when, and whether it broke. */
static const CsLifetime thin[] = {
    { 10, false }, { 12, false }, { 8, true }, { 15, false }, { 20, false },
};
static const CsLifetime thick[] = {
    { 2, true }, { 2.5, true }, { 3, true }, { 4, false }, { 6, true },
};
/* Rates per s of four particles each, and the errors of their logarithms. */
static const double fast[] = { 0.010, 0.013, 0.008, 0.011 };
static const double fast_se[] = { 0.10, 0.12, 0.15, 0.10 };
static const double slow[] = { 0.0018, 0.0021, 0.0013, 0.0017 };
static const double slow_se[] = { 0.20, 0.15, 0.25, 0.20 };

/* The reference values have seven digits and more. */
static void
assert_near(double value, double expected)
{
    g_assert_cmpfloat_with_epsilon(value / expected, 1, 2e-6);
}

static void
quantiles_are_those_of_the_tables(void)
{
    /* Abramowitz & Stegun, tables 26.5 and 26.10 */
    g_assert_cmpfloat_with_epsilon(cs_normal_quantile(0.975), 1.959963985,
                                   1e-8);
    g_assert_cmpfloat_with_epsilon(cs_student_quantile(0.975, 1), 12.70620474,
                                   1e-6);
    g_assert_cmpfloat_with_epsilon(cs_student_quantile(0.975, 3), 3.182446305,
                                   1e-7);
    g_assert_cmpfloat_with_epsilon(cs_student_quantile(0.05, 10),
                                   -1.812461123, 1e-7);
    g_assert_cmpfloat_with_epsilon(cs_student_p(3.182446305, 3), 0.05, 1e-9);
    g_assert_cmpfloat_with_epsilon(cs_chi2_p(3.841458821), 0.05, 1e-9);
    g_assert_true(isnan(cs_normal_quantile(0)));
}

/* None of n: 1 - (alpha/2)^(1/n); and symmetric. */
static void
binomial_intervals_are_exact(void)
{
    CsInterval none = cs_binomial_interval(0, 10, 0.95);
    CsInterval all = cs_binomial_interval(10, 10, 0.95);

    g_assert_cmpfloat(none.lo, ==, 0);
    g_assert_cmpfloat_with_epsilon(none.hi, 1 - pow(0.025, 0.1), 1e-12);
    g_assert_cmpfloat_with_epsilon(all.lo, pow(0.025, 0.1), 1e-12);
    g_assert_cmpfloat(all.hi, ==, 1);
}

static void
least_exact_p_is_two_in_n_choose_k(void)
{
    static const double p[] = { 0.1, 2 / 70., 2 / 252., 2 / 924. };
    static const double low[] = { 1, 2, 3, 4, 5, 6 };
    static const double high[] = { 11, 12, 13, 14, 15, 16 };

    for (size_t n = 3; n <= 6; n++) {
        CsPermutation r;

        g_assert_true(cs_permutation_test(low, n, high, n, 0, &r, NULL));
        g_assert_true(r.exact);
        g_assert_cmpfloat_with_epsilon(r.p, p[n - 3], 1e-15);
    }
}

/* Groups that were drawn alike are told apart at p <= 0.2 in 20 % of cases,
 * +-4 sd of 400 drawings. */
static void
permutation_keeps_its_level(void)
{
    int    n_told = 0;
    CsDice dice;

    cs_dice_seed(&dice, 5, 0);
    for (int i = 0; i < 400; i++) {
        double        x[10];
        CsPermutation r;

        for (int j = 0; j < 10; j++)
            x[j] = cs_dice_gauss(&dice);
        g_assert_true(cs_permutation_test(x, 5, x + 5, 5, 0, &r, NULL));
        n_told += r.p <= 0.2;
    }
    g_assert_cmpint(n_told, >=, 80 - 32);
    g_assert_cmpint(n_told, <=, 80 + 32);
}

/* 30 choose 15 is 155 million: too many to visit. */
static void
permutation_draws_where_it_cannot_visit(void)
{
    double        x[30];
    CsPermutation r, again;
    CsDice        dice;

    cs_dice_seed(&dice, 1, 0);
    for (int i = 0; i < 30; i++)
        x[i] = cs_dice_gauss(&dice) + (i < 15 ? 0.8 : 0);
    g_assert_true(cs_permutation_test(x, 15, x + 15, 15, 7, &r, NULL));
    g_assert_true(cs_permutation_test(x, 15, x + 15, 15, 7, &again, NULL));
    g_assert_false(r.exact);
    g_assert_cmpfloat(r.p, ==, again.p);
    g_assert_cmpfloat(r.p, >, 0);
    g_assert_cmpfloat(r.p, <, 0.2);
}

static void
values_that_are_not_finite_are_refused(void)
{
    static const double bad[] = { 1, NAN };
    static const CsLifetime never[] = { { INFINITY, true } };
    g_autoptr(GError) error = NULL;
    CsPermutation r = { .p = 7 };
    CsLogRank     l;

    g_assert_false(cs_permutation_test(bad, 2, fast, 4, 0, &r, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_cmpfloat(r.p, ==, 7);
    g_clear_error(&error);
    g_assert_false(cs_log_rank(never, 1, thick, 5, 0, &l, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
}

static void
survival_matches_the_reference(void)
{
    static const double s[] = { 0.8, 0.6, 0.4, 0 };
    static const double se[] = { 0.178885, 0.219089, 0.219089 };
    g_auto(CsSurvival) a = CS_SURVIVAL_INIT;
    g_auto(CsSurvival) b = CS_SURVIVAL_INIT;

    g_assert_true(cs_survival_fit(thin, 5, 0.95, &a, NULL));
    g_assert_cmpuint(a.n, ==, 1);
    g_assert_cmpfloat(a.step[0].time, ==, 8);
    g_assert_cmpfloat_with_epsilon(a.step[0].survival, 0.8, 1e-15);
    g_assert_cmpfloat_with_epsilon(a.step[0].survival_se, 0.178885, 1e-6);
    g_assert_true(cs_survival_fit(thick, 5, 0.95, &b, NULL));
    g_assert_cmpuint(b.n, ==, 4);
    for (int i = 0; i < 4; i++)
        g_assert_cmpfloat_with_epsilon(b.step[i].survival, s[i], 1e-12);
    for (int i = 0; i < 3; i++)
        g_assert_cmpfloat_with_epsilon(b.step[i].survival_se, se[i], 1e-6);
    g_assert_true(isnan(b.step[3].survival_se));
    g_assert_true(isnan(b.step[3].interval.lo));
}

/* S = 0.8, se = 0.178885: theta = 1.96 se / (S ln S) = -1.964. */
static void
survival_interval_stays_between_0_and_1(void)
{
    g_auto(CsSurvival) a = CS_SURVIVAL_INIT;
    CsSurvivalStep before, after;

    g_assert_true(cs_survival_fit(thin, 5, 0.95, &a, NULL));
    before = cs_survival_at(&a, 7.9, 5, 0.95);
    after = cs_survival_at(&a, 100, 0, 0.95);
    g_assert_cmpfloat(before.survival, ==, 1);
    g_assert_cmpfloat_with_epsilon(before.interval.lo, pow(0.025, 0.2), 1e-9);
    g_assert_cmpfloat_with_epsilon(after.interval.lo, 0.2038, 1e-3);
    g_assert_cmpfloat_with_epsilon(after.interval.hi, 0.9692, 1e-3);
}

static void
log_rank_matches_the_reference(void)
{
    CsLogRank r;

    g_assert_true(cs_log_rank(thin, 5, thick, 5, 0, &r, NULL));
    g_assert_cmpfloat(r.observed, ==, 1);
    assert_near(r.expected, 3.513888888888889);
    assert_near(r.variance, 0.8701774691358024);
    assert_near(r.chi2, 7.262469518953669);
    assert_near(r.p, 0.007041040530338504);
    g_assert_cmpfloat(r.exact.n_extreme, ==, 4);
    g_assert_cmpfloat(r.exact.n_total, ==, 252);
}

static void
log_rank_says_nothing_of_no_breaks(void)
{
    CsLogRank r;

    g_assert_true(cs_log_rank(thin, 2, thin + 3, 2, 0, &r, NULL));
    g_assert_true(isnan(r.chi2));
    g_assert_true(isnan(r.p));
    g_assert_cmpfloat(r.exact.p, ==, 1);
}

static CsPooled
pool_logs(const double *rate, const double *se)
{
    double y[4];

    for (int i = 0; i < 4; i++)
        y[i] = log(rate[i]);
    return cs_pool(y, se, 4, 0.95);
}

static void
pooling_matches_the_reference(void)
{
    CsPooled a = pool_logs(fast, fast_se), b = pool_logs(slow, slow_se);
    double half = cs_normal_quantile(0.975) * hypot(a.se, b.se);

    assert_near(a.mean, -4.5576562);
    assert_near(a.se, 0.0873149);
    assert_near(a.tau2, 0.0170162);
    assert_near(a.q, 6.888458);
    assert_near(a.hk_se, 0.0941931);
    assert_near(b.mean, -6.3180181);
    assert_near(b.se, 0.0951542);
    g_assert_cmpfloat(b.tau2, ==, 0);
    assert_near(b.q, 2.831761);
    assert_near(exp(a.mean - b.mean), 5.814541);
    assert_near(exp(a.mean - b.mean - half), 4.514272);
    assert_near(exp(a.mean - b.mean + half), 7.489334);
}

static void
pooling_leaves_out_what_is_unknown(void)
{
    static const double y[] = { 1, NAN, 3, 5 };
    static const double se[] = { 0.1, 0.1, 0, INFINITY };
    CsPooled one = cs_pool(y, se, 4, 0.95), none = cs_pool(y, se, 0, 0.95);

    g_assert_cmpuint(one.n, ==, 1);
    g_assert_cmpfloat_with_epsilon(one.mean, 1, 1e-12);
    g_assert_true(isnan(one.hk_se));
    g_assert_true(isnan(none.mean));
}

static void
criteria_match_the_reference(void)
{
    assert_near(cs_aic(25, 0.010, 3), -189.60115);
    assert_near(cs_aicc(25, 0.010, 3), -188.45829);
    assert_near(cs_bic(25, 0.010, 3), -185.94452);
    g_assert_true(isinf(cs_aicc(4, 1, 3)));
}

/* Mean rho of 200 series of 200: sd of one is 0.06, bias -(1 + 4 rho) / n. */
static void
correlation_is_found(void)
{
    double sum = 0;
    CsDice dice;

    cs_dice_seed(&dice, 11, 0);
    for (int i = 0; i < 200; i++) {
        double e[200], last = 0;

        for (int j = 0; j < 200; j++)
            e[j] = last = 0.6 * last + cs_dice_gauss(&dice);
        sum += cs_autocorrelation(e, 200) / 200;
    }
    g_assert_cmpfloat_with_epsilon(sum, 0.6, 0.03);
    g_assert_cmpfloat_with_epsilon(cs_effective_n(100, 0.6), 25, 1e-12);
    g_assert_cmpfloat(cs_effective_n(100, 0.9999), ==, 1);
}

/* The squared error of the mean of n resampled values, over 50 drawings. */
static double
resampled_variance(const double *from, size_t n, size_t block, CsDice *dice)
{
    double to[400], sum = 0;

    for (int i = 0; i < 50; i++) {
        double off = 0;

        cs_block_resample(from, n, block, dice, to);
        for (size_t j = 0; j < n; j++)
            off += (to[j] - from[j]) / (double) n;
        sum += off * off / 50;
    }
    return sum;
}

/* Blocks keep neighbours together: the variance of a mean of values with rho
 * = 0.6 is (1 + rho) / (1 - rho) = 4 times that of independent ones, of which
 * blocks of 20 lose a tenth. Over 100 series the ratio has an sd of 4 %. */
static void
blocks_keep_the_correlation(void)
{
    double single = 0, blocks = 0;
    CsDice dice;

    cs_dice_seed(&dice, 3, 0);
    for (int i = 0; i < 100; i++) {
        double from[400], last = 0;

        for (int j = 0; j < 400; j++)
            from[j] = last = 0.6 * last + cs_dice_gauss(&dice);
        single += resampled_variance(from, 400, 1, &dice);
        blocks += resampled_variance(from, 400, 20, &dice);
    }
    g_assert_cmpfloat(blocks / single, >, 3);
    g_assert_cmpfloat(blocks / single, <, 4.5);
    g_assert_cmpuint(cs_block_length(1000, 0), ==, 10);
    g_assert_cmpuint(cs_block_length(3, 0.99), ==, 1);
}

/* Two sessions that differ much: the particles in them tell little. */
static void
nesting_widens_the_interval(void)
{
    static const int one[] = { 1, 1, 1, 1, 1, 1 };
    static const int two[] = { 1, 1, 1, 2, 2, 2 };
    static const double v[] = { 1, 1.1, 0.9, 2, 2.1, 1.9 };
    CsNested flat = { 6, one, v, NULL }, nested = { 6, two, v, NULL };
    CsInterval narrow, wide, again;

    g_assert_true(cs_nested_interval(&flat, 4000, 0.95, 1, &narrow, NULL));
    g_assert_true(cs_nested_interval(&nested, 4000, 0.95, 1, &wide, NULL));
    g_assert_true(cs_nested_interval(&nested, 4000, 0.95, 1, &again, NULL));
    g_assert_cmpfloat(wide.lo, ==, again.lo);
    /* both draws from one session: a quarter of all, each */
    g_assert_cmpfloat(wide.lo, <, 1.1);
    g_assert_cmpfloat(wide.hi, >, 1.9);
    g_assert_cmpfloat(narrow.lo, >, wide.lo);
    g_assert_cmpfloat(narrow.hi, <, wide.hi);
}

static void
table_of_references_agrees(void)
{
    g_auto(GStrv) lines = reference_lines();
    CsPooled a, b;
    CsLogRank r;

    if (lines == NULL)
        return;
    a = pool_logs(fast, fast_se);
    b = pool_logs(slow, slow_se);
    g_assert_true(cs_log_rank(thin, 5, thick, 5, 0, &r, NULL));
    assert_reference(lines, "logrank E_A", r.expected, 1e-12);
    assert_reference(lines, "logrank V", r.variance, 1e-12);
    assert_reference(lines, "logrank chi2", r.chi2, 1e-12);
    assert_reference(lines, "logrank p", r.p, 1e-10);
    assert_reference(lines, "logrank exact perm p (unstd |O-E|)", r.exact.p,
                     1e-12);
    assert_reference(lines, "DL log-rate mean 5nm", a.mean, 1e-12);
    assert_reference(lines, "DL coat2 mean", b.mean, 1e-9);
    assert_reference(lines, "DL ratio", exp(a.mean - b.mean), 1e-9);
    assert_reference(lines, "AIC n=25 RSS=.01 k=3", cs_aic(25, .01, 3), 1e-12);
    assert_reference(lines, "AICc", cs_aicc(25, .01, 3), 1e-12);
    assert_reference(lines, "BIC", cs_bic(25, .01, 3), 1e-12);
}

/* From the examples of R's power.t.test: n = 20, delta = 1 sd gives
 * 0.8689528 (it leaves out the other tail, 2e-7 here); power 0.90 at
 * delta = 1 takes n = 22.02110, so 23. */
static void
power_is_that_of_the_t_test(void)
{
    g_assert_cmpfloat_with_epsilon(cs_power_two_means(1, 20, 0.95),
                                   0.8689528, 5e-7);
    g_assert_cmpuint(cs_power_n_particles(1, 0.9, 0.95), ==, 23);
    /* no difference: the level itself */
    g_assert_cmpfloat_with_epsilon(cs_power_two_means(0, 5, 0.95), 0.05,
                                   1e-9);
    /* however large the difference, 3 against 3 can only reach p = 0.1 */
    g_assert_cmpuint(cs_power_n_particles(50, 0.8, 0.95), ==, 4);
    g_assert_cmpuint(cs_power_n_particles(1e-4, 0.8, 0.95), ==, 0);
    g_assert_cmpuint(cs_power_n_particles(0, 0.8, 0.95), ==, 0);
    g_assert_true(isnan(cs_power_two_means(1, 1, 0.95)));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stats/power_is_that_of_the_t_test",
                    power_is_that_of_the_t_test);
    g_test_add_func("/stats/quantiles_are_those_of_the_tables",
                    quantiles_are_those_of_the_tables);
    g_test_add_func("/stats/binomial_intervals_are_exact",
                    binomial_intervals_are_exact);
    g_test_add_func("/stats/least_exact_p_is_two_in_n_choose_k",
                    least_exact_p_is_two_in_n_choose_k);
    g_test_add_func("/stats/permutation_keeps_its_level",
                    permutation_keeps_its_level);
    g_test_add_func("/stats/permutation_draws_where_it_cannot_visit",
                    permutation_draws_where_it_cannot_visit);
    g_test_add_func("/stats/values_that_are_not_finite_are_refused",
                    values_that_are_not_finite_are_refused);
    g_test_add_func("/stats/survival_matches_the_reference",
                    survival_matches_the_reference);
    g_test_add_func("/stats/survival_interval_stays_between_0_and_1",
                    survival_interval_stays_between_0_and_1);
    g_test_add_func("/stats/log_rank_matches_the_reference",
                    log_rank_matches_the_reference);
    g_test_add_func("/stats/log_rank_says_nothing_of_no_breaks",
                    log_rank_says_nothing_of_no_breaks);
    g_test_add_func("/stats/pooling_matches_the_reference",
                    pooling_matches_the_reference);
    g_test_add_func("/stats/pooling_leaves_out_what_is_unknown",
                    pooling_leaves_out_what_is_unknown);
    g_test_add_func("/stats/criteria_match_the_reference",
                    criteria_match_the_reference);
    g_test_add_func("/stats/correlation_is_found", correlation_is_found);
    g_test_add_func("/stats/blocks_keep_the_correlation",
                    blocks_keep_the_correlation);
    g_test_add_func("/stats/nesting_widens_the_interval",
                    nesting_widens_the_interval);
    g_test_add_func("/stats/table_of_references_agrees",
                    table_of_references_agrees);
    return g_test_run();
}
