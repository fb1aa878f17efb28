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

/* What is odd about a frame's time, against the usual step. */
typedef enum {
    CS_CLOCK_BACK,    /* before that of the frame before it                 */
    CS_CLOCK_STILL,   /* the same: one of them is doubled, or so is its stamp */
    CS_CLOCK_LATE,    /* by more than a fifth of the step and more than the
                         jitter, but no more than half                      */
    CS_CLOCK_DROPPED, /* by whole steps: frames are missing before it       */
    CS_CLOCK_GAP,     /* by another time                                    */
} CsClockOddity;

/* "time-backwards", "frame-doubled", "frame-late", "frames-dropped", "gap", as
 * in events.csv. */
const char *cs_clock_oddity_name(CsClockOddity oddity);

typedef struct {
    size_t        frame;  /* the one that is odd, from 1                    */
    CsClockOddity what;
    double        step_s; /* since the frame before it                      */
    double        usual_s;
} CsClockOdd;

/* Everything odd, in order of frames: an array of *n to be freed with g_free;
 * none where there are no times. */
CsClockOdd *cs_clock_look(const CsClock *clock, size_t *n);

void cs_clock_clear(CsClock *clock);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsClock, cs_clock_clear)

G_END_DECLS
