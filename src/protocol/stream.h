/* Stream: frames to the disk as they come, before anybody looks at them. An MRC
 * stack whose header is true after every frame, and a table of times beside it;
 * whatever happens, what was written can be read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdio.h>

#include "coatscope/frame.h"

typedef struct {
    char   *path;       /* of the frames, from the experiment's folder on   */
    char   *times;      /* of the table                                     */
    char   *full_path;
    int     fd;
    FILE   *table;
    size_t  n;          /* frames written                                   */
    size_t  width, height;
    guint64 full_after; /* bytes after which the disk says it is full, for
                           tests; 0: never                                  */
} CsStream;

#define CS_STREAM_INIT { .fd = -1 }

/* Makes DIR/recordings/NAME-N.mrc and NAME-N.times.csv for frames of 16 bits.
 * Errors: CS_ERROR_IO. */
bool cs_stream_open(const char *dir, const char *name, double nm_per_px,
                    const CsFrame *first, CsStream *stream, GError **error);

/* Appends: time_s since the first frame by the camera, computer_s by the
 * computer's clock when it had arrived. Errors: CS_ERROR_IO (disk full),
 * CS_ERROR_ARGUMENT (another shape); the frames before stay readable. */
bool cs_stream_add(CsStream *stream, const CsFrame *frame, double time_s,
                   double computer_s, GError **error);

/* All of it safely on the disk. */
bool cs_stream_sync(CsStream *stream, GError **error);
void cs_stream_clear(CsStream *stream);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsStream, cs_stream_clear)
