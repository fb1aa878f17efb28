/* Chunks of HDF5, decoded by us. Lock before: h5.h.
 *
 * HDF5 1.10 trusts what a chunk decodes to and reads past it where the file
 * is damaged. So it only finds the stored bytes of a chunk; we undo the
 * filters and check each size.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "formats/h5.h"

enum { CS_H5_MAX_AXES = 3, CS_H5_MAX_FILTERS = 8 };

typedef struct {
    int          n_axes;
    hsize_t      size[CS_H5_MAX_AXES];  /* of the dataset, in items */
    hsize_t      chunk[CS_H5_MAX_AXES];
    size_t       item_bytes;
    size_t       n_bytes;               /* of a decoded chunk       */
    int          n_filters;
    H5Z_filter_t filters[CS_H5_MAX_FILTERS];
    uint64_t     file_bytes;

    guint8 *held; /* the chunk decoded last, NULL if none */
    hsize_t held_at[CS_H5_MAX_AXES];
} CsH5Chunks;

bool cs_h5_is_chunked(hid_t data);

/* Looks at a chunked dataset of 1 to 3 axes. Refuses filters other than
 * deflate, shuffle and fletcher32, and chunks of more than 1 GiB. Reading
 * refuses those that the bytes stored of them cannot honestly unpack to. */
bool cs_h5_chunks_take(CsH5Chunks *chunks, hid_t data, GError **error);

/* The items start … start + count - 1 of each axis, in C order and as the
 * file holds them (its type, its byte order). Each of these chunks must be
 * stored and decode to exactly its size. */
bool cs_h5_chunks_read(CsH5Chunks *chunks, hid_t data, const hsize_t *start,
                       const hsize_t *count, void *to, GError **error);

void cs_h5_chunks_clear(CsH5Chunks *chunks);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsH5Chunks, cs_h5_chunks_clear)
