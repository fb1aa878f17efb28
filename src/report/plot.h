/* What the figures share: colours, sizes, terminals.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"

/* A colour-blind-safe palette (M. Okabe and K. Ito, 2008), yellow left out
 * for it does not show on white; it repeats. "#rrggbb". */
const char *cs_plot_colour(size_t i);

/* Runs body twice: figures/NAME.svg and figures/NAME.png (twice as fine).
 * Errors: those of cs_gnuplot_run. */
bool cs_plot_draw(const char *name, int width, int height, const char *body,
                  const char *dir, const CsJob *job, GError **error);
