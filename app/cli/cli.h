/* What the verbs of the command line share: options, errors, progress.
 *
 * A verb looks like this:
 *
 *   g_auto(CsCliRecording) given = CS_CLI_RECORDING_INIT;
 *   g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;
 *   g_autoptr(GOptionContext) context = g_option_context_new("FILE…");
 *   int status;
 *
 *   g_option_context_add_main_entries(context, entries, NULL);
 *   g_option_context_add_group(context, cs_cli_recording_group(&given));
 *   g_option_context_add_group(context, cs_cli_job_group(&cli));
 *   if (!cs_cli_parse(context, argc, argv, &status))
 *       return status;
 *   cs_cli_job_start(&cli);
 *   if (!do_it(&cli.job, &error))
 *       status = cs_cli_failed(error);
 *   return cs_cli_end(status);
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <glib.h>
#include <stdbool.h>

#include "coatscope/job.h"
#include "coatscope/recording.h"

/* Exit statuses. Stopped by a signal it is 128 and the signal's number: 130
 * for Ctrl-C. */
enum { CS_CLI_OK = 0, CS_CLI_FAILED = 1, CS_CLI_USAGE = 2, CS_CLI_SIGNAL = 128 };

/* Parses the options of a verb; argv[0] is its name. False when the verb has
 * to return *status at once (wrong usage: said on standard error). `--help`
 * prints and ends the program. *status is CS_CLI_OK otherwise. Gather what is
 * not an option with a G_OPTION_REMAINING entry. */
bool cs_cli_parse(GOptionContext *context, int argc, char **argv,
                  int *status);

/* Says "coatscope: message" on one line of standard error and returns
 * CS_CLI_FAILED, or CS_CLI_USAGE with the way to the help of the verb. */
int cs_cli_failed(const GError *error);
int cs_cli_wrong_usage(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Says "coatscope: warning: message" on one line of standard error. */
void cs_cli_warn(const char *message);

/* What a verb returns last: flushes standard output; failing to write there
 * makes a status of CS_CLI_OK into CS_CLI_FAILED, and says so. */
int cs_cli_end(int status);

/* A number above 0 for GOption callbacks and the like: sets G_OPTION_ERROR
 * naming the option and what it takes. */
bool cs_cli_positive(const char *option, const char *text, double *value,
                     GError **error);

/* ---- --scale, --interval, --times, --bias-log, --dose-rate … -------------- */

typedef struct {
    CsRecordingOptions options;   /* hand a pointer to this to
                                     cs_recording_open                      */
    char              *times_csv; /* what options.times_csv points to; ours */
    CsLogOptions       log;       /* what options.log points to, if given   */
    GPtrArray         *texts;     /* what log points to; ours               */
    CsBeamOptions      beam;      /* what options.beam points to, if given  */
} CsCliRecording;

#define CS_CLI_RECORDING_INIT                                                 \
    {                                                                         \
        .options = CS_RECORDING_OPTIONS_INIT, .log = CS_LOG_OPTIONS_INIT,     \
        .beam = CS_BEAM_OPTIONS_INIT                                          \
    }

/* Adds --bias-log and its like to the group of cs_cli_recording_group. */
void cs_cli_log_options(GOptionGroup *group);
/* The same for --dose-rate and its like. */
void cs_cli_beam_options(GOptionGroup *group);

/* The group writes into *recording, which must outlive the parsing. */
GOptionGroup *cs_cli_recording_group(CsCliRecording *recording);
void          cs_cli_recording_clear(CsCliRecording *recording);

/* ---- --threads, --quiet; progress, warnings, Ctrl-C ----------------------- */

typedef struct {
    CsJob         job; /* for the stages; complete after cs_cli_job_start   */
    int           n_threads;
    gboolean      quiet;
    bool          shows_progress;
    char         *what;     /* being done, as last drawn; ours              */
    gint64        since_us; /* when that began                              */
    gint64        drawn_us; /* when it was drawn last                       */
    GCancellable *cancellable;
} CsCliJob;

#define CS_CLI_JOB_INIT { 0 }

GOptionGroup *cs_cli_job_group(CsCliJob *cli);

/* Completes cli->job: progress with an estimate on standard error if that is
 * a terminal, warnings there too, and Ctrl-C (or SIGTERM) cancels, so that
 * nothing is left half written; the second one ends the program. Call it from
 * main's thread before any other thread is made. cli must not move. */
void cs_cli_job_start(CsCliJob *cli);

/* cs_cli_failed for what a job did: wipes the progress line, and where the
 * user stopped it says what came of it (`then`, one clause) and returns the
 * status of the signal. */
int cs_cli_job_failed(CsCliJob *cli, const GError *error, const char *then);

/* Takes the progress line away before anything else is printed. */
void cs_cli_job_wipe(CsCliJob *cli);
void cs_cli_job_clear(CsCliJob *cli);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsCliRecording, cs_cli_recording_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsCliJob, cs_cli_job_clear)
