/* What the figures share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/plot.h"

#include "report/gnuplot.h"

#define FONT "'DejaVu Sans,13'"

const char *
cs_plot_colour(size_t i)
{
    static const char *const colours[] = {
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
        "#555555",
    };

    return colours[i % G_N_ELEMENTS(colours)];
}

bool
cs_plot_draw(const char *name, int width, int height, const char *body,
             const char *dir, const CsJob *job, GError **error)
{
    g_autoptr(GString) script = g_string_new(
        "set encoding utf8\nset border 3 lw 1\nset tics nomirror out\n"
        "set grid lc rgb '#e4e4e4' lt 1 lw 0.7\nset key noenhanced\n");

    g_string_append_printf(
        script,
        "set terminal svg size %d,%d dynamic font " FONT
        " background '#ffffff' name '%s'\nset output 'figures/%s.svg'\n",
        width, height, name, name);
    g_string_append(script, body);
    g_string_append_printf(
        script,
        "set output\nset terminal pngcairo size %d,%d font " FONT
        " fontscale 2 linewidth 2 pointscale 2 background '#ffffff'\n"
        "set output 'figures/%s.png'\n",
        2 * width, 2 * height, name);
    g_string_append(script, body);
    g_string_append(script, "set output\n");
    return cs_gnuplot_run(script->str, dir, job, error);
}
