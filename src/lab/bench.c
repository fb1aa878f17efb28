/* The simulated bench: an instrument behind a socket on loopback.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/bench.h"

#include <gio/gio.h>
#include <string.h>

#include "coatscope/error.h"
#include "lab/bench_scpi.h"

enum { MAX_CLIENTS = 8, MAX_LINE = 65536 };

struct CsBench {
    const CsBenchModel *model;
    CsBenchState  state;
    GMutex        lock; /* of state, n_questions, done */
    unsigned      n_questions;
    bool          done; /* the fault has been shown */
    char         *address;
    GSocketListener *listener;
    GCancellable *stop;
    GThread      *thread;
    int           n_clients; /* atomic */
};

/* One client. */
typedef struct {
    CsBench    *bench;
    GSocket    *socket;
    GByteArray *inbox;
    GString    *waiting; /* a reply that the bridge has not been asked for */
    bool        mute;
} Client;

/* ---- Replies, sound and not ---------------------------------------------- */

static bool
put(Client *c, const char *bytes, size_t n)
{
    while (n > 0) {
        gssize now = g_socket_send(c->socket, bytes, n, c->bench->stop, NULL);

        if (now <= 0)
            return false;
        bytes += now;
        n -= (size_t) now;
    }
    return true;
}

static CsBenchFault
fault_now(CsBench *bench)
{
    const CsBenchSetting *s = &bench->state.setting;
    CsBenchFault fault = CS_BENCH_SOUND;

    g_mutex_lock(&bench->lock);
    bench->n_questions++;
    if (s->fault == CS_BENCH_SILENT && bench->n_questions >= s->fault_at) {
        fault = CS_BENCH_SILENT;
    } else if (!bench->done && bench->n_questions >= s->fault_at) {
        fault = s->fault;
        bench->done = true;
    }
    g_mutex_unlock(&bench->lock);
    return fault;
}

static bool
put_garbage(Client *c)
{
    char bytes[64];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char) (128 + (i * 37) % 120);
    bytes[sizeof bytes - 1] = '\n';
    return put(c, bytes, sizeof bytes);
}

static bool
answer(Client *c, GString *reply)
{
    if (reply->len == 0 || c->mute)
        return true;
    g_string_append_c(reply, '\n');
    switch (fault_now(c->bench)) {
    case CS_BENCH_SILENT:
        return true;
    case CS_BENCH_GARBAGE:
        return put_garbage(c);
    case CS_BENCH_HALF:
        c->mute = true;
        return put(c, reply->str, reply->len / 2);
    case CS_BENCH_HANG_UP:
        return false;
    case CS_BENCH_LATE:
        g_usleep(c->bench->state.setting.delay_ms * 1000UL);
        break;
    case CS_BENCH_SOUND:
    case CS_BENCH_STUCK:
        break;
    }
    return put(c, reply->str, reply->len);
}

/* ---- Lines --------------------------------------------------------------- */

/* Lines for the bridge itself begin with ++. */
static bool
do_bridge_line(Client *c, const char *line)
{
    if (g_str_has_prefix(line, "++read")) {
        g_autoptr(GString) reply = c->waiting;

        c->waiting = g_string_new(NULL);
        return answer(c, reply);
    }
    if (g_str_has_prefix(line, "++clr"))
        g_string_set_size(c->waiting, 0);
    return true;
}

static bool
do_line(Client *c, const char *line)
{
    CsBench *b = c->bench;
    g_autoptr(GString) reply = g_string_new(NULL);

    if (b->model->on_bridge && g_str_has_prefix(line, "++"))
        return do_bridge_line(c, line);
    g_mutex_lock(&b->lock);
    cs_bench_line(&b->state, b->model, line, reply);
    g_mutex_unlock(&b->lock);
    if (!b->model->on_bridge)
        return answer(c, reply);
    g_string_assign(c->waiting, reply->str);
    return true;
}

static bool
do_lines(Client *c)
{
    const guint8 *end;

    while (c->inbox->len > 0
           && (end = memchr(c->inbox->data, '\n', c->inbox->len)) != NULL) {
        size_t length = (size_t) (end - c->inbox->data);
        g_autofree char *line = g_strndup((const char *) c->inbox->data,
                                          length);

        g_byte_array_remove_range(c->inbox, 0, (guint) length + 1);
        if (!do_line(c, g_strchomp(line)))
            return false;
    }
    return c->inbox->len < MAX_LINE;
}

static gpointer
serve(gpointer data)
{
    Client *c = data;
    char    bytes[4096];
    gssize  n;

    while ((n = g_socket_receive(c->socket, bytes, sizeof bytes,
                                 c->bench->stop, NULL)) > 0) {
        g_byte_array_append(c->inbox, (const guint8 *) bytes, (guint) n);
        if (!do_lines(c))
            break;
    }
    g_socket_close(c->socket, NULL);
    g_object_unref(c->socket);
    g_byte_array_unref(c->inbox);
    g_string_free(c->waiting, TRUE);
    g_atomic_int_add(&c->bench->n_clients, -1);
    g_free(c);
    return NULL;
}

/* ---- Starting and stopping ----------------------------------------------- */

static gpointer
listen_for_clients(gpointer data)
{
    CsBench *b = data;
    GPtrArray *threads = g_ptr_array_new();

    for (;;) {
        g_autoptr(GSocket) socket
            = g_socket_listener_accept_socket(b->listener, NULL, b->stop,
                                              NULL);
        Client *c;

        if (socket == NULL)
            break;
        if (g_atomic_int_get(&b->n_clients) >= MAX_CLIENTS)
            continue;
        g_atomic_int_inc(&b->n_clients);
        c = g_new0(Client, 1);
        c->bench = b;
        c->socket = g_steal_pointer(&socket);
        c->inbox = g_byte_array_new();
        c->waiting = g_string_new(NULL);
        g_ptr_array_add(threads, g_thread_new("cs-bench", serve, c));
    }
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(threads->pdata[i]);
    g_ptr_array_unref(threads);
    return NULL;
}

static bool
find_model(CsBench *b, const char *name, GError **error)
{
    for (size_t i = 0; i < cs_bench_n_models; i++)
        if (g_strcmp0(cs_bench_models[i].name, name) == 0) {
            b->model = &cs_bench_models[i];
            return true;
        }
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "no instrument %s on the bench; there are keithley-2450, "
                   "keithley-2400, rigol-dp832, keysight-e36300", name);
}

static bool
listen_on(CsBench *b, unsigned port, GError **error)
{
    g_autoptr(GInetAddress) loopback
        = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) wanted
        = g_inet_socket_address_new(loopback, (guint16) port);
    g_autoptr(GSocketAddress) got = NULL;
    g_autoptr(GError) why = NULL;
    unsigned given;

    if (!g_socket_listener_add_address(b->listener, wanted,
                                       G_SOCKET_TYPE_STREAM,
                                       G_SOCKET_PROTOCOL_TCP, NULL, &got,
                                       &why))
        return cs_fail(error, CS_ERROR_IO, "port %u: %s", port, why->message);
    given = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(got));
    b->address = b->model->on_bridge
                     ? g_strdup_printf("prologix:127.0.0.1:%u:24", given)
                     : g_strdup_printf("tcp:127.0.0.1:%u", given);
    return true;
}

void
cs_bench_stop(CsBench *b)
{
    if (b == NULL)
        return;
    g_cancellable_cancel(b->stop);
    if (b->thread != NULL)
        g_thread_join(b->thread);
    g_socket_listener_close(b->listener);
    g_object_unref(b->listener);
    g_object_unref(b->stop);
    g_rand_free(b->state.random);
    g_mutex_clear(&b->lock);
    g_free(b->address);
    g_free(b);
}

CsBench *
cs_bench_start(const CsBenchSetting *setting, GError **error)
{
    g_autoptr(CsBench) b = g_new0(CsBench, 1);

    g_mutex_init(&b->lock);
    b->listener = g_socket_listener_new();
    b->stop = g_cancellable_new();
    b->state.setting = *setting;
    b->state.start_us = g_get_monotonic_time();
    b->state.random = g_rand_new_with_seed(setting->seed);
    b->state.limit_A = 1e-4;
    if (!find_model(b, setting->model, error)
        || !listen_on(b, setting->port, error))
        return NULL;
    b->thread = g_thread_new("cs-bench", listen_for_clients, b);
    return g_steal_pointer(&b);
}

/* ---- What is true -------------------------------------------------------- */

const char *
cs_bench_address(const CsBench *b)
{
    return b->address;
}

bool
cs_bench_is_on(CsBench *b)
{
    bool on;

    g_mutex_lock(&b->lock);
    on = b->state.on;
    g_mutex_unlock(&b->lock);
    return on;
}

double
cs_bench_voltage_V(CsBench *b)
{
    double v;

    g_mutex_lock(&b->lock);
    v = b->state.voltage_V;
    g_mutex_unlock(&b->lock);
    return v;
}

double
cs_bench_limit_A(CsBench *b)
{
    double a;

    g_mutex_lock(&b->lock);
    a = b->state.limit_A;
    g_mutex_unlock(&b->lock);
    return a;
}

unsigned
cs_bench_n_questions(CsBench *b)
{
    unsigned n;

    g_mutex_lock(&b->lock);
    n = b->n_questions;
    g_mutex_unlock(&b->lock);
    return n;
}
