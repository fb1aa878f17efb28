/* Undoing zlib, gzip, zstd and blosc.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/zarr_codec.h"

#include <blosc.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/bytes.h"

enum { SUM_BYTES = 4 };

#define CRC32C_POLYNOMIAL 0x82f63b78u

static const struct {
    const char   *name;
    CsZarrPacking packing;
} names[] = {
    { "zlib", CS_ZARR_ZLIB },   { "gzip", CS_ZARR_GZIP },
    { "zstd", CS_ZARR_ZSTD },   { "blosc", CS_ZARR_BLOSC },
    { "crc32c", CS_ZARR_CRC32C },
};

CsZarrPacking
cs_zarr_packing_named(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].packing;
    return CS_ZARR_N_PACKINGS;
}

/* ---- Each of them: true where exactly n bytes came out -------------------- */

static bool
undo_deflate(const guint8 *from, size_t n_from, guint8 *to, size_t n)
{
    z_stream z = { .next_in = (Bytef *) from, .next_out = to };
    int result;

    if (n_from > G_MAXUINT32 || n > G_MAXUINT32
        || inflateInit2(&z, 15 + 32) != Z_OK)
        return false;
    z.avail_in = (uInt) n_from;
    z.avail_out = (uInt) n;
    result = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return result == Z_STREAM_END && z.avail_out == 0;
}

static bool
undo_zstd(const guint8 *from, size_t n_from, guint8 *to, size_t n)
{
    return ZSTD_decompress(to, n, from, n_from) == n;
}

/* Blosc reads past what it is given unless its own header was held against
 * it before. */
static bool
undo_blosc(const guint8 *from, size_t n_from, guint8 *to, size_t n)
{
    size_t n_said = 0;

    return n_from >= BLOSC_MIN_HEADER_LENGTH && n <= BLOSC_MAX_BUFFERSIZE
           && blosc_cbuffer_validate(from, n_from, &n_said) == 0
           && n_said == n
           && (n == 0 || blosc_decompress_ctx(from, to, n, 1) == (int) n);
}

static guint32
crc32c(const guint8 *bytes, size_t n)
{
    guint32 sum = 0xffffffffu;

    for (size_t i = 0; i < n; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? CRC32C_POLYNOMIAL : 0);
    }
    return ~sum;
}

static bool
undo_sum(const guint8 *from, size_t n_from, guint8 *to, size_t n)
{
    guint32 said;

    if (n_from != n + SUM_BYTES)
        return false;
    memcpy(&said, from + n, sizeof said);
    memcpy(to, from, n);
    return GUINT32_FROM_LE(said) == crc32c(from, n);
}

bool
cs_zarr_unpack(CsZarrPacking packing, guint8 **bytes, size_t *n,
               size_t n_unpacked, GError **error)
{
    static bool (*const undo[CS_ZARR_N_PACKINGS])(const guint8 *, size_t,
                                                  guint8 *, size_t) = {
        [CS_ZARR_ZLIB] = undo_deflate, [CS_ZARR_GZIP] = undo_deflate,
        [CS_ZARR_ZSTD] = undo_zstd,    [CS_ZARR_BLOSC] = undo_blosc,
        [CS_ZARR_CRC32C] = undo_sum,
    };
    g_autofree guint8 *from = g_steal_pointer(bytes);
    g_autofree guint8 *to = NULL;

    if (n_unpacked > cs_bytes_most_unpacked(*n))
        return cs_fail(error, CS_ERROR_LIMIT,
                       "a chunk of %zu bytes is to unpack to %zu; up to %zu"
                       " are believed", *n, n_unpacked,
                       cs_bytes_most_unpacked(*n));
    to = cs_try_alloc(n_unpacked, 1, "a chunk", error);
    if (to == NULL)
        return false;
    if (!undo[packing](from, *n, to, n_unpacked))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a chunk is damaged: its %zu bytes do not unpack to"
                       " %zu", *n, n_unpacked);
    *bytes = g_steal_pointer(&to);
    *n = n_unpacked;
    return true;
}
