/* Recording names as file names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/results.h"

/* One name per recording, NULL-ended, to be freed with g_strfreev: safe as
 * cs_text_file_name says, and different also where case does not count or two
 * recordings have one name. */
char **cs_results_file_names(const CsResultsInput *input);

/* The same for n names of recordings. */
char **cs_results_names_of(const char *const *recordings, size_t n);
