/* Frames of Gatan's in-situ cameras, back to back in raw files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/raw_frames.h"

#include <inttypes.h>

#include "coatscope/error.h"
#include "formats/bytes.h"

static const double max_recorded = 1e9;

static uint64_t
frame_bytes(const CsSeriesInfo *info)
{
    return (uint64_t) info->width * info->height * cs_pixel_size(info->type);
}

static void
note_counts(uint64_t size, double n_recorded, CsSeriesInfo *info)
{
    size_t n_told = n_recorded < max_recorded ? (size_t) n_recorded : 0;

    if (size % frame_bytes(info) != 0)
        cs_series_info_note(info, "the raw files end inside frame %zu, which"
                            " is left out", info->n_frames + 1);
    if (n_told != info->n_frames)
        cs_series_info_note(info, "the director tells of %zu frames, its raw"
                            " files hold %zu, which are read", n_told,
                            info->n_frames);
    info->n_frames_declared = MAX(info->n_frames, n_told);
}

bool
cs_raw_frames_find(const CsSource *director, double n_recorded,
                   CsSeriesInfo *info, CsRawFrames *frames, GError **error)
{
    CsRawParts *parts = NULL;
    uint64_t n;

    if (!cs_raw_parts_open(director, &parts, error))
        return false;
    if (parts == NULL) {
        if (n_recorded > (double) info->n_frames)
            cs_series_info_note(info, "%.0f frames were recorded, says the"
                                " file; no .raw files are beside it, so that"
                                " only what it holds itself is read",
                                n_recorded);
        return true;
    }
    n = cs_raw_parts_size(parts) / frame_bytes(info);
    if (n < 1 || n > (uint64_t) max_recorded || info->n_channels != 1) {
        cs_fail(error, CS_ERROR_FORMAT,
                "its raw files have %" PRIu64 " bytes; a frame of %zu × %zu %s"
                " has %" PRIu64, cs_raw_parts_size(parts), info->width,
                info->height, cs_pixel_name(info->type), frame_bytes(info));
        cs_raw_parts_free(parts);
        return false;
    }
    info->n_frames = (size_t) n;
    note_counts(cs_raw_parts_size(parts), n_recorded, info);
    *frames = (CsRawFrames) { parts, info->n_frames, info->width,
                              info->height, info->type };
    return true;
}

bool
cs_raw_frames_read(const CsRawFrames *frames, size_t index, CsFrame *frame,
                   bool is_swapped, GError **error)
{
    size_t n_bytes;

    if (!cs_frame_resize(frame, frames->width, frames->height, 1,
                         frames->type, error))
        return false;
    n_bytes = cs_frame_n_bytes(frame);
    if (!cs_raw_parts_read(frames->parts, (uint64_t) index * n_bytes,
                           frame->px, n_bytes, error))
        return false;
    if (is_swapped)
        cs_bytes_swap(frame->px, n_bytes, cs_pixel_size(frames->type));
    return true;
}

void
cs_raw_frames_clear(CsRawFrames *frames)
{
    cs_raw_parts_free(frames->parts);
    *frames = (CsRawFrames) { 0 };
}
