/* The user's table of times: columns frame,time_s.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/clock.h"

/* Sets start_s and source (measured) of all frames of the clock from a CSV
 * file. It must name every frame once, counted from 0, in order, with times
 * that rise; times are made relative to the first, whose own value is put in
 * *first_s.
 *
 * Errors: CS_ERROR_IO, CS_ERROR_FORMAT with file and line; the clock may have
 * changed. */
bool cs_times_table_read(const char *path, CsClock *clock, double *first_s,
                         GError **error);
