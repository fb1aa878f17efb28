/* When each frame was taken: the best that files, their names and the user
 * say, in this order of trust: a table of the user's, an interval of the
 * user's, a stamp of every frame or file, Gatan's tree, one mean interval.
 * An exposure longer than the step to the next frame is cut to it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/recording.h"
#include "recording/listing.h"
#include "recording/scan.h"

/* Fills info->clock for scan->n_frames frames and says in info->notes what
 * was assumed or is odd.
 *
 * Warns where an interval of the user's is counted for missing numbers.
 *
 * Errors: CS_ERROR_ARGUMENT for a table and an interval together, and where
 * it is not said what an interval is counted by; those of the table, with its
 * line; CS_ERROR_LIMIT. */
bool cs_timing_fill(const CsListing *listing, const CsScan *scan,
                    const CsRecordingOptions *options, const CsJob *job,
                    CsRecordingInfo *info, GError **error);
