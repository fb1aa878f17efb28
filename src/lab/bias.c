/* Bias: holds a voltage, logs the current, opens the circuit on a short.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/bias.h"

#include <math.h>

#include "coatscope/error.h"

typedef struct {
    CsSupply         *supply;
    const CsBiasPlan *plan;
    GCancellable     *cancellable;
    bool (*keep)(const CsSupplyReading *, void *, GError **);
    void             *user;
    gint64            start_us;
    double            voltage_V; /* as last set */
    CsBiasOutcome     outcome;
} Run;

bool
cs_bias_is_short(const CsBiasPlan *plan, const CsSupplyReading *reading)
{
    return reading->limited || reading->overflow
           || fabs(reading->current_A) > plan->trip_A;
}

static bool
check_plan(const CsBiasPlan *p, GError **error)
{
    if (p->trip_A > 0 && p->trip_A <= p->current_limit_A
        && p->ramp_V_per_s >= 0 && p->hold_s >= 0 && p->interval_s >= 0
        && isfinite(p->voltage_V) && isfinite(p->ramp_V_per_s + p->hold_s
                                              + p->interval_s + p->nplc))
        return true;
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "bias: trip at %g A with a limit of %g A; the trip must be "
                   "above 0 and not above the limit, times and ramp not "
                   "negative", p->trip_A, p->current_limit_A);
}

static double
seconds_since(gint64 us)
{
    return (double) (g_get_monotonic_time() - us) / 1e6;
}

static double
ramp_time(const CsBiasPlan *p)
{
    return p->ramp_V_per_s > 0 ? fabs(p->voltage_V) / p->ramp_V_per_s : 0;
}

/* The next step of the ramp, where it isn't over. */
static bool
follow_ramp(Run *run, GError **error)
{
    const CsBiasPlan *p = run->plan;
    double share = ramp_time(p) > 0
                       ? MIN(seconds_since(run->start_us) / ramp_time(p), 1)
                       : 1;
    double wanted = share * p->voltage_V;

    if (wanted == run->voltage_V)
        return true;
    if (!cs_supply_set_voltage(run->supply, wanted, error))
        return false;
    run->voltage_V = wanted;
    return true;
}

/* Off at once: nothing is asked before the command is out. */
static bool
open_circuit(Run *run, gint64 seen_us, GError **error)
{
    gint64 sent_us = g_get_monotonic_time();

    run->outcome.end = CS_BIAS_SHORT;
    run->outcome.open_latency_s = (double) (sent_us - seen_us) / 1e6;
    if (!cs_supply_make_safe(run->supply, error))
        return false;
    run->outcome.confirmed_s = seconds_since(sent_us);
    return true;
}

static void
wait_until(const Run *run, gint64 due_us)
{
    while (!g_cancellable_is_cancelled(run->cancellable)) {
        gint64 left = due_us - g_get_monotonic_time();

        if (left <= 0)
            return;
        g_usleep((gulong) MIN(left, 20000));
    }
}

/* One reading. *over: the run ends here. */
static bool
take_reading(Run *run, bool *over, GError **error)
{
    CsSupplyReading reading;
    gint64 seen_us;

    if (!cs_supply_read(run->supply, &reading, error))
        return false;
    seen_us = g_get_monotonic_time();
    if (cs_bias_is_short(run->plan, &reading)) {
        *over = true;
        if (!open_circuit(run, seen_us, error))
            return false;
    }
    run->outcome.n_readings++;
    return run->keep(&reading, run->user, error);
}

static bool
hold(Run *run, GError **error)
{
    const CsBiasPlan *p = run->plan;
    double end_s = p->hold_s > 0 ? ramp_time(p) + p->hold_s : INFINITY;
    gint64 due_us = run->start_us;
    bool over = false;

    while (seconds_since(run->start_us) < end_s) {
        if (g_cancellable_is_cancelled(run->cancellable)) {
            run->outcome.end = CS_BIAS_CANCELLED;
            return true;
        }
        if (!follow_ramp(run, error) || !take_reading(run, &over, error))
            return false;
        if (over)
            return true;
        due_us = MAX(due_us + (gint64) (p->interval_s * 1e6),
                     g_get_monotonic_time());
        wait_until(run, due_us);
    }
    return true;
}

static bool
begin(Run *run, GError **error)
{
    const CsBiasPlan *p = run->plan;
    CsSupplySetting setting = {
        .voltage_V = p->ramp_V_per_s > 0 ? 0 : p->voltage_V,
        .current_limit_A = p->current_limit_A, .nplc = p->nplc,
    };

    run->voltage_V = setting.voltage_V;
    if (!cs_supply_prepare(run->supply, &setting, error)
        || !cs_supply_output(run->supply, true, error))
        return false;
    run->start_us = g_get_monotonic_time();
    return true;
}

/* Off, also after a failure; what went wrong first is what is said, unless
 * the circuit could not be opened, which is worse. */
static bool
finish(Run *run, bool ok, GError **first, GError **error)
{
    g_autoptr(GError) unsafe = NULL;

    if (!cs_supply_make_safe(run->supply, &unsafe)) {
        cs_fail(error, CS_ERROR_IO,
                "THE OUTPUT MAY STILL BE ON, switch it off by hand: %s%s%s",
                unsafe->message, *first != NULL ? "; before that: " : "",
                *first != NULL ? (*first)->message : "");
        g_clear_error(first);
        return false;
    }
    if (!ok)
        g_propagate_error(error, g_steal_pointer(first));
    return ok;
}

bool
cs_bias_run(CsSupply *supply, const CsBiasPlan *plan,
            GCancellable *cancellable,
            bool (*keep)(const CsSupplyReading *, void *, GError **),
            void *user, CsBiasOutcome *outcome, GError **error)
{
    g_autoptr(GError) first = NULL;
    Run run = {
        .supply = supply, .plan = plan, .cancellable = cancellable,
        .keep = keep, .user = user,
        .outcome = { .open_latency_s = NAN, .confirmed_s = NAN },
    };
    bool ok;

    if (!check_plan(plan, error))
        return false;
    ok = begin(&run, &first) && hold(&run, &first);
    if (!finish(&run, ok, &first, error))
        return false;
    *outcome = run.outcome;
    return true;
}
