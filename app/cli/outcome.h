/* What `measure` says of a recording at the end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/measures.h"
#include "coatscope/recording.h"

/* A line for the recording, then one for each particle that was outlined, up
 * to 20. Of a film a particle's A0, its last area and A/A0, which agree with
 * each other; of a single picture its area and state. */
void cs_outcome_text(const CsRecordingInfo *info, const CsMeasures *measures,
                     GString *text);
