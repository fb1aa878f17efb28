/* What the figures share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/plot.h"

#include "report/gnuplot.h"

enum { MAX_NAME = 60, ROW_HEIGHT = 22 };

/* As in CSS. */
static const double PX_PER_INCH = 96;

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

void
cs_legend_count(CsLegend *legend, const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    size_t length = (size_t) g_utf8_strlen(valid, -1);

    legend->n++;
    legend->longest = MAX(legend->longest, MIN(length, MAX_NAME));
}

/* As many as fit into 640 px of 13-point letters with a sample each. */
static size_t
n_columns(const CsLegend *legend)
{
    return legend->longest <= 18 ? 3 : legend->longest <= 30 ? 2 : 1;
}

int
cs_legend_height(const CsLegend *legend)
{
    return (int) ((legend->n + n_columns(legend) - 1) / n_columns(legend))
           * ROW_HEIGHT;
}

void
cs_legend_add(GString *body, const CsLegend *legend, int height)
{
    g_string_append_printf(body,
                           "set key at screen 0.55, screen %.4f center bottom "
                           "horizontal maxcols %zu Left reverse noenhanced "
                           "samplen 2\n",
                           8.0 / height, n_columns(legend));
}

void
cs_legend_add_name(GString *body, const char *name)
{
    g_string_append(body, " title ");
    cs_plot_add_name(body, name);
}

void
cs_plot_add_name(GString *body, const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    g_autofree char *cut = NULL;

    if (g_utf8_strlen(valid, -1) > MAX_NAME) {
        g_autofree char *start = g_utf8_substring(valid, 0, MAX_NAME - 1);

        cut = g_strconcat(start, "…", NULL);
    }
    cs_gnuplot_add_string(body, cut != NULL ? cut : valid);
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
    g_string_append_printf(
        script,
        "set output\nset terminal pdfcairo size %.4fin,%.4fin font " FONT
        " fontscale 0.75 background '#ffffff'\n"
        "set output 'figures/%s.pdf'\n",
        width / PX_PER_INCH, height / PX_PER_INCH, name);
    g_string_append(script, body);
    g_string_append(script, "set output\n");
    return cs_gnuplot_run(script->str, dir, job, error);
}
