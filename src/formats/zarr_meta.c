/* What .zarray and zarr.json say of an array.
 *
 * Zarr storage specification version 2, and Zarr core specification 3.0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/zarr_meta.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/json_text.h"
#include "formats/zarr_shard.h"

enum { MAX_CHUNK_BYTES = 1 << 30, MAX_WORD = 32 /* of what we repeat */ };

#define MAX_SIZE 1e12

/* ---- Sizes ---------------------------------------------------------------- */

static bool
take_sizes(size_t *sizes, unsigned n, JsonArray *list, const char *what,
           GError **error)
{
    for (unsigned i = 0; i < n; i++) {
        double size = cs_json_number_of(list, i);

        if (!(size >= 1) || size > MAX_SIZE || fabs(size - rint(size)) > 0)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s number %u of the array is %g; whole numbers"
                           " from 1 on are possible", what, i + 1, size);
        sizes[i] = (size_t) size;
    }
    return true;
}

static bool
take_shape(CsZarrArray *array, JsonArray *shape, JsonArray *chunks,
           GError **error)
{
    uint64_t n = cs_pixel_size(array->type);

    array->n_axes = cs_json_length(shape);
    if (array->n_axes < 1 || array->n_axes > CS_ZARR_MAX_AXES
        || cs_json_length(chunks) != array->n_axes)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "the array has %u axes and chunks of %u; arrays of 1"
                       " to %d can be read", array->n_axes,
                       cs_json_length(chunks), CS_ZARR_MAX_AXES);
    if (!take_sizes(array->size, array->n_axes, shape, "size", error)
        || !take_sizes(array->chunk, array->n_axes, chunks, "chunk size",
                       error))
        return false;
    for (unsigned i = 0; i < array->n_axes; i++)
        if (__builtin_mul_overflow(n, (uint64_t) array->chunk[i], &n))
            n = UINT64_MAX;
    if (n > MAX_CHUNK_BYTES)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "the array comes in chunks of %" PRIu64 " bytes; up to"
                       " %d are read", n, MAX_CHUNK_BYTES);
    return true;
}

/* ---- Types ---------------------------------------------------------------- */

static const struct {
    const char *v2; /* behind the sign of the byte order */
    const char *v3;
    CsPixelType type;
} types[] = {
    { "u1", "uint8", CS_PIXEL_U8 },      { "b1", "bool", CS_PIXEL_U8 },
    { "i1", "int8", CS_PIXEL_I8 },       { "u2", "uint16", CS_PIXEL_U16 },
    { "i2", "int16", CS_PIXEL_I16 },     { "u4", "uint32", CS_PIXEL_U32 },
    { "i4", "int32", CS_PIXEL_I32 },     { "f4", "float32", CS_PIXEL_F32 },
    { "f8", "float64", CS_PIXEL_F64 },   { "c8", "complex64", CS_PIXEL_C64 },
    { "c16", "complex128", CS_PIXEL_C128 },
};

static bool
refuse_type(const char *said, GError **error)
{
    g_autofree char *start = g_strndup(said != NULL ? said : "?", MAX_WORD);
    g_autofree char *text = g_utf8_make_valid(start, -1);

    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "its pixels are of type %s; integers of 1, 2 and 4 bytes,"
                   " floats of 4 and 8 and complex ones can be read", text);
}

static bool
take_type_v2(CsZarrArray *array, const char *said, GError **error)
{
    if (said != NULL && strlen(said) >= 3)
        for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
            if (strcmp(types[i].v2, said + 1) == 0) {
                array->type = types[i].type;
                array->is_swapped
                    = *said == (G_BYTE_ORDER == G_LITTLE_ENDIAN ? '>' : '<');
                return true;
            }
    return refuse_type(said, error);
}

static bool
take_type_v3(CsZarrArray *array, const char *said, GError **error)
{
    for (size_t i = 0; said != NULL && i < G_N_ELEMENTS(types); i++)
        if (strcmp(types[i].v3, said) == 0) {
            array->type = types[i].type;
            return true;
        }
    return refuse_type(said, error);
}

/* ---- Fill value ----------------------------------------------------------- */

/* null, false, 7, 0.5, "NaN", "Infinity", "-Infinity". */
static double
fill_number(JsonObject *json)
{
    const char *text = cs_json_text(json, "fill_value");
    double value = cs_json_number(json, "fill_value");

    if (text != NULL)
        return strcmp(text, "Infinity") == 0    ? INFINITY
               : strcmp(text, "-Infinity") == 0 ? -INFINITY
                                                : NAN;
    return isnan(value) ? 0 : value;
}

#define PUT(type, low, high)                                                  \
    {                                                                         \
        type number_ = (type) CLAMP(value, low, high);                        \
        memcpy(array->fill, &number_, sizeof number_);                        \
        break;                                                                \
    }

static void
take_fill(CsZarrArray *array, JsonObject *json)
{
    double value = fill_number(json);
    float single = (float) value;

    if (isnan(value) && array->type < CS_PIXEL_F32)
        value = 0;
    switch (array->type) {
    case CS_PIXEL_U8: PUT(guint8, 0, G_MAXUINT8)
    case CS_PIXEL_I8: PUT(gint8, G_MININT8, G_MAXINT8)
    case CS_PIXEL_U16: PUT(guint16, 0, G_MAXUINT16)
    case CS_PIXEL_I16: PUT(gint16, G_MININT16, G_MAXINT16)
    case CS_PIXEL_U32: PUT(guint32, 0, G_MAXUINT32)
    case CS_PIXEL_I32: PUT(gint32, G_MININT32, G_MAXINT32)
    case CS_PIXEL_F64:
    case CS_PIXEL_C128: memcpy(array->fill, &value, sizeof value); break;
    default: memcpy(array->fill, &single, sizeof single); break;
    }
}

/* ---- Packings ------------------------------------------------------------- */

static bool
add_packing(CsZarrArray *array, const char *name, GError **error)
{
    CsZarrPacking packing = cs_zarr_packing_named(name);
    g_autofree char *start = NULL, *said = NULL;

    if (packing != CS_ZARR_N_PACKINGS
        && array->n_packings < CS_ZARR_MAX_PACKINGS) {
        array->packing[array->n_packings++] = packing;
        return true;
    }
    start = g_strndup(name != NULL ? name : "?", MAX_WORD);
    said = g_utf8_make_valid(start, -1);
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "its chunks are packed by %s; zlib, gzip, zstd and blosc"
                   " can be read: write it again with one of these", said);
}

static bool
take_packing_v2(CsZarrArray *array, JsonObject *json, GError **error)
{
    JsonObject *compressor = cs_json_member(json, "compressor");

    if (cs_json_length(cs_json_list(json, "filters")) > 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "its chunks pass filters, which are not read: write it"
                       " again without");
    return compressor == NULL
           || add_packing(array, cs_json_text(compressor, "id"), error);
}

/* The codec of shards, NULL where chunks stand alone. */
static JsonObject *
find_sharding(JsonArray *codecs)
{
    JsonObject *first = cs_json_object_of(codecs, 0);

    return cs_json_length(codecs) == 1
                   && g_strcmp0(cs_json_text(first, "name"),
                                "sharding_indexed") == 0
               ? first : NULL;
}

/* What the grid calls chunks are shards, then, which hold smaller ones. */
static bool
take_layout_v3(CsZarrArray *array, JsonObject *json, JsonObject *grid,
               JsonObject *sharding, GError **error)
{
    JsonArray *outer = cs_json_list(cs_json_member(grid, "configuration"),
                                    "chunk_shape");
    JsonArray *inner = sharding != NULL
        ? cs_json_list(cs_json_member(sharding, "configuration"),
                       "chunk_shape") : outer;
    size_t shard_size[CS_ZARR_MAX_AXES];

    if (!take_shape(array, cs_json_list(json, "shape"), inner, error))
        return false;
    if (sharding == NULL)
        return true;
    if (cs_json_length(outer) != array->n_axes)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "its shards have %u axes instead of %u",
                       cs_json_length(outer), array->n_axes);
    return take_sizes(shard_size, array->n_axes, outer, "shard size", error)
           && cs_zarr_shard_take(array, sharding, shard_size, error);
}

/* "bytes" must come first; it tells the byte order. */
static bool
take_packings_v3(CsZarrArray *array, JsonArray *codecs, GError **error)
{
    JsonObject *first = cs_json_object_of(codecs, 0);
    const char *name = cs_json_text(first, "name");
    const char *order = cs_json_text(
        cs_json_member(first, "configuration"), "endian");

    if (name == NULL || strcmp(name, "bytes") != 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "its chunks are laid out by %s, which is not read:"
                       " write it again without transposition",
                       name != NULL && strlen(name) < MAX_WORD
                               && g_str_is_ascii(name) ? name : "?");
    array->is_swapped
        = order != NULL
          && strcmp(order, G_BYTE_ORDER == G_LITTLE_ENDIAN ? "big" : "little")
                 == 0;
    for (guint i = 1; i < cs_json_length(codecs); i++)
        if (!add_packing(array,
                         cs_json_text(cs_json_object_of(codecs, i), "name"),
                         error))
            return false;
    return true;
}

/* ---- Both versions -------------------------------------------------------- */

bool
cs_zarr_meta_v2(CsZarrArray *array, JsonObject *json, GError **error)
{
    const char *order = cs_json_text(json, "order");
    const char *separator = cs_json_text(json, "dimension_separator");

    if (!take_type_v2(array, cs_json_text(json, "dtype"), error)
        || !take_shape(array, cs_json_list(json, "shape"),
                       cs_json_list(json, "chunks"), error)
        || !take_packing_v2(array, json, error))
        return false;
    if (order != NULL && strcmp(order, "C") != 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "its chunks are in the order of Fortran; that of C is"
                       " read");
    array->separator = separator != NULL && *separator == '/' ? '/' : '.';
    take_fill(array, json);
    return true;
}

bool
cs_zarr_meta_v3(CsZarrArray *array, JsonObject *json, GError **error)
{
    JsonObject *grid = cs_json_member(json, "chunk_grid");
    JsonObject *keys = cs_json_member(json, "chunk_key_encoding");
    const char *grid_name = cs_json_text(grid, "name");
    const char *separator = cs_json_text(
        cs_json_member(keys, "configuration"), "separator");
    const char *key_name = cs_json_text(keys, "name");
    JsonArray *codecs = cs_json_list(json, "codecs");
    JsonObject *sharding = find_sharding(codecs);

    if (grid_name == NULL || strcmp(grid_name, "regular") != 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "its chunks are of no regular grid");
    if (!take_type_v3(array, cs_json_text(json, "data_type"), error)
        || !take_layout_v3(array, json, grid, sharding, error))
        return false;
    if (sharding != NULL)
        codecs = cs_json_list(cs_json_member(sharding, "configuration"),
                              "codecs");
    if (!take_packings_v3(array, codecs, error))
        return false;
    array->has_c = key_name == NULL || strcmp(key_name, "v2") != 0;
    array->separator = separator != NULL ? *separator
                       : array->has_c    ? '/'
                                         : '.';
    if (array->separator != '/' && array->separator != '.')
        return cs_fail(error, CS_ERROR_FORMAT,
                       "its chunks have names of an odd kind");
    take_fill(array, json);
    return true;
}
