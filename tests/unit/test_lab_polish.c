/* Electropolishing, and what is reckoned on the way to a needle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <math.h>

#include "coatscope/bench.h"
#include "coatscope/error.h"
#include "coatscope/needle_prep.h"
#include "coatscope/polish.h"
#include "coatscope/wire_bench.h"

static const CsPolishPlan plan = CS_POLISH_PLAN_INIT;

/* Feeds n readings every 20 ms; the number of the one that told, or -1. */
static int
feed(CsPolishWatch *w, int begin, int n, double (*current)(int i))
{
    for (int i = begin; i < begin + n; i++)
        if (cs_polish_watch(w, &plan, 0.02 * i, current(i)))
            return i;
    return -1;
}

/* Five dips a ten seconds between 2 and 4 mm: half of the current. */
static double
dipped(int i)
{
    return 0.045 + 0.015 * sin(2 * G_PI * i / 100);
}

static double
fading(int i)
{
    return 0.06 * exp(-i / 250.0);
}

static double
bubbling(int i)
{
    return i % 100 == 50 ? 0.001 : 0.06;
}

static double
cut_at_1000(int i)
{
    return i < 1000 ? dipped(i) : 0.004;
}

static double
nothing(int i)
{
    return i % 3 == 0 ? 1e-4 : 1e-6;
}

static void
test_only_a_drop_counts(void)
{
    double (*const sound[])(int) = { dipped, fading, bubbling, nothing };

    for (size_t i = 0; i < G_N_ELEMENTS(sound); i++) {
        CsPolishWatch w = CS_POLISH_WATCH_INIT;

        g_assert_cmpint(feed(&w, 0, 3000, sound[i]), ==, -1);
    }
}

/* The second reading after the cut tells it: with 20 s of polishing the charge
 * of two readings and of one more to switch off is 0.3 %, the bar is 2 %. */
static void
test_a_drop_is_told_at_once(void)
{
    CsPolishWatch w = CS_POLISH_WATCH_INIT;
    double charge = 0;
    int told = feed(&w, 0, 3000, cut_at_1000);

    g_assert_cmpint(told, ==, 1001);
    for (int i = 0; i < 1000; i++)
        charge += dipped(i) * 0.02;
    g_assert_cmpfloat((told + 1 - 999) * 0.02 * w.median_A, <, 0.02 * charge);
}

static bool
count(const CsSupplyReading *reading, void *user, GError **error)
{
    (void) reading, (void) error;
    ++*(size_t *) user;
    return true;
}

static void
test_dip_ends_off(gconstpointer model)
{
    CsWireBench wire = CS_WIRE_BENCH_INIT;
    g_autoptr(CsBench) bench = cs_bench_start(
        &(CsBenchSetting) { .model = model, .load = cs_wire_bench_load,
                            .user = &wire }, NULL);
    g_autoptr(CsSupply) supply
        = cs_supply_open(cs_bench_address(bench), NULL, NULL);
    g_autoptr(GError) error = NULL;
    CsPolishOutcome o;
    size_t n = 0;

    wire.cut_C = 0.1;
    g_assert_true(cs_polish_run(supply, &plan, NULL, count, &n, &o, &error));
    g_assert_no_error(error);
    g_assert_cmpint(o.end, ==, CS_POLISH_DROPPED);
    g_assert_true(wire.is_cut);
    g_assert_false(cs_bench_is_on(bench));
    g_assert_cmpuint(n, ==, o.n_readings);
    /* trapezes between readings against the wire's own steps */
    g_assert_cmpfloat_with_epsilon(o.charge_C, wire.charge_C, 0.01);
    g_assert_cmpfloat(o.latency_s, >, 0);
    g_assert_cmpfloat(o.overshoot_C, <, o.charge_C);
    g_test_message("%s: latency %.1f ms, overshoot %.2f %%", (char *) model,
                   1e3 * o.latency_s, 100 * o.overshoot_C / o.charge_C);
}

static bool
refuse(const CsSupplyReading *reading, void *user, GError **error)
{
    (void) reading, (void) user;
    return cs_fail(error, CS_ERROR_IO, "no space left");
}

static void
test_full_disk_ends_off(void)
{
    CsWireBench wire = CS_WIRE_BENCH_INIT;
    g_autoptr(CsBench) bench = cs_bench_start(
        &(CsBenchSetting) { .model = "rigol-dp832", .user = &wire,
                            .load = cs_wire_bench_load }, NULL);
    g_autoptr(CsSupply) supply
        = cs_supply_open(cs_bench_address(bench), NULL, NULL);
    g_autoptr(GError) error = NULL;
    CsPolishOutcome o;

    g_assert_false(cs_polish_run(supply, &plan, NULL, refuse, NULL, &o,
                                 &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
    g_assert_false(cs_bench_is_on(bench));
}

/* ---- Reckoned: SCIENCE 11 ---------------------------------------------------- */

static void
test_cure_is_that_of_the_protocol(void)
{
    g_assert_cmpfloat_with_epsilon(cs_cure_time_s(23), 14400, 1e-6);
    g_assert_cmpfloat_with_epsilon(cs_cure_time_s(100), 600, 1e-6);
    g_assert_cmpfloat_with_epsilon(cs_cure_time_s(60) / 60, 43.387, 1e-3);
    g_assert_true(isnan(cs_cure_time_s(10)));
    g_assert_true(isnan(cs_cure_time_s(NAN)));
    g_assert_cmpfloat_with_epsilon(cs_cure_share(100, 300), 0.5, 1e-12);
}

static void
test_etching_and_purges(void)
{
    /* 1 mm of 0.25 mm wire: 2.97559 C */
    g_assert_cmpfloat_with_epsilon(cs_etched_mm(2.97559, 0.25), 1, 1e-4);
    g_assert_cmpfloat_with_epsilon(cs_purged_ppm(0.1, 3), 209, 1e-9);
}

static void
test_oxide_range_is_wide_and_grows(void)
{
    const CsExposure box = { 3600, 0.1, 0.1 }, air = { 60, 209000, 14000 };
    CsLithiumOxide a = cs_lithium_oxide(&box, 1),
                   b = cs_lithium_oxide(&air, 1);

    g_assert_cmpfloat(a.least_nm, <, a.most_nm);
    g_assert_cmpfloat(a.most_nm, <, 31);
    g_assert_cmpfloat_with_epsilon(b.most_nm, 30 + 24, 1e-9);
    g_assert_cmpfloat_with_epsilon(a.ppm_hours, 0.2, 1e-12);
    g_assert_cmpfloat(cs_lithium_oxide(NULL, 0).most_nm, ==, 30);
}

int
main(int argc, char **argv)
{
    static const char *const models[] = { "rigol-dp832", "keysight-e36300" };

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/polish/only_a_drop_counts", test_only_a_drop_counts);
    g_test_add_func("/polish/a_drop_is_told_at_once",
                    test_a_drop_is_told_at_once);
    for (size_t i = 0; i < G_N_ELEMENTS(models); i++) {
        g_autofree char *name
            = g_strdup_printf("/polish/dip_ends_off/%s", models[i]);

        g_test_add_data_func(name, models[i], test_dip_ends_off);
    }
    g_test_add_func("/polish/full_disk_ends_off", test_full_disk_ends_off);
    g_test_add_func("/prep/cure_is_that_of_the_protocol",
                    test_cure_is_that_of_the_protocol);
    g_test_add_func("/prep/etching_and_purges", test_etching_and_purges);
    g_test_add_func("/prep/oxide_range_is_wide_and_grows",
                    test_oxide_range_is_wide_and_grows);
    return g_test_run();
}
