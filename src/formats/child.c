/* Other programs, watched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/child.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "coatscope/error.h"

enum {
    SILENCE_MS = 60000,
    MAX_SAID = 600,
    MEMORY_BYTES_LOG2 = 33, /* of the child: 8 GiB */
};

struct CsChild {
    GSubprocess *process;
    CsChildKind  kind;
    char        *name;
    int          fd;     /* its output or input; -1 once closed */
    int          words;  /* its standard error                  */
    GString     *said;
};

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void
cs_child_free(CsChild *child)
{
    if (child == NULL)
        return;
    close_fd(&child->fd);
    if (child->process != NULL) {
        g_subprocess_force_exit(child->process);
        g_subprocess_wait(child->process, NULL, NULL);
        g_object_unref(child->process);
    }
    close_fd(&child->words);
    g_string_free(child->said, TRUE);
    g_free(child->name);
    g_free(child);
}

/* Runs in the child: a hostile file must not make it eat the machine. */
static void
limit_child(gpointer data)
{
    const struct rlimit memory = { (rlim_t) 1 << MEMORY_BYTES_LOG2,
                                   (rlim_t) 1 << MEMORY_BYTES_LOG2 };
    const struct rlimit core = { 0, 0 };

    (void) data;
    setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_CORE, &core);
}

/* Pairs of sockets, not pipes: writing to a program that has ended is then
 * an error, and no signal. */
static bool
make_pair(int ends[2], GError **error)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0)
        return true;
    return cs_fail(error, CS_ERROR_IO, "no pipe to another program: %s",
                   g_strerror(errno));
}

static bool
launch(CsChild *child, const char *const *argv, int theirs, int their_words,
       GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        child->kind == CS_CHILD_TAKES ? G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                      : G_SUBPROCESS_FLAGS_NONE);
    g_autoptr(GError) why = NULL;

    g_subprocess_launcher_setenv(launcher, "LC_ALL", "C", TRUE);
    g_subprocess_launcher_setenv(launcher, "AV_LOG_FORCE_NOCOLOR", "1", TRUE);
    g_subprocess_launcher_set_child_setup(launcher, limit_child, NULL, NULL);
    g_subprocess_launcher_take_stderr_fd(launcher, their_words);
    if (child->kind == CS_CHILD_TAKES)
        g_subprocess_launcher_take_stdin_fd(launcher, theirs);
    else
        g_subprocess_launcher_take_stdout_fd(launcher, theirs);
    child->process = g_subprocess_launcher_spawnv(launcher, argv, &why);
    g_subprocess_launcher_close(launcher);
    if (child->process != NULL)
        return true;
    return cs_fail(error, CS_ERROR_IO, "%s cannot be started: %s", argv[0],
                   why->message);
}

CsChild *
cs_child_start(const char *const *argv, CsChildKind kind, GError **error)
{
    g_autofree char *program = g_find_program_in_path(argv[0]);
    g_autoptr(CsChild) child = NULL;
    int pipe[2], words[2];

    if (program == NULL) {
        cs_fail(error, CS_ERROR_UNSUPPORTED,
                "needs the program %s, which is not installed here: install "
                "the package ffmpeg (Debian: apt install ffmpeg)", argv[0]);
        return NULL;
    }
    child = g_new0(CsChild, 1);
    child->kind = kind;
    child->name = g_strdup(argv[0]);
    child->said = g_string_new(NULL);
    child->fd = child->words = -1;
    if (!make_pair(pipe, error))
        return NULL;
    child->fd = pipe[0];
    if (!make_pair(words, error)) {
        close(pipe[1]);
        return NULL;
    }
    child->words = words[0];
    g_unix_set_fd_nonblocking(child->fd, TRUE, NULL);
    g_unix_set_fd_nonblocking(child->words, TRUE, NULL);
    if (!launch(child, argv, pipe[1], words[1], error))
        return NULL;
    return g_steal_pointer(&child);
}

/* ---- Listening ------------------------------------------------------------ */

/* Keeps the first words, drops the rest, so that it never waits for us. */
static void
listen_to(CsChild *child)
{
    char bytes[512];
    ssize_t n;

    while (child->words >= 0
           && (n = read(child->words, bytes, sizeof bytes)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        if (child->said->len < MAX_SAID)
            g_string_append_len(child->said, bytes, n);
    }
    close_fd(&child->words);
}

const char *
cs_child_said(CsChild *child)
{
    g_autofree char *valid = NULL;

    listen_to(child);
    if (child->said->len > MAX_SAID)
        g_string_truncate(child->said, MAX_SAID);
    valid = g_utf8_make_valid(child->said->str, (gssize) child->said->len);
    for (char *c = valid; *c != '\0'; c++)
        if (g_ascii_iscntrl(*c))
            *c = ' ';
    g_strstrip(valid);
    g_string_assign(child->said, valid);
    return child->said->str;
}

/* Waits until fd is ready; false after a minute without anything. */
static bool
wait_for(CsChild *child, short events, GError **error)
{
    gint64 deadline_us = g_get_monotonic_time() + SILENCE_MS * (gint64) 1000;

    for (;;) {
        struct pollfd fds[2] = { { child->fd, events, 0 },
                                 { child->words, POLLIN, 0 } };
        gint64 left_us = deadline_us - g_get_monotonic_time();
        int n = left_us > 0 ? poll(fds, 2, (int) (left_us / 1000) + 1) : 0;

        if (n < 0 && errno != EINTR)
            return cs_fail(error, CS_ERROR_IO, "cannot wait for %s: %s",
                           child->name, g_strerror(errno));
        if (n == 0)
            return cs_fail(error, CS_ERROR_IO,
                           "%s hangs: it did nothing for %d s and was ended",
                           child->name, SILENCE_MS / 1000);
        if (n > 0 && fds[1].revents != 0)
            listen_to(child);
        if (n > 0 && fds[0].revents != 0)
            return true;
    }
}

bool
cs_child_read(CsChild *child, void *to, size_t n, size_t *got, GError **error)
{
    char *at = to;

    *got = 0;
    while (*got < n) {
        ssize_t now;

        if (!wait_for(child, POLLIN, error))
            return false;
        now = read(child->fd, at + *got, n - *got);
        if (now == 0)
            return true;
        if (now > 0)
            *got += (size_t) now;
        else if (errno == ECONNRESET)
            return true;
        else if (errno != EINTR && errno != EAGAIN)
            return cs_fail(error, CS_ERROR_IO, "%s cannot be read from: %s",
                           child->name, g_strerror(errno));
    }
    return true;
}

bool
cs_child_write(CsChild *child, const void *from, size_t n, GError **error)
{
    const char *at = from;

    while (n > 0) {
        ssize_t now;

        if (!wait_for(child, POLLOUT, error))
            return false;
        now = send(child->fd, at, n, MSG_NOSIGNAL);
        if (now < 0 && errno != EINTR && errno != EAGAIN) {
            g_usleep(100000); /* for its last words */
            return cs_fail(error, CS_ERROR_IO, "%s ended too early: %s",
                           child->name, cs_child_said(child));
        }
        at += MAX(now, 0);
        n -= (size_t) MAX(now, 0);
    }
    return true;
}

/* Waits for its end, which closes its standard error, and hears it out. */
static bool
hear_out(CsChild *child, GError **error)
{
    gint64 deadline_us = g_get_monotonic_time() + SILENCE_MS * (gint64) 1000;

    while (child->words >= 0) {
        struct pollfd fd = { child->words, POLLIN, 0 };
        gint64 left_us = deadline_us - g_get_monotonic_time();

        if (left_us <= 0)
            return cs_fail(error, CS_ERROR_IO,
                           "%s does not end; it was ended after %d s",
                           child->name, SILENCE_MS / 1000);
        poll(&fd, 1, (int) (left_us / 1000) + 1);
        listen_to(child);
    }
    return true;
}

bool
cs_child_finish(CsChild *child, GError **error)
{
    bool ok;

    if (child->kind == CS_CHILD_TAKES && child->fd >= 0)
        shutdown(child->fd, SHUT_WR);
    if (!hear_out(child, error))
        return false;
    g_subprocess_wait(child->process, NULL, NULL);
    ok = g_subprocess_get_successful(child->process);
    if (ok)
        return true;
    return cs_fail(error, child->kind == CS_CHILD_GIVES ? CS_ERROR_FORMAT
                                                        : CS_ERROR_IO,
                   "%s failed: %s", child->name,
                   *cs_child_said(child) != '\0' ? cs_child_said(child)
                                                 : "it does not say why");
}
