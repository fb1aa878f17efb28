/* Flow: the paragraph of stages that turns a recording into a table.
 *
 *     recording -> seeds -> shifts -> seeds -> outlines -> measures -> verdicts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "coatscope/job.h"
#include "coatscope/measures.h"
#include "coatscope/outlines.h"
#include "coatscope/recording.h"
#include "coatscope/roi.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"
#include "coatscope/verdicts.h"

G_BEGIN_DECLS

/* Where the outlines come from. */
typedef enum {
    CS_FLOW_AUTOMATIC, /* particles are found and traced                     */
    CS_FLOW_FROM_ROIS, /* the user's polygons, one a particle, each on one
                          frame, are traced both ways                        */
    CS_FLOW_ROIS_ONLY, /* the user's polygons are measured as they are: the
                          protocol's manual way                              */
} CsFlowMode;

typedef struct {
    CsFlowMode    mode;
    const CsRois *rois;      /* NULL for CS_FLOW_AUTOMATIC; lent             */
    bool          in_pixels; /* pixels and frames instead of nm and s        */
} CsFlowOptions;

/* Everything measured of one recording. */
typedef struct {
    CsSeeds    seeds;
    CsShifts   shifts;
    CsOutlines outlines;
    CsMeasures measures;
    CsVerdicts verdicts;
} CsMeasured;

#define CS_MEASURED_INIT { 0 }
void cs_measured_clear(CsMeasured *measured);

/* Measures a recording. Finding no particle is no error: the table is empty.
 *
 * Errors: CS_ERROR_ARGUMENT where the recording cannot be measured or a
 * polygon does not fit it; those of the stages. measured stays as it was. */
bool cs_flow_measure(CsRecording *recording, const CsFlowOptions *options,
                     const CsJob *job, CsMeasured *measured, GError **error);

/* The last step alone, of what was measured before: fills verdicts, and
 * `broken` of the measures. Errors: CS_ERROR_LIMIT, CS_ERROR_CANCELLED. */
bool cs_flow_judge(const CsJob *job, CsMeasured *measured, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsMeasured, cs_measured_clear)

G_END_DECLS
