/* Figures: tables -> figures/NAME.svg and .png, drawn by gnuplot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/results.h"

/* Figure 4 of the protocol, figures/areas: projected area and expansion
 * against time, a curve with its 95 % band per particle. *drawn is false, and
 * there is no file, where nothing was measured. The folder figures is there.
 *
 * Errors: those of cs_gnuplot_run. */
bool cs_figure_areas(const CsResultsInput *input, const char *dir,
                     const CsJob *job, bool *drawn, GError **error);

/* The diameters of the particles in single pictures, figures/sizes. *drawn is
 * false where there are fewer than two. */
bool cs_figure_sizes(const CsResultsInput *input, const char *dir,
                     const CsJob *job, bool *drawn, GError **error);

/* A single picture has no time to draw anything against. */
static inline bool
cs_item_is_picture(const CsResultsItem *item)
{
    return cs_recording_info(item->recording)->n_frames == 1;
}

/* The drift of every recording, figures/drift. */
bool cs_figure_drift(const CsResultsInput *input, const char *dir,
                     const CsJob *job, bool *drawn, GError **error);
