/* CsClock: when each frame of a recording was taken.
 *
 * Times are seconds since the start of the first frame. Each says where it
 * comes from; nothing is averaged or resampled.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef enum {
    CS_TIME_NONE,         /* there is no time: frames are only numbered     */
    CS_TIME_ASSUMED,      /* from an interval the user or file name gave    */
    CS_TIME_INTERPOLATED, /* between measured times, or one mean interval of
                             the file                                       */
    CS_TIME_MEASURED,     /* this frame's own time stamp                    */
} CsTimeSource;

/* "none", "assumed", "interpolated", "measured". */
const char *cs_time_source_name(CsTimeSource source);

typedef struct {
    size_t        n_frames;
    double       *start_s;    /* n_frames; NAN where there is none          */
    double       *duration_s; /* n_frames: exposure; NAN where unknown      */
    CsTimeSource *source;     /* n_frames, of start_s                       */
    double        start_unix_s; /* wall clock of time 0, NAN if unknown     */
} CsClock;

#define CS_CLOCK_INIT { .start_unix_s = NAN }

/* Makes room for n frames without times (NAN, CS_TIME_NONE).
 * Errors: CS_ERROR_LIMIT, with the clock as it was. */
bool cs_clock_resize(CsClock *clock, size_t n_frames, GError **error);

/* Fills every frame: start i * interval_s, the given duration and source. */
void cs_clock_fill(CsClock *clock, double interval_s, double duration_s,
                   CsTimeSource source);

/* The median of the steps between frames with times, or NAN. */
double cs_clock_median_interval(const CsClock *clock);

void cs_clock_clear(CsClock *clock);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsClock, cs_clock_clear)

G_END_DECLS
