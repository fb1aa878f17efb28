/* One array of a Zarr store, version 2 or 3: its shape, and planes of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <json-glib/json-glib.h>

#include "coatscope/frame.h"
#include "formats/zarr_codec.h"
#include "formats/zarr_store.h"

enum { CS_ZARR_MAX_AXES = 6, CS_ZARR_MAX_PACKINGS = 4 };

typedef struct {
    CsZarrStore  *store; /* lent */
    char         *path;  /* of the array in the store, "" at the top */
    unsigned      n_axes;
    size_t        size[CS_ZARR_MAX_AXES];
    size_t        chunk[CS_ZARR_MAX_AXES];
    CsPixelType   type;
    bool          is_swapped;
    guint8        fill[16]; /* one pixel, as stored in memory */
    CsZarrPacking packing[CS_ZARR_MAX_PACKINGS]; /* in the order of packing */
    unsigned      n_packings;
    char          separator;
    bool          has_c;    /* keys begin with "c", as in version 3 */

    bool          is_sharded; /* a key holds many chunks and their index */
    size_t        shard[CS_ZARR_MAX_AXES]; /* chunks of it along each axis */
    bool          index_is_first;
    bool          index_has_sum; /* CRC32C behind it */
    bool          index_is_big_endian;

    GMutex  lock;           /* of what follows */
    guint8 *held;           /* the chunk unpacked last that spans planes */
    size_t  held_at[CS_ZARR_MAX_AXES];

    GMutex  index_lock;     /* of what follows */
    char   *index_key;      /* of the shard whose index was read last */
    guint8 *index;          /* NULL: there is no such shard */
} CsZarrArray;

/* Reads what the store says of the array at path; NULL without an error
 * where there is none. Refuses what we do not read, with a reason. */
CsZarrArray *cs_zarr_array_open(CsZarrStore *store, const char *path,
                                GError **error);

/* The attributes of a group or array; NULL, without an error, for none. */
JsonObject *cs_zarr_attributes(CsZarrStore *store, const char *path,
                               GError **error);

/* Planes: all axes but the last two, multiplied. At least 1. */
size_t cs_zarr_n_planes(const CsZarrArray *array);

/* Copies plane number `plane` to `to`, in the machine's byte order. From
 * several threads at once. Chunks that are not there are the fill value. */
bool cs_zarr_read_plane(CsZarrArray *array, size_t plane, void *to,
                        GError **error);

/* The numbers of an array with one axis as doubles, up to max, free with
 * g_free; NULL if it is none or cannot be read. */
double *cs_zarr_vector(CsZarrStore *store, const char *path, size_t max,
                       size_t *n);

/* Takes NULL. */
void cs_zarr_array_free(CsZarrArray *array);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsZarrArray, cs_zarr_array_free)
