/* Every driver of a supply against the simulated bench: the same demands on
 * each, sound and with each fault.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "coatscope/bench.h"
#include "coatscope/bias.h"
#include "coatscope/error.h"
#include "coatscope/supply.h"

/* Short where a fault is waited for, long where a busy machine must not be
 * taken for one. */
enum { SHORT_MS = 200, LONG_MS = 5000 };

static CsBench *
start(const CsBenchSetting *setting)
{
    GError *error = NULL;
    CsBench *bench = cs_bench_start(setting, &error);

    g_assert_no_error(error);
    return bench;
}

static CsSupply *
open_supply(CsBench *bench)
{
    GError *error = NULL;
    CsSupply *supply = cs_supply_open(cs_bench_address(bench), NULL, &error);

    g_assert_no_error(error);
    cs_supply_set_timeout(supply, LONG_MS);
    return supply;
}

static const CsSupplySetting two_volts = {
    .voltage_V = 2, .current_limit_A = 1e-3, .nplc = 1,
};

static double
kiloohm(double voltage_V, double time_s, void *user)
{
    (void) time_s, (void) user;
    return voltage_V / 1e4;
}

static double
ohm(double voltage_V, double time_s, void *user)
{
    (void) time_s, (void) user;
    return voltage_V;
}

static void
test_knows_itself(gconstpointer model)
{
    g_autoptr(CsBench) bench = start(&(CsBenchSetting) { .model = model });
    g_autoptr(CsSupply) supply = open_supply(bench);

    g_assert_cmpstr(cs_supply_driver(supply), ==, model);
    g_assert_cmpstr(cs_supply_identity(supply)->firmware, !=, "");
    g_assert_false(cs_bench_is_on(bench)); /* opening sets nothing */
}

static void
test_sets_and_reads(gconstpointer model)
{
    g_autoptr(CsBench) bench
        = start(&(CsBenchSetting) { .model = model, .load = kiloohm });
    g_autoptr(CsSupply) supply = open_supply(bench);
    g_autoptr(GError) error = NULL;
    CsSupplyReading r;
    bool on = true;

    g_assert_true(cs_supply_prepare(supply, &two_volts, &error));
    g_assert_no_error(error);
    g_assert_cmpfloat(cs_bench_voltage_V(bench), ==, 2);
    g_assert_cmpfloat(cs_bench_limit_A(bench), ==, 1e-3);
    g_assert_false(cs_bench_is_on(bench));
    g_assert_true(cs_supply_output(supply, true, &error));
    g_assert_true(cs_bench_is_on(bench));
    g_assert_true(cs_supply_read(supply, &r, &error));
    g_assert_no_error(error);
    /* the coarsest instrument shows 0.1 mV and 0.1 mA */
    g_assert_cmpfloat_with_epsilon(r.voltage_V, 2, 1e-4);
    g_assert_cmpfloat_with_epsilon(r.current_A, 2e-4, 1e-4);
    g_assert_false(r.limited);
    g_assert_cmpfloat(r.time_sd_s, >, 0);
    g_assert_true(cs_supply_set_voltage(supply, 1, &error));
    g_assert_cmpfloat(cs_bench_voltage_V(bench), ==, 1);
    g_assert_true(cs_supply_output(supply, false, &error));
    g_assert_true(cs_supply_is_on(supply, &on, &error));
    g_assert_false(on || cs_bench_is_on(bench));
}

static void
test_says_when_limited(gconstpointer model)
{
    g_autoptr(CsBench) bench
        = start(&(CsBenchSetting) { .model = model, .load = ohm });
    g_autoptr(CsSupply) supply = open_supply(bench);
    CsSupplyReading r;

    g_assert_true(cs_supply_prepare(supply, &two_volts, NULL));
    g_assert_true(cs_supply_output(supply, true, NULL));
    g_assert_true(cs_supply_read(supply, &r, NULL));
    g_assert_true(r.limited);
    g_assert_cmpfloat_with_epsilon(r.current_A, 1e-3, 1e-4);
}

static void
test_refuses_the_impossible(gconstpointer model)
{
    g_autoptr(CsBench) bench = start(&(CsBenchSetting) { .model = model });
    g_autoptr(CsSupply) supply = open_supply(bench);
    const CsSupplySetting bad[] = {
        { .voltage_V = 1e4, .current_limit_A = 1e-3 },
        { .voltage_V = NAN, .current_limit_A = 1e-3 },
        { .voltage_V = 2, .current_limit_A = 0 },
        { .voltage_V = 2, .current_limit_A = 100 },
        { .voltage_V = 2, .current_limit_A = NAN },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(cs_supply_prepare(supply, &bad[i], &error));
        g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    }
    g_assert_false(cs_bench_is_on(bench));
}

/* With each fault from each question on: an error or success, never a hang,
 * and at the end it is off (but where the instrument is deaf or stuck, which
 * must then be said). */
static void
try_fault(const char *model, CsBenchFault fault, unsigned at)
{
    g_autoptr(CsBench) bench = start(&(CsBenchSetting) {
        .model = model, .load = kiloohm, .fault = fault, .fault_at = at,
        .delay_ms = 2 * SHORT_MS });
    g_autoptr(CsSupply) supply
        = cs_supply_open(cs_bench_address(bench), NULL, NULL);
    g_autoptr(GError) error = NULL;
    CsSupplyReading r;

    if (supply == NULL)
        return;
    cs_supply_set_timeout(supply, SHORT_MS);
    if (cs_supply_prepare(supply, &two_volts, NULL)
        && cs_supply_output(supply, true, NULL))
        (void) cs_supply_read(supply, &r, NULL);
    if (fault != CS_BENCH_SILENT)
        cs_supply_set_timeout(supply, LONG_MS);
    if (cs_supply_make_safe(supply, &error))
        g_assert_false(cs_bench_is_on(bench));
    else
        g_assert_true(fault == CS_BENCH_SILENT || fault == CS_BENCH_STUCK);
}

static void
test_faults(gconstpointer model)
{
    static const CsBenchFault faults[] = {
        CS_BENCH_SILENT, CS_BENCH_GARBAGE, CS_BENCH_HALF, CS_BENCH_LATE,
        CS_BENCH_HANG_UP, CS_BENCH_STUCK,
    };
    static const unsigned at[] = { 3, 6, 14 };

    for (size_t f = 0; f < G_N_ELEMENTS(faults); f++)
        for (size_t i = 0; i < G_N_ELEMENTS(at); i++)
            try_fault(model, faults[f], at[i]);
}

/* ---- Bias ---------------------------------------------------------------- */

typedef struct {
    unsigned n;
    unsigned fail_at; /* 0: never */
    double   last_A;
} Log;

static bool
keep(const CsSupplyReading *reading, void *user, GError **error)
{
    Log *log = user;

    log->last_A = reading->current_A;
    if (++log->n == log->fail_at)
        return cs_fail(error, CS_ERROR_IO, "disk full");
    return true;
}

/* 20 pA at 2 V, and ten times the trip from half a second on. */
static double
shorts_later(double voltage_V, double time_s, void *user)
{
    const double *at_s = user;

    return time_s > *at_s ? voltage_V / 2e8 : voltage_V / 1e11;
}

static const CsBiasPlan quick = {
    .voltage_V = 2, .current_limit_A = 1e-6, .trip_A = 1e-9,
    .hold_s = 0.2, .interval_s = 0.01, .nplc = 1,
};

static void
test_bias_held(void)
{
    g_autoptr(CsBench) bench
        = start(&(CsBenchSetting) { .model = "keithley-2450" });
    g_autoptr(CsSupply) supply = open_supply(bench);
    g_autoptr(GError) error = NULL;
    CsBiasOutcome outcome;
    Log log = { 0 };

    g_assert_true(cs_bias_run(supply, &quick, NULL, keep, &log, &outcome,
                              &error));
    g_assert_no_error(error);
    g_assert_cmpint(outcome.end, ==, CS_BIAS_DONE);
    g_assert_cmpuint(outcome.n_readings, ==, log.n);
    g_assert_cmpuint(log.n, >=, 2);
    g_assert_true(isnan(outcome.open_latency_s));
    g_assert_cmpfloat_with_epsilon(log.last_A, 1e-12, 1e-15);
    g_assert_false(cs_bench_is_on(bench));
}

static void
test_bias_short(gconstpointer model)
{
    double at_s = 0.3;
    g_autoptr(CsBench) bench = start(&(CsBenchSetting) {
        .model = model, .load = shorts_later, .user = &at_s });
    g_autoptr(CsSupply) supply = open_supply(bench);
    CsBiasPlan plan = quick;
    CsBiasOutcome outcome;
    Log log = { 0 };

    plan.hold_s = 20;
    g_assert_true(cs_bias_run(supply, &plan, NULL, keep, &log, &outcome,
                              NULL));
    g_assert_cmpint(outcome.end, ==, CS_BIAS_SHORT);
    g_assert_cmpfloat(log.last_A, >, plan.trip_A); /* the guilty one is kept */
    g_assert_cmpfloat(outcome.open_latency_s, >=, 0);
    g_assert_cmpfloat(outcome.confirmed_s, >=, 0);
    g_assert_false(cs_bench_is_on(bench));
}

static void
test_bias_log_fails(void)
{
    g_autoptr(CsBench) bench
        = start(&(CsBenchSetting) { .model = "keithley-2450" });
    g_autoptr(CsSupply) supply = open_supply(bench);
    g_autoptr(GError) error = NULL;
    CsBiasOutcome outcome;
    Log log = { .fail_at = 2 };

    g_assert_false(cs_bias_run(supply, &quick, NULL, keep, &log, &outcome,
                               &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
    g_assert_false(cs_bench_is_on(bench));
}

static void
test_bias_stuck(void)
{
    g_autoptr(CsBench) bench = start(&(CsBenchSetting) {
        .model = "keithley-2450", .fault = CS_BENCH_STUCK });
    g_autoptr(CsSupply) supply = open_supply(bench);
    g_autoptr(GError) error = NULL;
    CsBiasOutcome outcome;
    Log log = { 0 };

    g_assert_false(cs_bias_run(supply, &quick, NULL, keep, &log, &outcome,
                               &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "MAY STILL BE ON"));
}

static void
test_bias_cancelled(void)
{
    g_autoptr(CsBench) bench
        = start(&(CsBenchSetting) { .model = "rigol-dp832" });
    g_autoptr(CsSupply) supply = open_supply(bench);
    g_autoptr(GCancellable) stop = g_cancellable_new();
    GError *error = NULL;
    CsBiasOutcome outcome;
    Log log = { 0 };

    g_cancellable_cancel(stop);
    g_assert_true(cs_bias_run(supply, &quick, stop, keep, &log, &outcome,
                              &error));
    g_assert_no_error(error);
    g_assert_cmpint(outcome.end, ==, CS_BIAS_CANCELLED);
    g_assert_false(cs_bench_is_on(bench));
}

static void
test_nobody_there(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(cs_supply_open("tcp:127.0.0.1:1", NULL, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
}

static void
add_for(const char *model, const char *name, GTestDataFunc test)
{
    g_autofree char *path = g_strdup_printf("/supplies/%s/%s", model, name);

    g_test_add_data_func(path, model, test);
}

int
main(int argc, char **argv)
{
    const char *const *model = cs_supply_drivers();

    g_test_init(&argc, &argv, NULL);
    for (; *model != NULL; model++) {
        add_for(*model, "knows-itself", test_knows_itself);
        add_for(*model, "sets-and-reads", test_sets_and_reads);
        add_for(*model, "says-when-limited", test_says_when_limited);
        add_for(*model, "refuses-the-impossible", test_refuses_the_impossible);
        add_for(*model, "faults", test_faults);
    }
    g_test_add_data_func("/bias/short/2450", "keithley-2450", test_bias_short);
    g_test_add_data_func("/bias/short/2400", "keithley-2400", test_bias_short);
    g_test_add_func("/bias/held", test_bias_held);
    g_test_add_func("/bias/log-fails", test_bias_log_fails);
    g_test_add_func("/bias/stuck", test_bias_stuck);
    g_test_add_func("/bias/cancelled", test_bias_cancelled);
    g_test_add_func("/supplies/nobody-there", test_nobody_there);
    return g_test_run();
}
