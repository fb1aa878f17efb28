/* Sources: files read with pread, or memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coatscope/error.h"

struct CsSource {
    gint     n_refs; /* atomic */
    char    *name;
    int      fd;     /* -1 for memory */
    GBytes  *bytes;  /* NULL for files */
    uint64_t size;
};

CsSource *
cs_source_open(const char *path, GError **error)
{
    struct stat status;
    CsSource *source;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &status) < 0) {
        cs_fail(error, CS_ERROR_IO, "%s: cannot be opened: %s", path,
                g_strerror(errno));
        goto fail;
    }
    if (!S_ISREG(status.st_mode)) {
        cs_fail(error, CS_ERROR_IO, "%s: is %s, not a file", path,
                S_ISDIR(status.st_mode) ? "a folder" : "a device or a pipe");
        goto fail;
    }
    source = g_new0(CsSource, 1);
    source->n_refs = 1;
    source->name = g_strdup(path);
    source->fd = fd;
    source->size = (uint64_t) status.st_size;
    return source;

fail:
    if (fd >= 0)
        close(fd);
    return NULL;
}

CsSource *
cs_source_from_bytes(GBytes *bytes, const char *name)
{
    CsSource *source = g_new0(CsSource, 1);

    source->n_refs = 1;
    source->name = g_strdup(name);
    source->fd = -1;
    source->bytes = g_bytes_ref(bytes);
    source->size = g_bytes_get_size(bytes);
    return source;
}

CsSource *
cs_source_ref(CsSource *source)
{
    g_atomic_int_inc(&source->n_refs);
    return source;
}

void
cs_source_unref(CsSource *source)
{
    if (source == NULL || !g_atomic_int_dec_and_test(&source->n_refs))
        return;
    if (source->fd >= 0)
        close(source->fd);
    g_clear_pointer(&source->bytes, g_bytes_unref);
    g_free(source->name);
    g_free(source);
}

const char *
cs_source_name(const CsSource *source)
{
    return source->name;
}

const char *
cs_source_path(const CsSource *source)
{
    return source->fd >= 0 ? source->name : NULL;
}

uint64_t
cs_source_size(const CsSource *source)
{
    return source->size;
}

static bool
read_file(const CsSource *source, uint64_t offset, void *to, size_t n,
          GError **error)
{
    char *at = to;

    while (n > 0) {
        ssize_t got = pread(source->fd, at, n, (off_t) offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cs_fail(error, CS_ERROR_IO, "cannot be read: %s",
                           g_strerror(errno));
        if (got == 0)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "became shorter while it was read");
        at += got;
        offset += (uint64_t) got;
        n -= (size_t) got;
    }
    return true;
}

bool
cs_source_read(const CsSource *source, uint64_t offset, void *to, size_t n,
               const char *what, GError **error)
{
    if (offset > source->size || n > source->size - offset)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "ends at byte %" PRIu64 ", inside %s (%" G_GSIZE_FORMAT
                       " bytes from byte %" PRIu64 ")",
                       source->size, what, n, offset);
    if (n == 0)
        return true;
    if (source->fd >= 0)
        return read_file(source, offset, to, n, error);
    memcpy(to, (const char *) g_bytes_get_data(source->bytes, NULL) + offset,
           n);
    return true;
}

size_t
cs_source_peek(const CsSource *source, void *to, size_t n)
{
    n = (size_t) MIN((uint64_t) n, source->size);
    return cs_source_read(source, 0, to, n, "the start", NULL) ? n : 0;
}
