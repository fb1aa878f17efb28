/* The dose rate of a recording and its ledger.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/recording.h"

/* Fills info->ledger. The rate is, in this order: what the user types; from
 * counts in vacuum; what the file says. Its source is said in the notes, as
 * is what was assumed of the beam.
 *
 * Errors: CS_ERROR_ARGUMENT where counts are given and something to convert
 * them is missing (counts an electron, exposure, scale), or the vacuum lies
 * outside the frame; those of reading frames. */
bool cs_beam_fill(CsRecording *recording, CsRecordingInfo *info,
                  const CsBeamOptions *options, const CsJob *job,
                  GError **error);
