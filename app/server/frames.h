/* Frames for the page: 16 bits, binned, a bounded number of them kept.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "coatscope/frame.h"
#include "server/model.h"

/* What is wanted of a frame. */
typedef struct {
    gint64 recording; /* id in the store                                    */
    size_t frame;
    size_t bin;
    size_t x, y, w, h; /* in pixels of the frame                            */
} CsFrameAsk;

enum { CS_FRAME_HEADER = 96, CS_MOST_BIN = 64 };

/* Keeps at most so many bytes of answers. */
typedef struct CsFrames CsFrames;
CsFrames *cs_frames_new(size_t max_bytes);
void      cs_frames_free(CsFrames *frames); /* takes NULL */

/* Whether the files of recording number r are there as they were; NULL, or
 * why not (to be freed). */
char *cs_frames_missing(CsFrames *frames, const CsSnapshot *model, size_t r,
                        const char *dir);

/* Fills frame number n as it is in the file. Several threads may call it. */
bool cs_frames_read(CsFrames *frames, CsSnapshot *model, size_t r,
                    const char *dir, size_t n, CsFrame *frame,
                    GError **error);

/* The answer to a request: header and values; reads the next frames in
 * advance. */
GBytes *cs_frames_get(CsFrames *frames, CsSnapshot *model, size_t r,
                      const char *dir, const CsFrameAsk *ask,
                      GError **error);
