/* Clocks made of each frame's own time stamp.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/reader.h"

/* Takes a clock whose start_s hold seconds since any moment, one for each
 * frame, NAN where there is none, and gives it to info as measured times from
 * the first frame on. is_unix: they count from 1970 in UTC. Where the first is
 * missing or they do not go forward, only a note is added. The clock is
 * left empty. */
void cs_stamps_take(CsSeriesInfo *info, CsClock *stamps, bool is_unix);
