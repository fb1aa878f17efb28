/* Movies: frames of a recording as pictures for a video, with a scale bar, the
 * time and outlines drawn on them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "coatscope/frame.h"
#include "coatscope/recording.h"
#include "coatscope/roi.h"

G_BEGIN_DECLS

typedef struct {
    double        low;      /* value shown black                            */
    double        high;     /* value shown white, above low                 */
    double        nm_per_px; /* along x; NAN: no scale bar                  */
    bool          has_marks; /* false: the picture alone                    */
    const CsRois *rois;     /* drawn on the frame they name, or on all; may
                               be NULL; lent                                */
} CsMovieStyle;

#define CS_MOVIE_STYLE_INIT { .high = 1, .nm_per_px = NAN, .has_marks = true }

/* Grey levels that suit all frames: from the 0.5th to the 99.5th percentile of
 * a typical one. Errors: those of reading. */
bool cs_movie_levels(CsRecording *recording, double *low, double *high,
                     GError **error);

/* Draws a frame as RGB of 8 bits. Number `index`, from 0, is its place in the
 * stack that the regions count from 1; time_s is written on it, unless NAN.
 * Outlines are yellow, or the colour the region has. Errors: CS_ERROR_LIMIT. */
bool cs_movie_draw(const CsFrame *frame, size_t index, double time_s,
                   const CsMovieStyle *style, CsFrame *picture,
                   GError **error);

G_END_DECLS
