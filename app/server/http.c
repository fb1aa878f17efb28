/* HTTP.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/http.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "server/call.h"
#include "server/watch.h"

enum {
    MAX_CONNECTIONS = 2000,
    SILENCE_S = 30,         /* then a connection is closed                  */
    HEADERS_BYTES = 40 << 10,
    N_WORKERS = 2,          /* of each kind                                 */
    MAX_WAITING = 512,      /* requests that wait for one                   */
};

struct CsHttp {
    CsServer          *server;
    struct MHD_Daemon *daemon;
    unsigned           port;
    GThreadPool       *quick, *pixels;
    CsWatch           *watch; /* closes what takes too long to ask          */
};

/* ---- Answering ------------------------------------------------------------- */

static const char strict_policy[]
    = "default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
      "worker-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'";

static void
add_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (value != NULL)
        (void) MHD_add_response_header(response, name, value);
}

static void
add_headers(struct MHD_Response *response, const CsReply *reply)
{
    g_autofree char *disposition
        = reply->file_name != NULL
              ? g_strdup_printf("attachment; filename=\"%s\"",
                                reply->file_name)
              : NULL;

    add_header(response, "Content-Type", reply->type);
    add_header(response, "Content-Security-Policy",
               reply->policy != NULL ? reply->policy : strict_policy);
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "Referrer-Policy", "no-referrer");
    add_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    add_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    add_header(response, "Cache-Control",
               reply->may_be_kept ? "private, max-age=3600" : "no-store");
    add_header(response, "ETag", reply->etag);
    add_header(response, "Set-Cookie", reply->cookie);
    add_header(response, "Location", reply->location);
    add_header(response, "Content-Disposition", disposition);
}

static void
free_bytes(void *bytes)
{
    g_bytes_unref(bytes);
}

/* Lends the bytes of a GBytes to libmicrohttpd. */
static struct MHD_Response *
response_of(const CsReply *reply)
{
    gsize n = 0;
    const void *data
        = reply->body != NULL ? g_bytes_get_data(reply->body, &n) : NULL;

    if (n == 0)
        return MHD_create_response_from_buffer(0, (void *) "",
                                               MHD_RESPMEM_PERSISTENT);
    return MHD_create_response_from_buffer_with_free_callback_cls(
        n, (void *) data, free_bytes, g_bytes_ref(reply->body));
}

static enum MHD_Result
answer(struct MHD_Connection *connection, const CsReply *reply)
{
    struct MHD_Response *response = response_of(reply);
    enum MHD_Result done;

    if (response == NULL)
        return MHD_NO;
    add_headers(response, reply);
    done = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result
refuse(struct MHD_Connection *connection, const CsRefusal *refusal)
{
    g_auto(CsReply) reply = CS_REPLY_INIT;

    cs_reply_refusal(&reply, refusal);
    return answer(connection, &reply);
}

/* ---- A call ---------------------------------------------------------------- */

/* In a worker. */
static void
work(gpointer data, gpointer user)
{
    CsCall *call = data;
    const CsHttp *http = user;

    call->route->handler(http->server, &call->request, &call->reply);
    call->is_done = true;
    MHD_resume_connection(call->connection);
}

static enum MHD_Result
dispatch(CsHttp *http, CsCall *call)
{
    GThreadPool *pool
        = call->route->work == CS_WORK_PIXELS ? http->pixels : http->quick;
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;

    if (g_thread_pool_unprocessed(pool) >= MAX_WAITING) {
        cs_refuse(&refusal, 429, "too many requests wait already");
        return refuse(call->connection, &refusal);
    }
    MHD_suspend_connection(call->connection);
    g_thread_pool_push(pool, call, NULL);
    return MHD_YES;
}

static const char *
header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool
is_admitted(const CsHttp *http, CsCall *call, CsRefusal *refusal)
{
    struct MHD_Connection *c = call->connection;
    const CsCredentials given = {
        .host = header(c, MHD_HTTP_HEADER_HOST),
        .origin = header(c, MHD_HTTP_HEADER_ORIGIN),
        .fetch_site = header(c, "Sec-Fetch-Site"),
        .cookie = header(c, MHD_HTTP_HEADER_COOKIE),
        .authorization = header(c, MHD_HTTP_HEADER_AUTHORIZATION),
        .token = call->request.n_segments == 0
                     ? cs_request_query(&call->request, "token") : NULL,
    };

    return cs_guard_admits(&http->server->guard, &given, refusal);
}

/* Once the headers are there: what will not be answered is refused before its
 * body is read. */
static bool
begin(const CsHttp *http, CsCall *call, const char *method,
      CsRefusal *refusal)
{
    struct MHD_Connection *c = call->connection;

    call->request.method = cs_method_of(method);
    call->request.if_none_match
        = g_strdup(header(c, MHD_HTTP_HEADER_IF_NONE_MATCH));
    if (!cs_request_parse_target(call->target, &call->request, refusal)
        || !is_admitted(http, call, refusal))
        return false;
    call->route = cs_route_of(&call->request, refusal);
    return call->route != NULL
           && cs_call_check_body(call,
                                 header(c, MHD_HTTP_HEADER_CONTENT_TYPE),
                                 header(c, MHD_HTTP_HEADER_CONTENT_LENGTH),
                                 refusal);
}

static enum MHD_Result
handle(void *user, struct MHD_Connection *connection, const char *url,
       const char *method, const char *version, const char *data,
       size_t *n_data, void **state)
{
    CsHttp *http = user;
    CsCall *call = *state;
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;

    (void) url;
    (void) version;
    if (call == NULL)
        return MHD_NO;
    if (!call->is_begun) {
        call->is_begun = true;
        call->connection = connection;
        cs_watch_asked(http->watch, connection);
        return begin(http, call, method, &refusal)
                   ? MHD_YES : refuse(connection, &refusal);
    }
    if (call->is_done)
        return answer(connection, &call->reply);
    if (*n_data > 0) {
        if (!cs_call_add_body(call, data, *n_data))
            return MHD_NO; /* more than was allowed: hung up on */
        *n_data = 0;
        return MHD_YES;
    }
    if (!cs_call_end_body(call, &refusal))
        return refuse(connection, &refusal);
    return dispatch(http, call);
}

/* ---- Starting and stopping ------------------------------------------------- */

static void *
see_target(void *user, const char *target, struct MHD_Connection *connection)
{
    (void) user;
    (void) connection;
    return cs_call_new(target);
}

static void
see_end(void *user, struct MHD_Connection *connection, void **state,
        enum MHD_RequestTerminationCode why)
{
    CsHttp *http = user;

    (void) why;
    cs_watch_answered(http->watch, connection);
    cs_call_free(*state);
    *state = NULL;
}

static void
see_connection(void *user, struct MHD_Connection *connection, void **state,
               enum MHD_ConnectionNotificationCode what)
{
    CsHttp *http = user;

    (void) state;
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        cs_watch_begin(http->watch, connection);
    else
        cs_watch_end(http->watch, connection);
}

/* A descriptor for each connection, and some for files. */
static void
raise_limits(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0
        || limit.rlim_cur >= MAX_CONNECTIONS + 500)
        return;
    limit.rlim_cur = MIN(limit.rlim_max, MAX_CONNECTIONS + 500);
    (void) setrlimit(RLIMIT_NOFILE, &limit);
}

/* libmicrohttpd complains of clients on standard error, if nobody stops it. */
static void
say_nothing(void *user, const char *format, va_list args)
{
    (void) user;
    (void) format;
    (void) args;
}

/* A socket that listens; *port is that of the system's choice where it was 0. */
static int
open_socket(const char *bind_to, unsigned *port, GError **error)
{
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(
        bind_to, *port);
    g_autoptr(GSocketAddress) bound = NULL;
    g_autoptr(GSocket) socket = NULL;
    g_autoptr(GError) why = NULL;

    if (address == NULL) {
        cs_fail(error, CS_ERROR_ARGUMENT,
                "--bind %s is no address such as 127.0.0.1", bind_to);
        return -1;
    }
    socket = g_socket_new(g_socket_address_get_family(address),
                          G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &why);
    if (socket != NULL)
        g_socket_set_listen_backlog(socket, 1024);
    if (socket != NULL && g_socket_bind(socket, address, TRUE, &why)
        && g_socket_listen(socket, &why))
        bound = g_socket_get_local_address(socket, &why);
    if (bound == NULL) {
        cs_fail(error, CS_ERROR_IO, "cannot listen on %s port %u: %s",
                bind_to, *port, why->message);
        return -1;
    }
    *port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
    return fcntl(g_socket_get_fd(socket), F_DUPFD_CLOEXEC, 3);
}

static bool
start_daemon(CsHttp *http, int fd, GError **error)
{
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME
            | MHD_USE_ITC | MHD_USE_ERROR_LOG,
        0, NULL, NULL, handle, http,
        MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned) MAX_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) SILENCE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) HEADERS_BYTES,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, see_target, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, see_end, http,
        MHD_OPTION_NOTIFY_CONNECTION, see_connection, http, MHD_OPTION_END);
    if (http->daemon == NULL)
        close(fd);
    return http->daemon != NULL
           || cs_fail(error, CS_ERROR_IO, "cannot answer on the network: %s",
                      g_strerror(errno));
}

/* The token is there before the first request. */
static bool
start(CsHttp *http, const char *bind_to, GError **error)
{
    int fd = open_socket(bind_to, &http->port, error);

    if (fd < 0)
        return false;
    if (!cs_guard_init(&http->server->guard, bind_to, http->port, error)) {
        close(fd);
        return false;
    }
    return start_daemon(http, fd, error);
}

CsHttp *
cs_http_start(CsServer *server, const char *bind_to, unsigned port,
              GError **error)
{
    CsHttp *http = g_new0(CsHttp, 1);

    raise_limits();
    http->server = server;
    http->port = port;
    http->watch = cs_watch_new();
    http->quick = g_thread_pool_new(work, http, N_WORKERS, TRUE, NULL);
    http->pixels = g_thread_pool_new(work, http, N_WORKERS, TRUE, NULL);
    if (start(http, bind_to, error))
        return http;
    cs_http_stop(http);
    return NULL;
}

unsigned
cs_http_port(const CsHttp *http)
{
    return http->port;
}

/* Work that has begun is ended first: a sleeping connection must not be there
 * when the daemon stops. */
void
cs_http_stop(CsHttp *http)
{
    if (http == NULL)
        return;
    if (http->daemon != NULL)
        MHD_quiesce_daemon(http->daemon);
    g_thread_pool_free(http->quick, FALSE, TRUE);
    g_thread_pool_free(http->pixels, FALSE, TRUE);
    if (http->daemon != NULL)
        MHD_stop_daemon(http->daemon);
    cs_watch_free(http->watch);
    g_free(http);
}
