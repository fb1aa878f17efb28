/* Recording names as file names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/results.h"

/* One name per recording, NULL-ended, to be freed with g_strfreev: only
 * letters, digits and . _ - in them, not hidden, at most 120 bytes, different
 * also where case does not count. */
char **cs_results_file_names(const CsResultsInput *input);
