/* A log beside a recording: aligned, joined frame by frame, looked through
 * for events.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/log.h"
#include "coatscope/recording.h"

/* Joins a log to a recording whose clock is complete, and says in its notes
 * what was assumed. Errors: those of cs_log_read and of reading frames;
 * CS_ERROR_ARGUMENT where the frames have no times, the log does not overlap
 * the recording (with both spans), or no step can be told. */
bool cs_electrical_join(CsRecording *recording, CsRecordingInfo *info,
                        const CsLogOptions *options, const CsJob *job,
                        GError **error);

/* A sudden change of level of a signal, between samples at - 1 and at. */
typedef struct {
    size_t at;
    double size; /* level after it, less that before                        */
} CsStep;

/* The steps of a signal without NAN, in order: at least six sd of its noise
 * and half as large as the largest. Returns how many, at most max. */
size_t cs_steps_find(const double *value, size_t n, CsStep *steps,
                     size_t max);

/* Where two signals step: between lo_s and hi_s. */
typedef struct {
    double lo_s, hi_s;
} CsStepTime;

/* What to add to the times of log so that its steps lie on those of frames,
 * and its sd. Every step that one signal has within the other's span (from
 * first to last) and the other has not speaks against. False where there is
 * none or no single best. */
bool cs_steps_match(const CsStepTime *log, size_t n_log,
                    const CsStepTime *frames, size_t n_frames,
                    const CsStepTime span[2], double *offset_s,
                    double *sd_s);

/* Fills electrical->event from its samples (SCIENCE 5.4). */
void cs_electrical_find_events(CsElectrical *electrical);
