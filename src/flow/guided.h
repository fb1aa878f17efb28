/* Guided: outlines from the user's polygons.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/flow.h"

/* Traces the particles the polygons are of, from up to 5 polygons each. What
 * else is in the field (needle, other particles) is found as well, to be left
 * out of drift. Errors: CS_ERROR_ARGUMENT where a polygon does not fit; those
 * of the stages. */
bool cs_guided_trace(CsRecording *recording, const CsRois *rois,
                     const CsJob *job, CsMeasured *m, GError **error);

/* Takes the polygons as they are. */
bool cs_guided_take(CsRecording *recording, const CsRois *rois,
                    const CsJob *job, CsMeasured *m, GError **error);
