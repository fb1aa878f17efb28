/* Laws of growth: reference values, and what holds for every law.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/kinetics.h"
#include "reference.h"

/* Li15Si4: 1 + 3.75 * 8.9 / 12.06 */
static const double z = 3.767412935323383;

typedef struct {
    const char *model;
    double      tau_s, exponent, s, expansion;
} Case;

static double
expansion_of(const char *name, const CsLaw *law, double s)
{
    double a;

    cs_model_named(name)->expansion(law, &s, 1, &a);
    return a;
}

/* Nine digits are given; the stress law to 1e-5, by Runge-Kutta there too,
 * with tau = R0 / k = 50 nm / 0.1 nm/s. */
static void
laws_match_the_reference(void)
{
    static const Case cases[] = {
        { "interface", 500, 0, 60, 1.524061827 },
        { "interface", 500, 0, 120, 1.867756044 },
        { "interface", 500, 0, 300, 2.344698680 },
        { "interface", 500, 0, 500, 2.421189693 },
        { "diffusion", 500, 0, 60, 1.655514256 },
        { "diffusion", 500, 0, 120, 1.894503379 },
        { "diffusion", 500, 0, 300, 2.271994364 },
        { "diffusion", 500, 0, 500, 2.421189693 },
        { "current", 100, 0, 50, 1.784439590 },
        { "stress", 500, 1, 60, 1.459379080 },
        { "stress", 500, 1, 120, 1.722033690 },
        { "stress", 500, 1, 300, 2.113462116 },
        { "stress", 500, 1, 500, 2.286436120 },
        { "stress", 500, 1, 1000, 2.402286370 },
        { "stress", 500, 2, 60, 1.411464657 },
        { "stress", 500, 2, 120, 1.623779453 },
        { "stress", 500, 2, 300, 1.942090519 },
        { "stress", 500, 2, 500, 2.106317381 },
        { "stress", 500, 2, 1000, 2.276573224 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *c = &cases[i];
        CsLaw law = { .z = z, .tau_s = c->tau_s, .exponent = c->exponent };

        g_test_message("%s at %g s", c->model, c->s);
        g_assert_cmpfloat_with_epsilon(
            expansion_of(c->model, &law, c->s), c->expansion,
            g_str_equal(c->model, "stress") ? 1e-5 : 2e-9);
    }
}

static void
exponential_ends_where_told(void)
{
    CsLaw law = { .z = pow(2.42, 1.5), .tau_s = 100 };

    g_assert_cmpfloat_with_epsilon(expansion_of("exponential", &law, 100),
                                   1.8976111935, 1e-9);
}

/* t(alpha) is known; A/A0 there is [1 + (z-1) alpha]^(2/3). */
static void
times_of_shares_come_back(void)
{
    static const double share[] = { 0.1, 0.25, 0.5, 0.75, 0.9 };
    static const double time[] = { 0.00804171197859998, 0.04688382717121129,
                                   0.17798863726946962, 0.4117435798842617,
                                   0.6463055468462768 };
    static const double area[] = { 1.176888, 1.419848, 1.784440, 2.114866,
                                   2.301120 };
    CsLaw diffusion = { .z = z, .tau_s = 1 };
    CsLaw series = { z, 100, 0, 0, 200, 300 };

    for (int i = 0; i < 5; i++) {
        g_assert_cmpfloat_with_epsilon(
            cs_carter_valensi(share[i], z) / cs_carter_valensi(1, z), time[i],
            1e-12);
        g_assert_cmpfloat_with_epsilon(
            expansion_of("diffusion", &diffusion, time[i]), area[i], 1e-6);
    }
    g_assert_cmpfloat_with_epsilon(cs_carter_valensi(1, z), 0.4864554998,
                                   1e-9);
    g_assert_cmpfloat_with_epsilon(
        expansion_of("series", &series, 144.65648598402092), 1.784439590,
        2e-9);
}

static void
front_and_layer_match_the_reference(void)
{
    g_assert_cmpfloat_with_epsilon(cs_deal_grove_nm(10, 5, 10), 3.6602540,
                                   1e-7);
    g_assert_cmpfloat_with_epsilon(cs_deal_grove_nm(10, 5, 100), 17.912878,
                                   1e-6);
    g_assert_cmpfloat_with_epsilon(cs_deal_grove_nm(10, 5, 1000), 65.887234,
                                   1e-6);
    /* a front of k = 0.1 nm/s: share = 1 - (1 - k s / R0)^3 */
    g_assert_cmpfloat_with_epsilon(
        cs_front_speed_nm_per_s(50, 1 - 0.8 * 0.8 * 0.8,
                                3 * 0.8 * 0.8 * 0.1 / 50), 0.1, 1e-12);
}

/* 1 up to the onset, never shrinking, at most z^(2/3), scaling with tau. */
static void
every_law_keeps_the_contract(void)
{
    enum { N = 300 };
    double s[N], slow[N], a[N], b[N], full = cbrt(z * z);

    for (int i = 0; i < N; i++) {
        s[i] = -20 + i;
        slow[i] = 3 * s[i];
    }
    for (const CsModel *m = cs_models; m->name != NULL; m++) {
        CsLaw law = { z, 90, 1.5, 20, 30, 40 };
        CsLaw slower = { z, 270, 1.5, 60, 90, 120 };

        g_test_message("%s", m->name);
        g_assert_true(cs_model_named(m->name) == m);
        m->expansion(&law, s, N, a);
        m->expansion(&slower, slow, N, b);
        for (int i = 0; i < N; i++) {
            g_assert_true(s[i] > 0 || a[i] == 1);
            g_assert_true(i == 0 || a[i] >= a[i - 1]);
            g_assert_true(a[i] <= full + 1e-9
                          || g_str_equal(m->name, "hinge"));
            g_assert_cmpfloat_with_epsilon(a[i], b[i], 1e-9);
        }
    }
    g_assert_null(cs_model_named("magic"));
}

/* Times that are all the same, far apart or very late do not hang. */
static void
every_law_takes_any_times(void)
{
    static const double s[] = { -1e300, 0, 0, 1e-300, 1e-9, 1e9, 1e300 };
    static const double taus[] = { 1e-6, 1, 1e12 };

    for (const CsModel *m = cs_models; m->name != NULL; m++)
        for (int t = 0; t < 3; t++)
            for (double swell = 1.003; swell < 40; swell *= 3) {
                CsLaw law = { swell, taus[t], 12, 1, 1, 1 };
                double a[7];

                m->expansion(&law, s, 7, a);
                for (int i = 0; i < 7; i++)
                    g_assert_true(a[i] >= 1);
            }
}

static void
table_of_references_agrees(void)
{
    static const struct {
        const char *key, *model;
        double      tau_s, exponent, s, tolerance;
    } cases[] = {
        { "interface A/A0 t=60", "interface", 500, 0, 60, 1e-13 },
        { "interface A/A0 t=120", "interface", 500, 0, 120, 1e-13 },
        { "interface A/A0 t=300", "interface", 500, 0, 300, 1e-13 },
        { "diffusion A/A0 t=60 tauD=500", "diffusion", 500, 0, 60, 1e-11 },
        { "diffusion A/A0 t=300 tauD=500", "diffusion", 500, 0, 300, 1e-11 },
        { "exp sat a=2.42 tau=100 t=100", "exponential", 100, 0, 100, 1e-3 },
        { "constant current A/A0 at t/tau=.5", "current", 2, 0, 1, 1e-13 },
        { "stress-retarded m=1.0 k=0.1 t=60 A/A0", "stress", 500, 1, 60,
          1e-5 },
        { "stress-retarded m=2.0 k=0.1 t=1000 A/A0", "stress", 500, 2, 1000,
          1e-5 },
    };
    g_auto(GStrv) lines = reference_lines();

    for (size_t i = 0; lines != NULL && i < G_N_ELEMENTS(cases); i++) {
        CsLaw law = { .z = z, .tau_s = cases[i].tau_s,
                      .exponent = cases[i].exponent };

        /* there the exponential ends at 2.42, not at 2.4212 */
        assert_reference(lines, cases[i].key,
                         expansion_of(cases[i].model, &law, cases[i].s),
                         cases[i].tolerance);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kinetics/laws_match_the_reference",
                    laws_match_the_reference);
    g_test_add_func("/kinetics/exponential_ends_where_told",
                    exponential_ends_where_told);
    g_test_add_func("/kinetics/times_of_shares_come_back",
                    times_of_shares_come_back);
    g_test_add_func("/kinetics/front_and_layer_match_the_reference",
                    front_and_layer_match_the_reference);
    g_test_add_func("/kinetics/every_law_keeps_the_contract",
                    every_law_keeps_the_contract);
    g_test_add_func("/kinetics/every_law_takes_any_times",
                    every_law_takes_any_times);
    g_test_add_func("/kinetics/table_of_references_agrees",
                    table_of_references_agrees);
    return g_test_run();
}
