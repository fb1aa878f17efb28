/* SHA-256 of files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "coatscope/error.h"

enum { CHUNK_BYTES = 1 << 18 };

void
cs_hashed_clear(CsHashed *file)
{
    g_clear_pointer(&file->sha256, g_free);
}

static bool
hash_one(size_t i, unsigned worker, void *data, GError **error)
{
    CsHashed *s = (CsHashed *) data + i;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree guint8 *chunk = g_malloc(CHUNK_BYTES);
    int fd = open(s->path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 0;

    (void) worker;
    while (fd >= 0
           && ((n = read(fd, chunk, CHUNK_BYTES)) > 0
               || (n < 0 && errno == EINTR))) {
        if (n < 0)
            continue;
        g_checksum_update(sum, chunk, n);
        s->size += (guint64) n;
    }
    if (n < 0)
        cs_fail(error, CS_ERROR_IO, "cannot read %s again: %s", s->path,
                g_strerror(errno));
    if (fd >= 0)
        close(fd);
    g_free(s->sha256);
    s->sha256 = g_strdup(g_checksum_get_string(sum));
    return n >= 0;
}

bool
cs_hash_files(CsHashed *files, size_t n, const CsJob *job, GError **error)
{
    return cs_parallel_for(job, n, hash_one, files, error);
}
