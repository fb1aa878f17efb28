/* Detect: recording -> seeds: which particles there are, and what is needle,
 * support, hole or dirt.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"
#include "coatscope/recording.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"

G_BEGIN_DECLS

/* Finds the particles of a recording on key frames (the first ones when
 * shifts is NULL). Finding none is no error.
 *
 * Errors: those of reading frames, CS_ERROR_LIMIT, CS_ERROR_CANCELLED. */
bool cs_detect_particles(CsRecording *recording, const CsShifts *shifts,
                         const CsJob *job, CsSeeds *seeds, GError **error);

/* The least diameter, in its own pixels, of a particle that is looked for in
 * a frame of that size. */
double cs_detect_least_diameter_px(size_t width, size_t height);

G_END_DECLS
