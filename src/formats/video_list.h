/* What ffprobe tells of a video: its shape, and every frame with its time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t  width;
    size_t  height;
    char    codec[32];
    char    pixel_format[32];
    char   *date;          /* of the file, in its own words; may be NULL    */
    double  begin_s;       /* of the file; seeking counts from here         */
    double  tick_s;        /* of the time stamps                            */
    size_t  n_declared;    /* frames, by the header; 0 if it does not say   */
    bool    is_cut;        /* the file ends inside its last frame           */
    GArray *ticks;         /* gint64, rising: one a frame; G_MININT64 where
                              there is none (then all of them)              */
    bool    can_seek;      /* the times are of frames as they are shown     */
} CsVideoList;

#define CS_VIDEO_LIST_INIT { .begin_s = 0 }

/* Lists the first video stream of the file at `path`, which the demuxer
 * called so is to read. File size in bytes.
 *
 * Errors: as cs_child_start; CS_ERROR_FORMAT with ffprobe's words;
 * CS_ERROR_LIMIT for more than 10 million frames. */
bool cs_video_list(const char *path, const char *demuxer, uint64_t file_bytes,
                   CsVideoList *list, GError **error);

void cs_video_list_clear(CsVideoList *list);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsVideoList, cs_video_list_clear)
