/* Measure: outlines, clock and scale -> the table of areas against time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/measures.h"
#include "coatscope/outlines.h"
#include "coatscope/recording.h"

G_BEGIN_DECLS

/* Fills measures: areas times nm/px in x times nm/px in y, expansion against
 * A0, the median over the baseline frames (before onset, at least 10 where
 * there are as many), centroid, solidity, state. Columns whose room is not
 * built stay NAN. With in_pixels, pixels stand for nm and time_s is NAN.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_measure_outlines(const CsOutlines *outlines,
                         const CsRecordingInfo *info, bool in_pixels,
                         CsMeasures *measures, GError **error);

G_END_DECLS
