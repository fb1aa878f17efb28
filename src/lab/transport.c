/* Transport: lines to an instrument and replies from it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/usb/tmc.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "lab/reply.h"

static const unsigned connect_s = 5;
/* Some instruments think for ten seconds about their first reply. */
static const unsigned first_ms = 12000, usual_ms = 3000;
static const size_t   longest_reply = (size_t) 16 << 20;

static void
hang_up(CsTransport *t)
{
    if (t->socket != NULL)
        g_clear_object(&t->socket);
    else if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
    t->greeted = false;
    if (t->inbox != NULL)
        g_byte_array_set_size(t->inbox, 0);
}

void
cs_transport_clear(CsTransport *t)
{
    hang_up(t);
    g_clear_pointer(&t->inbox, g_byte_array_unref);
    cs_address_clear(&t->address);
    g_free(t->name);
    *t = (CsTransport) CS_TRANSPORT_INIT;
}

static bool
fail(CsTransport *t, GError **error, const char *what)
{
    int code = errno;

    hang_up(t);
    return cs_fail(error, CS_ERROR_IO, "%s: %s: %s", t->name, what,
                   g_strerror(code));
}

/* ---- Opening ------------------------------------------------------------- */

static bool
open_socket(CsTransport *t, GError **error)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnection) connection = NULL;
    GError *why = NULL;
    int on = 1;

    g_socket_client_set_timeout(client, connect_s);
    g_socket_client_set_enable_proxy(client, FALSE);
    connection = g_socket_client_connect_to_host(
        client, t->address.host, (guint16) t->address.port, t->cancellable,
        &why);
    if (connection == NULL) {
        bool stopped = g_error_matches(why, G_IO_ERROR,
                                       G_IO_ERROR_CANCELLED);

        cs_fail(error, stopped ? CS_ERROR_CANCELLED : CS_ERROR_IO, "%s: %s",
                t->name, why->message);
        g_error_free(why);
        return false;
    }
    t->socket = g_object_ref(g_socket_connection_get_socket(connection));
    t->fd = g_socket_get_fd(t->socket);
    g_socket_set_keepalive(t->socket, TRUE);
    setsockopt(t->fd, 6 /* TCP */, 1 /* NODELAY */, &on, sizeof on);
    return true;
}

static const struct { unsigned rate; speed_t code; } baud_rates[] = {
    { 1200, B1200 }, { 2400, B2400 }, { 4800, B4800 }, { 9600, B9600 },
    { 19200, B19200 }, { 38400, B38400 }, { 57600, B57600 },
    { 115200, B115200 },
};

static bool
set_serial(CsTransport *t, GError **error)
{
    struct termios tio;

    if (tcgetattr(t->fd, &tio) != 0)
        return fail(t, error, "no serial line");
    cfmakeraw(&tio);
    tio.c_cflag |= CLOCAL | CREAD;
    for (size_t i = 0; i < G_N_ELEMENTS(baud_rates); i++)
        if (baud_rates[i].rate == t->address.port) {
            cfsetspeed(&tio, baud_rates[i].code);
            if (tcsetattr(t->fd, TCSAFLUSH, &tio) != 0)
                return fail(t, error, "cannot set the line");
            return true;
        }
    hang_up(t);
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "%s: %u baud; allowed are 1200, 2400, … 57600, 115200",
                   t->name, t->address.port);
}

static bool
open_device(CsTransport *t, GError **error)
{
    int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;

    if (t->address.wire == CS_WIRE_SERIAL)
        flags |= O_NONBLOCK;
    t->fd = open(t->address.host, flags);
    if (t->fd < 0)
        return fail(t, error, "cannot open");
    if (t->address.wire == CS_WIRE_SERIAL)
        return set_serial(t, error);
    {
        guint32 timeout = t->first_ms;

        if (ioctl(t->fd, USBTMC_IOCTL_SET_TIMEOUT, &timeout) != 0)
            return fail(t, error, "no USBTMC instrument");
    }
    return true;
}

static bool transmit(CsTransport *t, const char *line, GError **error);

/* The bridge: controller, this instrument, no read of its own accord. */
static bool
greet_bridge(CsTransport *t, GError **error)
{
    static const char *const greeting[] = {
        "++mode 1", "++auto 0", "++eoi 1", "++eos 2", "++read_tmo_ms 3000",
    };
    g_autofree char *addr = g_strdup_printf("++addr %u", t->address.gpib);

    for (size_t i = 0; i < G_N_ELEMENTS(greeting); i++)
        if (!transmit(t, greeting[i], error))
            return false;
    return transmit(t, addr, error);
}

static bool
dial(CsTransport *t, GError **error)
{
    if (t->fd >= 0)
        return true;
    switch (t->address.wire) {
    case CS_WIRE_TCP:
        return open_socket(t, error);
    case CS_WIRE_PROLOGIX:
        return open_socket(t, error) && greet_bridge(t, error);
    case CS_WIRE_SERIAL:
    case CS_WIRE_USBTMC:
        return open_device(t, error);
    }
    g_return_val_if_reached(false);
}

bool
cs_transport_open(const char *address, GCancellable *cancellable,
                  CsTransport *transport, GError **error)
{
    g_auto(CsTransport) fresh = CS_TRANSPORT_INIT;

    if (!cs_address_read(address, &fresh.address, error))
        return false;
    fresh.name = g_strdup(address);
    fresh.timeout_ms = usual_ms;
    fresh.first_ms = first_ms;
    fresh.limit = longest_reply;
    fresh.cancellable = cancellable;
    fresh.inbox = g_byte_array_new();
    if (!dial(&fresh, error))
        return false;
    *transport = fresh;
    fresh = (CsTransport) CS_TRANSPORT_INIT;
    return true;
}

/* ---- There and back ------------------------------------------------------ */

static gint64
deadline_of(const CsTransport *t)
{
    unsigned ms = t->greeted ? t->timeout_ms : MAX(t->first_ms, t->timeout_ms);

    return g_get_monotonic_time() + (gint64) ms * 1000;
}

/* Waits until fd is ready or the deadline has passed. The kernel's USBTMC
 * driver has a deadline of its own and cannot be waited for. */
static bool
wait_for(CsTransport *t, short events, gint64 deadline, GError **error)
{
    GPollFD stop = { .fd = -1 };
    struct pollfd fds[2] = { { .fd = t->fd, .events = events }, { .fd = -1 } };
    gint64 left_us = deadline - g_get_monotonic_time();
    int n;

    if (t->address.wire == CS_WIRE_USBTMC)
        return true;
    if (g_cancellable_make_pollfd(t->cancellable, &stop))
        fds[1] = (struct pollfd) { .fd = stop.fd, .events = POLLIN };
    do
        n = poll(fds, 2, (int) CLAMP((left_us + 999) / 1000, 0, 3600000));
    while (n < 0 && errno == EINTR);
    if (stop.fd >= 0)
        g_cancellable_release_fd(t->cancellable);
    if (n < 0)
        return fail(t, error, "cannot wait");
    if (n > 0 && fds[1].revents == 0)
        return true;
    hang_up(t);
    return n == 0 ? cs_fail(error, CS_ERROR_IO, "%s: no answer in time",
                            t->name)
                  : cs_fail(error, CS_ERROR_CANCELLED, "%s: stopped", t->name);
}

static ssize_t
put(CsTransport *t, const char *bytes, size_t n)
{
    return t->socket != NULL ? send(t->fd, bytes, n, MSG_NOSIGNAL)
                             : write(t->fd, bytes, n);
}

static bool
transmit(CsTransport *t, const char *line, GError **error)
{
    g_autofree char *message = g_strconcat(line, "\n", NULL);
    size_t n = strlen(message), done = 0;
    gint64 deadline = deadline_of(t);

    while (done < n) {
        ssize_t now;

        if (!wait_for(t, POLLOUT, deadline, error))
            return false;
        now = put(t, message + done, n - done);
        if (now > 0)
            done += (size_t) now;
        else if (now < 0 && errno != EAGAIN && errno != EINTR)
            return fail(t, error, "cannot send");
    }
    return true;
}

static bool
take_more(CsTransport *t, gint64 deadline, GError **error)
{
    guint8  bytes[65536];
    ssize_t n;

    if (!wait_for(t, POLLIN, deadline, error))
        return false;
    n = read(t->fd, bytes, sizeof bytes);
    if (n > 0) {
        g_byte_array_append(t->inbox, bytes, (guint) n);
        return true;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n < 0)
        return fail(t, error, "cannot receive");
    hang_up(t);
    return cs_fail(error, CS_ERROR_IO, "%s: the instrument hung up", t->name);
}

static bool
receive(CsTransport *t, GByteArray **reply, GError **error)
{
    gint64 deadline = deadline_of(t);
    CsReplySpan span;
    CsReplyState state;

    while ((state = cs_reply_frame(t->inbox->data, t->inbox->len, t->limit,
                                   &span)) == CS_REPLY_MORE)
        if (!take_more(t, deadline, error))
            return false;
    if (state == CS_REPLY_BAD) {
        hang_up(t);
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s: no reply but bytes without an end", t->name);
    }
    *reply = g_byte_array_sized_new((guint) span.length + 1);
    g_byte_array_append(*reply, t->inbox->data + span.begin,
                        (guint) span.length);
    g_byte_array_append(*reply, (const guint8 *) "", 1);
    g_byte_array_set_size(*reply, (guint) span.length);
    g_byte_array_remove_range(t->inbox, 0, (guint) span.used);
    t->greeted = true;
    return true;
}

/* What is there before a question was asked is no answer to it. */
static void
drop_stale(CsTransport *t)
{
    guint8 bytes[4096];

    g_byte_array_set_size(t->inbox, 0);
    if (t->fd < 0 || t->address.wire == CS_WIRE_USBTMC)
        return;
    for (int i = 0; i < 64; i++) {
        struct pollfd fd = { .fd = t->fd, .events = POLLIN };

        if (poll(&fd, 1, 0) <= 0)
            return;
        if (read(t->fd, bytes, sizeof bytes) <= 0)
            break;
    }
    hang_up(t); /* closed by the other side, or babbling */
}

/* A line in a line would be two messages. */
static bool
is_one_line(const CsTransport *t, const char *line, GError **error)
{
    return strpbrk(line, "\r\n\033") == NULL
           || cs_fail(error, CS_ERROR_ARGUMENT,
                      "%s: a message must be one line", t->name);
}

bool
cs_transport_send(CsTransport *t, const char *line, GError **error)
{
    if (!is_one_line(t, line, error))
        return false;
    drop_stale(t);
    return dial(t, error) && transmit(t, line, error);
}

bool
cs_transport_ask(CsTransport *t, const char *line, GByteArray **reply,
                 GError **error)
{
    return cs_transport_send(t, line, error)
           && (t->address.wire != CS_WIRE_PROLOGIX
               || transmit(t, "++read eoi", error))
           && receive(t, reply, error);
}
