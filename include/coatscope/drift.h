/* Drift: recording -> shifts, measured on what does not grow.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"
#include "coatscope/recording.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"

G_BEGIN_DECLS

/* Measures the shift of every frame. Particles and needle of `seeds` (may be
 * NULL) are kept out of it. Sub-pixel; jumps are found, never smeared; black,
 * blurred and doubled frames are flagged. The same on any number of threads.
 *
 * Errors: those of reading frames, CS_ERROR_LIMIT, CS_ERROR_CANCELLED. */
bool cs_drift_measure(CsRecording *recording, const CsSeeds *seeds,
                      const CsJob *job, CsShifts *shifts, GError **error);

G_END_DECLS
