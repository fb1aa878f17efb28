/* CsScan: what the headers of all files of a recording say, and that they
 * agree.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"
#include "coatscope/reader.h"
#include "recording/listing.h"

typedef struct {
    size_t  n_frames;
    size_t  n_frames_declared;
    size_t  first_frame;  /* its position in the recording                  */
    double  start_unix_s; /* NAN if unknown, as below                       */
    double  interval_s;
    double  exposure_s;
    double  nm_per_px_x;
    CsClock clock;        /* as the file gives it: 0 or n_frames            */
} CsScanned;

typedef struct {
    size_t          n_files;
    CsScanned      *file; /* n_files */
    size_t          n_frames;
    bool            is_relative; /* start_unix_s count from any moment        */
    const CsReader *reader;
    CsSeriesInfo    first; /* of the first file */
} CsScan;

#define CS_SCAN_INIT { .first = CS_SERIES_INFO_INIT }

/* Opens every file once, on the threads of the job. With ignore_scale the
 * scales of the files may differ.
 *
 * Errors: those of opening; CS_ERROR_FORMAT where a file differs from the
 * first in format, size, channels, type or scale: it names the first such
 * file and both values. */
bool cs_scan_files(const CsListing *listing, bool ignore_scale,
                   const CsJob *job, CsScan *scan, GError **error);

void cs_scan_clear(CsScan *scan);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsScan, cs_scan_clear)
