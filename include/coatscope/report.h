/* Report: measures and frames -> figures and one page to read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/results.h"

G_BEGIN_DECLS

/* Writes its figures (SVG and PNG) and report.html into the folder dir, which
 * must be there. The page needs nothing but itself: no other file, no host,
 * no script to be readable. Give it to CsResultsInput.report.
 *
 * Errors: those of reading frames, CS_ERROR_IO (also: gnuplot is not there or
 * fails), CS_ERROR_LIMIT, CS_ERROR_CANCELLED. */
bool cs_report_write(const CsResultsInput *input, const char *dir,
                     const CsJob *job, GError **error);

G_END_DECLS
