/* TIFF files of ImageJ: description, slice labels and info text.
 *
 * After ImageJ's TiffEncoder and TiffDecoder. What stays raw: samples are
 * given as stored, the calibration (cf, c0, c1) goes into value_offset and
 * value_gain. fps is the speed of ImageJ's player, no property of the
 * recording, and so is not taken for time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "formats/tiff_meta.h"
#include "formats/tiff_text.h"

bool
cs_tiff_is_imagej(const char *description)
{
    return g_str_has_prefix(description, "ImageJ=");
}

/* The value of a line "key=value", stripped, or NULL. */
static char *
value_of(const char *description, const char *key)
{
    size_t n = strlen(key);

    for (const char *line = description; line != NULL;
         line = strchr(line, '\n')) {
        if (*line == '\n')
            line++;
        if (strncmp(line, key, n) == 0 && line[n] == '=')
            return g_strstrip(
                g_strndup(line + n + 1, strcspn(line + n + 1, "\r\n")));
    }
    return NULL;
}

static double
number_of(const char *description, const char *key)
{
    g_autofree char *text = value_of(description, key);
    double value;

    return text != NULL && cs_text_to_double(text, &value) ? value : NAN;
}

static size_t
count_of(const char *description, const char *key)
{
    double value = number_of(description, key);

    return value >= 1 && value < G_MAXINT32 ? (size_t) value : 1;
}

static void
read_scale(const CsTiffDir *dir, const char *description, CsSeriesInfo *info)
{
    g_autofree char *unit = value_of(description, "unit");
    g_autofree char *yunit = value_of(description, "yunit");
    double x = cs_tiff_number(dir, TAG_X_RESOLUTION, 0);
    double y = cs_tiff_number(dir, TAG_Y_RESOLUTION, 0);

    if (unit == NULL || unit[0] == '\0' || !(x > 0) || !isfinite(x))
        return;
    cs_axis_set(&info->x, 1 / x, unit);
    cs_axis_set(&info->y, y > 0 && isfinite(y) ? 1 / y : 1 / x,
                yunit != NULL ? yunit : unit);
}

static void
read_value(const char *description, CsTiffMeta *meta)
{
    double curve = number_of(description, "cf");
    double c0 = number_of(description, "c0");
    double c1 = number_of(description, "c1");

    if (isnan(curve))
        return;
    if (curve < 0 || curve > 0 || !isfinite(c0) || !isfinite(c1)) {
        cs_series_info_note(meta->info,
                            "its intensity calibration is no straight line "
                            "(cf=%g) and was left out",
                            curve);
        return;
    }
    meta->value_offset = c0;
    meta->value_gain = c1;
}

static void
read_interval(const char *description, CsSeriesInfo *info)
{
    double interval = number_of(description, "finterval");
    g_autofree char *unit = value_of(description, "tunit");
    double fps = number_of(description, "fps");
    double factor = 1;

    if (unit != NULL && cs_unit_kind(unit, &factor) != CS_UNIT_TIME)
        factor = 1;
    if (interval > 0 && isfinite(interval))
        info->interval_s = interval * factor;
    else if (fps > 0)
        cs_series_info_note(info,
                            "fps=%g is the speed of ImageJ's player and was "
                            "not taken for the time between frames",
                            fps);
}

/* Says which pages are frames; a slice of a stack that has no frames is one
 * too. Pages of a hyperstack share the time of their frame. */
static void
read_axes(const char *description, CsTiffMeta *meta)
{
    size_t n_c = count_of(description, "channels");
    size_t n_z = count_of(description, "slices");
    size_t n_t = count_of(description, "frames");
    double interval = meta->info->interval_s;
    size_t per_frame = n_c * n_z;

    if (n_c == 1 && (n_z == 1 || n_t == 1))
        return;
    cs_series_info_note(meta->info,
                        "%zu channels x %zu slices x %zu frames: every page "
                        "counts as a frame here, channels first, then "
                        "slices, then frames",
                        n_c, n_z, n_t);
    meta->info->interval_s = NAN;
    for (size_t i = 0; n_t > 1 && i < meta->times->len; i++)
        g_array_index(meta->times, CsPageTime, i) = (CsPageTime) {
            (double) (i / per_frame) * interval, NAN,
            isnan(interval) ? CS_TIME_NONE : CS_TIME_INTERPOLATED,
        };
}

/* ---- Labels and info ------------------------------------------------------ */

/* "t=1.25 s exposure=0.4 s (assumed)": see tiff_text.h. */
static bool
parse_label(const char *label, CsPageTime *time)
{
    char *end;
    CsPageTime got = { NAN, NAN, CS_TIME_MEASURED };

    if (!g_str_has_prefix(label, "t="))
        return false;
    got.start_s = g_ascii_strtod(label + 2, &end);
    if (end == label + 2 || !g_str_has_prefix(end, " s")
        || !isfinite(got.start_s))
        return false;
    end += 2;
    if (g_str_has_prefix(end, " exposure="))
        got.duration_s = g_ascii_strtod(end + strlen(" exposure="), &end);
    if (strstr(end, "(assumed)") != NULL)
        got.source = CS_TIME_ASSUMED;
    if (strstr(end, "(interpolated)") != NULL)
        got.source = CS_TIME_INTERPOLATED;
    *time = got;
    return true;
}

static void
take_label(CsTiffMeta *meta, size_t page, const char *label)
{
    CsPageTime time;

    if (meta->times != NULL && page < meta->times->len
        && parse_label(label, &time))
        g_array_index(meta->times, CsPageTime, page) = time;
}

static void
take_info(CsTiffMeta *meta, const char *text)
{
    g_auto(GStrv) lines = NULL;

    if (!g_str_has_prefix(text, "Written by Coatscope\n"))
        return;
    lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        char *equals = strstr(lines[i], " = ");

        if (equals == NULL)
            continue;
        *equals = '\0';
        cs_tiff_meta_take_fact(meta, lines[i], equals + 3);
    }
}

static char *
utf16_text(const guint8 *bytes, size_t n, bool big_endian)
{
    return g_convert((const char *) bytes, (gssize) n, "UTF-8",
                     big_endian ? "UTF-16BE" : "UTF-16LE", NULL, NULL, NULL);
}

static guint32
u32_at(const guint8 *bytes, bool big_endian)
{
    guint32 word;

    memcpy(&word, bytes, sizeof word);
    return big_endian ? GUINT32_FROM_BE(word) : GUINT32_FROM_LE(word);
}

typedef struct {
    const guint8   *bytes;
    size_t          n;
    size_t          at;
    const uint64_t *sizes; /* of the items, from tag 50838 */
    size_t          n_sizes;
    CsTiffMeta     *meta;    /* labels and info go here, or NULL    */
    GPtrArray      *regions; /* and those of the overlay, or NULL   */
} Blob;

enum {
    TYPE_INFO = 0x696e666f,
    TYPE_LABEL = 0x6c61626c,
    TYPE_OVERLAY = 0x6f766572,
    MAX_REGIONS = 1000000 /* and one more, which tells that there are */
};

static void
take_item(const CsTiffDir *dir, Blob *blob, guint32 type, guint32 i,
          size_t size)
{
    const guint8 *bytes = blob->bytes + blob->at;
    g_autofree char *text = NULL;

    if (blob->regions != NULL && type == TYPE_OVERLAY)
        g_ptr_array_add(blob->regions, g_bytes_new(bytes, size));
    if (blob->meta != NULL && (type == TYPE_INFO || type == TYPE_LABEL))
        text = utf16_text(bytes, size, dir->big_endian);
    if (text != NULL && type == TYPE_INFO)
        take_info(blob->meta, text);
    else if (text != NULL)
        take_label(blob->meta, i, text);
}

/* Passes `count` items of one type. */
static bool
take_items(const CsTiffDir *dir, Blob *blob, guint32 type, guint32 count)
{
    for (guint32 i = 0; i < count; i++) {
        uint64_t size;

        if (blob->n_sizes == 0 || blob->sizes[0] > blob->n - blob->at)
            return false;
        size = blob->sizes[0];
        blob->sizes++;
        blob->n_sizes--;
        take_item(dir, blob, type, i, size);
        if (blob->regions != NULL && blob->regions->len > MAX_REGIONS)
            return false;
        blob->at += size;
    }
    return true;
}

/* The header lists types and counts: "IJIJ", then pairs of 32-bit words. */
static void
read_items(const CsTiffDir *dir, Blob *blob, size_t header)
{
    bool big = dir->big_endian;

    if (header < 12 || header > blob->n || header > 4096
        || u32_at(blob->bytes, big) != 0x494a494a)
        return;
    blob->at = header;
    for (size_t at = 4; at + 8 <= header; at += 8)
        if (!take_items(dir, blob, u32_at(blob->bytes + at, big),
                        u32_at(blob->bytes + at + 4, big)))
            return;
}

static void
read_metadata(const CsTiffDir *dir, CsTiffMeta *meta, GPtrArray *regions)
{
    g_autoptr(GBytes) bytes = cs_tiff_bytes(dir, TAG_IMAGEJ_DATA);
    const CsTiffField *counts = cs_tiff_tag(dir, TAG_IMAGEJ_COUNTS);
    g_autofree uint64_t *sizes = NULL;
    Blob blob = { .meta = meta, .regions = regions };

    if (bytes == NULL || counts == NULL || counts->count < 2
        || counts->count > cs_source_size(dir->source))
        return;
    sizes = cs_try_alloc(counts->count, sizeof *sizes, "labels", NULL);
    if (sizes == NULL
        || !cs_tiff_elements(dir, counts, sizes, counts->count, NULL))
        return;
    blob.bytes = g_bytes_get_data(bytes, &blob.n);
    blob.sizes = sizes + 1;
    blob.n_sizes = counts->count - 1;
    read_items(dir, &blob, sizes[0]);
}

GPtrArray *
cs_tiff_overlay(const CsSource *source, GError **error)
{
    g_auto(CsTiffDir) dir = { 0 };
    GPtrArray *regions;

    if (!cs_tiff_dir_read(source, &dir, error))
        return NULL;
    regions
        = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref);
    read_metadata(&dir, NULL, regions);
    return regions;
}

/* How many pages may carry a time: those there are or, where one directory
 * stands for all, as many as the file has room for. */
static size_t
n_pages(const CsTiffDir *dir, const CsTiffMeta *meta)
{
    const CsTiffPage *page = &g_array_index(dir->pages, CsTiffPage, 0);
    uint64_t bytes = MAX((uint64_t) page->width * page->height / 8, 1);

    if (dir->pages->len > 1)
        return dir->pages->len;
    return MIN(meta->n_images, cs_source_size(dir->source) / bytes + 1);
}

void
cs_tiff_read_imagej(const CsTiffDir *dir, const char *description,
                    CsTiffMeta *meta)
{
    read_scale(dir, description, meta->info);
    read_value(description, meta);
    read_interval(description, meta->info);
    meta->n_images = count_of(description, "images");
    cs_tiff_meta_make_times(meta, n_pages(dir, meta));
    read_axes(description, meta);
    read_metadata(dir, meta, NULL);
}
