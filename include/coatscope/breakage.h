/* Breakage: outlines and measures -> a verdict on each particle's coating.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"
#include "coatscope/measures.h"
#include "coatscope/outlines.h"
#include "coatscope/verdicts.h"

G_BEGIN_DECLS

typedef struct {
    /* Where a gap so wide could be missed, a coating without a gap is not
     * called intact but "cannot tell". */
    double widest_missed_gap_nm;
} CsBreakageOptions;

#define CS_BREAKAGE_OPTIONS_INIT { .widest_missed_gap_nm = 10 }

/* Judges every particle of the measures from the optical depth of its rim
 * (CsOutline.rim), its contour and its areas; no pixel is looked at. The
 * measures are those of these outlines. options may be NULL: the default.
 * The same result on any number of threads.
 *
 * A particle is broken when an arc of its rim loses depth from one frame to
 * the next, for good, and all evidence together says so; intact only when a
 * gap of smallest_visible_gap_nm would have been seen at this dose in 95 of
 * 100. A crack parallel to the image plane is never seen: see
 * docs/methods/breakage.md.
 *
 * Errors: CS_ERROR_LIMIT, CS_ERROR_CANCELLED. */
bool cs_breakage_judge(const CsOutlines *outlines, const CsMeasures *measures,
                       const CsBreakageOptions *options, const CsJob *job,
                       CsVerdicts *verdicts, GError **error);

/* How it is done, with the numbers that are used, for a methods text. Free
 * with g_free. */
char *cs_breakage_in_words(void);

G_END_DECLS
