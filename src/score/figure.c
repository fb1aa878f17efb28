/* The figure of a score: errors against growth, and how many are how large.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>

#include "coatscope/error.h"
#include "coatscope/score.h"
#include "core/text.h"
#include "report/plot.h"

enum { WIDTH = 900, HEIGHT = 380 };

/* Shares below this error are not drawn: the axis is logarithmic. */
#define LEAST_PERCENT 1e-4

static void
add_pair(GString *body, double x, double y)
{
    cs_text_add_double(body, x);
    g_string_append_c(body, ' ');
    cs_text_add_double(body, y);
    g_string_append_c(body, '\n');
}

static void
add_errors(GString *body, const CsScore *score, size_t number)
{
    g_string_append_printf(body, "$errors%zu << EOD\n", number);
    for (size_t k = 0; k < score->n_points; k++)
        if (!score->point[k].is_hidden && isfinite(score->point[k].expansion))
            add_pair(body, score->point[k].expansion,
                     100 * score->point[k].area_error);
    g_string_append(body, "EOD\n");
}

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

/* Share of the areas, in percent, with less than that error, in percent.
 * Returns how many there are. */
static size_t
add_shares(GString *body, const CsScore *score, size_t number)
{
    g_autofree double *error = g_new(double, score->n_points + 1);
    size_t n = 0;

    for (size_t k = 0; k < score->n_points; k++)
        if (!score->point[k].is_hidden)
            error[n++] = fmax(100 * fabs(score->point[k].area_error),
                              LEAST_PERCENT);
    qsort(error, n, sizeof *error, by_value);
    g_string_append_printf(body, "$shares%zu << EOD\n", number);
    for (size_t k = 0; k < n; k++)
        add_pair(body, error[k], 100 * ((double) k + 0.5) / (double) n);
    g_string_append(body, "EOD\n");
    return n;
}

static void
add_curve(GString *plot, const char *data, size_t number, const char *with,
          const char *title)
{
    g_string_append_printf(plot, "%s$%s%zu using 1:2 with %s lc rgb '%s'",
                           plot->len == 0 ? "plot " : ", ", data, number, with,
                           cs_plot_colour(number));
    if (title != NULL)
        cs_legend_add_name(plot, title);
    else
        g_string_append(plot, " notitle");
}

static void
add_panels(GString *body, const GString *errors, const GString *shares,
           const CsLegend *legend, int height)
{
    double bottom = (64.0 + cs_legend_height(legend)) / height;

    g_string_append_printf(
        body,
        "set multiplot\nset tmargin at screen 0.95\n"
        "set bmargin at screen %.4f\n"
        "set lmargin at screen 0.085\nset rmargin at screen 0.48\n"
        "set xlabel 'True A/A_0'\nset ylabel 'Area error (%%)'\n"
        "set xzeroaxis lt 1 lc rgb '#888888'\n"
        "set offsets graph 0.03, graph 0.03, graph 0.05, graph 0.05\n",
        bottom);
    cs_legend_add(body, legend, height);
    g_string_append_printf(body, "%s\n", errors->str);
    g_string_append(
        body,
        "unset key\nset offsets 0, 0, 0, 0\nunset xzeroaxis\n"
        "set lmargin at screen 0.585\nset rmargin at screen 0.98\n"
        "set xlabel '|Area error| (%)'\n"
        "set ylabel 'Share of areas with less (%)'\n"
        "set logscale x\nset yrange [0:100]\n");
    g_string_append_printf(body,
                           "%s\nunset logscale x\nset yrange [*:*]\n"
                           "unset multiplot\n",
                           shares->str);
}

static bool
make_folders(const char *dir, GError **error)
{
    g_autofree char *figures = g_build_filename(dir, "figures", NULL);

    if (g_mkdir_with_parents(figures, 0777) == 0)
        return true;
    return cs_fail(error, CS_ERROR_IO, "cannot make the folder %s: %s",
                   figures, g_strerror(errno));
}

bool
cs_scores_draw(const CsScores *scores, const char *dir, const CsJob *job,
               GError **error)
{
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(GString) errors = g_string_new(NULL);
    g_autoptr(GString) shares = g_string_new(NULL);
    CsLegend legend = { 0 };
    int height;

    for (size_t i = 0; i < scores->n; i++) {
        const CsScore *score = &scores->score[i];

        add_errors(body, score, i);
        if (add_shares(body, score, i) == 0)
            continue;
        add_curve(errors, "errors", i, "points pt 7 ps 0.25",
                  score->recording);
        add_curve(shares, "shares", i, "lines lw 1.8", NULL);
        cs_legend_count(&legend, score->recording);
    }
    if (legend.n == 0)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "there is no figure of a score without areas");
    height = HEIGHT + cs_legend_height(&legend);
    add_panels(body, errors, shares, &legend, height);
    return make_folders(dir, error)
           && cs_plot_draw("score", WIDTH, height, body->str, dir, job, error);
}
