/* The page, and files of the results folder.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/handlers.h"
#include "server/server.h"

enum { MAX_RESULT = 256 << 20 };

/* ---- Compiled in ----------------------------------------------------------- */

static const char *
type_of(const char *name)
{
    static const struct {
        const char *suffix, *type;
    } types[] = {
        { ".html", "text/html; charset=utf-8" },
        { ".js", "text/javascript; charset=utf-8" },
        { ".css", "text/css; charset=utf-8" },
        { ".csv", "text/csv; charset=utf-8" },
        { ".json", "application/json; charset=utf-8" },
        { ".svg", "image/svg+xml" },
        { ".png", "image/png" },
        { ".woff2", "font/woff2" },
        { ".txt", "text/plain; charset=utf-8" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_suffix(name, types[i].suffix))
            return types[i].type;
    return "application/octet-stream";
}

static void
refuse(CsReply *reply, unsigned status, const char *message)
{
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;

    cs_refuse(&refusal, status, "%s", message);
    cs_reply_refusal(reply, &refusal);
}

static void
reply_resource(const char *name, CsReply *reply)
{
    g_autofree char *path = g_strconcat("/coatscope/page/", name, NULL);
    GBytes *bytes
        = g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

    if (bytes == NULL)
        refuse(reply, 404, "there is no such file");
    else
        cs_reply_bytes(reply, type_of(name), bytes);
}

/* With the token in the address: a cookie instead, and the plain address. A
 * browser that was sent here by another page does not show a cookie at once
 * when led on by a redirection, but does when our own page leads it. */
void
cs_get_page(CsServer *server, const CsRequest *request, CsReply *reply)
{
    static const char onwards[]
        = "<!doctype html><title>Coatscope</title>"
          "<meta http-equiv=\"refresh\" content=\"0; url=/\">";

    if (!cs_guard_is_token(&server->guard,
                           cs_request_query(request, "token"))) {
        reply_resource("index.html", reply);
        return;
    }
    cs_reply_bytes(reply, "text/html; charset=utf-8",
                   g_bytes_new_static(onwards, strlen(onwards)));
    reply->cookie = g_strdup_printf("%s=%s; Path=/; HttpOnly; SameSite=Strict",
                                    server->guard.cookie,
                                    server->guard.token);
}

void
cs_get_asset(CsServer *server, const CsRequest *request, CsReply *reply)
{
    (void) server;
    reply_resource(request->param[0], reply);
}

/* ---- Of the results folder ------------------------------------------------- */

/* A regular file of a folder, not followed anywhere else. */
static GBytes *
read_file(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat status;
    g_autofree char *data = NULL;
    size_t n = 0, size = 0;
    ssize_t got = 1;

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)
        && status.st_size <= MAX_RESULT) {
        size = (size_t) status.st_size;
        data = g_try_malloc(size + 1);
    }
    while (data != NULL && n < size && got > 0) {
        got = read(fd, data + n, size - n);
        n += got > 0 ? (size_t) got : 0;
    }
    if (fd >= 0)
        close(fd);
    return data != NULL && n == size
               ? g_bytes_new_take(g_steal_pointer(&data), n) : NULL;
}

void
cs_get_result(CsServer *server, const CsRequest *request, CsReply *reply)
{
    static const char *const names[] = {
        "report.html", "areas.csv", "particles.csv", "ranking.csv",
        "events.csv", "drift.csv", "electrical.csv", "provenance.json", NULL,
    };
    /* The report is one file with its own script and style. */
    static const char report_policy[]
        = "default-src 'none'; script-src 'unsafe-inline'; "
          "style-src 'unsafe-inline'; img-src data:; font-src data:; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
          "sandbox allow-scripts allow-downloads";
    const char *name = request->param[0];
    GBytes *bytes = g_strv_contains(names, name)
                        ? read_file(server->dir, name) : NULL;

    if (bytes == NULL) {
        refuse(reply, 404, "there is no such file in the results");
        return;
    }
    cs_reply_bytes(reply, type_of(name), bytes);
    if (strcmp(name, "report.html") == 0)
        reply->policy = report_policy;
}
