/* How large the particles of single pictures are: a histogram.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "core/text.h"
#include "report/figure.h"
#include "report/plot.h"

enum { WIDTH = 760, HEIGHT = 360, MOST_BINS = 40, LEAST_TO_DRAW = 2 };

typedef struct {
    GArray *diameter; /* of double, all                                      */
    GArray *sure;     /* of double, those with state ok                      */
    double  width;    /* of a bin                                            */
} Sizes;

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

static void
gather(const CsResultsInput *input, Sizes *sizes)
{
    for (size_t i = 0; i < input->n; i++) {
        const CsMeasures *table = input->item[i].measures;

        if (!cs_item_is_picture(&input->item[i]))
            continue;
        for (size_t r = 0; r < table->n; r++) {
            double d = 2 * sqrt(table->row[r].area_nm2 / G_PI);

            if (!isfinite(d))
                continue;
            g_array_append_val(sizes->diameter, d);
            if (table->row[r].state == CS_OUTLINE_OK)
                g_array_append_val(sizes->sure, d);
        }
    }
    g_array_sort(sizes->diameter, by_value);
}

/* That of 1, 2 and 5 times a power of ten whose ratio to width is nearest 1. */
static double
round_off(double width)
{
    double power = pow(10, floor(log10(width)));
    double part = width / power;

    return power * (part <= G_SQRT2 ? 1 : part <= 3.162 ? 2
                    : part <= 7.071 ? 5 : 10);
}

/* D. Freedman and P. Diaconis (1981): twice the quartiles' distance over the
 * cube root of n; but no more bins than can be seen. */
static double
bin_width(const GArray *sorted)
{
    const double *d = (const double *) (const void *) sorted->data;
    guint n = sorted->len;
    double between = d[3 * (n - 1) / 4] - d[(n - 1) / 4];
    double span = d[n - 1] - d[0];
    double width = 2 * between / cbrt(n);

    width = fmax(width, span / MOST_BINS);
    return round_off(width > 0 ? width : fmax(d[0] / 10, 1e-3));
}

/* Columns: the middle of a bin, how many, how many of them are ok. */
static void
add_data(GString *body, const Sizes *sizes)
{
    const double *d = (const double *) (const void *) sizes->diameter->data;
    guint n = sizes->diameter->len;
    long first = (long) floor(d[0] / sizes->width);
    long last = (long) floor(d[n - 1] / sizes->width);

    g_string_append(body, "$sizes << EOD\n");
    for (long bin = first; bin <= last; bin++) {
        guint n_all = 0, n_ok = 0;

        for (guint i = 0; i < n; i++)
            n_all += (long) floor(d[i] / sizes->width) == bin;
        for (guint i = 0; i < sizes->sure->len; i++)
            n_ok += (long) floor(g_array_index(sizes->sure, double, i)
                                 / sizes->width) == bin;
        cs_text_add_double(body, ((double) bin + 0.5) * sizes->width);
        g_string_append_printf(body, " %u %u\n", n_all, n_ok);
    }
    g_string_append(body, "EOD\n");
}

static bool
draw(const Sizes *sizes, bool in_pixels, const char *dir, const CsJob *job,
     GError **error)
{
    static const char *const sure = "state ok";
    static const char *const unsure = "cut by the edge, overlapped or faint";
    g_autoptr(GString) body = g_string_new(NULL);
    CsLegend legend = { 0 };
    int height;

    cs_legend_count(&legend, sure);
    cs_legend_count(&legend, unsure);
    height = HEIGHT + cs_legend_height(&legend);
    add_data(body, sizes);
    g_string_append_printf(
        body,
        "set lmargin at screen 0.125\nset rmargin at screen 0.955\n"
        "set tmargin at screen 0.96\nset bmargin at screen %.4f\n"
        "set boxwidth %.9g\nset style fill solid 1 border rgb '#ffffff'\n"
        "set yrange [0:*]\nset xlabel 'Diameter of a circle of the same area "
        "(%s)'\nset ylabel 'Particles'\n",
        (74.0 + cs_legend_height(&legend)) / height, sizes->width,
        in_pixels ? "px" : "nm");
    cs_legend_add(body, &legend, height);
    g_string_append_printf(body, "plot $sizes using 1:3 with boxes fc rgb '%s'",
                           cs_plot_colour(0));
    cs_legend_add_name(body, sure);
    g_string_append(body, ", '' using 1:2 with boxes fc rgb '#b8bec6'");
    cs_legend_add_name(body, unsure);
    g_string_append_printf(body,
                           ", '' using 1:3 with boxes fc rgb '%s' notitle\n",
                           cs_plot_colour(0));
    return cs_plot_draw("sizes", WIDTH, height, body->str, dir, job, error);
}

bool
cs_figure_sizes(const CsResultsInput *input, const char *dir,
                const CsJob *job, bool *drawn, GError **error)
{
    Sizes sizes = { g_array_new(FALSE, FALSE, sizeof(double)),
                    g_array_new(FALSE, FALSE, sizeof(double)), 0 };
    bool ok = true;

    gather(input, &sizes);
    *drawn = sizes.diameter->len >= LEAST_TO_DRAW;
    if (*drawn) {
        sizes.width = bin_width(sizes.diameter);
        ok = draw(&sizes, input->item[0].measures->in_pixels, dir, job, error);
    }
    g_array_unref(sizes.diameter);
    g_array_unref(sizes.sure);
    return ok;
}
