/* How the chunks of a Zarr array are packed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
    CS_ZARR_PLAIN,
    CS_ZARR_ZLIB,
    CS_ZARR_GZIP,
    CS_ZARR_ZSTD,
    CS_ZARR_BLOSC,  /* with lz4, zlib, zstd, … inside, as its header says */
    CS_ZARR_CRC32C, /* four bytes behind                                  */
    CS_ZARR_N_PACKINGS
} CsZarrPacking;

/* The packing that Zarr calls so, or CS_ZARR_N_PACKINGS. */
CsZarrPacking cs_zarr_packing_named(const char *name);

/* Undoes one packing: from bytes that are freed to n_unpacked new ones, no
 * more and no fewer. Both as g_malloc gives.
 *
 * Errors: CS_ERROR_FORMAT, CS_ERROR_LIMIT; *bytes is then freed and NULL. */
bool cs_zarr_unpack(CsZarrPacking packing, guint8 **bytes, size_t *n,
                    size_t n_unpacked, GError **error);
