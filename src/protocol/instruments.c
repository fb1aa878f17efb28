/* Instruments of an experiment: real ones by their addresses, or the bench.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "protocol/run.h"

/* The question at which the source-meter's replies go wrong: readings have
 * begun by then. */
enum { FAULT_AT = 60, LATE_MS = 6000 };

static const CsExperimentFault faults[] = {
    { "silence", "the source-meter answers nothing any more" },
    { "garbage", "one of its replies means nothing" },
    { "half-reply", "half of one reply, then nothing" },
    { "delay", "one reply comes 6 s late" },
    { "disconnect", "it closes the connection" },
    { "compliance", "its current limit holds the current" },
    { "short-circuit", "5 nA flow between needle and particle" },
    { "lost-contact", "the current through the contact is gone" },
    { "drift-jump", "the specimen jumps by 120 nm" },
    { "full-disk", "the disk is full while frames are written" },
    { 0 },
};

static const struct { const char *name; CsBenchFault fault; } replies[] = {
    { "silence", CS_BENCH_SILENT },    { "garbage", CS_BENCH_GARBAGE },
    { "half-reply", CS_BENCH_HALF },   { "delay", CS_BENCH_LATE },
    { "disconnect", CS_BENCH_HANG_UP },
};

const CsExperimentFault *
cs_experiment_faults(void)
{
    return faults;
}

bool
cs_run_has_fault(const CsExperiment *x, const char *name)
{
    return x->options->faults != NULL
           && g_strv_contains(x->options->faults, name);
}

static GCancellable *
stop_of(const CsExperiment *x)
{
    return x->job != NULL ? x->job->cancellable : NULL;
}

/* ---- Supply and source-meter ----------------------------------------------- */

static bool
open_supply(CsExperiment *x, const char *address, CsSupply **supply,
            GError **error)
{
    if (*supply == NULL)
        *supply = cs_supply_open(address, stop_of(x), error);
    return *supply != NULL;
}

bool
cs_run_open_supply(CsExperiment *x, bool *has, GError **error)
{
    const char *address = x->options->supply;

    *has = x->options->is_simulated || address != NULL;
    if (!*has)
        return true;
    if (x->options->is_simulated && x->supply_bench == NULL) {
        const CsBenchSetting setting = {
            .model = "keysight-e36300", .load = cs_wire_bench_load,
            .user = &x->wire, .noise_A = 1e-4, .seed = 2,
        };

        x->wire = (CsWireBench) CS_WIRE_BENCH_INIT;
        x->supply_bench = cs_bench_start(&setting, error);
        if (x->supply_bench == NULL)
            return false;
    }
    return open_supply(x, x->supply_bench != NULL
                              ? cs_bench_address(x->supply_bench) : address,
                       &x->supply, error);
}

/* The contact: 100 GOhm through the oxide, none, a short, or a wire. */
static double
contact_load(double voltage_V, double time_s, void *user)
{
    CsExperiment *x = user;

    (void) time_s;
    if (g_atomic_int_get(&x->contact.is_limited))
        return voltage_V / 1e4;
    if (g_atomic_int_get(&x->contact.is_short))
        return voltage_V / 4e8;
    return voltage_V / (g_atomic_int_get(&x->contact.is_lost) ? 1e14 : 1e11);
}

bool
cs_run_open_source(CsExperiment *x, bool *has, GError **error)
{
    const char *address = x->options->source_meter;

    *has = x->options->is_simulated || address != NULL;
    if (!*has)
        return true;
    if (x->options->is_simulated && x->source_bench == NULL) {
        CsBenchSetting setting = {
            .model = "keithley-2450", .load = contact_load, .user = x,
            .noise_A = 3e-13, .seed = 3, .fault_at = FAULT_AT,
            .delay_ms = LATE_MS,
        };

        for (size_t i = 0; i < G_N_ELEMENTS(replies); i++)
            if (cs_run_has_fault(x, replies[i].name))
                setting.fault = replies[i].fault;
        x->source_bench = cs_bench_start(&setting, error);
        if (x->source_bench == NULL)
            return false;
    }
    return open_supply(x, x->source_bench != NULL
                              ? cs_bench_address(x->source_bench) : address,
                       &x->source_meter, error);
}

/* ---- Stage ------------------------------------------------------------------ */

/* What a step of kind height left before the program was started anew. */
static void
restore_heights(const CsExperiment *x, CsStageBenchSetting *setting)
{
    for (size_t i = 0; i < x->protocol.n; i++) {
        const CsProtocolStep *s = &x->protocol.step[i];
        const CsJournalEntry *left
            = cs_journal_last(&x->journal, "value", s->id, "left");

        if (left == NULL || strcmp(s->kind->name, "height") != 0)
            continue;
        if (strcmp(cs_step_text(s, "part"), "grid") == 0)
            setting->grid_height_nm = left->value;
        else
            setting->needle_height_nm = left->value;
    }
}

bool
cs_run_open_stage(CsExperiment *x, bool *has, GError **error)
{
    CsStageBenchSetting setting = CS_STAGE_BENCH_SETTING_INIT;

    *has = x->options->is_simulated;
    if (!*has || x->motion != NULL)
        return true;
    if (x->scene == NULL)
        x->scene = cs_stage_scene_new(1, x->job, error);
    if (x->scene == NULL)
        return false;
    restore_heights(x, &setting);
    x->stage = cs_stage_bench_new(x->scene, &setting, x->clock);
    x->motion = cs_motion_open("simulated",
                               &(CsMotionSetting) { .with = x->stage },
                               error);
    return x->motion != NULL;
}

/* ---- Safe ------------------------------------------------------------------- */

static void
blame(GString *why, const char *what, GError *error)
{
    g_string_append_printf(why, "%s%s: %s", why->len > 0 ? "; " : "", what,
                           error->message);
    g_error_free(error);
}

static void
switch_off(CsSupply *supply, const char *what, GString *why)
{
    GError *error = NULL;

    if (supply == NULL)
        return;
    cs_supply_set_timeout(supply, 1000);
    if (!cs_supply_make_safe(supply, &error))
        blame(why, what, error);
}

bool
cs_run_make_safe(CsExperiment *x, GError **error)
{
    g_autoptr(GString) why = g_string_new(NULL);
    GError *stuck = NULL;

    switch_off(x->source_meter,
               "THE SOURCE-METER'S OUTPUT MAY STILL BE ON, switch it off by "
               "hand", why);
    switch_off(x->supply,
               "THE SUPPLY'S OUTPUT MAY STILL BE ON, switch it off by hand",
               why);
    if (x->motion != NULL && !cs_motion_make_safe(x->motion, &stuck))
        blame(why, "THE NEEDLE IS NOT BACK, draw it back by hand", stuck);
    return why->len == 0 || cs_fail(error, CS_ERROR_IO, "%s", why->str);
}

void
cs_run_close(CsExperiment *x)
{
    g_clear_pointer(&x->supply, cs_supply_free);
    g_clear_pointer(&x->source_meter, cs_supply_free);
    g_clear_pointer(&x->motion, cs_motion_free);
    g_clear_pointer(&x->supply_bench, cs_bench_stop);
    g_clear_pointer(&x->source_bench, cs_bench_stop);
    g_clear_pointer(&x->stage, cs_stage_bench_free);
    g_clear_pointer(&x->scene, cs_stage_scene_unref);
    g_clear_pointer(&x->clock, cs_lab_clock_free);
    cs_journal_clear(&x->journal);
    cs_protocol_clear(&x->protocol);
}
