/* The ranking of coatings: alike is alike, different is different, and few
 * are few.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/screen.h"
#include "coatscope/stats.h"

enum { MAX_ITEMS = 64 };

/* A recording with one particle each. */
typedef struct {
    size_t       n;
    CsFit        fit[MAX_ITEMS];
    CsFits       fits[MAX_ITEMS];
    CsScreenItem item[MAX_ITEMS];
} Campaign;

static void
add(Campaign *c, const char *coating, const char *session, double rate)
{
    size_t i = c->n++;

    c->fit[i] = (CsFit) { .particle_id = 1, .n_ok = 20, .rate_per_s = rate,
                          .rate_sd_per_s = NAN, .expansion_final = 2,
                          .expansion_final_sd = 0.01 };
    c->fits[i] = (CsFits) { .n = 1, .fit = &c->fit[i] };
    c->item[i] = (CsScreenItem) { coating, session, &c->fits[i], NULL };
}

static void
rank(const Campaign *c, CsRanking *ranking)
{
    g_assert_true(cs_screen_rank(c->item, c->n, 1, ranking, NULL));
}

static void
alike_is_one_in_k(void)
{
    static const char *const names[] = { "a", "b", "c", "d", "e" };
    static const double rates[] = { 1.0, 1.2, 0.9, 1.1, 0.95, 1.05 };
    g_auto(CsRanking) r = CS_RANKING_INIT;
    Campaign c = { 0 };

    for (size_t i = 0; i < 5 * G_N_ELEMENTS(rates); i++)
        add(&c, names[i % 5], NULL, rates[i / 5]);
    rank(&c, &r);
    g_assert_cmpuint(r.n, ==, 5);
    for (size_t i = 0; i < r.n; i++) {
        /* 4000 draws: sd sqrt(0.2 * 0.8 / 4000) = 0.0063, four of them */
        g_assert_cmpfloat(fabs(r.row[i].p_best - 0.2), <, 0.026);
        g_assert_cmpfloat(fabs(r.row[i].p_this_rank - 0.2), <, 0.026);
        g_assert_cmpfloat_with_epsilon(r.row[i].rate_ratio_to_best, 1, 1e-12);
        g_assert_false(r.row[i].too_few);
    }
}

static void
different_is_told(void)
{
    g_auto(CsRanking) r = CS_RANKING_INIT;
    Campaign c = { 0 };

    for (int i = 0; i < 6; i++) {
        add(&c, "slow", NULL, 0.2 + 0.01 * i);
        add(&c, "fast", NULL, 1.2 + 0.02 * i);
        add(&c, "flat", NULL, NAN);
    }
    rank(&c, &r);
    g_assert_cmpstr(r.row[0].coating, ==, "fast");
    g_assert_cmpstr(r.row[1].coating, ==, "slow");
    g_assert_cmpstr(r.row[2].coating, ==, "flat");
    g_assert_cmpfloat(r.row[0].p_best, ==, 1);
    g_assert_cmpfloat(r.row[1].p_best, ==, 0);
    g_assert_cmpfloat_with_epsilon(r.row[1].rate_ratio_to_best,
                                   0.225 / 1.25, 1e-12);
    g_assert_cmpuint(r.row[2].rank, ==, 0); /* not told is not 0 */
    g_assert_true(isnan(r.row[2].rate_per_s) && isnan(r.row[2].p_best));
    g_assert_cmpfloat(r.row[2].expansion, ==, 2);
    g_assert_cmpuint(r.row[2].n_particles, ==, 0);
}

static void
one_particle_has_no_interval(void)
{
    g_auto(CsRanking) r = CS_RANKING_INIT;
    Campaign c = { 0 };

    add(&c, "one", NULL, 2);
    for (int i = 0; i < 5; i++)
        add(&c, "five", NULL, 1 + 0.1 * i);
    rank(&c, &r);
    g_assert_cmpstr(r.row[0].coating, ==, "one");
    g_assert_true(r.row[0].too_few && !r.row[1].too_few);
    g_assert_true(isnan(r.row[0].rate_lo) && isnan(r.row[0].p_best));
    g_assert_true(isnan(r.row[1].p_best));
    g_assert_true(isfinite(r.row[1].rate_lo));
}

/* Six particles that are three pairs are worth three. */
static void
sessions_widen_the_interval(void)
{
    static const char *const sessions[] = { "s1", "s2", "s3" };
    g_auto(CsRanking) nested = CS_RANKING_INIT;
    g_auto(CsRanking) alone = CS_RANKING_INIT;
    Campaign c = { 0 };

    for (int i = 0; i < 6; i++)
        add(&c, "a", sessions[i / 2], 1 + 0.3 * (i / 2) + 0.01 * (i % 2));
    rank(&c, &nested);
    for (int i = 0; i < 6; i++)
        c.item[i].session = NULL;
    rank(&c, &alone);
    g_assert_cmpfloat(nested.row[0].rate_hi - nested.row[0].rate_lo, >,
                      1.5 * (alone.row[0].rate_hi - alone.row[0].rate_lo));
}

/* Particles of a normal distribution, four a coating: the interval holds the
 * true mean in 95 % of the cases, with an sd of 1.1 % for 400 cases. An
 * unstretched bootstrap holds it in 80 %. Nor is a coating among alike ones
 * often called the best: p_best > 0.95 is wrong in at most 5 % of draws. */
static void
intervals_hold_what_they_say(void)
{
    int n_held = 0, n_called = 0, n_cases = 400;
    CsDice dice;

    cs_dice_seed(&dice, 7, 7);
    for (int k = 0; k < n_cases; k++) {
        g_auto(CsRanking) r = CS_RANKING_INIT;
        Campaign c = { 0 };

        for (int i = 0; i < 8; i++)
            add(&c, i % 2 == 0 ? "a" : "b", NULL,
                10 + cs_dice_gauss(&dice));
        rank(&c, &r);
        n_held += r.row[0].coating[0] == 'a'
                      ? r.row[0].rate_lo < 10 && r.row[0].rate_hi > 10
                      : r.row[1].rate_lo < 10 && r.row[1].rate_hi > 10;
        n_called += r.row[0].p_best > 0.975;
    }
    g_test_message("held %d, called %d of %d", n_held, n_called, n_cases);
    g_assert_cmpint(n_held, >=, n_cases * 91 / 100);
    g_assert_cmpint(n_called, <=, n_cases * 8 / 100);
}

/* Coatings of one rate, particles that differ by a tenth, each rate known to
 * 3 %: the bar is that in 95 of 100 campaigns no difference is called. At
 * the level of 0.025 that is 5 of 200 expected, with an sd of 2.2. */
static void
alike_is_called_alike(void)
{
    static const char *const names[]
        = { "a", "b", "c", "d", "e", "f", "g", "h" };
    int n_called = 0;
    CsDice dice;

    cs_dice_seed(&dice, 11, 6);
    for (int k = 0; k < 200; k++) {
        g_auto(CsRanking) r = CS_RANKING_INIT;
        Campaign c = { 0 };

        for (int i = 0; i < 24; i++) {
            add(&c, names[i / 3], NULL,
                0.01 * exp(0.1 * cs_dice_gauss(&dice)));
            c.fit[i].rate_sd_per_s = 0.0003;
        }
        rank(&c, &r);
        n_called += r.p_all_alike < CS_RANKING_LEVEL_ALL;
    }
    g_test_message("called %d of 200", n_called);
    g_assert_cmpint(n_called, <=, 10);
}

/* Twice as fast on each of three days, but days differ by much more: told
 * within days, and not without them. */
static void
days_are_told_from_coatings(void)
{
    static const char *const days[] = { "Mo", "Tu", "We", "Th", "Fr", "Sa" };
    g_auto(CsRanking) blocked = CS_RANKING_INIT;
    g_auto(CsRanking) alone = CS_RANKING_INIT;
    Campaign c = { 0 };

    for (int d = 0; d < 6; d++) {
        double day = pow(3, d);

        add(&c, "slow", days[d], day);
        add(&c, "fast", days[d], 2 * day);
    }
    rank(&c, &blocked);
    for (int i = 0; i < 12; i++)
        c.item[i].session = NULL;
    rank(&c, &alone);
    /* 2 of 2^6 ways; 4 sd of 9999 draws */
    g_assert_cmpfloat_with_epsilon(blocked.p_all_alike, 2.0 / 64, 0.007);
    g_assert_cmpfloat(alone.p_all_alike, >, 0.3);
}

static void
says_how_many_more_would_do(void)
{
    g_auto(CsRanking) r = CS_RANKING_INIT;
    Campaign c = { 0 };

    for (int i = 0; i < 3; i++) {
        add(&c, "fast", NULL, exp(0.2 * (i - 1)));
        add(&c, "slow", NULL, exp(0.2 * (i - 1) - 0.2));
    }
    rank(&c, &r);
    g_assert_cmpuint(r.row[0].n_to_tell, ==, 0);
    /* means one sd apart, which takes 17 each (power 0.8, level 0.05) */
    g_assert_cmpuint(r.row[1].n_to_tell, ==, 17);
    g_assert_true(isnan(r.row[0].p_same_as_best));
    g_assert_cmpfloat(r.row[1].p_same_as_best, >, 0.1);
}

static void
poor_runs_are_left_out(void)
{
    g_auto(CsRanking) r = CS_RANKING_INIT;
    Campaign c = { 0 };

    for (int i = 0; i < 4; i++)
        add(&c, "a", NULL, 1);
    add(&c, "a", NULL, 100);
    c.fit[4].quality = CS_RUN_UNSTEADY;
    rank(&c, &r);
    g_assert_cmpuint(r.row[0].n_particles, ==, 4);
    g_assert_cmpuint(r.row[0].n_left_out, ==, 1);
    g_assert_cmpfloat(r.row[0].rate_per_s, ==, 1);
    g_assert_true(isnan(r.row[0].p_intact)); /* none was judged */
    for (unsigned bit = 0; bit < CS_N_RUN_QUALITIES; bit++)
        g_assert_cmpstr(cs_run_quality_name(bit), !=, "");
}

static void
judge(Campaign *c, CsVerdict *v, CsVerdicts *verdicts, size_t i,
      CsVerdictKind kind, double until_s)
{
    v[i] = (CsVerdict) { .particle_id = 1, .kind = kind,
                         .break_hi_s = until_s, .last_s = until_s };
    verdicts[i] = (CsVerdicts) { .n = 1, .verdict = &v[i] };
    c->item[i].verdicts = &verdicts[i];
}

/* Five coatings of SCIENCE 11: broken at 8 s, whole until 10, 12, 15, 20 s;
 * a sixth cannot be told, a seventh run was poor. */
static void
survival_is_kaplan_and_meiers(void)
{
    static const double until[] = { 10, 12, 8, 15, 20, 5, 1 };
    CsVerdict  v[7];
    CsVerdicts verdicts[7];
    g_auto(CsRanking) r = CS_RANKING_INIT;
    Campaign c = { 0 };

    for (size_t i = 0; i < 7; i++) {
        add(&c, "a", NULL, 1);
        judge(&c, v, verdicts, i,
              i == 2 || i == 6 ? CS_VERDICT_BROKEN
              : i == 5 ? CS_VERDICT_CANNOT_TELL : CS_VERDICT_INTACT,
              until[i]);
    }
    c.fit[6].quality = CS_RUN_FEW_OK;
    rank(&c, &r);
    g_assert_cmpuint(r.row[0].n_judged, ==, 5);
    g_assert_cmpuint(r.row[0].n_broken, ==, 1);
    g_assert_cmpfloat_with_epsilon(r.row[0].p_intact, 0.8, 1e-12);
    /* exp(-exp(ln(-ln 0.8) -+ 1.96 * 0.178885 / (0.8 * 0.22314))) */
    g_assert_cmpfloat_with_epsilon(r.row[0].p_intact_lo, 0.2038, 1e-3);
    g_assert_cmpfloat_with_epsilon(r.row[0].p_intact_hi, 0.9692, 1e-3);
}

static void
all_or_none_broken_has_an_exact_interval(void)
{
    CsVerdict  v[4];
    CsVerdicts verdicts[4];

    for (int broke = 0; broke < 2; broke++) {
        g_auto(CsRanking) r = CS_RANKING_INIT;
        Campaign c = { 0 };

        for (size_t i = 0; i < 4; i++) {
            add(&c, "a", NULL, 1);
            judge(&c, v, verdicts, i,
                  broke ? CS_VERDICT_BROKEN : CS_VERDICT_INTACT, 10);
        }
        rank(&c, &r);
        g_assert_cmpfloat(r.row[0].p_intact, ==, !broke);
        /* 0.025^(1/4) = 0.3976 */
        g_assert_cmpfloat_with_epsilon(broke ? 1 - r.row[0].p_intact_hi
                                             : r.row[0].p_intact_lo,
                                       0.3976, 1e-3);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rank/alike_is_one_in_k", alike_is_one_in_k);
    g_test_add_func("/rank/different_is_told", different_is_told);
    g_test_add_func("/rank/one_particle_has_no_interval",
                    one_particle_has_no_interval);
    g_test_add_func("/rank/sessions_widen_the_interval",
                    sessions_widen_the_interval);
    g_test_add_func("/rank/intervals_hold_what_they_say",
                    intervals_hold_what_they_say);
    g_test_add_func("/rank/alike_is_called_alike", alike_is_called_alike);
    g_test_add_func("/rank/days_are_told_from_coatings",
                    days_are_told_from_coatings);
    g_test_add_func("/rank/says_how_many_more_would_do",
                    says_how_many_more_would_do);
    g_test_add_func("/rank/poor_runs_are_left_out", poor_runs_are_left_out);
    g_test_add_func("/rank/survival_is_kaplan_and_meiers",
                    survival_is_kaplan_and_meiers);
    g_test_add_func("/rank/all_or_none_broken_has_an_exact_interval",
                    all_or_none_broken_has_an_exact_interval);
    return g_test_run();
}
