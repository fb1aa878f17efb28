/* Logs of bias and current: from a file of an instrument to samples in time.
 *
 * docs/formats/logs.md lists what is read. A log's times are of one of three
 * kinds, and none is made up: seconds from a zero of its own; a wall clock
 * with or without a time zone; the time of the day alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/electrical.h"

G_BEGIN_DECLS

/* What the user says about a log. NULL, NAN: as the file says. */
typedef struct {
    const char *path;
    double      offset_s; /* seconds added to the log's times: the frame clock
                             shows offset_s where the log's shows 0. Where
                             both have a wall clock, it is what remains to be
                             added once those agree. NAN: 0               */
    bool        find_step; /* find the offset by a step both show           */
    const char *zone;     /* of times without one: "UTC", "+01:00",
                             "Europe/Berlin"; NULL: this computer's         */
    const char *time_column;
    const char *bias_column;
    const char *current_column;
} CsLogOptions;

#define CS_LOG_OPTIONS_INIT { .offset_s = NAN }

typedef enum {
    CS_LOG_RELATIVE,    /* seconds from some moment                         */
    CS_LOG_WALL,        /* seconds since 1970, UTC                          */
    CS_LOG_TIME_OF_DAY, /* local seconds since a midnight nobody named      */
} CsLogClock;

typedef struct {
    const char *title;  /* of the format: "Protochips log"                  */
    CsLogClock  clock;  /* what time_s counts                               */
    bool        has_zone; /* of CS_LOG_WALL: the file itself told it        */
    size_t      n;
    CsElectricalSample *sample; /* in order of time                         */
    GPtrArray  *notes;  /* char *: what was assumed or left out; or NULL    */
} CsLog;

#define CS_LOG_INIT { 0 }

/* Most samples of a log, and bytes of its file. */
#define CS_LOG_MAX_SAMPLES ((size_t) 20000000)
#define CS_LOG_MAX_BYTES ((size_t) 512 << 20)

/* Reads a log. Blanks, "NaN" and an instrument's overflow (9.9E37) are
 * missing values.
 *
 * Errors: CS_ERROR_IO; CS_ERROR_FORMAT with file and line: no such columns
 * (with those found), several that could be meant, a cell that is no number
 * or no time, time that runs backwards; CS_ERROR_ARGUMENT (an unknown zone or
 * column); CS_ERROR_LIMIT. */
bool cs_log_read(const CsLogOptions *options, CsLog *log, GError **error);

void cs_log_clear(CsLog *log);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsLog, cs_log_clear)

G_END_DECLS
