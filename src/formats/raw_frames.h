/* Frames that a director file describes and raw files beside it hold.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/reader.h"
#include "formats/raw_parts.h"

typedef struct {
    CsRawParts *parts;
    size_t      n; /* frames; 0: there are no raw files */
    size_t      width;
    size_t      height;
    CsPixelType type;
} CsRawFrames;

/* Looks for raw files beside the director, whose info already tells the
 * shape of a frame and which says it recorded n_recorded of them. Where there
 * are some, info becomes that of their frames: their size counts, not what
 * the director says. Where there are none, info may get a note.
 *
 * Errors: as cs_raw_parts_open(); CS_ERROR_FORMAT for less than a frame. */
bool cs_raw_frames_find(const CsSource *director, double n_recorded,
                        CsSeriesInfo *info, CsRawFrames *frames,
                        GError **error);

/* One frame; is_swapped: its bytes are to be turned round. */
bool cs_raw_frames_read(const CsRawFrames *frames, size_t index,
                        CsFrame *frame, bool is_swapped, GError **error);

void cs_raw_frames_clear(CsRawFrames *frames);
