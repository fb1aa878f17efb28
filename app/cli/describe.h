/* What `coatscope info` says of a recording, as text and as JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "cli/json.h"
#include "cli/sample_stats.h"
#include "coatscope/recording.h"

/* Intervals from frame to frame, and where times come from. */
typedef struct {
    size_t n_of[4]; /* frames by CsTimeSource                               */
    size_t n_gaps;  /* steps more than 1.5 times the median                 */
    double min_s;   /* NAN without times, as those below                    */
    double median_s;
    double max_s;
    double length_s; /* from the start of the first to the end of the last
                        frame, which lasts as long as the median            */
} CsClockSummary;

CsClockSummary cs_clock_summary(const CsClock *clock);

/* stats may be NULL. */
void cs_describe_text(const char *path, const CsRecording *recording,
                      const CsSampleStats *stats, GString *text);

/* Adds one object to an array; the keys are those of docs/info-json.md. */
void cs_describe_json(const char *path, const CsRecording *recording,
                      const CsSampleStats *stats, CsJson *json);

/* The object for what could not be opened. */
void cs_describe_json_error(const char *path, const GError *error,
                            CsJson *json);
