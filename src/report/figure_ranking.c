/* The coatings, best first: rate and final expansion with their intervals.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "core/text.h"
#include "report/figure.h"
#include "report/plot.h"

enum { WIDTH = 760, ROW = 34, AROUND = 100, MAX_ROWS = 60 };

static void
add_bar(GString *body, double value, double lo, double hi)
{
    const double all[] = { value, lo, hi };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_string_append_c(body, ' ');
        if (isfinite(all[i]))
            cs_text_add_double(body, all[i]);
        else if (isfinite(value)) /* no interval: a point */
            cs_text_add_double(body, value);
        else
            g_string_append(body, "NaN");
    }
}

/* From the top down; the best is row n. */
static void
add_data(GString *body, const CsRanking *ranking, size_t n)
{
    g_string_append(body, "$ranks << EOD\n");
    for (size_t i = 0; i < n; i++) {
        const CsRanked *r = &ranking->row[i];

        g_string_append_printf(body, "%zu", n - i);
        add_bar(body, r->rate_per_s, r->rate_lo, r->rate_hi);
        add_bar(body, r->expansion, r->expansion_lo, r->expansion_hi);
        g_string_append_c(body, '\n');
    }
    g_string_append(body, "EOD\nunset ytics\nset ytics out nomirror (");
    for (size_t i = 0; i < n; i++) {
        g_string_append(body, i > 0 ? ", " : "");
        cs_plot_add_name(body, ranking->row[i].coating);
        g_string_append_printf(body, " %zu", n - i);
    }
    g_string_append(body, ")\n");
}

/* The span of the values and intervals at that offset of a row, and a round
 * step of which it holds few. */
typedef struct {
    double lo, hi, step;
} Axis;

static Axis
axis_of(const CsRanking *ranking, size_t n, size_t offset, double start)
{
    Axis a = { start, start, 1 };
    double power;

    for (size_t i = 0; i < n; i++) {
        const double *v
            = (const void *) ((const char *) &ranking->row[i] + offset);

        for (int k = 0; k < 3; k++) { /* value, lo, hi */
            a.lo = isfinite(v[k]) ? fmin(a.lo, v[k]) : a.lo;
            a.hi = isfinite(v[k]) ? fmax(a.hi, v[k]) : a.hi;
        }
    }
    if (!(a.hi > a.lo))
        a.hi = a.lo + 1;
    power = pow(10, floor(log10((a.hi - a.lo) / 2)));
    a.step = (a.hi - a.lo) / 2 >= 5 * power   ? 5 * power
             : (a.hi - a.lo) / 2 >= 2 * power ? 2 * power
                                              : power;
    return a;
}

static void
add_panel(GString *body, const char *label, int column, Axis a)
{
    g_string_append_printf(
        body,
        "set xlabel '%s'\nset xrange [%.9g:%.9g]\nset xtics %.9g\n"
        "plot $ranks using %d:1:%d:%d with xerrorbars "
        "lc rgb '%s' lw 1.6 pt 7 ps 0.8 notitle\n",
        label, a.lo - 0.03 * (a.hi - a.lo), a.hi + 0.05 * (a.hi - a.lo),
        a.step, column, column + 1, column + 2,
        cs_plot_colour(column == 2 ? 0 : 1));
}

bool
cs_figure_ranking(const CsResultsInput *input, const char *dir,
                  const CsJob *job, bool *drawn, GError **error)
{
    g_autoptr(GString) body = g_string_new(NULL);
    size_t n = input->ranking != NULL ? MIN(input->ranking->n, MAX_ROWS) : 0;
    int height = AROUND + (int) n * ROW;

    *drawn = n >= 2;
    if (!*drawn)
        return true;
    add_data(body, input->ranking, n);
    g_string_append_printf(
        body,
        "set multiplot\nset yrange [0.4:%zu.6]\nset format x '%%g'\n"
        "set tmargin at screen %.4f\nset bmargin at screen %.4f\n"
        "set lmargin at screen 0.25\nset rmargin at screen 0.60\n",
        n, 1 - 14.0 / height, 70.0 / height);
    add_panel(body, "Rate of A/A_0 (1/s)", 2,
              axis_of(input->ranking, n, offsetof(CsRanked, rate_per_s), 0));
    g_string_append(body, "set lmargin at screen 0.64\n"
                          "set rmargin at screen 0.975\nunset ytics\n");
    add_panel(body, "Final expansion A/A_0", 5,
              axis_of(input->ranking, n, offsetof(CsRanked, expansion), 1));
    g_string_append(body, "unset multiplot\n");
    return cs_plot_draw("ranking", WIDTH, height, body->str, dir, job, error);
}
