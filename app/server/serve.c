/* coatscope serve: the results in the browser.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/error.h"
#include "server/http.h"
#include "server/server.h"

/* Bytes of frames that are kept ready. */
static const size_t frames_bytes = (size_t) 160 << 20;

typedef struct {
    int      port;
    char    *bind;
    gboolean no_open;
    char   **paths;
} Options;

static void
options_clear(Options *o)
{
    g_free(o->bind);
    g_strfreev(o->paths);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

bool
cs_server_reload(CsServer *server, GError **error)
{
    CsSnapshot *old, *model;

    g_mutex_lock(&server->reloading);
    old = server->model;
    model = cs_model_load(server->store, server->solver,
                          old != NULL ? old->revision + 1 : 1, error);
    if (model != NULL) {
        g_mutex_lock(&server->lock);
        server->model = model;
        g_mutex_unlock(&server->lock);
        cs_model_unref(old);
    }
    g_mutex_unlock(&server->reloading);
    return model != NULL;
}

static void
server_clear(CsServer *server)
{
    cs_solver_free(server->solver);
    cs_frames_free(server->frames);
    cs_model_unref(server->model);
    cs_store_close(server->store);
    cs_guard_clear(&server->guard);
    g_mutex_clear(&server->lock);
    g_mutex_clear(&server->reloading);
    g_free(server->dir);
}

static bool
server_open(CsServer *server, const char *dir, GError **error)
{
    g_mutex_init(&server->lock);
    g_mutex_init(&server->reloading);
    server->dir = g_canonicalize_filename(dir, NULL);
    if (!cs_store_is_at(dir))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "there is no results.db in %s; give a folder written "
                       "by measure or screen", dir);
    server->store = cs_store_open(dir, false, error);
    if (server->store == NULL || !cs_server_reload(server, error))
        return false;
    server->frames = cs_frames_new(frames_bytes);
    server->solver = cs_solver_new(server);
    (void) cs_solver_look(server->solver, 0, 0); /* edits of another time */
    return true;
}

static int
stop(void *loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

static void
wait_for_end(void)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);

    g_unix_signal_add(SIGINT, stop, loop);
    g_unix_signal_add(SIGTERM, stop, loop);
    g_main_loop_run(loop);
}

static void
open_browser(const char *address)
{
    const char *const argv[] = { "xdg-open", address, NULL };

    (void) g_spawn_async(NULL, (char **) (gpointer) argv, NULL,
                         G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL
                             | G_SPAWN_STDERR_TO_DEV_NULL,
                         NULL, NULL, NULL, NULL);
}

static bool
serve(const Options *o, CsServer *server, GError **error)
{
    CsHttp *http = cs_http_start(server, o->bind, (unsigned) o->port, error);
    g_autofree char *address = NULL;

    if (http == NULL)
        return false;
    address = g_strdup_printf(strchr(o->bind, ':') != NULL
                                  ? "http://[%s]:%u/?token=%s"
                                  : "http://%s:%u/?token=%s",
                              o->bind, cs_http_port(http),
                              server->guard.token);
    printf("%s\n", address);
    fflush(stdout);
    if (!o->no_open)
        open_browser(address);
    wait_for_end();
    cs_http_stop(http);
    return true;
}

static bool
run(const Options *o, GError **error)
{
    CsServer server = { 0 };
    bool ok;

    (void) signal(SIGPIPE, SIG_IGN);
    ok = server_open(&server, o->paths[0], error) && serve(o, &server, error);
    server_clear(&server);
    return ok;
}

int
cs_cli_serve(int argc, char **argv)
{
    g_auto(Options) o = { .bind = g_strdup("127.0.0.1") };
    const GOptionEntry entries[] = {
        { "port", 'p', 0, G_OPTION_ARG_INT, &o.port,
          "Listen on this port (default: any that is free)", "N" },
        { "bind", 0, 0, G_OPTION_ARG_STRING, &o.bind,
          "Listen on this address (default: 127.0.0.1, this computer only; "
          "what goes further needs TLS from a proxy)", "ADDRESS" },
        { "no-open", 0, 0, G_OPTION_ARG_NONE, &o.no_open,
          "Print the address, but open no browser", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.paths,
          NULL, NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context = g_option_context_new("DIR");
    g_autoptr(GError) error = NULL;
    int status;

    g_option_context_set_summary(
        context, "Opens the results folder DIR, and the recordings behind "
                 "it, in the browser.\nOnly who has the address that is "
                 "printed can see them. Ctrl-C ends it.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (o.paths == NULL || o.paths[1] != NULL)
        return cs_cli_wrong_usage("serve: give one results folder");
    if (o.port < 0 || o.port > 65535)
        return cs_cli_wrong_usage("serve: --port is %d; 0 to 65535 are",
                                  o.port);
    if (!run(&o, &error))
        status = cs_cli_failed(error);
    return cs_cli_end(status);
}
