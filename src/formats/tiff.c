/* The TIFF reader: classic and BigTIFF, strips and tiles, every compression
 * of libtiff, stacks as pages or (ImageJ beyond 4 GB) behind one directory.
 *
 * Frames are the pages that look like the first one. Samples are given as
 * stored; MINISWHITE (small is bright) becomes value = largest - stored
 * through value_offset and value_gain. Palettes are left out: the index is
 * the measured value.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/readers.h"
#include "formats/tiff_meta.h"
#include "formats/tiff_pixels.h"

typedef struct {
    CsSource     *source;
    CsTiffDir     dir;
    CsTiffPixels *pixels;
    GArray       *frames;   /* size_t: page of each frame; empty where ...  */
    uint64_t      first_at; /* ... frames lie one after the other from here */
    double        value_offset;
    double        value_gain;
} Tiff;

static void
tiff_close(void *state)
{
    Tiff *tiff = state;

    if (tiff == NULL)
        return;
    cs_tiff_pixels_free(tiff->pixels);
    g_clear_pointer(&tiff->frames, g_array_unref);
    cs_tiff_dir_clear(&tiff->dir);
    cs_source_unref(tiff->source);
    g_free(tiff);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tiff, tiff_close)

static int
tiff_probe(const guint8 *head, size_t n)
{
    static const guint8 magics[4][4] = {
        { 'I', 'I', 42, 0 }, { 'M', 'M', 0, 42 },
        { 'I', 'I', 43, 0 }, { 'M', 'M', 0, 43 },
    };

    for (size_t i = 0; n >= 8 && i < G_N_ELEMENTS(magics); i++)
        if (memcmp(head, magics[i], 4) == 0)
            return 90;
    return 0;
}

/* ---- Which pages are frames ----------------------------------------------- */

static const CsTiffPage *
page_at(const Tiff *tiff, size_t i)
{
    return &g_array_index(tiff->dir.pages, CsTiffPage, i);
}

static bool
look_alike(const CsTiffPage *a, const CsTiffPage *b)
{
    return a->width == b->width && a->height == b->height
           && a->bits == b->bits && a->format == b->format
           && a->n_samples == b->n_samples;
}

/* The first page that is no smaller copy and no mask; else the first. */
static size_t
main_page(const Tiff *tiff)
{
    for (size_t i = 0; i < tiff->dir.pages->len; i++)
        if ((page_at(tiff, i)->subfile & 5) == 0)
            return i;
    return 0;
}

static void
find_pages(Tiff *tiff, CsSeriesInfo *info)
{
    size_t first = main_page(tiff), n_others = 0;

    for (size_t i = first; i < tiff->dir.pages->len; i++)
        if (look_alike(page_at(tiff, i), page_at(tiff, first)))
            g_array_append_val(tiff->frames, i);
        else
            n_others++;
    if (n_others + first > 0)
        cs_series_info_note(info,
                            "%zu of its %u pages differ in size or kind of "
                            "pixels from the first image and were left out",
                            n_others + first, tiff->dir.pages->len);
}

static int
by_plane(gconstpointer a, gconstpointer b, gpointer planes)
{
    size_t i = *(const size_t *) a, j = *(const size_t *) b;
    size_t p = g_array_index((GArray *) planes, size_t, i);
    size_t q = g_array_index((GArray *) planes, size_t, j);

    if (p != q)
        return p < q ? -1 : 1;
    return (i > j) - (i < j);
}

/* OME's own order where it differs from the order of pages; pages that belong
 * to no plane of the image are left out where there are others. */
static void
order_pages(Tiff *tiff, GArray *planes)
{
    guint n = 0;

    for (guint i = 0; i < tiff->frames->len; i++)
        n += g_array_index(planes, size_t,
                           g_array_index(tiff->frames, size_t, i))
             != SIZE_MAX;
    if (n == 0)
        return;
    g_array_sort_with_data(tiff->frames, by_plane, planes);
    g_array_set_size(tiff->frames, n);
}

/* Keeps the frames whose pixels are in the file; the error is the first
 * frame's. */
static bool
drop_missing(Tiff *tiff, CsSeriesInfo *info, GError **error)
{
    g_autoptr(GError) missing = NULL;
    size_t n = 0;

    while (n < tiff->frames->len
           && cs_tiff_page_is_there(
               &tiff->dir,
               page_at(tiff, g_array_index(tiff->frames, size_t, n)),
               &missing))
        n++;
    if (n == 0) {
        g_propagate_error(error, g_steal_pointer(&missing));
        return false;
    }
    if (missing != NULL)
        cs_series_info_note(info, "of %u frames %zu are complete: it %s",
                            tiff->frames->len, n, missing->message);
    g_array_set_size(tiff->frames, (guint) n);
    return true;
}

/* ImageJ beyond 4 GB: one directory, "images=N", the frames one after the
 * other. Also what is left of such a layout when the end is missing. */
static bool
lies_together(const Tiff *tiff, const CsTiffMeta *meta)
{
    const CsTiffPage *page = page_at(tiff, 0);

    return tiff->dir.pages->len == 1 && meta->n_images > 1
           && page->compression == 1 && page->tile_width == 0
           && page->planar != 2 && page->bits % 8 == 0;
}

static void
count_together(Tiff *tiff, const CsTiffMeta *meta, CsSeriesInfo *info)
{
    uint64_t size = cs_source_size(tiff->source), at = 0;
    uint64_t bytes = cs_tiff_page_bytes(page_at(tiff, 0));
    uint64_t room;

    if (!cs_tiff_element(&tiff->dir, &page_at(tiff, 0)->offsets, 0, &at, NULL)
        || at > size)
        return;
    room = (size - at) / bytes;
    if (room < 2)
        return;
    tiff->first_at = at;
    g_array_set_size(tiff->frames, 0);
    info->n_frames = MIN(room, meta->n_images);
    info->n_frames_declared = meta->n_images;
    if (room < meta->n_images)
        cs_series_info_note(info, "of %zu frames %zu are complete",
                            meta->n_images, info->n_frames);
}

static bool
find_frames(Tiff *tiff, const CsTiffMeta *meta, CsSeriesInfo *info,
            GError **error)
{
    find_pages(tiff, info);
    if (meta->planes != NULL)
        order_pages(tiff, meta->planes);
    info->n_frames_declared = MAX(tiff->frames->len, meta->n_images);
    if (!drop_missing(tiff, info, error))
        return false;
    info->n_frames = tiff->frames->len;
    if (lies_together(tiff, meta))
        count_together(tiff, meta, info);
    if (tiff->dir.broken != NULL)
        cs_series_info_note(info, "its list of pages breaks off: it %s",
                            tiff->dir.broken);
    return true;
}

/* ---- Times and values ----------------------------------------------------- */

static size_t
page_of_frame(const Tiff *tiff, size_t i)
{
    return tiff->frames->len > 0 ? g_array_index(tiff->frames, size_t, i) : i;
}

/* What "measured 90, assumed 10" says of plane i. */
static CsTimeSource
source_in_runs(char **runs, size_t i)
{
    size_t end = 0;

    for (size_t k = 0; runs[k] != NULL; k++) {
        g_auto(GStrv) words = g_strsplit(g_strstrip(runs[k]), " ", 2);
        const char *count = words[0] != NULL ? words[1] : NULL;

        end += count != NULL ? (size_t) g_ascii_strtoull(count, NULL, 10)
                             : G_MAXINT32;
        for (int s = CS_TIME_NONE; i < end && s <= CS_TIME_MEASURED; s++)
            if (strcmp(words[0], cs_time_source_name((CsTimeSource) s)) == 0)
                return (CsTimeSource) s;
    }
    return CS_TIME_MEASURED;
}

static void
correct_sources(const CsTiffMeta *meta, CsClock *clock)
{
    g_auto(GStrv) runs = NULL;

    if (meta->time_source == NULL || strlen(meta->time_source) > 4096)
        return;
    runs = g_strsplit(meta->time_source, ",", -1);
    for (size_t i = 0; i < clock->n_frames; i++)
        if (clock->source[i] == CS_TIME_MEASURED)
            clock->source[i] = source_in_runs(runs, i);
}

/* Turns the times of pages into a clock, if any frame has one, which starts
 * with the first frame. */
static bool
make_clock(const Tiff *tiff, const CsTiffMeta *meta, CsSeriesInfo *info,
           GError **error)
{
    bool has_any = false;
    double zero;

    if (meta->times == NULL)
        return true;
    for (size_t i = 0; i < info->n_frames && !has_any; i++)
        has_any = page_of_frame(tiff, i) < meta->times->len
                  && isfinite(g_array_index(meta->times, CsPageTime,
                                            page_of_frame(tiff, i))
                                  .start_s);
    if (!has_any)
        return true;
    if (!cs_clock_resize(&info->clock, info->n_frames, error))
        return false;
    for (size_t i = 0; i < info->n_frames; i++) {
        size_t page = page_of_frame(tiff, i);
        CsPageTime time = { NAN, NAN, CS_TIME_NONE };

        if (page < meta->times->len)
            time = g_array_index(meta->times, CsPageTime, page);
        info->clock.start_s[i] = time.start_s;
        info->clock.duration_s[i] = time.duration_s;
        info->clock.source[i] = time.source;
    }
    zero = info->clock.start_s[0];
    for (size_t i = 0; isfinite(zero) && i < info->n_frames; i++)
        info->clock.start_s[i] -= zero;
    if (isfinite(zero) && isfinite(info->start_unix_s))
        info->start_unix_s += zero;
    info->clock.start_unix_s = info->start_unix_s;
    correct_sources(meta, &info->clock);
    return true;
}

static void
settle_values(Tiff *tiff, const CsTiffPage *page, const CsTiffMeta *meta,
              CsSeriesInfo *info)
{
    tiff->value_offset = meta->value_offset;
    tiff->value_gain = meta->value_gain;
    if (page->photometric == 3)
        cs_series_info_note(info, "its palette of colours was left out: "
                                  "indices are taken as values");
    if (page->photometric != 0 || (page->format != 1 && page->format != 4)
        || page->bits > 32)
        return;
    tiff->value_offset += tiff->value_gain
                          * (ldexp(1, page->bits) - 1);
    tiff->value_gain = -tiff->value_gain;
    cs_series_info_note(info, "small numbers are bright (MINISWHITE): values "
                              "are %g minus what is stored",
                        ldexp(1, page->bits) - 1);
}

/* ---- The reader ----------------------------------------------------------- */

static bool
fill_info(Tiff *tiff, CsSeriesInfo *info, GError **error)
{
    const CsTiffPage *page = page_at(tiff, main_page(tiff));
    g_auto(CsTiffMeta) meta = CS_TIFF_META_INIT;

    if (!cs_tiff_page_type(page, &info->type, error))
        return false;
    info->width = page->width;
    info->height = page->height;
    info->n_channels = page->n_samples;
    meta.info = info;
    cs_tiff_meta_read(&tiff->dir, &meta);
    if (!find_frames(tiff, &meta, info, error)
        || !make_clock(tiff, &meta, info, error))
        return false;
    settle_values(tiff, page, &meta, info);
    return true;
}

static bool
tiff_open(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    g_autoptr(Tiff) tiff = g_new0(Tiff, 1);
    g_auto(CsSeriesInfo) got = CS_SERIES_INFO_INIT;

    tiff->source = cs_source_ref(source);
    tiff->frames = g_array_new(FALSE, FALSE, sizeof(size_t));
    if (!cs_tiff_dir_read(source, &tiff->dir, error)
        || !fill_info(tiff, &got, error))
        return false;
    tiff->pixels = cs_tiff_pixels_new(source, &tiff->dir);
    cs_series_info_clear(info);
    *info = got;
    got = (CsSeriesInfo) CS_SERIES_INFO_INIT;
    *state = g_steal_pointer(&tiff);
    return true;
}

static bool
tiff_read(void *state, size_t index, CsFrame *frame, GError **error)
{
    Tiff *tiff = state;
    bool ok;

    if (tiff->frames->len > 0) {
        ok = cs_tiff_pixels_read(tiff->pixels,
                                 page_at(tiff, page_of_frame(tiff, index)),
                                 frame, error);
    } else {
        const CsTiffPage *page = page_at(tiff, 0);

        ok = cs_tiff_pixels_read_at(
            tiff->pixels, page,
            tiff->first_at + index * cs_tiff_page_bytes(page), frame, error);
    }
    if (!ok)
        return false;
    frame->value_offset = tiff->value_offset;
    frame->value_gain = tiff->value_gain;
    return true;
}

const CsReader cs_reader_tiff = {
    .name = "tiff",
    .title = "TIFF",
    .suffixes = (const char *const[]) { ".tif", ".tiff", ".tf8", ".btf",
                                        NULL },
    .probe = tiff_probe,
    .open = tiff_open,
    .read = tiff_read,
    .close = tiff_close,
};
