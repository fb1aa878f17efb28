/* The files of the results folder, one function and one .c file each; all
 * write into the folder dir, which is there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/results.h"

bool cs_export_areas(const CsResultsInput *input, const char *dir,
                     const CsJob *job, GError **error);
bool cs_export_particles(const CsResultsInput *input, const char *dir,
                         const CsJob *job, GError **error);
bool cs_export_events(const CsResultsInput *input, const char *dir,
                      const CsJob *job, GError **error);
bool cs_export_drift(const CsResultsInput *input, const char *dir,
                     const CsJob *job, GError **error);
bool cs_export_outlines(const CsResultsInput *input, const char *dir,
                        const CsJob *job, GError **error);

/* Comes last: it lists the files that are there. */
bool cs_export_provenance(const CsResultsInput *input, const char *dir,
                          const CsJob *job, GError **error);
