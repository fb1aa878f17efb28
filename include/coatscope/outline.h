/* Outline: frames, shifts and seeds -> outlines, forwards and backwards.
 *
 * Method, equations and their limits: docs/methods/outline.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"
#include "coatscope/outlines.h"
#include "coatscope/recording.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"

G_BEGIN_DECLS

/* Traces every particle of seeds through the recording. Particle p of the
 * result is seeds->seed[p]. Frames flagged in shifts are lost. The same
 * result on any number of threads.
 *
 * Errors: those of reading frames, CS_ERROR_LIMIT, CS_ERROR_CANCELLED. */
bool cs_outline_trace(CsRecording *recording, const CsShifts *shifts,
                      const CsSeeds *seeds, const CsJob *job,
                      CsOutlines *outlines, GError **error);

G_END_DECLS
