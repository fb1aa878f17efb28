/* What the verbs share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "coatscope/error.h"

/* ---- Saying things -------------------------------------------------------- */

/* One line, whatever is in the message: file names may hold line breaks and
 * the control characters of a terminal. */
static void
say(const char *before, const char *message)
{
    g_autofree char *line = g_utf8_make_valid(message, -1);

    for (char *c = line; *c != '\0'; c++)
        if ((unsigned char) *c < 0x20 || *c == 0x7f)
            *c = ' ';
    fprintf(stderr, "coatscope: %s%s\n", before, line);
}

int
cs_cli_failed(const GError *error)
{
    say("", error->message);
    return CS_CLI_FAILED;
}

int
cs_cli_wrong_usage(const char *format, ...)
{
    g_autofree char *message = NULL;
    g_autofree char *with_help = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    with_help = g_strdup_printf("%s; see %s --help", message,
                                g_get_prgname());
    say("", with_help);
    return CS_CLI_USAGE;
}

void
cs_cli_warn(const char *message)
{
    say("warning: ", message);
}

int
cs_cli_end(int status)
{
    bool failed = ferror(stdout) != 0;

    errno = 0;
    if (fflush(stdout) == 0 && !failed)
        return status;
    say("cannot write to standard output: ",
        errno != 0 ? g_strerror(errno) : "the output was cut off");
    return status == CS_CLI_OK ? CS_CLI_FAILED : status;
}

/* ---- Options -------------------------------------------------------------- */

bool
cs_cli_parse(GOptionContext *context, int argc, char **argv, int *status)
{
    g_autofree char *name = g_strdup_printf("coatscope %s", argv[0]);
    g_autofree char **rest = g_memdup2(argv, sizeof *argv
                                                 * ((gsize) argc + 1));
    g_autoptr(GError) error = NULL;

    *status = CS_CLI_OK;
    g_set_prgname(name);
    rest[0] = name;
    if (g_option_context_parse(context, &argc, &rest, &error)) {
        if (argc <= 1)
            return true;
        g_set_error(&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                    "%s is one word too many", rest[1]);
    }
    *status = cs_cli_wrong_usage("%s", error->message);
    return false;
}

bool
cs_cli_positive(const char *option, const char *text, double *value,
                GError **error)
{
    char *end = NULL;
    double number = g_ascii_strtod(text, &end);

    if (end != text && *end == '\0' && isfinite(number) && number > 0) {
        *value = number;
        return true;
    }
    if (end != text && *end == ',') {
        g_autofree char *dotted = g_strdelimit(g_strdup(text), ",", '.');

        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s takes a number with a decimal point: %s, not %s",
                    option, dotted, text);
        return false;
    }
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "%s takes a number above 0, not “%s”", option, text);
    return false;
}

static gboolean
take_scale(const char *option, const char *text, gpointer user,
           GError **error)
{
    CsCliRecording *recording = user;

    return cs_cli_positive(option, text, &recording->options.nm_per_px_x,
                           error);
}

static gboolean
take_scale_y(const char *option, const char *text, gpointer user,
             GError **error)
{
    CsCliRecording *recording = user;

    return cs_cli_positive(option, text, &recording->options.nm_per_px_y,
                           error);
}

static gboolean
take_interval(const char *option, const char *text, gpointer user,
              GError **error)
{
    CsCliRecording *recording = user;

    return cs_cli_positive(option, text, &recording->options.interval_s,
                           error);
}

static gboolean
take_interval_per(const char *option, const char *text, gpointer user,
                  GError **error)
{
    CsCliRecording *recording = user;

    if (strcmp(text, "file") == 0)
        recording->options.interval_per = CS_PER_FILE;
    else if (strcmp(text, "number") == 0)
        recording->options.interval_per = CS_PER_NUMBER;
    else
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s takes file or number, not “%s”", option, text);
    return recording->options.interval_per != CS_PER_UNSAID;
}

static gboolean
take_times(const char *option, const char *text, gpointer user,
           GError **error)
{
    CsCliRecording *recording = user;

    (void) option;
    (void) error;
    g_free(recording->times_csv);
    recording->times_csv = g_strdup(text);
    recording->options.times_csv = recording->times_csv;
    return TRUE;
}

static gboolean
take_allow_gaps(const char *option, const char *text, gpointer user,
                GError **error)
{
    CsCliRecording *recording = user;

    (void) option;
    (void) text;
    (void) error;
    recording->options.allow_gaps = true;
    return TRUE;
}

GOptionGroup *
cs_cli_recording_group(CsCliRecording *recording)
{
    static const GOptionEntry entries[] = {
        { "scale", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_scale,
          "Size of a pixel, in nm, instead of the file's", "NM_PER_PX" },
        { "scale-y", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_scale_y,
          "The same along y, where it differs", "NM_PER_PX" },
        { "interval", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_interval,
          "Seconds from frame to frame, instead of the file's", "S" },
        { "interval-per", 0, 0, G_OPTION_ARG_CALLBACK,
          (gpointer) take_interval_per,
          "Whether that is from file to file or from number to number in "
          "their names, where numbers are missing", "file|number" },
        { "times", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK,
          (gpointer) take_times,
          "Time of every frame: a table with columns frame,time_s", "CSV" },
        { "allow-gaps", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK,
          (gpointer) take_allow_gaps,
          "Go on where numbers are missing in a sequence; with --interval time "
          "runs on (see --interval-per)", NULL },
        { 0 },
    };
    GOptionGroup *group = g_option_group_new(
        "recording", "What a recording lacks:",
        "Show the options that say what a recording lacks", recording, NULL);

    g_option_group_add_entries(group, entries);
    cs_cli_log_options(group);
    cs_cli_beam_options(group);
    return group;
}

void
cs_cli_recording_clear(CsCliRecording *recording)
{
    g_free(recording->times_csv);
    g_clear_pointer(&recording->texts, g_ptr_array_unref);
    cs_beam_options_clear(&recording->beam);
    *recording = (CsCliRecording) CS_CLI_RECORDING_INIT;
}

static gboolean
take_threads(const char *option, const char *text, gpointer user,
             GError **error)
{
    CsCliJob *cli = user;
    guint64 n;

    (void) option;
    if (!g_ascii_string_to_unsigned(text, 10, 1, 1024, &n, NULL)) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--threads takes a number from 1 to 1024, not “%s”",
                    text);
        return FALSE;
    }
    cli->n_threads = (int) n;
    return TRUE;
}

static gboolean
take_quiet(const char *option, const char *text, gpointer user,
           GError **error)
{
    CsCliJob *cli = user;

    (void) option;
    (void) text;
    (void) error;
    cli->quiet = TRUE;
    return TRUE;
}

GOptionGroup *
cs_cli_job_group(CsCliJob *cli)
{
    static const GOptionEntry entries[] = {
        { "threads", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_threads,
          "Processors to use; all of them if not given", "N" },
        { "quiet", 'q', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK,
          (gpointer) take_quiet, "Show no progress", NULL },
        { 0 },
    };
    GOptionGroup *group
        = g_option_group_new("work", "How to work:",
                             "Show the options on how to work", cli, NULL);

    g_option_group_add_entries(group, entries);
    return group;
}

/* ---- Progress and Ctrl-C --------------------------------------------------- */

enum { REDRAW_US = 100000, ESTIMATE_AFTER_US = 2 * G_USEC_PER_SEC };

static void
draw(const CsCliJob *cli, double fraction, gint64 now_us)
{
    double so_far_s = (double) (now_us - cli->since_us) / G_USEC_PER_SEC;
    double left_s = so_far_s * (1 - fraction) / fraction;

    fprintf(stderr, "\r\033[K%s %3.0f %%", cli->what,
            floor(100 * fraction));
    if (now_us - cli->since_us > ESTIMATE_AFTER_US && fraction > 0)
        fprintf(stderr, ", about %.0f:%02.0f left", floor(left_s / 60),
                floor(fmod(left_s, 60)));
    fflush(stderr);
}

static void
on_progress(const char *what, double fraction, void *user)
{
    CsCliJob *cli = user;
    gint64 now_us = g_get_monotonic_time();

    if (g_strcmp0(what, cli->what) != 0) {
        g_free(cli->what);
        cli->what = g_strdup(what);
        cli->since_us = now_us;
    } else if (now_us - cli->drawn_us < REDRAW_US) {
        return;
    }
    cli->drawn_us = now_us;
    draw(cli, CLAMP(fraction, 0, 1), now_us);
}

void
cs_cli_job_wipe(CsCliJob *cli)
{
    if (cli->what != NULL) {
        fputs("\r\033[K", stderr);
        g_clear_pointer(&cli->what, g_free);
    }
}

static void
on_warning(const char *message, void *user)
{
    cs_cli_job_wipe(user);
    cs_cli_warn(message);
}

static void
wanted_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

static const char signal_key[] = "coatscope-signal";

static gpointer
wait_for_signals(gpointer user)
{
    GCancellable *cancellable = user;
    sigset_t set;
    int number = 0;

    wanted_signals(&set);
    if (sigwait(&set, &number) == 0) {
        g_object_set_data(G_OBJECT(cancellable), signal_key,
                          GINT_TO_POINTER(number));
        g_cancellable_cancel(cancellable);
    }
    if (sigwait(&set, &number) == 0)
        _exit(128 + number);
    return NULL;
}

void
cs_cli_job_start(CsCliJob *cli)
{
    sigset_t set;

    cli->cancellable = g_cancellable_new();
    cli->shows_progress = !cli->quiet && isatty(STDERR_FILENO) == 1;
    cli->job.n_threads = (unsigned) cli->n_threads;
    cli->job.cancellable = cli->cancellable;
    cli->job.progress = cli->shows_progress ? on_progress : NULL;
    cli->job.warn = on_warning;
    cli->job.user = cli;

    wanted_signals(&set);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) == 0)
        g_thread_unref(g_thread_new("cs-signals", wait_for_signals,
                                    g_object_ref(cli->cancellable)));
}

int
cs_cli_job_failed(CsCliJob *cli, const GError *error, const char *then)
{
    int number;

    cs_cli_job_wipe(cli);
    if (!g_error_matches(error, CS_ERROR, CS_ERROR_CANCELLED))
        return cs_cli_failed(error);
    number = GPOINTER_TO_INT(
        g_object_get_data(G_OBJECT(cli->cancellable), signal_key));
    say("stopped: ", then);
    return CS_CLI_SIGNAL + (number > 0 ? number : SIGINT);
}

void
cs_cli_job_clear(CsCliJob *cli)
{
    cs_cli_job_wipe(cli);
    g_clear_object(&cli->cancellable);
    *cli = (CsCliJob) CS_CLI_JOB_INIT;
}
