/* Summary: many errors -> median, 95th percentile, bias, slope.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

#include "coatscope/score.h"

/* Errors as they are gathered, of one recording or of all. */
typedef struct {
    GArray *area; /* of double, as all below */
    GArray *area_hidden;
    GArray *expansion_true; /* beside each of area, NAN where not known */
    GArray *core_area;
    GArray *thickness_nm;
    GArray *iou;
    GArray *expansion;
    GArray *rate;
    GArray *onset_s;
    GArray *break_s;
    GArray *drift_px;
} CsErrorLists;

void cs_error_lists_init(CsErrorLists *lists);
void cs_error_lists_clear(CsErrorLists *lists);

/* Appends all of `from`. */
void cs_error_lists_add(CsErrorLists *lists, const CsErrorLists *from);

/* Fills the summaries of score from the lists. */
void cs_error_lists_sum_up(const CsErrorLists *lists, CsScore *score);
