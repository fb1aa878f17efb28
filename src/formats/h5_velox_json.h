/* What Velox says of one frame, in JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Missing numbers are NAN, missing texts "". */
typedef struct {
    double pixel_x; /* in unit_x */
    double pixel_y;
    char   unit_x[24];
    char   unit_y[24];
    char   detector[64];
    bool   is_scanned;    /* by a detector of a scanned beam     */
    gint64 stamp_us;      /* since 1970; 0: none                 */
    double start_unix_s;  /* of the whole acquisition            */
    double frame_time_s;
    double exposure_s;    /* of this detector                    */
    double voltage_kV;
    double magnification;
    char   microscope[64];
} CsVeloxFrame;

/* Parses n bytes, up to the first NUL. False if it is no JSON object; then
 * frame holds nothing. */
bool cs_velox_frame_parse(CsVeloxFrame *frame, const char *json, size_t n);
