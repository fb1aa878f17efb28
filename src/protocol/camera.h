/* The camera of the bench: a simulated recording, frame by frame, on a clock of
 * its own that is off the computer's and drifts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/frame.h"
#include "coatscope/recording.h"

typedef struct {
    CsRecording *recording;
    double       start_s;   /* of the first frame, by the experiment's clock */
    double       nm_per_px;
    size_t       n_frames;
    double       interval_s;
} CsCamera;

#define CS_CAMERA_INIT { .recording = NULL }

/* Shows a preset with the needle in contact from the start, n frames of it; a
 * jump of jump_nm at jump_s (NAN: none). Errors: those of the simulator. */
bool cs_camera_open(const char *preset, size_t n_frames, double jump_s,
                    double jump_nm, CsCamera *camera, GError **error);

/* Frame i, and its stamp by the camera's clock. */
bool cs_camera_read(CsCamera *camera, size_t i, CsFrame *frame,
                    double *stamp_s, GError **error);
void cs_camera_clear(CsCamera *camera);

/* Two clocks: theirs = ours + offset + drift (ours - ours at first). Sorts out
 * nothing: a straight line by least squares, with standard deviations. NAN with
 * fewer than three pairs. */
typedef struct {
    double offset_s, offset_sd_s;
    double drift_ppm, drift_sd_ppm;
} CsClockRelation;
CsClockRelation cs_clock_relate(const double *theirs_s, const double *ours_s,
                                size_t n);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsCamera, cs_camera_clear)
