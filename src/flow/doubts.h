/* Doubts: what the user should hear about a measurement at once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"
#include "coatscope/outlines.h"
#include "coatscope/recording.h"
#include "coatscope/roi.h"

/* Warns, in one sentence each, that no particle was found, that particles
 * were found or drawn (rois; NULL: none were) but never outlined, and that
 * some were outlined so rarely that their A0 is uncertain. */
void cs_doubts_warn(const CsRecordingInfo *info, const CsRois *rois,
                    const CsOutlines *outlines, const CsJob *job);
