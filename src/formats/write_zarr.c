/* The OME-Zarr writer: version 0.4 in Zarr 2, one frame a chunk (or a part of
 * a large one), packed by blosc with lz4.
 *
 * Times that are not even have no place in OME's axes: they are put beside
 * them, as "coatscope": {"time_s": […]}.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <blosc.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "core/text.h"
#include "formats/facts.h"
#include "formats/writers.h"

enum { CHUNK_BYTES = 64 << 20, BLOSC_LEVEL = 5 };

typedef struct {
    char        *path;
    CsWriterInfo info;
    size_t       chunk_rows;
    size_t       n_written;
    guint8      *packed;
    size_t       packed_bytes;
} Zarr;

static void
zarr_close(void *state)
{
    Zarr *zarr = state;

    if (zarr == NULL)
        return;
    g_free(zarr->packed);
    g_free(zarr->path);
    g_free(zarr);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Zarr, zarr_close)

/* ---- Files ---------------------------------------------------------------- */

static bool
put(const Zarr *zarr, const char *key, const void *bytes, size_t n,
    GError **error)
{
    g_autofree char *path = g_build_filename(zarr->path, key, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GError) why = NULL;

    if (g_mkdir_with_parents(folder, 0777) < 0)
        return cs_fail(error, CS_ERROR_IO, "cannot be made: %s",
                       g_strerror(errno));
    if (g_file_set_contents_full(path, bytes, (gssize) n,
                                 G_FILE_SET_CONTENTS_NONE, 0666, &why))
        return true;
    return cs_fail(error, CS_ERROR_IO, "cannot be written: %s",
                   why->message);
}

static bool
put_text(const Zarr *zarr, const char *key, const char *text, GError **error)
{
    return put(zarr, key, text, strlen(text), error);
}

/* ---- Descriptions --------------------------------------------------------- */

static const char *
dtype_of(CsPixelType type)
{
    static const char *const names[CS_N_PIXEL_TYPES] = {
        [CS_PIXEL_U8] = "|u1",  [CS_PIXEL_I8] = "|i1",
        [CS_PIXEL_U16] = "u2",  [CS_PIXEL_I16] = "i2",
        [CS_PIXEL_U32] = "u4",  [CS_PIXEL_I32] = "i4",
        [CS_PIXEL_F32] = "f4",  [CS_PIXEL_F64] = "f8",
    };

    return names[type];
}

/* A single picture has no axis of frames. */
static bool
is_stack(const CsWriterInfo *info)
{
    return info->n_frames > 1;
}

static char *
array_text(const Zarr *zarr)
{
    const CsWriterInfo *info = &zarr->info;
    const char *type = dtype_of(info->type);
    const char *order = *type == '|'                         ? ""
                        : G_BYTE_ORDER == G_LITTLE_ENDIAN ? "<" : ">";

    g_autofree char *frames
        = is_stack(info) ? g_strdup_printf("%zu, ", info->n_frames)
                         : g_strdup("");

    return g_strdup_printf(
        "{\n  \"zarr_format\": 2,\n  \"shape\": [%s%zu, %zu],\n"
        "  \"chunks\": [%s%zu, %zu],\n  \"dtype\": \"%s%s\",\n"
        "  \"fill_value\": 0,\n  \"order\": \"C\",\n  \"filters\": null,\n"
        "  \"dimension_separator\": \"/\",\n"
        "  \"compressor\": {\"id\": \"blosc\", \"cname\": \"lz4\","
        " \"clevel\": %d, \"shuffle\": 1, \"blocksize\": 0}\n}\n",
        frames, info->height, info->width, is_stack(info) ? "1, " : "",
        zarr->chunk_rows,
        info->width, order, type, BLOSC_LEVEL);
}

static void
add_json_text(GString *json, const char *text)
{
    g_string_append_c(json, '"');
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            g_string_append_printf(json, "\\%c", *text);
        else if (g_ascii_iscntrl(*text))
            g_string_append_printf(json, "\\u%04x", (unsigned char) *text);
        else
            g_string_append_c(json, *text);
    g_string_append_c(json, '"');
}

static void
add_axis(GString *json, const char *name, const char *type, const char *unit)
{
    g_string_append_printf(json, "%s{\"name\": \"%s\", \"type\": \"%s\"",
                           json->str[json->len - 1] == '[' ? "" : ", ", name,
                           type);
    if (unit != NULL)
        g_string_append_printf(json, ", \"unit\": \"%s\"", unit);
    g_string_append_c(json, '}');
}

static void
add_scale(GString *json, double scale, const char *behind)
{
    cs_text_add_double(json, scale > 0 ? scale : 1);
    g_string_append(json, behind);
}

static void
add_fact(const char *key, const char *value, void *user)
{
    GString *json = user;

    g_string_append(json, ",\n    ");
    add_json_text(json, key);
    g_string_append(json, ": ");
    add_json_text(json, value);
}

static void
add_own(GString *json, const CsWriterInfo *info, bool is_uneven)
{
    g_string_append(json, "  \"coatscope\": {\n    \"writer\": \"convert\"");
    for (size_t i = 0; is_uneven && i < info->n_frames; i++) {
        g_string_append(json, i == 0 ? ",\n    \"time_s\": [" : ", ");
        cs_text_add_double(json, info->clock->start_s[i]);
        if (i + 1 == info->n_frames)
            g_string_append_c(json, ']');
    }
    cs_facts_tell(info, add_fact, json);
    g_string_append(json, "\n  }\n");
}

static char *
attributes_text(const CsWriterInfo *info)
{
    GString *json = g_string_new("{\n  \"multiscales\": [{\n"
                                 "    \"version\": \"0.4\",\n"
                                 "    \"name\": \"recording\",\n"
                                 "    \"axes\": [");
    double interval_s = cs_uniform_interval(info->clock);
    bool has_scale = info->nm_per_px_x > 0 && info->nm_per_px_y > 0;
    bool is_uneven = info->clock != NULL && info->n_frames > 1
                     && isnan(interval_s);

    if (is_stack(info))
        add_axis(json, "t", "time", interval_s > 0 ? "second" : NULL);
    add_axis(json, "y", "space", has_scale ? "nanometer" : NULL);
    add_axis(json, "x", "space", has_scale ? "nanometer" : NULL);
    g_string_append(json, "],\n    \"datasets\": [{\"path\": \"0\","
                          " \"coordinateTransformations\": [{\"type\":"
                          " \"scale\", \"scale\": [");
    if (is_stack(info))
        add_scale(json, interval_s, ", ");
    add_scale(json, has_scale ? info->nm_per_px_y : 1, ", ");
    add_scale(json, has_scale ? info->nm_per_px_x : 1, "");
    g_string_append(json, "]}]}]\n  }],\n");
    add_own(json, info, is_uneven);
    g_string_append(json, "}\n");
    return g_string_free(json, FALSE);
}

/* ---- The writer ----------------------------------------------------------- */

static bool
describe(const Zarr *zarr, GError **error)
{
    g_autofree char *attributes = attributes_text(&zarr->info);
    g_autofree char *array = array_text(zarr);

    return put_text(zarr, ".zgroup", "{\n  \"zarr_format\": 2\n}\n", error)
           && put_text(zarr, ".zattrs", attributes, error)
           && put_text(zarr, "0/.zarray", array, error);
}

static bool
zarr_open(const char *path, const CsWriterInfo *info, void **state,
          GError **error)
{
    g_autoptr(Zarr) zarr = g_new0(Zarr, 1);
    size_t row = info->width * cs_pixel_size(info->type);

    if (info->n_channels != 1 || dtype_of(info->type) == NULL)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "%u channels of %s are not written to OME-Zarr (grey"
                       " integers and floats are)",
                       info->n_channels, cs_pixel_name(info->type));
    zarr->path = g_strdup(path);
    zarr->info = *info;
    zarr->chunk_rows = CLAMP(CHUNK_BYTES / row, 1, info->height);
    zarr->packed_bytes = zarr->chunk_rows * row + BLOSC_MAX_OVERHEAD;
    zarr->packed = cs_try_alloc(zarr->packed_bytes, 1, "a chunk", error);
    if (zarr->packed == NULL || !describe(zarr, error))
        return false;
    *state = g_steal_pointer(&zarr);
    return true;
}

/* A chunk is whole even where the frame ends before: then from a copy. */
static bool
write_rows(Zarr *zarr, const CsFrame *frame, size_t number, GError **error)
{
    size_t row = frame->width * cs_pixel_size(frame->type);
    size_t first = number * zarr->chunk_rows;
    size_t n = MIN(zarr->chunk_rows, frame->height - first) * row;
    size_t n_whole = zarr->chunk_rows * row;
    const guint8 *px = (const guint8 *) frame->px + first * row;
    g_autofree guint8 *copy = NULL;
    g_autofree char *key
        = is_stack(&zarr->info)
              ? g_strdup_printf("0/%zu/%zu/0", zarr->n_written, number)
              : g_strdup_printf("0/%zu/0", number);
    int n_packed;

    if (n < n_whole) {
        copy = cs_try_alloc(n_whole, 1, "a chunk", error);
        if (copy == NULL)
            return false;
        memcpy(copy, px, n);
        px = copy;
    }
    n_packed = blosc_compress_ctx(BLOSC_LEVEL, BLOSC_SHUFFLE,
                                  cs_pixel_size(frame->type), n_whole, px,
                                  zarr->packed, zarr->packed_bytes, "lz4", 0,
                                  1);
    if (n_packed <= 0)
        return cs_fail(error, CS_ERROR_IO, "blosc cannot pack a chunk");
    return put(zarr, key, zarr->packed, (size_t) n_packed, error);
}

static bool
zarr_write(void *state, const CsFrame *frame, GError **error)
{
    Zarr *zarr = state;
    size_t n = (frame->height - 1) / zarr->chunk_rows + 1;

    for (size_t i = 0; i < n; i++)
        if (!write_rows(zarr, frame, i, error))
            return false;
    zarr->n_written++;
    return true;
}

static bool
zarr_finish(void *state, GError **error)
{
    (void) state;
    (void) error;
    return true;
}

const CsWriter cs_writer_ome_zarr = {
    .name = "ome-zarr",
    .title = "OME-Zarr 0.4, a folder",
    .suffixes = (const char *const[]) { ".zarr", ".ome.zarr", NULL },
    .is_folder = true,
    .open = zarr_open,
    .write = zarr_write,
    .finish = zarr_finish,
    .close = zarr_close,
};
