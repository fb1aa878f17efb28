/* Report: measures and frames -> figures and one page to read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/pictures.h"
#include "coatscope/results.h"

G_BEGIN_DECLS

/* How many pictures of a recording, and of how many bytes each. */
typedef struct {
    size_t n_max;
    size_t max_bytes;
} CsPictureBudget;

/* What the page of so many recordings can hold. */
CsPictureBudget cs_picture_budget(size_t n_recordings);

/* Frames evenly chosen with the first and the last among them, each of not
 * much more than the bytes allowed. Grey levels are the same in all: from the
 * 0.5th to the 99.5th percentile of a typical frame.
 *
 * Errors: those of reading frames, CS_ERROR_LIMIT, CS_ERROR_CANCELLED. */
bool cs_pictures_take(CsRecording *recording, const CsPictureBudget *budget,
                      const CsJob *job, CsPictures *pictures, GError **error);

/* Writes its figures (SVG and PNG) and report.html into the folder dir, which
 * must be there. The page needs nothing but itself: no other file, no host,
 * no script to be readable. Give it to CsResultsInput.report.
 *
 * Errors: CS_ERROR_IO (also: gnuplot is not there or fails), CS_ERROR_LIMIT,
 * CS_ERROR_CANCELLED. */
bool cs_report_write(const CsResultsInput *input, const char *dir,
                     const CsJob *job, GError **error);

G_END_DECLS
