/* Figure 3 of the protocol: the particle at four times, coating by coating.
 *
 * Pixels go to gnuplot as a matrix of grey levels, outlines as curves in
 * pixels; the scale bar is a line of round length.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "core/text.h"
#include "report/figure.h"
#include "report/grey.h"
#include "report/overlay.h"
#include "report/plot.h"

enum { PANEL = 190, LABEL = 26, MAX_SHOWN_PX = 192 };

size_t
cs_series_picture(const CsResultsItem *item, size_t k)
{
    return (k * (item->pictures->n - 1) + 1) / (CS_SERIES_TIMES - 1);
}

static const char *
row_name(const CsResultsItem *item)
{
    const char *coating = item->measures->coating;

    return coating != NULL && coating[0] != '\0' ? coating
                                                 : item->measures->recording;
}

size_t
cs_series_rows(const CsResultsInput *input, size_t rows[CS_SERIES_MAX_ROWS])
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t n = 0;

    for (size_t i = 0; i < input->n && n < CS_SERIES_MAX_ROWS; i++) {
        const CsResultsItem *item = &input->item[i];

        if (item->pictures != NULL && item->pictures->n >= CS_SERIES_TIMES
            && item->outlines->n_particles > 0
            && g_hash_table_add(seen, (gpointer) row_name(item)))
            rows[n++] = i;
    }
    return n;
}

/* ---- One picture --------------------------------------------------------- */

static bool
add_pixels(GString *data, const CsPicture *picture, const char *id,
           double *step, GError **error)
{
    g_auto(CsGrey) grey = CS_GREY_INIT;
    size_t stride;

    if (!cs_grey_decode(picture->jpeg, &grey, error))
        return false;
    stride = (MAX(grey.width, grey.height) + MAX_SHOWN_PX - 1) / MAX_SHOWN_PX;
    *step = picture->width_px / (double) grey.width * (double) stride;
    g_string_append_printf(data, "$%s << EOD\n", id);
    for (size_t j = 0; j < grey.height; j += stride) {
        for (size_t i = 0; i < grey.width; i += stride)
            g_string_append_printf(data, "%d ",
                                   grey.level[j * grey.width + i]);
        g_string_append_c(data, '\n');
    }
    g_string_append(data, "EOD\n");
    return true;
}

/* Where a pixel's coordinate lies among the shown ones, whose middles are whole
 * numbers: so gnuplot has nothing to reckon, which it does slowly. */
static double
shown_at(double px, double step)
{
    return px / step - 0.5;
}

static bool
add_outlines(GString *data, const CsOutlines *outlines, size_t frame,
             const char *id, double step, GError **error)
{
    g_string_append_printf(data, "$%so << EOD\n-1 -1\n", id);
    for (size_t p = 0; p < outlines->n_particles; p++) {
        const CsOutline *o = cs_outlines_at(outlines, frame, p);
        g_auto(CsPolygon) ring = CS_POLYGON_INIT;

        if (o->state == CS_OUTLINE_LOST)
            continue;
        if (!cs_outline_polygon(o, outlines->n_angles, false, &ring, error))
            return false;
        g_string_append_c(data, '\n');
        for (size_t i = 0; ring.n > 0 && i <= ring.n; i++)
            g_string_append_printf(data, "%.3f %.3f\n",
                                   shown_at(ring.points[i % ring.n].x, step),
                                   shown_at(ring.points[i % ring.n].y, step));
    }
    g_string_append(data, "EOD\n");
    return true;
}

static void
add_panel(GString *plot, const CsResultsItem *item, const CsPicture *picture,
          const char *id, double step)
{
    g_autofree char *time = cs_overlay_time(item, picture->frame);
    double unit, length;
    const char *name;

    length = cs_overlay_bar(item, picture, &unit, &name);
    g_string_append_printf(
        plot,
        "set xrange [-0.5:%g]\nset yrange [%g:-0.5]\n"
        "unset label\nset label 1 '%s' at graph 0.97, graph 0.07 right front "
        "tc rgb '#ffffff'\n"
        "set label 2 '%g %s' at graph 0.03, graph 0.12 left front "
        "tc rgb '#ffffff'\n"
        "set arrow 1 from %g, %g rto %g, 0 nohead front lw 3 "
        "lc rgb '#ffffff'\n"
        "plot $%s matrix using 1:2:3 with image notitle, "
        "$%so using 1:2 with lines lc rgb '#ffe100' lw 1.2 notitle\n",
        shown_at(picture->width_px, step), shown_at(picture->height_px, step),
        time, length, name, shown_at(0.03 * picture->width_px, step),
        shown_at(0.965 * picture->height_px, step), length / unit / step, id,
        id);
}

static bool
add_one(GString *data, GString *plot, const CsResultsItem *item, size_t row,
        size_t k, GError **error)
{
    const CsPicture *picture
        = &item->pictures->picture[cs_series_picture(item, k)];
    g_autofree char *id = g_strdup_printf("p%zu_%zu", row, k);
    double step;

    if (picture->frame >= item->outlines->n_frames
        || !add_pixels(data, picture, id, &step, error)
        || !add_outlines(data, item->outlines, picture->frame, id, step,
                         error))
        return false;
    add_panel(plot, item, picture, id, step);
    return true;
}

/* ---- All ----------------------------------------------------------------- */

static void
place(GString *plot, size_t row, size_t k, double width, double height)
{
    double top = (double) (row * (PANEL + LABEL) + LABEL);
    double left = (double) (k * PANEL);

    g_string_append_printf(
        plot,
        "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
        "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
        (left + 2) / width, (left + PANEL - 2) / width, 1 - top / height,
        1 - (top + PANEL - 4) / height);
}

static bool
add_row(GString *data, GString *plot, const CsResultsItem *item, size_t row,
        const double size[2], GError **error)
{
    g_string_append(plot, "unset label\nunset arrow\nset label 9 ");
    cs_plot_add_name(plot, row_name(item));
    g_string_append_printf(
        plot, " at screen 0.005, screen %.5f left noenhanced\n",
        1 - ((double) (row * (PANEL + LABEL)) + 0.55 * LABEL) / size[1]);
    place(plot, row, 0, size[0], size[1]);
    g_string_append(plot, "set xrange [0:1]\nset yrange [0:1]\n"
                          "plot -1 notitle\nunset label 9\n");
    for (size_t k = 0; k < CS_SERIES_TIMES; k++) {
        place(plot, row, k, size[0], size[1]);
        if (!add_one(data, plot, item, row, k, error))
            return false;
    }
    return true;
}

bool
cs_figure_series(const CsResultsInput *input, const char *dir,
                 const CsJob *job, bool *drawn, GError **error)
{
    g_autoptr(GString) data = g_string_new(NULL);
    g_autoptr(GString) plot = g_string_new(NULL);
    size_t rows[CS_SERIES_MAX_ROWS];
    size_t n = cs_series_rows(input, rows);
    const double size[] = { CS_SERIES_TIMES * PANEL,
                            (double) (n * (PANEL + LABEL)) };

    *drawn = n > 0;
    if (!*drawn)
        return true;
    g_string_append(plot, "unset key\nunset colorbox\nunset tics\n"
                          "unset border\nunset grid\n"
                          "set palette gray\nset cbrange [0:255]\n"
                          "set multiplot\n");
    for (size_t i = 0; i < n; i++)
        if (!add_row(data, plot, &input->item[rows[i]], i, size, error))
            return false;
    g_string_append(plot, "unset multiplot\n");
    g_string_append(data, plot->str);
    return cs_plot_draw("series", (int) size[0], (int) size[1], data->str,
                        dir, job, error);
}
