/* Adds a sentence to the notes of a recording.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/recording.h"

void cs_recording_note(CsRecordingInfo *info, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
