/* CsElectrical: bias and current of a recording, frame by frame, and what
 * happened in the circuit.
 *
 * Times are seconds on the recording's own clock. Nothing is interpolated: a
 * frame has a value only where the log has a sample within its exposure.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* What a log said at one moment; NAN where it said nothing. */
typedef struct {
    double time_s;
    double bias_V;
    double current_A;
} CsElectricalSample;

/* Samples of one quantity within one exposure; all NAN where n is 0. */
typedef struct {
    double mean;
    double min;
    double max;
    size_t n;
} CsSpread;

typedef struct {
    CsSpread bias_V;
    CsSpread current_A;
} CsElectricalFrame;

/* Between the last sample before and the first one after: the log does not
 * tell it closer. */
typedef struct {
    const char *event; /* "bias-on", "bias-off", "contact", "short-circuit" */
    double      time_lo_s;
    double      time_hi_s;
    char        detail[96];
} CsElectricalEvent;

typedef struct {
    char   *source;   /* the log's path; NULL: there is none                */
    char   *format;   /* its kind in words: "Protochips log"                */
    double  offset_s; /* added to the log's times; see log.h                */
    double  offset_sd_s; /* NAN: not known                                  */

    size_t              n_samples; /* of the whole log, in order of time    */
    CsElectricalSample *sample;
    size_t              n_frames;
    CsElectricalFrame  *frame;
    size_t              n_events;
    CsElectricalEvent  *event;     /* in order of time                      */
} CsElectrical;

#define CS_ELECTRICAL_INIT { .offset_s = NAN, .offset_sd_s = NAN }

void cs_electrical_clear(CsElectrical *electrical);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsElectrical, cs_electrical_clear)

G_END_DECLS
