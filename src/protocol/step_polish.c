/* The step of electropolishing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/error.h"
#include "coatscope/needle_prep.h"
#include "coatscope/polish.h"
#include "protocol/log.h"
#include "protocol/run.h"

typedef struct {
    CsExperiment *x;
    CsLog1 log;
} Keep;

static bool
keep(const CsSupplyReading *r, void *user, GError **error)
{
    Keep *k = user;

    return cs_log1_add(&k->log, cs_lab_clock_at(k->x->clock, r->time_s), 1, r,
                       error);
}

static bool
keep_outcome(CsExperiment *x, const CsProtocolStep *s,
             const CsPolishOutcome *o, double wire_mm, GError **error)
{
    double share = o->overshoot_C / o->charge_C;

    if (!cs_run_value(x, s, "charge", o->charge_C, "C", error)
        || !cs_run_value(x, s, "dissolved", cs_etched_mm(o->charge_C, wire_mm),
                         "mm", error)
        || !cs_run_value(x, s, "before", o->before_A, "A", error)
        || !cs_run_value(x, s, "after", o->after_A, "A", error)
        || !cs_run_value(x, s, "latency", 1e3 * o->latency_s, "ms", error)
        || !cs_run_value(x, s, "overshoot", 100 * share, "%", error))
        return false;
    cs_run_tell(x, "  %.3f C in %.1f s; off %.0f ms after the last good "
                "reading, charge after the drop at most %.2f %%",
                o->charge_C, o->duration_s, 1e3 * o->latency_s, 100 * share);
    return true;
}

/* One dip; *is_cut is what the person says, or the bench knows. */
static bool
dip(CsExperiment *x, const CsProtocolStep *s, const CsPolishPlan *plan,
    bool *is_cut, GError **error)
{
    g_auto(CsLog1) log = CS_LOG1_INIT;
    Keep k = { x, CS_LOG1_INIT };
    CsPolishOutcome o;
    bool ok;

    if (!cs_log1_open(x->dir, s->id, cs_lab_clock_now(x->clock), &k.log,
                      error))
        return false;
    cs_lab_clock_run(x->clock, 1);
    ok = cs_polish_run(x->supply, plan,
                       x->job != NULL ? x->job->cancellable : NULL, keep, &k,
                       &o, error);
    cs_lab_clock_run(x->clock, 0);
    log = k.log;
    if (!ok || !cs_job_go_on(x->job, error)
        || !cs_run_text(x, s, "log", log.path, error)
        || !keep_outcome(x, s, &o, cs_step_number(s, "wire"), error))
        return false;
    if (x->options->is_simulated) {
        *is_cut = x->wire.is_cut;
        return true;
    }
    return cs_run_confirm(x, "The output is off. Is the wire cut?", is_cut,
                          error);
}

bool
cs_step_polish(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    const CsPolishPlan plan = {
        .voltage_V = cs_step_number(s, "voltage"),
        .current_limit_A = cs_step_number(s, "current_limit"),
        .drop_ratio = cs_step_number(s, "drop"), .window_s = 1,
        .least_A = 2e-3, .longest_s = cs_step_number(s, "longest_dip"),
    };
    int most = (int) cs_step_number(s, "dips_most");
    bool has, is_cut = false;

    if (!cs_run_open_supply(x, &has, error))
        return false;
    if (!has)
        return cs_step_person(x, s, error);
    for (int i = 0; i < most && !is_cut; i++) {
        g_autofree char *answer = NULL;
        g_autofree char *ready = g_strdup_printf(
            "Dip %d: %g times up and down by %g to %g mm. Ready? (Enter)",
            i + 1, cs_step_number(s, "iterations"),
            cs_step_number(s, "travel_least"),
            cs_step_number(s, "travel_most"));

        if (!cs_run_ask(x, ready, "", &answer, error)
            || !dip(x, s, &plan, &is_cut, error))
            return false;
        if (!cs_run_value(x, s, "dips", i + 1, "", error))
            return false;
    }
    return is_cut
           || cs_fail(error, CS_ERROR_ARGUMENT,
                      "the wire is not cut after %d dips", most);
}
