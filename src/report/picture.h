/* CsPictures: some frames of a recording as JPEG, to look at.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/job.h"
#include "coatscope/recording.h"

typedef struct {
    size_t  frame;
    double  width_px; /* of the frame's pixels it covers                    */
    double  height_px;
    GBytes *jpeg;
} CsPicture;

typedef struct {
    size_t     n;
    CsPicture *picture; /* n, in the order of frames                        */
} CsPictures;

#define CS_PICTURES_INIT { 0 }

/* Up to n_max frames, evenly chosen with the first and the last among them,
 * none of more than about max_bytes. Grey levels are the same in all: from the
 * 0.5th to the 99.5th percentile of a typical frame.
 *
 * Errors: those of reading frames, CS_ERROR_LIMIT, CS_ERROR_CANCELLED. */
bool cs_pictures_take(CsRecording *recording, size_t n_max, size_t max_bytes,
                      const CsJob *job, CsPictures *pictures, GError **error);
void cs_pictures_clear(CsPictures *pictures);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsPictures, cs_pictures_clear)
