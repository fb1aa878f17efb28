/* The files of the results folder, one function and one .c file each; all
 * write into the folder dir, which is there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/results.h"
#include "coatscope/roi.h"

bool cs_export_areas(const CsResultsInput *input, const char *dir,
                     const CsJob *job, GError **error);
bool cs_export_particles(const CsResultsInput *input, const char *dir,
                         const CsJob *job, GError **error);
bool cs_export_events(const CsResultsInput *input, const char *dir,
                      const CsJob *job, GError **error);
bool cs_export_drift(const CsResultsInput *input, const char *dir,
                     const CsJob *job, GError **error);
/* Nothing where no recording has a log. */
bool cs_export_electrical(const CsResultsInput *input, const char *dir,
                          const CsJob *job, GError **error);
/* Nothing where there is no ranking. */
bool cs_export_ranking(const CsResultsInput *input, const char *dir,
                       const CsJob *job, GError **error);
bool cs_export_outlines(const CsResultsInput *input, const char *dir,
                        const CsJob *job, GError **error);

/* Comes last: it lists the files that are there. */
bool cs_export_provenance(const CsResultsInput *input, const char *dir,
                          const CsJob *job, GError **error);

/* Whose outline a region is. */
typedef struct {
    size_t particle; /* an index */
    int    particle_id;
    size_t frame;
    bool   core;
    size_t n_particles, n_frames; /* the width of numbers in its name */
    size_t n_angles;
} CsRegionPlace;

/* Makes roi, which may hold an older one, the region of an outline as in
 * outlines/. Errors: CS_ERROR_LIMIT. */
bool cs_export_region(const CsOutline *outline, const CsRegionPlace *place,
                      CsRoi *roi, GError **error);
