/* Scan: where and when a table of frames and angles departs and stays.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A table as in CsRing: n_frames * n_angles, NAN where nothing is known; the
 * angles close up. */
typedef struct {
    size_t        n_frames;
    size_t        n_angles;
    const double *value;
} CsTable;

/* The mean of an arc before and after a moment: `window` frames each side.
 * The arc is `width` angles about `angle` (the middle, or the one after it). */
typedef struct {
    size_t at; /* the first frame after                                      */
    size_t angle;
    size_t width;
    size_t window;
    double before; /* mean                                                   */
    double after;
    double fall;   /* before - after                                         */
    double sd;     /* of the fall where nothing happens: from all the table,
                      larger where these frames are noisier                  */
    double z;      /* fall / sd                                              */
    double needed; /* the z that chance reaches somewhere in such a table in
                      one of a thousand                                      */
} CsFall;

enum { CS_SCAN_WIDTHS = 9, CS_SCAN_WINDOWS = 3 };

/* Widths of arcs in 128ths of the ring, frames of windows. */
extern const size_t cs_scan_width[CS_SCAN_WIDTHS];
extern const size_t cs_scan_window[CS_SCAN_WINDOWS];

typedef struct {
    CsFall best; /* with the greatest z - needed; z is NAN where there is none   */
    /* sd (in three of four moments it is no larger) and needed for each width
       and window; NAN where there are not enough frames. */
    double sd[CS_SCAN_WIDTHS][CS_SCAN_WINDOWS];
    double needed[CS_SCAN_WIDTHS][CS_SCAN_WINDOWS];
} CsScan;

/* Which falls are looked at. */
typedef struct {
    size_t first; /* moment                                                  */
    size_t end;   /* one past the last                                       */
    double least; /* smaller falls are passed over                           */
} CsScanRange;

/* Errors: CS_ERROR_LIMIT. */
bool cs_scan_falls(const CsTable *table, const CsScanRange *range,
                   CsScan *scan, GError **error);

/* The mean of an arc in one frame; NAN where less than half of it is known. */
double cs_arc_mean(const CsTable *table, size_t frame, size_t angle,
                   size_t width);

/* The same fall in another table of the same size: fills before, after and
 * fall, sd from all the table, and z. Errors: CS_ERROR_LIMIT. */
bool cs_scan_same(const CsTable *table, const CsFall *where, CsFall *fall,
                  GError **error);
