/* Shards of Zarr 3, as the codec "sharding_indexed" (version 1.0) defines them:
 * chunks one behind the other in any order, and at the start or end of the
 * shard an index of two 64-bit numbers a chunk, where it begins and how long
 * it is; all ones: it is not there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/zarr_shard.h"

#include <inttypes.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/json_text.h"

enum {
    ENTRY_BYTES = 16,
    SUM_BYTES = 4,
    MAX_CHUNKS = 1 << 22, /* of a shard: 64 MiB of index */
};

/* ---- What the JSON says --------------------------------------------------- */

static bool
take_counts(CsZarrArray *array, const size_t *shard_size, GError **error)
{
    uint64_t n = 1;

    for (unsigned i = 0; i < array->n_axes; i++) {
        if (shard_size[i] % array->chunk[i] != 0)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "shards of %zu are not made of whole chunks of"
                           " %zu", shard_size[i], array->chunk[i]);
        array->shard[i] = shard_size[i] / array->chunk[i];
        if (__builtin_mul_overflow(n, (uint64_t) array->shard[i], &n))
            n = UINT64_MAX;
    }
    if (n > MAX_CHUNKS)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "a shard holds %" PRIu64 " chunks; up to %d are read",
                       n, MAX_CHUNKS);
    return true;
}

/* Bytes, then nothing or their sum: nothing else has a known length. */
static bool
take_index(CsZarrArray *array, JsonArray *codecs, GError **error)
{
    guint n = cs_json_length(codecs);
    JsonObject *first = cs_json_object_of(codecs, 0);
    const char *bytes = cs_json_text(first, "name");
    const char *order = cs_json_text(
        cs_json_member(first, "configuration"), "endian");
    const char *sum = n > 1 ? cs_json_text(cs_json_object_of(codecs, 1),
                                           "name") : NULL;

    array->index_is_big_endian = g_strcmp0(order, "big") == 0;
    array->index_has_sum = n > 1;
    if (n >= 1 && n <= 2 && g_strcmp0(bytes, "bytes") == 0
        && (n == 1 || g_strcmp0(sum, "crc32c") == 0))
        return true;
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "the index of its shards is packed; plain ones, and with"
                   " crc32c, can be read");
}

bool
cs_zarr_shard_take(CsZarrArray *array, JsonObject *codec,
                   const size_t *shard_size, GError **error)
{
    JsonObject *what = cs_json_member(codec, "configuration");

    array->is_sharded = true;
    array->index_is_first
        = g_strcmp0(cs_json_text(what, "index_location"), "start") == 0;
    return take_counts(array, shard_size, error)
           && take_index(array, cs_json_list(what, "index_codecs"), error);
}

/* ---- Places --------------------------------------------------------------- */

size_t
cs_zarr_shard_place(const CsZarrArray *array, const size_t *at,
                    size_t *shard_at)
{
    size_t inside = 0;

    memcpy(shard_at, at, array->n_axes * sizeof *at);
    for (unsigned i = 0; array->is_sharded && i < array->n_axes; i++) {
        shard_at[i] = at[i] / array->shard[i];
        inside = inside * array->shard[i] + at[i] % array->shard[i];
    }
    return inside;
}

/* ---- The index ------------------------------------------------------------ */

static size_t
index_bytes(const CsZarrArray *array)
{
    size_t n = ENTRY_BYTES;

    for (unsigned i = 0; i < array->n_axes; i++)
        n *= array->shard[i];
    return n;
}

/* The index of the shard into array->index, under its lock. */
static bool
hold_index(CsZarrArray *array, const char *key, GError **error)
{
    size_t n = index_bytes(array);
    size_t n_stored = n + (array->index_has_sum ? SUM_BYTES : 0);
    guint8 *index = NULL;

    if (g_strcmp0(array->index_key, key) == 0)
        return true;
    g_clear_pointer(&array->index_key, g_free);
    g_clear_pointer(&array->index, g_free);
    if (!cs_zarr_store_part(array->store, key,
                            array->index_is_first ? 0 : -(gint64) n_stored,
                            n_stored, &index, error))
        return false;
    if (index != NULL && array->index_has_sum
        && !cs_zarr_unpack(CS_ZARR_CRC32C, &index, &n_stored, n, error)) {
        g_prefix_error(error, "the index of %s: ", key);
        return false;
    }
    array->index = index;
    array->index_key = g_strdup(key);
    return true;
}

static guint64
number_at(const CsZarrArray *array, size_t at)
{
    guint64 number;

    memcpy(&number, array->index + at, sizeof number);
    return array->index_is_big_endian ? GUINT64_FROM_BE(number)
                                      : GUINT64_FROM_LE(number);
}

/* *n is G_MAXUINT64 where the chunk is not stored. */
static bool
look_up(CsZarrArray *array, const char *key, size_t inside, guint64 *at,
        guint64 *n, GError **error)
{
    bool ok;

    *at = *n = G_MAXUINT64;
    g_mutex_lock(&array->index_lock);
    ok = hold_index(array, key, error);
    if (ok && array->index != NULL) {
        *at = number_at(array, inside * ENTRY_BYTES);
        *n = number_at(array, inside * ENTRY_BYTES + sizeof *at);
    }
    g_mutex_unlock(&array->index_lock);
    return ok;
}

bool
cs_zarr_shard_get(CsZarrArray *array, const char *key, size_t inside,
                  size_t most_bytes, guint8 **bytes, size_t *n,
                  GError **error)
{
    guint64 at, n_stored;

    *bytes = NULL;
    if (!look_up(array, key, inside, &at, &n_stored, error))
        return false;
    if (at == G_MAXUINT64 && n_stored == G_MAXUINT64)
        return true;
    if (n_stored > most_bytes || at > G_MAXINT64)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s: chunk %zu has %" PRIu64 " bytes from byte %"
                       PRIu64 "; up to %zu are possible", key, inside,
                       n_stored, at, most_bytes);
    *n = (size_t) n_stored;
    return cs_zarr_store_part(array->store, key, (gint64) at, *n, bytes,
                              error);
}
