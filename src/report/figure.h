/* Figures: tables -> figures/NAME.svg, .png and .pdf, drawn by gnuplot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/results.h"

/* Figure 4 of the protocol, figures/areas: projected area and expansion
 * against time, a curve with its 95 % band per particle; below them, where
 * they are known, bias and dose of each recording. *drawn is false, and
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

/* Where the axis of time lies in it, as shares of its width. */
#define CS_AREAS_LEFT 0.125
#define CS_AREAS_RIGHT 0.955

/* The same curves as JSON for the page's script, at most 120 points each; safe
 * inside a script element. Free with g_free. */
char *cs_figure_areas_json(const CsResultsInput *input);

/* Survival of coatings over time, hoop strain and dose, figures/survival; each
 * particle by thickness and strain, figures/breakage. Of coatings that were
 * called intact or broken, on particles that count. *drawn is false where
 * there are fewer than two (with a place). */
bool cs_figure_survival(const CsResultsInput *input, const char *dir,
                        const CsJob *job, bool *drawn, GError **error);
bool cs_figure_breakage(const CsResultsInput *input, const char *dir,
                        const CsJob *job, bool *drawn, GError **error);

/* The drift of every recording, figures/drift. */
bool cs_figure_drift(const CsResultsInput *input, const char *dir,
                     const CsJob *job, bool *drawn, GError **error);

/* The coatings of a ranking of two or more, best first, figures/ranking: rate
 * and final expansion with 95 % intervals. */
bool cs_figure_ranking(const CsResultsInput *input, const char *dir,
                       const CsJob *job, bool *drawn, GError **error);

/* Figure 3 of the protocol, figures/series: for each coating (or recording,
 * where coatings were not told) one recording at four times, with the outlines
 * found. Not drawn where there are no pictures. */
bool cs_figure_series(const CsResultsInput *input, const char *dir,
                      const CsJob *job, bool *drawn, GError **error);

/* The recordings that the series shows, a row each, at most so many. */
enum { CS_SERIES_MAX_ROWS = 12, CS_SERIES_TIMES = 4 };
size_t cs_series_rows(const CsResultsInput *input,
                      size_t rows[CS_SERIES_MAX_ROWS]);

/* Number of the picture of an item that shows it at part k of
 * CS_SERIES_TIMES: the first, one third, two thirds, the last. */
size_t cs_series_picture(const CsResultsItem *item, size_t k);
