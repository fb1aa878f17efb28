/* Figure 4 of the protocol: area and expansion against time.
 *
 * Curves of one coating share a colour (of one recording where coatings were
 * not told, of one particle where there is a single recording). A curve is
 * broken where the particle was lost.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "core/text.h"
#include "report/figure.h"
#include "report/plot.h"
#include "results/summary.h"

enum {
    WIDTH = 760,
    PANEL_HEIGHT = 273,
    LOW_HEIGHT = 96, /* of bias and dose                                     */
    TOP = 16,
    GAP = 23,
    BOTTOM = 74, /* without the legend                                       */
    BIAS = 8,    /* columns of the data                                      */
    DOSE = 9,
    MAX_POINTS = 500, /* a curve: more cannot be seen                        */
    FEW_POINTS = 40,  /* up to here each is marked                           */
};

typedef struct {
    const CsMeasures *table;
    CsSummary         summary;
    char             *label; /* NULL: as a curve before                      */
    size_t            colour;
    bool              is_first; /* of its recording                          */
} Curve;

typedef struct {
    GArray  *curves;
    CsLegend legend;
    bool     in_pixels;
    double   area_unit; /* 1 or 1000 */
    double   lo, hi;    /* of time or frames */
    bool     has_bias, has_dose;
} Figure;

static void
clear_curve(void *curve)
{
    g_free(((Curve *) curve)->label);
}

static char *
label_of(const CsResultsInput *input, const CsMeasures *table,
         const CsSummary *s)
{
    if (input->n == 1)
        return g_strdup_printf("particle %d", s->particle_id);
    return g_strdup(table->coating != NULL && table->coating[0] != '\0'
                        ? table->coating
                        : table->recording);
}

static void
add_curve(Figure *figure, const CsResultsInput *input,
          const CsMeasures *table, const CsSummary *s, GHashTable *colours)
{
    Curve curve = { .table = table, .summary = *s };
    g_autofree char *label = label_of(input, table, s);
    gpointer colour;

    if (g_hash_table_lookup_extended(colours, label, NULL, &colour)) {
        curve.colour = GPOINTER_TO_SIZE(colour);
    } else {
        curve.colour = figure->legend.n;
        cs_legend_count(&figure->legend, label);
        curve.label = g_strdup(label);
        g_hash_table_insert(colours, g_steal_pointer(&label),
                            GSIZE_TO_POINTER(curve.colour));
    }
    curve.is_first = figure->curves->len == 0
                     || g_array_index(figure->curves, Curve,
                                      figure->curves->len - 1).table != table;
    g_array_append_val(figure->curves, curve);
}

static void
find_curves(const CsResultsInput *input, Figure *figure)
{
    g_autoptr(GHashTable) colours
        = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    double max = 0;

    for (size_t i = 0; i < input->n; i++) {
        const CsMeasures *table = input->item[i].measures;
        g_autofree CsSummary *s = NULL;
        size_t n = cs_summarise(table, &s);

        if (cs_item_is_picture(&input->item[i]))
            continue;
        figure->in_pixels = table->in_pixels;
        for (size_t p = 0; p < n; p++)
            if (s[p].n_measured > 0)
                add_curve(figure, input, table, &s[p], colours);
        for (size_t r = 0; r < table->n; r++) {
            max = fmax(max, table->row[r].area_nm2);
            figure->has_bias |= isfinite(table->row[r].bias_V);
            figure->has_dose |= isfinite(table->row[r].dose_e_per_A2);
        }
    }
    figure->area_unit = max >= 4000 ? 1000 : 1; /* "11000" is too long */
}

/* ---- Data -------------------------------------------------------------- */

static void
add_value(GString *body, double value)
{
    g_string_append_c(body, ' ');
    if (isfinite(value))
        cs_text_add_double(body, value);
    else
        g_string_append(body, "NaN");
}

static void
add_with_band(GString *body, double value, double sd)
{
    double half = isfinite(sd) ? 1.96 * sd : 0;

    add_value(body, value);
    add_value(body, fmax(value - half, 0)); /* none is below nothing */
    add_value(body, value + half);
}

static double
time_of(const Figure *figure, const CsMeasure *row)
{
    return figure->in_pixels        ? (double) row->frame
           : isfinite(row->time_s) ? row->time_s
                                   : 0;
}

static void
find_span(Figure *figure)
{
    figure->lo = INFINITY;
    figure->hi = -INFINITY;
    for (guint i = 0; i < figure->curves->len; i++) {
        const Curve *c = &g_array_index(figure->curves, Curve, i);

        for (size_t k = 0; k < c->summary.n_rows; k++) {
            const CsMeasure *row = c->table->row + c->summary.first + k;

            if (!isfinite(row->area_nm2))
                continue;
            figure->lo = fmin(figure->lo, time_of(figure, row));
            figure->hi = fmax(figure->hi, time_of(figure, row));
        }
    }
    if (!(figure->hi > figure->lo))
        figure->hi = figure->lo + 1;
}

/* Columns: time, area, its band, expansion, its band, bias, dose. A blank line
 * where the particle was lost. */
static void
add_data(GString *body, const Figure *figure, size_t number)
{
    const Curve *c = &g_array_index(figure->curves, Curve, number);
    const CsMeasure *row = c->table->row + c->summary.first;
    size_t stride = (c->summary.n_rows + MAX_POINTS - 1) / MAX_POINTS;

    g_string_append_printf(body, "$curve%zu << EOD\n", number);
    for (size_t i = 0; i < c->summary.n_rows; i += stride) {
        if (isfinite(row[i].area_nm2)) {
            cs_text_add_double(body, time_of(figure, &row[i]));
            add_with_band(body, row[i].area_nm2 / figure->area_unit,
                          row[i].area_sd_nm2 / figure->area_unit);
            add_with_band(body, row[i].expansion, row[i].expansion_sd);
            add_value(body, row[i].bias_V);
            add_value(body, row[i].dose_e_per_A2);
        }
        g_string_append_c(body, '\n');
    }
    g_string_append(body, "EOD\n");
}

/* ---- Panels ------------------------------------------------------------ */

/* Bands first, so that no band hides a curve; `column` is that of the value,
 * its band follows. */
static void
add_panel(GString *body, const Figure *figure, int column, bool has_legend)
{
    g_string_append(body, "plot ");
    for (guint i = 0; i < figure->curves->len; i++)
        g_string_append_printf(
            body,
            "$curve%u using 1:%d:%d with filledcurves fc rgb '%s' "
            "fs transparent solid 0.18 noborder notitle, ",
            i, column + 1, column + 2,
            cs_plot_colour(
                g_array_index(figure->curves, Curve, i).colour));
    for (guint i = 0; i < figure->curves->len; i++) {
        const Curve *c = &g_array_index(figure->curves, Curve, i);
        bool is_sparse = c->summary.n_measured <= FEW_POINTS;

        g_string_append_printf(body,
                               "$curve%u using 1:%d with %s lc rgb '%s' lw "
                               "1.6 dt %zu%s",
                               i, column, is_sparse ? "linespoints" : "lines",
                               cs_plot_colour(c->colour), 1 + c->colour / 7,
                               is_sparse ? " pt 7 ps 0.35" : "");
        if (has_legend && c->label != NULL) {
            cs_legend_add_name(body, c->label);
        } else {
            g_string_append(body, " notitle");
        }
        g_string_append(body,
                        i + 1 < figure->curves->len ? ", " : "\n");
    }
}

/* A round step of which the values of a low panel hold few. */
static double
tics_of(const Figure *figure, int column)
{
    double lo = INFINITY, hi = -INFINITY, power;

    for (guint i = 0; i < figure->curves->len; i++) {
        const Curve *c = &g_array_index(figure->curves, Curve, i);

        for (size_t k = 0; k < c->summary.n_rows; k++) {
            const CsMeasure *row = c->table->row + c->summary.first + k;
            double v = column == BIAS ? row->bias_V : row->dose_e_per_A2;

            lo = isfinite(v) ? fmin(lo, v) : lo;
            hi = isfinite(v) ? fmax(hi, v) : hi;
        }
    }
    if (!(hi > lo))
        return fmax(fabs(hi), 1);
    power = pow(10, floor(log10(hi - lo)));
    return hi - lo >= 5 * power ? 5 * power
           : hi - lo >= 2 * power ? 2 * power : power;
}

/* Bias or dose: one curve a recording, without marks. */
static void
add_low_panel(GString *body, const Figure *figure, int column)
{
    const char *separator = "plot ";

    for (guint i = 0; i < figure->curves->len; i++) {
        const Curve *c = &g_array_index(figure->curves, Curve, i);

        if (!c->is_first)
            continue;
        g_string_append_printf(body,
                               "%s$curve%u using 1:%d with lines lc rgb '%s' "
                               "lw 1.6 dt %zu notitle",
                               separator, i, column,
                               cs_plot_colour(c->colour), 1 + c->colour / 7);
        separator = ", ";
    }
    g_string_append_c(body, '\n');
}

typedef struct {
    int   column;
    int   height;
    char *label;
} Panel;

/* From the top down; labels are to be freed. */
static size_t
list_panels(const Figure *figure, Panel panel[4])
{
    size_t n = 0;

    panel[n++] = (Panel) {
        2, PANEL_HEIGHT,
        g_strdup_printf("Projected area (%s%s)",
                        figure->area_unit > 1 ? "10³ " : "",
                        figure->in_pixels ? "px²" : "nm²"),
    };
    panel[n++]
        = (Panel) { 5, PANEL_HEIGHT, g_strdup("Expansion A/A_0") };
    if (figure->has_bias)
        panel[n++] = (Panel) { BIAS, LOW_HEIGHT, g_strdup("Bias (V)") };
    if (figure->has_dose)
        panel[n++] = (Panel) { DOSE, LOW_HEIGHT, g_strdup("Dose (e/Å²)") };
    return n;
}

static int
height_of(const Figure *figure)
{
    int height = TOP + BOTTOM - GAP + cs_legend_height(&figure->legend);
    Panel panel[4];
    size_t n = list_panels(figure, panel);

    for (size_t i = 0; i < n; i++) {
        height += panel[i].height + GAP;
        g_free(panel[i].label);
    }
    return height;
}

static void
add_panels(GString *body, const Figure *figure, int height)
{
    Panel panel[4];
    size_t n = list_panels(figure, panel);
    double y = TOP;

    g_string_append_printf(
        body,
        "set multiplot\nset lmargin at screen %g\nset rmargin at screen %g\n"
        "set xrange [%.9g:%.9g]\nset yrange [0<*:*]\n"
        "set offsets graph 0, 0, graph 0.05, graph 0.05\n"
        "set format x ''\nunset xlabel\nset ytics autofreq\n",
        CS_AREAS_LEFT, CS_AREAS_RIGHT, figure->lo, figure->hi);
    for (size_t i = 0; i < n; i++) {
        bool is_low = panel[i].height == LOW_HEIGHT;

        g_string_append_printf(
            body,
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\n"
            "set ylabel '%s' offset 1\nunset key\n",
            1 - y / height, 1 - (y + panel[i].height) / height,
            panel[i].label);
        if (is_low)
            g_string_append_printf(body,
                                   "set offsets 0, 0, 0, 0\n"
                                   "set yrange [*:*]\nset ytics %.9g\n",
                                   tics_of(figure, panel[i].column));
        if (i + 1 == n)
            g_string_append_printf(body, "set format x '%%g'\n"
                                         "set xlabel '%s'\n",
                                   figure->in_pixels ? "Frame" : "Time (s)");
        if (i == 1)
            cs_legend_add(body, &figure->legend, height);
        if (is_low)
            add_low_panel(body, figure, panel[i].column);
        else
            add_panel(body, figure, panel[i].column, i == 1);
        y += panel[i].height + GAP;
        g_free(panel[i].label);
    }
    g_string_append(body, "unset multiplot\n");
}

/* ---- The same for the page's script ------------------------------------ */

enum { MAX_READINGS = 120 };

/* A frame where the particle has no area is a reading too: of nothing. */
static void
add_readings(GString *json, const Figure *figure, const Curve *c, size_t what)
{
    size_t stride = (c->summary.n_rows + MAX_READINGS - 1) / MAX_READINGS;
    const char *separator = "";

    for (size_t i = 0; i < c->summary.n_rows; i += stride) {
        const CsMeasure *row = c->table->row + c->summary.first + i;
        const double values[] = { time_of(figure, row), row->area_nm2,
                                  row->expansion };

        g_string_append(json, separator);
        if (isfinite(values[what]))
            g_string_append_printf(json, "%.5g", values[what]);
        else
            g_string_append(json, "null");
        separator = ",";
    }
}

static void
add_curve_json(GString *json, const Figure *figure, const Curve *c)
{
    static const char *const keys[] = { "t", "a", "e" };
    g_autofree char *valid = g_utf8_make_valid(c->table->recording, -1);
    g_autofree char *name
        = g_strdup_printf("%s, particle %d", valid, c->summary.particle_id);

    g_string_append(json, "{\"name\":");
    cs_text_add_json(json, name);
    g_string_append_printf(json, ",\"colour\":\"%s\"",
                           cs_plot_colour(c->colour));
    for (size_t k = 0; k < G_N_ELEMENTS(keys); k++) {
        g_string_append_printf(json, ",\"%s\":[", keys[k]);
        add_readings(json, figure, c, k);
        g_string_append_c(json, ']');
    }
    g_string_append_c(json, '}');
}

char *
cs_figure_areas_json(const CsResultsInput *input)
{
    Figure figure = { .curves = g_array_new(FALSE, FALSE, sizeof(Curve)) };
    GString *json = g_string_new(NULL);

    g_array_set_clear_func(figure.curves, clear_curve);
    find_curves(input, &figure);
    find_span(&figure);
    g_string_append_printf(
        json, "{\"unit\":\"%s\",\"square\":\"%s\",\"lo\":%.9g,\"hi\":%.9g,"
              "\"left\":%g,\"right\":%g,\"curves\":[",
        figure.in_pixels ? "" : "s", figure.in_pixels ? "px²" : "nm²",
        figure.curves->len > 0 ? figure.lo : 0,
        figure.curves->len > 0 ? figure.hi : 1, CS_AREAS_LEFT,
        CS_AREAS_RIGHT);
    for (guint i = 0; i < figure.curves->len; i++) {
        g_string_append(json, i > 0 ? ",\n" : "\n");
        add_curve_json(json, &figure,
                       &g_array_index(figure.curves, Curve, i));
    }
    g_string_append(json, "]}");
    g_array_unref(figure.curves);
    /* no name may end the element that this stands in */
    g_string_replace(json, "<", "\\u003c", 0);
    return g_string_free(json, FALSE);
}

bool
cs_figure_areas(const CsResultsInput *input, const char *dir,
                const CsJob *job, bool *drawn, GError **error)
{
    Figure figure = { .curves = g_array_new(FALSE, FALSE, sizeof(Curve)) };
    g_autoptr(GString) body = g_string_new(NULL);
    int height;
    bool ok = true;

    g_array_set_clear_func(figure.curves, clear_curve);
    find_curves(input, &figure);
    height = height_of(&figure);
    *drawn = figure.curves->len > 0;
    if (*drawn) {
        find_span(&figure);
        for (guint i = 0; i < figure.curves->len; i++)
            add_data(body, &figure, i);
        add_panels(body, &figure, height);
        ok = cs_plot_draw("areas", WIDTH, height, body->str, dir, job, error);
    }
    g_array_unref(figure.curves);
    return ok;
}
