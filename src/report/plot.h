/* What the figures share: colours, sizes, terminals.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stddef.h>

#include "coatscope/job.h"

/* A colour-blind-safe palette (M. Okabe and K. Ito, 2008), yellow left out
 * for it does not show on white; it repeats. "#rrggbb". */
const char *cs_plot_colour(size_t i);

/* A legend below the figure, in as many columns as the longest of its names
 * allows; names beyond 60 characters are cut. */
typedef struct {
    size_t n;       /* names                                                */
    size_t longest; /* of them, in characters                               */
} CsLegend;

void cs_legend_count(CsLegend *legend, const char *name);
int  cs_legend_height(const CsLegend *legend);

/* The `set key` line for a figure of that height. */
void cs_legend_add(GString *body, const CsLegend *legend, int height);

/* 'NAME', cut after 60 characters. */
void cs_plot_add_name(GString *body, const char *name);

/* ` title 'NAME'`, cut like the others. */
void cs_legend_add_name(GString *body, const char *name);

/* Runs body three times: figures/NAME.svg, .png (twice as fine) and .pdf.
 * Errors: those of cs_gnuplot_run. */
bool cs_plot_draw(const char *name, int width, int height, const char *body,
                  const char *dir, const CsJob *job, GError **error);
