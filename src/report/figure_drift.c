/* The drift of the field against time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "core/text.h"
#include "report/figure.h"
#include "report/plot.h"

enum { WIDTH = 760, HEIGHT = 330, MAX_POINTS = 500 };

static double
time_of(const CsResultsItem *item, size_t frame)
{
    const CsClock *clock = &cs_recording_info(item->recording)->clock;

    if (item->measures->in_pixels || frame >= clock->n_frames
        || !isfinite(clock->start_s[frame]))
        return (double) frame;
    return clock->start_s[frame];
}

static void
add_data(GString *body, const CsResultsItem *item, size_t number)
{
    size_t n = item->shifts->n_frames;
    size_t stride = (n + MAX_POINTS - 1) / MAX_POINTS;

    g_string_append_printf(body, "$drift%zu << EOD\n", number);
    for (size_t f = 0; f < n; f += stride) {
        const CsShift *s = &item->shifts->shift[f];

        if (s->jump)
            g_string_append_c(body, '\n');
        if (!isfinite(s->dx_px) || !isfinite(s->dy_px))
            continue;
        cs_text_add_double(body, time_of(item, f));
        g_string_append_c(body, ' ');
        cs_text_add_double(body, s->dx_px);
        g_string_append_c(body, ' ');
        cs_text_add_double(body, s->dy_px);
        g_string_append_c(body, '\n');
    }
    g_string_append(body, "EOD\n");
}

static void
add_curves(GString *plot, const CsResultsItem *item, size_t number)
{
    const char *colour = cs_plot_colour(number);

    g_string_append_printf(plot,
                           "%s$drift%zu using 1:2 with lines lc rgb '%s' lw "
                           "1.6",
                           plot->len == 0 ? "plot " : ", ", number, colour);
    cs_legend_add_name(plot, item->measures->recording);
    g_string_append_printf(plot,
                           ", $drift%zu using 1:3 with lines lc rgb '%s' lw "
                           "1.6 dt 3 notitle",
                           number, colour);
}

bool
cs_figure_drift(const CsResultsInput *input, const char *dir,
                const CsJob *job, bool *drawn, GError **error)
{
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(GString) plot = g_string_new(NULL);
    CsLegend legend = { 0 };
    bool in_pixels = false;
    int height;

    for (size_t i = 0; i < input->n; i++) {
        const CsResultsItem *item = &input->item[i];

        if (item->shifts == NULL || item->shifts->n_frames < 2)
            continue;
        add_data(body, item, i);
        add_curves(plot, item, i);
        in_pixels = item->measures->in_pixels;
        cs_legend_count(&legend, item->measures->recording);
    }
    *drawn = legend.n > 0;
    if (!*drawn)
        return true;
    height = HEIGHT + cs_legend_height(&legend);
    g_string_append_printf(
        body,
        "set lmargin at screen 0.125\nset rmargin at screen 0.955\n"
        "set tmargin at screen 0.96\nset bmargin at screen %.4f\n"
        "set format x '%%g'\nset offsets 0, 0, graph 0.08, graph 0.08\n"
        "set xlabel '%s'\nset ylabel 'Shift onto first frame (px)'\n",
        (74.0 + cs_legend_height(&legend)) / height,
        in_pixels ? "Frame" : "Time (s)");
    cs_legend_add(body, &legend, height);
    g_string_append(body, plot->str);
    g_string_append_c(body, '\n');
    return cs_plot_draw("drift", WIDTH, height, body->str, dir, job, error);
}
