/* Arrays of Zarr: chunks to planes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/zarr_array.h"

#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/bytes.h"
#include "formats/json_text.h"
#include "formats/zarr_meta.h"
#include "formats/zarr_shard.h"

enum {
    MAX_JSON_BYTES = 16 << 20,
    SPARE_BYTES = 4096, /* by which packing may lengthen a chunk, and 1/8 */
};

/* ---- Opening -------------------------------------------------------------- */

static char *
join(const char *path, const char *name)
{
    return g_strdup_printf("%s%s%s", path, *path != '\0' ? "/" : "", name);
}

/* The JSON at a key, NULL where there is none. */
static JsonObject *
get_json(CsZarrStore *store, const char *path, const char *name,
         GError **error)
{
    g_autofree char *key = join(path, name);
    g_autofree guint8 *bytes = NULL;
    JsonObject *json;
    size_t n;

    if (!cs_zarr_store_get(store, key, MAX_JSON_BYTES, &bytes, &n, error)
        || bytes == NULL)
        return NULL;
    json = cs_json_object((const char *) bytes, n);
    if (json == NULL)
        cs_fail(error, CS_ERROR_FORMAT, "%s is no JSON object", key);
    return json;
}

JsonObject *
cs_zarr_attributes(CsZarrStore *store, const char *path, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(JsonObject) whole = get_json(store, path, "zarr.json", &why);
    JsonObject *inside;

    if (why != NULL)
        g_propagate_error(error, g_steal_pointer(&why));
    else if (whole == NULL)
        return get_json(store, path, ".zattrs", error);
    if (whole == NULL)
        return NULL;
    inside = cs_json_member(whole, "attributes");
    return inside != NULL ? json_object_ref(inside) : NULL;
}

static bool
fill(CsZarrArray *array, JsonObject *v2, JsonObject *v3, GError **error)
{
    bool ok = v2 != NULL ? cs_zarr_meta_v2(array, v2, error)
                         : cs_zarr_meta_v3(array, v3, error);

    if (!ok && *array->path != '\0')
        g_prefix_error(error, "array %s: ", array->path);
    return ok;
}

CsZarrArray *
cs_zarr_array_open(CsZarrStore *store, const char *path, GError **error)
{
    g_autoptr(CsZarrArray) array = g_new0(CsZarrArray, 1);
    g_autoptr(GError) why = NULL;
    g_autoptr(JsonObject) v2 = get_json(store, path, ".zarray", &why);
    g_autoptr(JsonObject) v3 = NULL;
    const char *kind;

    g_mutex_init(&array->lock);
    g_mutex_init(&array->index_lock);
    array->store = store;
    array->path = g_strdup(path);
    if (v2 == NULL && why == NULL)
        v3 = get_json(store, path, "zarr.json", &why);
    kind = cs_json_text(v3, "node_type");
    if (why != NULL) {
        g_propagate_error(error, g_steal_pointer(&why));
        return NULL;
    }
    if (v2 == NULL && (kind == NULL || strcmp(kind, "array") != 0))
        return NULL;
    if (!fill(array, v2, v3, error))
        return NULL;
    return g_steal_pointer(&array);
}

void
cs_zarr_array_free(CsZarrArray *array)
{
    if (array == NULL)
        return;
    g_mutex_clear(&array->lock);
    g_mutex_clear(&array->index_lock);
    g_free(array->held);
    g_free(array->index_key);
    g_free(array->index);
    g_free(array->path);
    g_free(array);
}

size_t
cs_zarr_n_planes(const CsZarrArray *array)
{
    size_t n = 1;

    for (unsigned i = 0; i + 2 < array->n_axes; i++)
        if (__builtin_mul_overflow(n, array->size[i], &n))
            return SIZE_MAX;
    return n;
}

/* ---- One chunk ------------------------------------------------------------ */

static size_t
chunk_pixels(const CsZarrArray *array)
{
    size_t n = 1;

    for (unsigned i = 0; i < array->n_axes; i++)
        n *= array->chunk[i];
    return n;
}

static char *
key_of(const CsZarrArray *array, const size_t *at)
{
    GString *key = g_string_new(array->path);
    const char *lead = *array->path != '\0' ? "/" : "";

    g_string_append(key, lead);
    if (array->has_c)
        g_string_append_printf(key, "c%c", array->separator);
    for (unsigned i = 0; i < array->n_axes; i++)
        g_string_append_printf(key, "%.*s%zu", i > 0, &array->separator,
                               at[i]);
    return g_string_free(key, FALSE);
}

static bool
unpack(const CsZarrArray *array, guint8 **bytes, size_t *n, GError **error)
{
    size_t n_pixels = chunk_pixels(array);
    size_t size = cs_pixel_size(array->type);

    for (unsigned i = array->n_packings; i-- > 0;) {
        size_t n_inside = n_pixels * size;

        for (unsigned k = 0; k < i; k++)
            n_inside += array->packing[k] == CS_ZARR_CRC32C ? 4 : 0;
        if (!cs_zarr_unpack(array->packing[i], bytes, n, n_inside, error))
            return false;
    }
    if (*n != n_pixels * size)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a chunk holds %zu bytes instead of %zu", *n,
                       n_pixels * size);
    if (array->is_swapped)
        cs_bytes_swap(*bytes, *n, array->type >= CS_PIXEL_C64 ? size / 2
                                                              : size);
    return true;
}

/* The pixels of a chunk, NULL where it is not stored. */
static bool
get_chunk(CsZarrArray *array, const size_t *at, guint8 **bytes,
          GError **error)
{
    size_t size = chunk_pixels(array) * cs_pixel_size(array->type);
    size_t most = size + size / 8 + SPARE_BYTES, n = 0;
    size_t inside, shard_at[CS_ZARR_MAX_AXES];
    g_autofree char *key = NULL;
    g_autofree guint8 *got = NULL;

    *bytes = NULL;
    inside = cs_zarr_shard_place(array, at, shard_at);
    key = key_of(array, shard_at);
    if (!(array->is_sharded
              ? cs_zarr_shard_get(array, key, inside, most, &got, &n, error)
              : cs_zarr_store_get(array->store, key, most, &got, &n, error)))
        return false;
    if (got != NULL && !unpack(array, &got, &n, error)) {
        g_prefix_error(error, "%s: ", key);
        return false;
    }
    *bytes = g_steal_pointer(&got);
    return true;
}

/* ---- Planes --------------------------------------------------------------- */

typedef struct {
    size_t at[CS_ZARR_MAX_AXES];     /* of the chunk, in chunks            */
    size_t inside;                   /* planes before ours in the chunk    */
    size_t width, height;            /* of the plane                       */
    size_t chunk_width, chunk_height;
} Place;

static void
find_place(const CsZarrArray *array, size_t plane, Place *p)
{
    size_t n = 1;

    *p = (Place) { .height = 1, .chunk_height = 1 };
    p->width = array->size[array->n_axes - 1];
    p->chunk_width = array->chunk[array->n_axes - 1];
    if (array->n_axes == 1)
        return;
    p->height = array->size[array->n_axes - 2];
    p->chunk_height = array->chunk[array->n_axes - 2];
    for (unsigned i = array->n_axes - 2; i-- > 0;) {
        size_t index = plane % array->size[i];

        plane /= array->size[i];
        p->at[i] = index / array->chunk[i];
        p->inside += index % array->chunk[i] * n;
        n *= array->chunk[i];
    }
}

static void
fill_row(const CsZarrArray *array, guint8 *to, size_t n)
{
    size_t size = cs_pixel_size(array->type);

    for (size_t i = 0; i < n; i++)
        memcpy(to + i * size, array->fill, size);
}

/* The part of a chunk (NULL: fill) that lies in the plane. */
static void
copy_chunk(const CsZarrArray *array, const Place *p, const guint8 *chunk,
           guint8 *to)
{
    size_t size = cs_pixel_size(array->type);
    size_t top = array->n_axes > 1
                     ? p->at[array->n_axes - 2] * p->chunk_height : 0;
    size_t left = p->at[array->n_axes - 1] * p->chunk_width;
    size_t n_rows = MIN(p->chunk_height, p->height - top);
    size_t n = MIN(p->chunk_width, p->width - left);

    for (size_t j = 0; j < n_rows; j++) {
        guint8 *row = to + ((top + j) * p->width + left) * size;

        if (chunk == NULL)
            fill_row(array, row, n);
        else
            memcpy(row, chunk + ((p->inside * p->chunk_height + j)
                                 * p->chunk_width) * size, n * size);
    }
}

static bool
spans_planes(const CsZarrArray *array)
{
    for (unsigned i = 0; i + 2 < array->n_axes; i++)
        if (array->chunk[i] > 1)
            return true;
    return false;
}

/* Chunks of many planes are kept, one at a time, for the next plane. */
static bool
copy_held(CsZarrArray *array, const Place *p, guint8 *to, GError **error)
{
    bool ok = true;

    g_mutex_lock(&array->lock);
    if (array->held == NULL
        || memcmp(array->held_at, p->at, sizeof p->at) != 0) {
        g_clear_pointer(&array->held, g_free);
        ok = get_chunk(array, p->at, &array->held, error);
        memcpy(array->held_at, p->at, sizeof p->at);
    }
    if (ok)
        copy_chunk(array, p, array->held, to);
    g_mutex_unlock(&array->lock);
    return ok;
}

static bool
copy_once(CsZarrArray *array, const Place *p, guint8 *to, GError **error)
{
    g_autofree guint8 *chunk = NULL;

    if (!get_chunk(array, p->at, &chunk, error))
        return false;
    copy_chunk(array, p, chunk, to);
    return true;
}

bool
cs_zarr_read_plane(CsZarrArray *array, size_t plane, void *to, GError **error)
{
    unsigned x = array->n_axes - 1;
    bool is_held = spans_planes(array);
    size_t n_rows, n_columns;
    Place p;

    find_place(array, plane, &p);
    n_rows = (p.height - 1) / p.chunk_height + 1;
    n_columns = (p.width - 1) / p.chunk_width + 1;
    for (size_t row = 0; row < n_rows; row++)
        for (size_t column = 0; column < n_columns; column++) {
            if (x > 0)
                p.at[x - 1] = row;
            p.at[x] = column;
            if (!(is_held ? copy_held(array, &p, to, error)
                          : copy_once(array, &p, to, error)))
                return false;
        }
    return true;
}

/* ---- Vectors -------------------------------------------------------------- */

/* A frame of one row; its values as cs_frame_value() knows them. */
static double *
read_numbers(CsZarrArray *array, size_t n)
{
    g_auto(CsFrame) row = CS_FRAME_INIT;
    g_autofree double *numbers
        = cs_try_alloc(n, sizeof *numbers, "an axis", NULL);
    g_autofree guint8 *stored = cs_try_alloc(n, cs_pixel_size(array->type),
                                             "an axis", NULL);

    if (numbers == NULL || stored == NULL
        || !cs_frame_resize(&row, 1, 1, 1, array->type, NULL)
        || !cs_zarr_read_plane(array, 0, stored, NULL))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t size = cs_pixel_size(array->type);

        memcpy(row.px, stored + i * size, size);
        numbers[i] = cs_frame_value(&row, 0, 0);
    }
    return g_steal_pointer(&numbers);
}

double *
cs_zarr_vector(CsZarrStore *store, const char *path, size_t max, size_t *n)
{
    g_autoptr(CsZarrArray) array = cs_zarr_array_open(store, path, NULL);
    double *numbers;

    if (array == NULL || array->n_axes != 1 || array->size[0] > max
        || array->type >= CS_PIXEL_C64)
        return NULL;
    numbers = read_numbers(array, array->size[0]);
    if (numbers != NULL)
        *n = array->size[0];
    return numbers;
}
