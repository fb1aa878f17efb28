/* Files being written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "coatscope/error.h"

enum { BUFFER_BYTES = 1 << 16 };

static bool
blame_system(const CsSink *sink, GError **error)
{
    return cs_fail(error, CS_ERROR_IO, "cannot write %s: %s", sink->path,
                   g_strerror(errno));
}

bool
cs_sink_open(CsSink *sink, const char *dir, const char *name, GError **error)
{
    sink->path = g_build_filename(dir, name, NULL);
    sink->text = g_string_sized_new(BUFFER_BYTES);
    sink->fd = open(sink->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                    0666);
    return sink->fd >= 0 || blame_system(sink, error);
}

static bool
write_out(CsSink *sink, GError **error)
{
    for (gsize at = 0; at < sink->text->len;) {
        ssize_t n = write(sink->fd, sink->text->str + at,
                          sink->text->len - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return blame_system(sink, error);
        at += (gsize) n;
    }
    g_string_truncate(sink->text, 0);
    return true;
}

bool
cs_sink_rest(CsSink *sink, GError **error)
{
    return sink->text->len < BUFFER_BYTES || write_out(sink, error);
}

/* File systems that cannot sync (EINVAL, EROFS on special files) have said
 * all they know in write(). */
bool
cs_sink_close(CsSink *sink, GError **error)
{
    int fd = sink->fd;

    if (!write_out(sink, error))
        return false;
    if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
        return blame_system(sink, error);
    sink->fd = -1;
    return close(fd) == 0 || blame_system(sink, error);
}

void
cs_sink_clear(CsSink *sink)
{
    if (sink->fd >= 0)
        close(sink->fd);
    if (sink->text != NULL)
        g_string_free(sink->text, TRUE);
    g_free(sink->path);
    *sink = (CsSink) CS_SINK_INIT;
}
