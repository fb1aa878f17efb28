/* Thermo Fisher Velox EMD: /Data/Image/ID with "Data" (height, width, frames)
 * and "Metadata" (bytes, frames), the JSON of each frame.
 *
 * Where times come from, the first that is there: the detector's time stamp of
 * each frame, the frame time of the scan, the exposure.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/h5_chunks.h"
#include "formats/h5_images.h"
#include "formats/h5_velox_json.h"

enum { MAX_JSON_BYTES = 16 << 20 };

#define SAME_SIZE 1e-6  /* of a pixel: the digits Velox writes        */
#define SAME_TIME 0.1   /* of an interval: read-out is not exposure   */

static bool
is_velox(hid_t file)
{
    hid_t group = cs_h5_child(file, "Data/Image");

    if (group >= 0)
        H5Oclose(group);
    return group >= 0;
}

/* ---- Metadata ------------------------------------------------------------- */

typedef struct {
    hid_t  data; /* -1: none */
    size_t n_bytes;
    size_t n_frames;
    char  *text;
    bool   is_chunked;
    CsH5Chunks chunks;
} Texts;

/* One column of bytes a frame. What is missing or odd leaves n_frames 0. */
static bool
open_texts(hid_t image, Texts *texts, GError **error)
{
    hsize_t size[H5S_MAX_RANK];
    hid_t space, type;
    bool is_bytes;

    *texts = (Texts) { .data = cs_h5_child(image, "Metadata") };
    if (texts->data < 0 || !cs_h5_is_dataset(texts->data))
        return true;
    type = H5Dget_type(texts->data);
    is_bytes = type >= 0 && H5Tget_class(type) == H5T_INTEGER
               && H5Tget_size(type) == 1;
    if (type >= 0)
        H5Tclose(type);
    space = H5Dget_space(texts->data);
    if (space < 0)
        return true;
    if (is_bytes && H5Sget_simple_extent_dims(space, size, NULL) == 2
        && size[0] >= 2 && size[0] <= MAX_JSON_BYTES) {
        texts->n_bytes = size[0];
        texts->n_frames = size[1];
    }
    H5Sclose(space);
    if (texts->n_frames == 0)
        return true;
    texts->text = cs_try_alloc(texts->n_bytes + 1, 1, "a frame's metadata",
                               error);
    texts->is_chunked = cs_h5_is_chunked(texts->data);
    if (texts->is_chunked && texts->text != NULL
        && !cs_h5_chunks_take(&texts->chunks, texts->data, NULL))
        texts->n_frames = 0;
    return texts->text != NULL;
}

static void
close_texts(Texts *texts)
{
    if (texts->data >= 0)
        H5Oclose(texts->data);
    cs_h5_chunks_clear(&texts->chunks);
    g_free(texts->text);
}

/* Where nothing is chunked HDF5 itself copies: it decodes nothing. */
static bool
read_whole(hid_t data, const hsize_t *start, const hsize_t *count, char *to)
{
    hid_t space = H5Dget_space(data);
    hid_t to_space = H5Screate_simple(2, count, NULL);
    bool ok = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count,
                                  NULL) >= 0
              && H5Dread(data, H5T_NATIVE_UINT8, to_space, space, H5P_DEFAULT,
                         to) >= 0;

    H5Sclose(to_space);
    H5Sclose(space);
    return ok;
}

static bool
read_text(Texts *texts, size_t index, CsVeloxFrame *frame)
{
    const hsize_t start[2] = { 0, index }, count[2] = { texts->n_bytes, 1 };
    bool ok;

    if (index >= texts->n_frames)
        return cs_velox_frame_parse(frame, "", 0);
    ok = texts->is_chunked
             ? cs_h5_chunks_read(&texts->chunks, texts->data, start, count,
                                 texts->text, NULL)
             : read_whole(texts->data, start, count, texts->text);
    return cs_velox_frame_parse(frame, texts->text, ok ? texts->n_bytes : 0);
}

/* ---- Times ---------------------------------------------------------------- */

/* What all frames together say. */
typedef struct {
    size_t n_read;       /* frames whose JSON could be read          */
    size_t n_stamps;
    size_t n_other_size; /* frames with another pixel size than the first */
    size_t n_backwards;  /* stamps not after the one before          */
    gint64 last_us;
} Sums;

static bool
differs(double a, double b, double share)
{
    return isfinite(a) && isfinite(b) && fabs(a - b) > share * fabs(b);
}

static void
take(Sums *sums, CsClock *clock, size_t i, const CsVeloxFrame *first,
     const CsVeloxFrame *frame)
{
    clock->duration_s[i] = frame->exposure_s;
    sums->n_other_size += differs(frame->pixel_x, first->pixel_x, SAME_SIZE)
                          || differs(frame->pixel_y, first->pixel_y,
                                     SAME_SIZE)
                          || strcmp(frame->unit_x, first->unit_x) != 0;
    if (frame->stamp_us <= 0 || first->stamp_us <= 0)
        return;
    sums->n_backwards += sums->n_stamps > 0
                         && frame->stamp_us <= sums->last_us;
    sums->last_us = frame->stamp_us;
    sums->n_stamps++;
    clock->start_s[i] = (double) (frame->stamp_us - first->stamp_us) / 1e6;
    clock->source[i] = CS_TIME_MEASURED;
}

static void
note_sums(const Sums *sums, size_t n, CsSeriesInfo *info)
{
    if (sums->n_read < n)
        cs_series_info_note(info, "the metadata of %zu of %zu frames cannot"
                            " be read", n - sums->n_read, n);
    if (sums->n_stamps > 1 && sums->n_stamps < n)
        cs_series_info_note(info, "%zu of %zu frames have no time stamp",
                            n - sums->n_stamps, n);
    if (sums->n_backwards > 0)
        cs_series_info_note(info, "the time stamps of %zu frames are not after"
                            " those before", sums->n_backwards);
    if (sums->n_other_size > 0)
        cs_series_info_note(info, "%zu frames have another pixel size than"
                            " the first; that of the first is told",
                            sums->n_other_size);
}

/* Two clocks in one file: says so where they differ. */
static void
note_contradiction(const CsVeloxFrame *first, double interval_s,
                   const char *source, CsSeriesInfo *info)
{
    if (differs(first->frame_time_s, interval_s, SAME_TIME))
        cs_series_info_note(info, "frames are %g s apart by their %s, but the"
                            " scan's frame time is %g s", interval_s, source,
                            first->frame_time_s);
    if (differs(first->exposure_s, interval_s, SAME_TIME))
        cs_series_info_note(info, "frames are %g s apart by their %s, but"
                            " exposed for %g s", interval_s, source,
                            first->exposure_s);
}

static void
set_times(const CsVeloxFrame *first, const Sums *sums, CsSeriesInfo *info)
{
    size_t n = info->clock.n_frames;

    info->exposure_s = first->exposure_s;
    info->start_unix_s = first->stamp_us > 0
                             ? (double) first->stamp_us / 1e6
                             : first->start_unix_s;
    info->clock.start_unix_s = info->start_unix_s;
    if (n == 1 || sums->n_stamps > 1) {
        if (n > 1)
            note_contradiction(first, cs_clock_median_interval(&info->clock),
                               "time stamps", info);
        return;
    }
    if (first->frame_time_s > 0) {
        cs_clock_clear(&info->clock);
        info->interval_s = first->frame_time_s;
        note_contradiction(first, info->interval_s, "scan's frame time",
                           info);
    } else if (first->exposure_s > 0) {
        cs_clock_fill(&info->clock, first->exposure_s, first->exposure_s,
                      CS_TIME_ASSUMED);
        cs_series_info_note(info, "the file has no time stamps and no frame"
                            " time: frames are taken to follow each other by"
                            " the exposure of %g s", first->exposure_s);
    } else {
        cs_clock_clear(&info->clock);
    }
}

static bool
read_times(Texts *texts, size_t n_frames, const CsVeloxFrame *first,
           CsSeriesInfo *info, GError **error)
{
    Sums sums = { 0 };

    if (!cs_clock_resize(&info->clock, n_frames, error))
        return false;
    for (size_t i = 0; i < MIN(n_frames, texts->n_frames); i++) {
        CsVeloxFrame frame;

        if (!read_text(texts, i, &frame))
            continue;
        sums.n_read++;
        take(&sums, &info->clock, i, first, &frame);
    }
    note_sums(&sums, n_frames, info);
    set_times(first, &sums, info);
    return true;
}

/* ---- One image ------------------------------------------------------------ */

static char *
copy_word(const char *word)
{
    return *word != '\0' ? g_strdup(word) : NULL;
}

static bool
fill(hid_t image, size_t n_frames, CsSeriesInfo *info, GError **error)
{
    CsVeloxFrame first;
    Texts texts;
    bool ok = open_texts(image, &texts, error);

    if (ok) {
        read_text(&texts, 0, &first);
        cs_axis_set(&info->x, first.pixel_x, first.unit_x);
        cs_axis_set(&info->y, first.pixel_y, first.unit_y);
        info->voltage_kV = first.voltage_kV;
        info->magnification = first.magnification;
        info->camera = copy_word(first.detector);
        info->microscope = copy_word(first.microscope);
        ok = read_times(&texts, n_frames, &first, info, error);
    }
    close_texts(&texts);
    return ok;
}

static hid_t
open_pixels(hid_t images, const char *name, CsH5Images *pixels,
            GError **error)
{
    hid_t image = cs_h5_child(images, name);
    hid_t data = image >= 0 ? cs_h5_child(image, "Data") : -1;
    bool ok = data >= 0 ? cs_h5_images_take(pixels, data, 2, error)
                        : cs_fail(error, CS_ERROR_FORMAT,
                                  "has an image without data");

    if (data >= 0)
        H5Oclose(data);
    if (ok)
        return image;
    if (image >= 0)
        H5Oclose(image);
    return -1;
}

/* The image with the most frames, the first of those; -1 with the reason of
 * the first that cannot be read. */
static hid_t
choose(hid_t group, const GPtrArray *names, CsH5Images *best, GError **error)
{
    g_autoptr(GError) first = NULL;
    hid_t chosen = -1;

    for (guint i = 0; i < names->len; i++) {
        CsH5Images pixels = CS_H5_IMAGES_INIT;
        hid_t image = open_pixels(group, names->pdata[i], &pixels,
                                  first == NULL ? &first : NULL);

        if (image >= 0 && chosen >= 0 && pixels.n_frames <= best->n_frames) {
            cs_h5_images_clear(&pixels);
            H5Oclose(image);
        } else if (image >= 0) {
            if (chosen >= 0)
                H5Oclose(chosen);
            cs_h5_images_clear(best);
            *best = pixels;
            chosen = image;
        }
    }
    if (chosen < 0 && first == NULL)
        cs_fail(&first, CS_ERROR_UNSUPPORTED,
                "is a Velox file without images (only spectra?)");
    if (chosen < 0)
        g_propagate_error(error, g_steal_pointer(&first));
    return chosen;
}

static bool
open_velox(hid_t file, CsH5Images *images, CsSeriesInfo *info,
           GError **error)
{
    hid_t group = cs_h5_child(file, "Data/Image");
    g_autoptr(GPtrArray) names = cs_h5_names(group);
    hid_t image = choose(group, names, images, error);
    bool ok;

    H5Oclose(group);
    if (image < 0)
        return false;
    ok = fill(image, images->n_frames, info, error);
    H5Oclose(image);
    if (ok && names->len > 1)
        cs_series_info_note(info, "the file holds %u more images; the one"
                            " with the most frames is read",
                            names->len - 1);
    return ok;
}

const CsH5Layout cs_h5_velox = { "Velox EMD", is_velox, open_velox };
