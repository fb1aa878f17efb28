/* Each particle in the report: its numbers, and frames cut out around it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "report/figure.h"
#include "report/page.h"
#include "results/summary.h"

/* ---- Where it is --------------------------------------------------------- */

typedef struct {
    double x0, y0, x1, y1;
} Box;

static void
include_outline(Box *box, const CsOutline *o, size_t n_angles)
{
    double r = 0;

    for (size_t k = 0; k < n_angles; k++)
        if (isfinite(o->r_px[k]))
            r = fmax(r, (double) o->r_px[k]);
    box->x0 = fmin(box->x0, o->centre_x_px - r);
    box->y0 = fmin(box->y0, o->centre_y_px - r);
    box->x1 = fmax(box->x1, o->centre_x_px + r);
    box->y1 = fmax(box->y1, o->centre_y_px + r);
}

/* A square around all outlines of particle number p, half as large again;
 * false where there is none. */
static bool
find_box(const CsResultsItem *item, size_t p, double box[4])
{
    Box b = { INFINITY, INFINITY, -INFINITY, -INFINITY };
    double side;

    for (size_t f = 0; f < item->outlines->n_frames; f++) {
        const CsOutline *o = cs_outlines_at(item->outlines, f, p);

        if (o->state != CS_OUTLINE_LOST && isfinite(o->centre_x_px)
            && isfinite(o->centre_y_px))
            include_outline(&b, o, item->outlines->n_angles);
    }
    side = 1.5 * fmax(b.x1 - b.x0, b.y1 - b.y0);
    box[0] = (b.x0 + b.x1 - side) / 2;
    box[1] = (b.y0 + b.y1 - side) / 2;
    box[2] = box[3] = side;
    return isfinite(side) && side > 0;
}

/* ---- Its numbers --------------------------------------------------------- */

static void
add_row(GString *page, const char *what, double value, double sd,
        const char *unit)
{
    if (!isfinite(value))
        return;
    g_string_append_printf(page, "<tr><th scope=\"row\" class=\"name\">%s"
                                 "</th><td>", what);
    if (fabs(value) < 0.01 && value != 0) {
        g_string_append_printf(page, "%.3g", value);
        if (isfinite(sd))
            g_string_append_printf(page, " ± %.2g", sd);
    } else {
        cs_page_add_value(page, value, sd);
    }
    g_string_append_printf(page, "%s%s</td></tr>\n",
                           unit[0] != '\0' ? " " : "", unit);
}

static const CsFit *
fit_of(const CsResultsItem *item, int id)
{
    for (size_t i = 0; item->fits != NULL && i < item->fits->n; i++)
        if (item->fits->fit[i].particle_id == id)
            return &item->fits->fit[i];
    return NULL;
}

static void
add_fit(GString *page, const CsFit *f)
{
    add_row(page, "Onset", f->onset_s, NAN, "s");
    if (isfinite(f->onset_lo_s) && isfinite(f->onset_hi_s))
        g_string_append_printf(page,
                               "<tr><th scope=\"row\" class=\"name\">95 %% "
                               "interval of the onset</th><td>%.4g to %.4g s"
                               "</td></tr>\n", f->onset_lo_s, f->onset_hi_s);
    add_row(page, "Contact of the needle", f->contact_s, NAN, "s");
    add_row(page, "Rate of A/A<sub>0</sub>, 20 to 80 % of its change",
            f->rate_per_s, f->rate_sd_per_s, "1/s");
    add_row(page, "Half of its change after", f->t50_s, NAN, "s");
    add_row(page, "Speed of the front", f->front_speed_nm_per_s, NAN, "nm/s");
}

static void
add_numbers(GString *page, const CsResultsItem *item, const CsSummary *s)
{
    const CsFit *fit = fit_of(item, s->particle_id);
    bool in_pixels = item->measures->in_pixels;
    bool is_picture = cs_item_is_picture(item);
    double final = s->expansion_final, sd = s->expansion_final_sd;

    if (fit != NULL && isfinite(fit->expansion_final)) {
        final = fit->expansion_final;
        sd = fit->expansion_final_sd;
    }
    g_string_append(page, "<table class=\"facts\"><caption>Numbers of this "
                          "particle</caption><tbody>\n");
    add_row(page, is_picture ? "Diameter" : "Diameter at first",
            s->diameter0_nm, NAN, in_pixels ? "px" : "nm");
    add_row(page, is_picture ? "Area" : "Area A<sub>0</sub>", s->area0_nm2,
            NAN, in_pixels ? "px²" : "nm²");
    add_row(page, "Final expansion A/A<sub>0</sub>", final, sd, "");
    if (fit != NULL)
        add_fit(page, fit);
    g_string_append_printf(page,
                           "<tr><th scope=\"row\" class=\"name\">Frames "
                           "measured</th><td>%zu of %zu</td></tr>\n"
                           "</tbody></table>\n", s->n_measured, s->n_rows);
}

static void
add_particle(GString *page, const CsResultsItem *item, size_t i, size_t p,
             const CsSummary *s)
{
    g_autofree char *of = g_strdup_printf("Particle %d", s->particle_id);
    g_autofree char *id = g_strdup_printf("s%zuq%d", i, s->particle_id);
    CsPageView view = { item, i, { 0 }, of };

    g_string_append_printf(page,
                           "<section class=\"particle\" id=\"r%zuq%d\">"
                           "<h4>%s</h4>\n", i, s->particle_id, of);
    add_numbers(page, item, s);
    if (item->pictures != NULL && item->pictures->n > 0
        && find_box(item, p, view.box)) {
        g_string_append(page, "<details><summary>");
        g_string_append(page, item->pictures->n > 1 ? "Leaf through it"
                                                    : "Look at it");
        g_string_append(page, "</summary>\n");
        cs_page_add_viewer(page, &view, id);
        g_string_append(page, "</details>\n");
    }
    g_string_append(page, "</section>\n");
}

void
cs_page_add_particles(GString *page, const CsResultsInput *input, size_t i)
{
    const CsResultsItem *item = &input->item[i];
    g_autofree CsSummary *s = NULL;
    size_t n = cs_summarise(item->measures, &s);

    for (size_t p = 0; p < n && p < item->outlines->n_particles; p++)
        add_particle(page, item, i, p, &s[p]);
}
