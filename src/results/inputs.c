/* SHA-256 of files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "coatscope/error.h"

enum { CHUNK_BYTES = 1 << 18 };

/* OpenSSL's: it uses the processor's own instructions, GLib's does not, and
 * that is a factor of six. */
static EVP_MD_CTX *
begin(GError **error)
{
    EVP_MD_CTX *sum = EVP_MD_CTX_new();

    if (sum != NULL && EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1)
        return sum;
    EVP_MD_CTX_free(sum);
    cs_fail(error, CS_ERROR_IO, "SHA-256 is not to be had from OpenSSL");
    return NULL;
}

static bool
add_file(int fd, const char *path, EVP_MD_CTX *sum, size_t *size,
         GError **error)
{
    g_autofree guint8 *chunk = g_malloc(CHUNK_BYTES);
    ssize_t n;

    while ((n = read(fd, chunk, CHUNK_BYTES)) > 0
           || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        EVP_DigestUpdate(sum, chunk, (size_t) n);
        *size += (size_t) n;
    }
    return n == 0 || cs_fail(error, CS_ERROR_IO, "cannot read %s: %s", path,
                             g_strerror(errno));
}

static char *
in_hex(EVP_MD_CTX *sum)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    GString *hex = g_string_new(NULL);

    EVP_DigestFinal_ex(sum, bytes, &n);
    for (unsigned i = 0; i < n; i++)
        g_string_append_printf(hex, "%02x", bytes[i]);
    return g_string_free(hex, FALSE);
}

static bool
hash_one(size_t i, unsigned worker, void *data, GError **error)
{
    CsInputFile *s = (CsInputFile *) data + i;
    EVP_MD_CTX *sum = begin(error);
    int fd = sum != NULL ? open(s->path, O_RDONLY | O_CLOEXEC) : -1;
    bool ok = false;

    (void) worker;
    if (fd >= 0)
        ok = add_file(fd, s->path, sum, &s->size, error);
    else if (sum != NULL)
        cs_fail(error, CS_ERROR_IO, "cannot read %s: %s", s->path,
                g_strerror(errno));
    if (fd >= 0)
        close(fd);
    if (ok)
        s->sha256 = in_hex(sum);
    EVP_MD_CTX_free(sum);
    return ok;
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
