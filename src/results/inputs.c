/* SHA-256 of files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "coatscope/error.h"

enum { CHUNK_BYTES = 1 << 18 };

static bool
hash_one(size_t i, unsigned worker, void *data, GError **error)
{
    CsInputFile *s = (CsInputFile *) data + i;
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
        s->size += (size_t) n;
    }
    if (n < 0)
        cs_fail(error, CS_ERROR_IO, "cannot read %s: %s", s->path,
                g_strerror(errno));
    if (fd >= 0)
        close(fd);
    s->sha256 = g_strdup(g_checksum_get_string(sum));
    return n >= 0;
}

bool
cs_inputs_hash(char *const *paths, size_t n, const CsJob *job,
               CsInputs *inputs, GError **error)
{
    g_auto(CsInputs) fresh = { n, g_new0(CsInputFile, n + 1) };
    CsInputs old = *inputs;

    for (size_t i = 0; i < n; i++)
        fresh.file[i].path = g_strdup(paths[i]);
    if (!cs_parallel_for(job, n, hash_one, fresh.file, error))
        return false;
    *inputs = fresh;
    fresh = old;
    return true;
}

void
cs_inputs_clear(CsInputs *inputs)
{
    for (size_t i = 0; i < inputs->n; i++) {
        g_free(inputs->file[i].path);
        g_free(inputs->file[i].sha256);
    }
    g_free(inputs->file);
    *inputs = (CsInputs) CS_INPUTS_INIT;
}
