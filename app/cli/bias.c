/* coatscope bias: a voltage held, its current logged, a short opened.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/bench.h"
#include "coatscope/bias.h"
#include "coatscope/error.h"

typedef struct {
    FILE  *file;
    char  *path;
    double first_s;    /* on the clock of the readings */
    gint64 wall_us;    /* wall clock less the readings' clock */
} Log;

static void
log_clear(Log *log)
{
    if (log->file != NULL)
        fclose(log->file);
    g_free(log->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Log, log_clear)

static bool
write_failed(const Log *log, GError **error)
{
    return cs_fail(error, CS_ERROR_IO, "%s: %s", log->path,
                   g_strerror(errno));
}

/* An older log is never written over. */
static bool
log_open(Log *log, GError **error)
{
    log->file = fopen(log->path, "wx");
    if (log->file == NULL)
        return write_failed(log, error);
    log->first_s = NAN;
    log->wall_us = g_get_real_time() - g_get_monotonic_time();
    if (fprintf(log->file, "time_s,time_utc,time_sd_s,bias_V,current_A,"
                           "limited\n") < 0)
        return write_failed(log, error);
    return true;
}

static void
add_number(GString *line, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (isfinite(value))
        g_string_append(line, g_ascii_formatd(text, sizeof text, "%.9g",
                                              value));
    g_string_append_c(line, ',');
}

/* Each line is on its way to the disk before the next reading is taken. */
static bool
keep(const CsSupplyReading *r, void *user, GError **error)
{
    Log *log = user;
    g_autoptr(GString) line = g_string_new(NULL);
    gint64 wall_us = log->wall_us + (gint64) (r->time_s * 1e6);
    g_autoptr(GDateTime) second
        = g_date_time_new_from_unix_utc(wall_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) when
        = g_date_time_add(second, wall_us % G_USEC_PER_SEC);
    g_autofree char *utc = g_date_time_format(when, "%Y-%m-%dT%H:%M:%S.%fZ");

    if (isnan(log->first_s))
        log->first_s = r->time_s;
    add_number(line, r->time_s - log->first_s);
    g_string_append_printf(line, "%s,", utc);
    add_number(line, r->time_sd_s);
    add_number(line, r->voltage_V);
    add_number(line, r->current_A);
    g_string_append_printf(line, "%d\n", r->limited);
    if (fputs(line->str, log->file) < 0 || fflush(log->file) != 0)
        return write_failed(log, error);
    return true;
}

static int
tell_outcome(const CsBiasOutcome *o, const Log *log)
{
    printf("%" G_GSIZE_FORMAT " readings in %s\n", o->n_readings, log->path);
    if (o->end != CS_BIAS_SHORT)
        return CS_CLI_OK;
    printf("Short circuit: the output was told to open %.1f ms after the "
           "reading that showed it,\nand confirmed off %.1f ms later\n",
           1e3 * o->open_latency_s, 1e3 * o->confirmed_s);
    return CS_CLI_FAILED;
}

static int
run(const char *address, const CsBiasPlan *plan, Log *log, const CsJob *job)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CsSupply) supply
        = cs_supply_open(address, job->cancellable, &error);
    CsBiasOutcome outcome;

    if (supply == NULL || !log_open(log, &error)
        || !cs_bias_run(supply, plan, job->cancellable, keep, log, &outcome,
                        &error))
        return cs_cli_failed(error);
    return tell_outcome(&outcome, log);
}

static int
run_simulated(const CsBiasPlan *plan, Log *log, const CsJob *job)
{
    CsBenchSetting setting = {
        .model = "keithley-2450", .noise_A = 1e-13, .seed = 1,
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(CsBench) bench = cs_bench_start(&setting, &error);

    if (bench == NULL)
        return cs_cli_failed(error);
    return run(cs_bench_address(bench), plan, log, job);
}

int
cs_cli_bias(int argc, char **argv)
{
    CsBiasPlan plan = CS_BIAS_PLAN_INIT;
    g_auto(GStrv) addresses = NULL;
    g_auto(Log) log = { 0 };
    gboolean simulated = FALSE;
    int status;
    const GOptionEntry entries[] = {
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &log.path,
          "Log to FILE, which must not be there", "FILE.csv" },
        { "voltage", 0, 0, G_OPTION_ARG_DOUBLE, &plan.voltage_V,
          "Voltage (default 2)", "V" },
        { "limit", 0, 0, G_OPTION_ARG_DOUBLE, &plan.current_limit_A,
          "Current that the instrument itself holds (default 1e-6)", "A" },
        { "trip", 0, 0, G_OPTION_ARG_DOUBLE, &plan.trip_A,
          "Current above which the circuit is opened (default 1e-9)", "A" },
        { "ramp", 0, 0, G_OPTION_ARG_DOUBLE, &plan.ramp_V_per_s,
          "Volts per second up to the voltage; 0: at once (default 1)",
          "V/s" },
        { "duration", 0, 0, G_OPTION_ARG_DOUBLE, &plan.hold_s,
          "Seconds at full voltage; 0: until Ctrl-C (default 0)", "S" },
        { "interval", 0, 0, G_OPTION_ARG_DOUBLE, &plan.interval_s,
          "Seconds from reading to reading (default 0.1)", "S" },
        { "simulate", 0, 0, G_OPTION_ARG_NONE, &simulated,
          "Use the simulated bench: a Keithley 2450 on 2 TΩ", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &addresses,
          NULL, NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context
        = g_option_context_new("ADDRESS -o FILE.csv");
    g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;

    g_option_context_set_summary(
        context,
        "Holds a voltage between needle and particle and logs the current, as "
        "time_s, time_utc,\ntime_sd_s, bias_V, current_A and limited. Opens the "
        "circuit on a short, at the end, on\nCtrl-C and on any failure. Ends "
        "with 1 after a short. Addresses: coatscope instruments --help.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, cs_cli_job_group(&cli));
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (log.path == NULL)
        return cs_cli_wrong_usage("bias: where to? Give -o FILE.csv");
    if (simulated ? addresses != NULL
                  : addresses == NULL || addresses[1] != NULL)
        return cs_cli_wrong_usage("bias: give one address, or --simulate");
    cs_cli_job_start(&cli);
    status = simulated ? run_simulated(&plan, &log, &cli.job)
                       : run(addresses[0], &plan, &log, &cli.job);
    return cs_cli_end(status);
}
