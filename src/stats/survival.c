/* Survival: Kaplan-Meier and log-rank.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "stats/permute.h"

typedef struct {
    double until;
    bool   broke;
    size_t place; /* in the order given: below n_a is group a */
} Life;

void
cs_survival_clear(CsSurvival *survival)
{
    g_free(survival->step);
    *survival = (CsSurvival) CS_SURVIVAL_INIT;
}

static int
by_time(const void *a, const void *b)
{
    const Life *x = a;
    const Life *y = b;

    if (x->until != y->until)
        return x->until < y->until ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static Life *
sorted(const CsLifetime *a, size_t n_a, const CsLifetime *b, size_t n_b,
       GError **error)
{
    size_t n = n_a + n_b;
    g_autofree Life *life
        = cs_try_alloc(n, sizeof *life, "the lifetimes", error);

    if (life == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        CsLifetime one = i < n_a ? a[i] : b[i - n_a];

        life[i] = (Life) { one.until, one.broke, i };
        if (!isfinite(one.until)) {
            cs_fail(error, CS_ERROR_ARGUMENT,
                    "lifetime %zu is %g; must be finite", i, one.until);
            return NULL;
        }
    }
    qsort(life, n, sizeof *life, by_time);
    return g_steal_pointer(&life);
}

/* log(-log S) has the variance of S / (S ln S)^2. */
static CsInterval
log_log_interval(double s, double se, double level)
{
    double z = cs_normal_quantile((1 + level) / 2);
    double spread = z * se / (s * log(s));

    if (!(s > 0 && s < 1))
        return (CsInterval) { NAN, NAN };
    return (CsInterval) { pow(s, exp(-spread)), pow(s, exp(spread)) };
}

static void
fill_steps(const Life *life, size_t n, double level, CsSurvival *to)
{
    double s = 1, sum = 0;
    size_t end;

    for (size_t i = 0; i < n; i = end) {
        double at_risk = (double) (n - i), broke = 0, se;

        for (end = i; end < n && life[end].until == life[i].until; end++)
            broke += life[end].broke;
        if (broke == 0)
            continue;
        s *= 1 - broke / at_risk;
        sum += broke / (at_risk * (at_risk - broke));
        se = s > 0 ? s * sqrt(sum) : NAN;
        to->step[to->n++] = (CsSurvivalStep) {
            .time = life[i].until, .n_at_risk = n - i,
            .n_broke = (size_t) broke, .survival = s, .survival_se = se,
            .interval = log_log_interval(s, se, level),
        };
    }
}

bool
cs_survival_fit(const CsLifetime *life, size_t n, double level,
                CsSurvival *survival, GError **error)
{
    g_autofree Life *order = sorted(life, n, NULL, 0, error);
    g_auto(CsSurvival) fresh = CS_SURVIVAL_INIT;
    CsSurvival old = *survival;

    if (order == NULL)
        return false;
    fresh.step = cs_try_alloc(n, sizeof *fresh.step, "the steps", error);
    if (fresh.step == NULL)
        return false;
    fill_steps(order, n, level, &fresh);
    *survival = fresh;
    fresh = old;
    return true;
}

CsSurvivalStep
cs_survival_at(const CsSurvival *survival, double time, size_t n_at_risk,
               double level)
{
    CsSurvivalStep step = {
        .time = time, .n_at_risk = n_at_risk, .survival = 1,
        .interval = { NAN, NAN },
    };

    if (n_at_risk > 0)
        step.interval = cs_binomial_interval(n_at_risk, n_at_risk, level);
    for (size_t i = 0; i < survival->n; i++)
        if (survival->step[i].time <= time)
            step = survival->step[i];
    return step;
}

/* Sums over the times at which something broke; score[place] becomes the
 * break of a particle less its hazard until then, which adds up to
 * observed - expected over any group. */
static void
add_up(const Life *life, size_t n, size_t n_a, CsLogRank *sum, double *score)
{
    double hazard = 0, left_a = (double) n_a;
    size_t end;

    for (size_t i = 0; i < n; i = end) {
        double all = (double) (n - i), broke = 0, broke_a = 0, gone_a = 0;
        double a = left_a;

        for (end = i; end < n && life[end].until == life[i].until; end++) {
            bool in_a = life[end].place < n_a;

            broke += life[end].broke;
            broke_a += life[end].broke && in_a;
            gone_a += in_a;
        }
        hazard += broke / all;
        sum->observed += broke_a;
        sum->expected += broke * a / all;
        if (all > 1)
            sum->variance += a * (all - a) * broke * (all - broke)
                             / (all * all * (all - 1));
        for (size_t j = i; j < end; j++)
            score[life[j].place] = life[j].broke - hazard;
        left_a -= gone_a;
    }
}

bool
cs_log_rank(const CsLifetime *a, size_t n_a, const CsLifetime *b, size_t n_b,
            guint64 seed, CsLogRank *result, GError **error)
{
    size_t n = n_a + n_b;
    g_autofree Life *life = sorted(a, n_a, b, n_b, error);
    g_autofree double *score = NULL;
    CsLogRank fresh = { 0 };
    double off;

    if (life == NULL)
        return false;
    score = cs_try_alloc(n, sizeof *score, "the scores", error);
    if (score == NULL)
        return false;
    add_up(life, n, n_a, &fresh, score);
    off = fresh.observed - fresh.expected;
    fresh.chi2 = fresh.variance > 0 ? off * off / fresh.variance : NAN;
    fresh.p = cs_chi2_p(fresh.chi2);
    if (!cs_permute_scores(score, n, n_a, seed, &fresh.exact, error))
        return false;
    *result = fresh;
    return true;
}
