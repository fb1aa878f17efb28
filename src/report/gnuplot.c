/* gnuplot as a child process.
 *
 * A main context of our own waits for three things at once: the child, the
 * time limit and the user's cancelling. So the caller may be any thread.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/gnuplot.h"

#include <string.h>

#include "coatscope/error.h"

enum { TIME_LIMIT_S = 300, MAX_COMPLAINT_BYTES = 300 };

typedef struct {
    GSubprocess *child;
    bool         is_done;
    bool         is_late;
    char        *complaint; /* what it wrote to standard error */
    GError      *error;
} Run;

static void
finish(GObject *child, GAsyncResult *result, gpointer user)
{
    Run *run = user;

    g_subprocess_communicate_utf8_finish(G_SUBPROCESS(child), result, NULL,
                                         &run->complaint, &run->error);
    run->is_done = true;
}

static gboolean
stop_late_child(gpointer user)
{
    Run *run = user;

    run->is_late = true;
    g_subprocess_force_exit(run->child);
    return G_SOURCE_REMOVE;
}

static void
wait_for(Run *run, const char *script, GCancellable *cancellable)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GSource) limit = g_timeout_source_new_seconds(TIME_LIMIT_S);

    g_main_context_push_thread_default(context);
    g_source_set_callback(limit, stop_late_child, run, NULL);
    g_source_attach(limit, context);
    g_subprocess_communicate_utf8_async(run->child, script, cancellable,
                                        finish, run);
    while (!run->is_done)
        g_main_context_iteration(context, TRUE);
    g_source_destroy(limit);
    if (run->error != NULL)
        g_subprocess_force_exit(run->child);
    g_main_context_pop_thread_default(context);
}

static GSubprocess *
start(const char *dir, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE
        | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_autoptr(GError) why = NULL;
    GSubprocess *child;

    g_subprocess_launcher_set_cwd(launcher, dir);
    g_subprocess_launcher_setenv(launcher, "LC_ALL", "C", TRUE);
    g_subprocess_launcher_setenv(launcher, "TZ", "UTC", TRUE);
    /* From "-" it would read byte by byte, with a system call each. */
    child = g_subprocess_launcher_spawn(launcher, &why, "gnuplot", "-d",
                                        "/dev/stdin", NULL);
    if (child == NULL && g_error_matches(why, G_SPAWN_ERROR,
                                         G_SPAWN_ERROR_NOENT))
        cs_fail(error, CS_ERROR_IO, "gnuplot, which draws the figures, is "
                "not there; install the package gnuplot-nox");
    else if (child == NULL)
        cs_fail(error, CS_ERROR_IO, "cannot start gnuplot: %s", why->message);
    return child;
}

static bool
judge(const Run *run, const CsJob *job, GError **error)
{
    g_autofree char *said = g_strndup(
        run->complaint != NULL ? g_strstrip(run->complaint) : "",
        MAX_COMPLAINT_BYTES);

    if (!cs_job_go_on(job, error))
        return false;
    if (run->is_late)
        return cs_fail(error, CS_ERROR_IO,
                       "gnuplot was stopped after %d s without a figure",
                       TIME_LIMIT_S);
    if (run->error != NULL)
        return cs_fail(error, CS_ERROR_IO, "gnuplot: %s",
                       run->error->message);
    if (g_subprocess_get_successful(run->child))
        return true;
    return cs_fail(error, CS_ERROR_IO, "gnuplot failed: %s",
                   g_strdelimit(said, "\r\n\t", ' '));
}

bool
cs_gnuplot_run(const char *script, const char *dir, const CsJob *job,
               GError **error)
{
    Run run = { .child = start(dir, error) };
    bool ok;

    if (run.child == NULL)
        return false;
    wait_for(&run, script, job != NULL ? job->cancellable : NULL);
    g_subprocess_wait(run.child, NULL, NULL);
    ok = judge(&run, job, error);
    g_object_unref(run.child);
    g_free(run.complaint);
    g_clear_error(&run.error);
    return ok;
}

void
cs_gnuplot_add_string(GString *script, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    g_string_append_c(script, '\'');
    for (const char *c = valid; *c != '\0'; c++) {
        if (*c == '\'')
            g_string_append(script, "''");
        else
            g_string_append_c(script,
                              (unsigned char) *c < 0x20 || *c == 0x7f ? ' '
                                                                      : *c);
    }
    g_string_append_c(script, '\'');
}
