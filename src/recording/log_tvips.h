/* Bias and current in the frame headers of TVIPS streams.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/log.h"

/* By its suffix. */
bool cs_log_is_tvips(const char *path);

/* One sample a frame, from NAME_000.tvips and the parts beside it, or from a
 * single file. Errors: CS_ERROR_IO; CS_ERROR_FORMAT, also where the headers
 * are too short to hold a bias (version 1) or all of it is zero. */
bool cs_log_read_tvips(const char *path, CsLog *log, GError **error);
