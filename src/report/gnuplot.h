/* gnuplot as a child process.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"

/* Runs a script (no shell, no start-up files, C locale) with dir as its
 * current folder. Errors: CS_ERROR_IO if gnuplot is not there, fails, says
 * anything that is an error, or takes too long; CS_ERROR_CANCELLED. */
bool cs_gnuplot_run(const char *script, const char *dir, const CsJob *job,
                    GError **error);

/* Appends text as a gnuplot string in single quotes, on one line, in which
 * nothing is special. */
void cs_gnuplot_add_string(GString *script, const char *text);
