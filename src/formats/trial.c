/* libhdf5 1.10 follows some damaged files out of its own memory, in ways that
 * cannot be seen from outside before. A copy of this process goes first:
 * it has the same memory at the same places, so what is harmless there is
 * harmless here, and what is not takes the copy only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "coatscope/error.h"

enum {
    CPU_S = 60,         /* of the copy: files of 100,000 frames take a few */
    SILENCE_MS = 300000 /* of a slow disk                                  */
};

/* ---- In the copy ---------------------------------------------------------- */

/* It dies quietly: no core, no words on our standard error, and none of the
 * handlers of the program we are part of. */
static void
be_quiet(void)
{
    static const int deadly[]
        = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU, SIGTERM,
            SIGINT };
    const struct rlimit none = { 0, 0 }, cpu = { CPU_S, CPU_S };
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    for (size_t i = 0; i < G_N_ELEMENTS(deadly); i++)
        signal(deadly[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &cpu);
    if (nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
}

/* Does not come back: what the program wants done at its end is not the
 * copy's to do. */
static void G_GNUC_NORETURN
be_the_copy(void (*work)(void *data), void *data, int tell)
{
    ssize_t told;

    be_quiet();
    work(data);
    do
        told = write(tell, "", 1);
    while (told < 0 && errno == EINTR);
    for (;;)
        kill(getpid(), SIGKILL);
}

/* ---- Here ----------------------------------------------------------------- */

typedef enum { SURVIVED, DIED, SILENT } End;

/* One byte comes when it has got through, none when it has died. */
static End
listen_to(int fd)
{
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    char byte;
    ssize_t n;
    int ready;

    do
        ready = poll(&wait, 1, SILENCE_MS);
    while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return SILENT;
    do
        n = read(fd, &byte, 1);
    while (n < 0 && errno == EINTR);
    return n == 1 ? SURVIVED : DIED;
}

static End
watch(pid_t copy, int fd)
{
    End end = listen_to(fd);

    if (end == SILENT)
        kill(copy, SIGKILL);
    while (waitpid(copy, NULL, 0) < 0 && errno == EINTR)
        ;
    return end;
}

bool
cs_trial_run(void (*work)(void *data), void *data, const char *what,
             GError **error)
{
    int ends[2];
    pid_t copy;
    End end;

    if (!g_unix_open_pipe(ends, FD_CLOEXEC, NULL))
        return cs_fail(error, CS_ERROR_IO, "no pipe for a first try: %s",
                       g_strerror(errno));
    copy = fork();
    if (copy == 0) {
        close(ends[0]);
        be_the_copy(work, data, ends[1]);
    }
    close(ends[1]);
    end = copy > 0 ? watch(copy, ends[0]) : SILENT;
    close(ends[0]);
    if (copy < 0)
        return cs_fail(error, CS_ERROR_IO,
                       "no process for a first try: %s", g_strerror(errno));
    if (end == SURVIVED)
        return true;
    return cs_fail(error, CS_ERROR_FORMAT,
                   end == DIED ? "is damaged: %s fails on it, as a first try"
                                 " in a process of its own showed"
                               : "%s does not come to an end with it",
                   what);
}
