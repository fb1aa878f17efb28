/* Chunks of HDF5: finding, undoing the filters, copying.
 *
 * Filters as in the HDF5 File Format Specification, "Filter Pipeline".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/h5_chunks.h"

#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/bytes.h"

enum {
    MAX_CHUNK_BYTES = 1 << 30,
    SPARE_BYTES = 4096, /* by which filters may lengthen a chunk, and 1/8 */
    SUM_BYTES = 4,
    SUM_MODULUS = 65535,
};

typedef struct {
    guint8 *bytes;
    size_t  n;
} Stored;

/* ---- What the dataset is -------------------------------------------------- */

bool
cs_h5_is_chunked(hid_t data)
{
    hid_t list = H5Dget_create_plist(data);
    bool is_chunked;

    if (list < 0)
        return false;
    is_chunked = H5Pget_layout(list) == H5D_CHUNKED;
    H5Pclose(list);
    return is_chunked;
}

static bool
take_filter(CsH5Chunks *chunks, hid_t list, int i, GError **error)
{
    unsigned flags, config;
    unsigned values[8] = { 0 };
    size_t n_values = G_N_ELEMENTS(values);
    char name[64] = "";
    g_autofree char *said = NULL;
    H5Z_filter_t filter = H5Pget_filter2(list, (unsigned) i, &flags,
                                         &n_values, values, sizeof name,
                                         name, &config);

    chunks->filters[i] = filter;
    if (filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_FLETCHER32
        || (filter == H5Z_FILTER_SHUFFLE && n_values > 0
            && values[0] == chunks->item_bytes))
        return true;
    said = g_utf8_make_valid(name, -1);
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "data are compressed by filter %d (%s) of HDF5; deflate,"
                   " shuffle by whole numbers and fletcher32 can be read",
                   filter, said);
}

static bool
take_list(CsH5Chunks *chunks, hid_t list, GError **error)
{
    uint64_t n = chunks->item_bytes;

    if (H5Pget_chunk(list, CS_H5_MAX_AXES, chunks->chunk) != chunks->n_axes)
        return cs_fail(error, CS_ERROR_FORMAT, "data have odd chunks");
    for (int i = 0; i < chunks->n_axes; i++)
        if (__builtin_mul_overflow(n, (uint64_t) chunks->chunk[i], &n))
            n = 0;
    if (n == 0 || n > MAX_CHUNK_BYTES)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "data come in chunks of %" PRIu64 " bytes; 1 to %d"
                       " are read", n, MAX_CHUNK_BYTES);
    chunks->n_bytes = n;
    chunks->n_filters = H5Pget_nfilters(list);
    if (chunks->n_filters < 0 || chunks->n_filters > CS_H5_MAX_FILTERS)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "data pass %d filters of HDF5; up to %d are read",
                       chunks->n_filters, CS_H5_MAX_FILTERS);
    for (int i = 0; i < chunks->n_filters; i++)
        if (!take_filter(chunks, list, i, error))
            return false;
    return true;
}

static bool
take_sizes(CsH5Chunks *chunks, hid_t data, GError **error)
{
    hsize_t size[H5S_MAX_RANK];
    hid_t space = H5Dget_space(data);
    hid_t type = H5Dget_type(data);
    hid_t file = H5Iget_file_id(data);
    hsize_t n = 0;

    chunks->n_axes = space >= 0 ? H5Sget_simple_extent_dims(space, size, NULL)
                                : -1;
    chunks->item_bytes = type >= 0 ? H5Tget_size(type) : 0;
    if (file >= 0 && H5Fget_filesize(file, &n) >= 0)
        chunks->file_bytes = n;
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    if (file >= 0)
        H5Fclose(file);
    if (chunks->n_axes < 1 || chunks->n_axes > CS_H5_MAX_AXES)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "data of %d axes; 1 to %d can be read",
                       chunks->n_axes, CS_H5_MAX_AXES);
    memcpy(chunks->size, size, (size_t) chunks->n_axes * sizeof *size);
    return true;
}

bool
cs_h5_chunks_take(CsH5Chunks *chunks, hid_t data, GError **error)
{
    CsH5Chunks fresh = { 0 };
    hid_t list;
    bool ok;

    if (!take_sizes(&fresh, data, error))
        return false;
    list = H5Dget_create_plist(data);
    if (list < 0)
        return cs_fail(error, CS_ERROR_FORMAT, "data have no layout");
    ok = take_list(&fresh, list, error);
    H5Pclose(list);
    if (ok)
        *chunks = fresh;
    return ok;
}

/* ---- Stored bytes --------------------------------------------------------- */

/* Without filters HDF5 tells the size it expects, not the size it would
 * read; the list of chunks holds the latter, but takes longer. */
static bool
stored_size(const CsH5Chunks *chunks, hid_t data, const hsize_t *at,
            hsize_t *n)
{
    unsigned mask;
    haddr_t address;

    *n = 0;
    if (chunks->n_filters > 0)
        return H5Dget_chunk_storage_size(data, at, n) >= 0;
    return H5Dget_chunk_info_by_coord(data, at, &mask, &address, n) >= 0;
}

static bool
fetch(const CsH5Chunks *chunks, hid_t data, const hsize_t *at, Stored *stored,
      GError **error)
{
    uint64_t allowed = MIN(chunks->n_bytes + chunks->n_bytes / 8 + SPARE_BYTES,
                           chunks->file_bytes);
    uint32_t mask = 0;
    hsize_t n;

    if (!stored_size(chunks, data, at, &n) || n == 0)
        return cs_fail(error, CS_ERROR_FORMAT, "a chunk is not stored");
    if (n > allowed)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a chunk takes %" PRIu64 " bytes of the file; up to %"
                       PRIu64 " are possible", (uint64_t) n, allowed);
    if (chunks->n_bytes > cs_bytes_most_unpacked(n))
        return cs_fail(error, CS_ERROR_LIMIT,
                       "a chunk of %" PRIu64 " stored bytes is to unpack to"
                       " %zu; up to %zu are believed", (uint64_t) n,
                       chunks->n_bytes, cs_bytes_most_unpacked(n));
    stored->n = n;
    stored->bytes = cs_try_alloc(n, 1, "a stored chunk", error);
    if (stored->bytes == NULL)
        return false;
    if (H5Dread_chunk(data, H5P_DEFAULT, at, &mask, stored->bytes) < 0) {
        g_autofree char *reason = cs_h5_reason();

        return cs_fail(error, CS_ERROR_FORMAT, "HDF5 cannot read a chunk: %s",
                       reason);
    }
    if (mask != 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "a chunk skips filters (mask %#x); none may be skipped",
                       mask);
    return true;
}

/* ---- Filters, undone ------------------------------------------------------ */

/* Fletcher's sums of 16-bit big-endian words, modulo 65535 (where 65535 and
 * 0 are one), behind the bytes in little-endian order. */
static bool
undo_sum(Stored *stored, GError **error)
{
    const guint8 *p = stored->bytes;
    uint32_t sum = 0, sum_of_sums = 0;
    size_t n;

    if (stored->n < SUM_BYTES)
        return cs_fail(error, CS_ERROR_FORMAT, "a chunk has no checksum");
    n = stored->n -= SUM_BYTES;
    for (size_t i = 0; i < n; i += 2) {
        sum += (uint32_t) p[i] << 8 | (i + 1 < n ? p[i + 1] : 0);
        sum %= SUM_MODULUS;
        sum_of_sums = (sum_of_sums + sum) % SUM_MODULUS;
    }
    if ((p[n] | p[n + 1] << 8) % SUM_MODULUS != (int) sum
        || (p[n + 2] | p[n + 3] << 8) % SUM_MODULUS != (int) sum_of_sums)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a chunk is damaged: its checksum differs");
    return true;
}

static bool
undo_deflate(Stored *stored, size_t n, GError **error)
{
    guint8 *to = cs_try_alloc(n, 1, "a chunk", error);
    uLongf n_got = n;
    int result;

    if (to == NULL)
        return false;
    result = uncompress(to, &n_got, stored->bytes, stored->n);
    g_free(stored->bytes);
    *stored = (Stored) { to, n_got };
    if (result != Z_OK || n_got != n)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a chunk does not inflate to its %zu bytes", n);
    return true;
}

/* First all first bytes, then all second bytes, …; what is left over at the
 * end stays. */
static bool
undo_shuffle(Stored *stored, size_t item_bytes, GError **error)
{
    size_t n_items = stored->n / item_bytes;
    size_t n_done = n_items * item_bytes;
    guint8 *to = cs_try_alloc(stored->n, 1, "a chunk", error);

    if (to == NULL)
        return false;
    for (size_t b = 0; b < item_bytes; b++)
        for (size_t i = 0; i < n_items; i++)
            to[i * item_bytes + b] = stored->bytes[b * n_items + i];
    memcpy(to + n_done, stored->bytes + n_done, stored->n - n_done);
    g_free(stored->bytes);
    stored->bytes = to;
    return true;
}

static bool
undo_filters(const CsH5Chunks *chunks, Stored *stored, GError **error)
{
    size_t n = chunks->n_bytes; /* after filter i is undone */
    bool ok = true;

    for (int i = 0; i < chunks->n_filters; i++)
        n += chunks->filters[i] == H5Z_FILTER_FLETCHER32 ? SUM_BYTES : 0;
    for (int i = chunks->n_filters - 1; i >= 0 && ok; i--) {
        if (chunks->filters[i] == H5Z_FILTER_DEFLATE) {
            ok = undo_deflate(stored, n, error);
        } else if (chunks->filters[i] == H5Z_FILTER_SHUFFLE) {
            ok = undo_shuffle(stored, chunks->item_bytes, error);
        } else {
            ok = undo_sum(stored, error);
            n -= SUM_BYTES;
        }
    }
    if (ok && stored->n != chunks->n_bytes)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a chunk holds %zu bytes instead of %zu", stored->n,
                       chunks->n_bytes);
    return ok;
}

/* ---- Reading -------------------------------------------------------------- */

static bool
hold(CsH5Chunks *chunks, hid_t data, const hsize_t *at, GError **error)
{
    size_t n = (size_t) chunks->n_axes * sizeof *at;
    Stored stored = { 0 };

    if (chunks->held != NULL && memcmp(chunks->held_at, at, n) == 0)
        return true;
    g_clear_pointer(&chunks->held, g_free);
    if (!fetch(chunks, data, at, &stored, error)
        || !undo_filters(chunks, &stored, error)) {
        g_free(stored.bytes);
        return false;
    }
    chunks->held = stored.bytes;
    memcpy(chunks->held_at, at, n);
    return true;
}

/* Seen as three axes, of which the first may be of length 1. */
typedef struct {
    hsize_t chunk[CS_H5_MAX_AXES], at[CS_H5_MAX_AXES];
    hsize_t start[CS_H5_MAX_AXES], count[CS_H5_MAX_AXES];
    hsize_t from[CS_H5_MAX_AXES], to[CS_H5_MAX_AXES]; /* of the overlap */
} Part;

static void
copy_part(const Part *p, const guint8 *chunk, size_t item, guint8 *to)
{
    size_t n = (p->to[2] - p->from[2]) * item;

    for (hsize_t z = p->from[0]; z < p->to[0]; z++)
        for (hsize_t y = p->from[1]; y < p->to[1]; y++) {
            hsize_t source = ((z - p->at[0]) * p->chunk[1] + y - p->at[1])
                                 * p->chunk[2] + p->from[2] - p->at[2];
            hsize_t target = ((z - p->start[0]) * p->count[1] + y
                              - p->start[1]) * p->count[2]
                             + p->from[2] - p->start[2];

            memcpy(to + target * item, chunk + source * item, n);
        }
}

/* Puts the part on the chunk at its axes `at`. */
static void
overlap(Part *p)
{
    for (int i = 0; i < CS_H5_MAX_AXES; i++) {
        p->from[i] = MAX(p->at[i], p->start[i]);
        p->to[i] = MIN(p->at[i] + p->chunk[i], p->start[i] + p->count[i]);
    }
}

/* On to the next chunk that overlaps; false after the last one. */
static bool
advance(Part *p)
{
    for (int i = CS_H5_MAX_AXES - 1; i >= 0; i--) {
        p->at[i] += p->chunk[i];
        if (p->at[i] < p->start[i] + p->count[i])
            return true;
        p->at[i] = p->start[i] / p->chunk[i] * p->chunk[i];
    }
    return false;
}

bool
cs_h5_chunks_read(CsH5Chunks *chunks, hid_t data, const hsize_t *start,
                  const hsize_t *count, void *to, GError **error)
{
    int skip = CS_H5_MAX_AXES - chunks->n_axes;
    Part p = { { 1, 1, 1 }, { 0 }, { 0 }, { 1, 1, 1 }, { 0 }, { 0 } };

    for (int i = 0; i < chunks->n_axes; i++) {
        if (count[i] < 1 || count[i] > chunks->size[i]
            || start[i] > chunks->size[i] - count[i])
            return cs_fail(error, CS_ERROR_FORMAT,
                           "data end before what is wanted");
        p.chunk[skip + i] = chunks->chunk[i];
        p.start[skip + i] = start[i];
        p.count[skip + i] = count[i];
        p.at[skip + i] = start[i] / chunks->chunk[i] * chunks->chunk[i];
    }
    do {
        if (!hold(chunks, data, p.at + skip, error))
            return false;
        overlap(&p);
        copy_part(&p, chunks->held, chunks->item_bytes, to);
    } while (advance(&p));
    return true;
}

void
cs_h5_chunks_clear(CsH5Chunks *chunks)
{
    g_free(chunks->held);
    *chunks = (CsH5Chunks) { 0 };
}
