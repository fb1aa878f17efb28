/* Shards of Zarr 3: many chunks and a list of them under one key.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "formats/zarr_array.h"

/* Takes what codec "sharding_indexed" says: how many chunks make a shard of
 * the sizes given, and where its index is. Those of the chunks, and how these
 * are packed, the array knows already or will be told. Errors:
 * CS_ERROR_FORMAT, CS_ERROR_UNSUPPORTED, CS_ERROR_LIMIT. */
bool cs_zarr_shard_take(CsZarrArray *array, JsonObject *codec,
                        const size_t *shard_size, GError **error);

/* Which shard holds the chunk at `at` (in chunks), and as which of its
 * chunks. Without shards each is its own. */
size_t cs_zarr_shard_place(const CsZarrArray *array, const size_t *at,
                           size_t *shard_at);

/* The packed bytes of chunk number `inside` of the shard at key, up to
 * most_bytes; NULL, without an error, where it is not stored. From several
 * threads at once. Errors: CS_ERROR_FORMAT, CS_ERROR_IO, CS_ERROR_LIMIT. */
bool cs_zarr_shard_get(CsZarrArray *array, const char *key, size_t inside,
                       size_t most_bytes, guint8 **bytes, size_t *n,
                       GError **error);
