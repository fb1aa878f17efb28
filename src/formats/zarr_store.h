/* A Zarr store: a folder, or a zip file, in which each key names some bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/source.h"

typedef struct CsZarrStore CsZarrStore;

/* The store that the source is the entry of: a zip file, or ".zgroup",
 * ".zarray", ".zattrs" or "zarr.json" in a folder (which a file of memory is
 * not in). Errors: CS_ERROR_FORMAT, CS_ERROR_UNSUPPORTED. */
CsZarrStore *cs_zarr_store_open(CsSource *source, GError **error);

/* The bytes of a key, with a zero behind them; *bytes is NULL, without an
 * error, where it has none. Keys go down only: one with ".." has none, nor
 * has one that is a link itself. From several threads at once.
 *
 * Errors: CS_ERROR_LIMIT for more than max_bytes, CS_ERROR_IO,
 * CS_ERROR_FORMAT. */
bool cs_zarr_store_get(CsZarrStore *store, const char *key, size_t max_bytes,
                       guint8 **bytes, size_t *n, GError **error);

/* Bytes at … at + n - 1 of those of a key; with at below 0 they are counted
 * from its end. *bytes is NULL, without an error, where there is no such key.
 *
 * Errors: CS_ERROR_FORMAT where it ends before, CS_ERROR_IO, CS_ERROR_LIMIT. */
bool cs_zarr_store_part(CsZarrStore *store, const char *key, gint64 at,
                        size_t n, guint8 **bytes, GError **error);

/* Names directly below a key ("" is the top), sorted, at most 4096. */
GPtrArray *cs_zarr_store_list(CsZarrStore *store, const char *key);

/* Takes NULL. */
void cs_zarr_store_free(CsZarrStore *store);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsZarrStore, cs_zarr_store_free)
