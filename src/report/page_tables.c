/* The tables of the report.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "core/text.h"
#include "report/figure.h"
#include "report/page.h"
#include "results/summary.h"

enum { MAX_ROWS = 25 };

void
cs_page_add_value(GString *page, double value, double sd)
{
    int n_decimals = 2;

    if (!isfinite(value)) {
        g_string_append(page, "–");
        return;
    }
    if (isfinite(sd) && sd > 0)
        n_decimals = CLAMP(1 - (int) floor(log10(sd)), 0, 6);
    else if (fabs(value) >= 100)
        n_decimals = 0;
    g_string_append_printf(page, "%.*f", n_decimals, value);
    if (isfinite(sd))
        g_string_append_printf(page, " ± %.*f", n_decimals, sd);
}

void
cs_page_add_name(GString *page, const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name != NULL ? name : "", -1);

    if (valid[0] == '\0')
        g_string_append(page, "–");
    else
        cs_text_add_html(page, valid);
}

static void
add_cell(GString *page, double value, double sd)
{
    g_string_append(page, "<td>");
    cs_page_add_value(page, value, sd);
    g_string_append(page, "</td>");
}

static void
add_states(GString *page, const CsSummary *s)
{
    const char *separator = "";

    g_string_append(page, "<td class=\"name\">");
    for (int state = 0; state < CS_N_OUTLINE_STATES; state++) {
        if (s->n_state[state] == 0)
            continue;
        g_string_append_printf(page, "%s%s %zu", separator,
                               cs_outline_state_name(state),
                               s->n_state[state]);
        separator = ", ";
    }
    g_string_append(page, "</td>");
}

/* That of the fitted curve, as in particles.csv and the ranking; without one,
 * of the last frames. */
static void
add_final(GString *page, const CsFits *fits, const CsSummary *s)
{
    for (size_t i = 0; fits != NULL && i < fits->n; i++)
        if (fits->fit[i].particle_id == s->particle_id
            && isfinite(fits->fit[i].expansion_final)) {
            add_cell(page, fits->fit[i].expansion_final,
                     fits->fit[i].expansion_final_sd);
            return;
        }
    g_string_append(page, "<td>");
    cs_page_add_value(page, s->expansion_final, s->expansion_final_sd);
    g_string_append(page, fits != NULL ? " *</td>" : "</td>");
}

static void
add_summary_rows(GString *page, const CsResultsItem *item, size_t number)
{
    const CsMeasures *table = item->measures;
    g_autofree CsSummary *s = NULL;
    size_t n = cs_summarise(table, &s);

    if (n == 0) {
        g_string_append(page, "<tr><td class=\"name\">");
        cs_page_add_name(page, table->recording);
        g_string_append(page, "</td><td class=\"name\">");
        cs_page_add_name(page, table->coating);
        g_string_append(page, "</td><td class=\"name\" colspan=\"6\">no "
                              "particle was found</td></tr>\n");
    }
    for (size_t p = 0; p < n; p++) {
        g_string_append(page, "<tr><td class=\"name\">");
        cs_page_add_name(page, table->recording);
        g_string_append(page, "</td><td class=\"name\">");
        cs_page_add_name(page, table->coating);
        g_string_append_printf(page,
                               "</td><td><a href=\"#r%zuq%d\">%d</a></td>",
                               number, s[p].particle_id, s[p].particle_id);
        add_cell(page, s[p].diameter0_nm, NAN);
        add_cell(page, s[p].area0_nm2, NAN);
        add_final(page, item->fits, &s[p]);
        g_string_append_printf(page, "<td>%zu of %zu</td>", s[p].n_measured,
                               s[p].n_rows);
        add_states(page, &s[p]);
        g_string_append(page, "</tr>\n");
    }
}

/* Which of the two final expansions the table gives, and why. */
static void
add_final_note(GString *page, const CsResultsInput *input)
{
    bool fitted = false;

    for (size_t i = 0; i < input->n; i++)
        fitted |= input->item[i].fits != NULL;
    g_string_append(
        page, fitted
            ? "<p class=\"quiet\">The final expansion is that of the fitted "
              "curve at the last frame, as in particles.csv and the ranking: "
              "it rests on all frames, so that one bad frame at the end moves "
              "it little. * Nothing was fitted: the median of the last five "
              "frames measured.</p>\n"
            : "<p class=\"quiet\">The final expansion is the median of the "
              "last five frames measured, for no curve was fitted here (screen "
              "does). Where no growth is seen in fewer than ten frames it is "
              "not given: all may be those that A<sub>0</sub> is from.</p>\n");
}

void
cs_page_add_summary(GString *page, const CsResultsInput *input)
{
    bool in_pixels = input->n > 0 && input->item[0].measures->in_pixels;
    const char *unit = in_pixels ? "px" : "nm";

    g_string_append_printf(
        page,
        "<section><h2 id=\"particles\">Particles</h2>\n"
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
        "aria-labelledby=\"particles\"><table>\n"
        "<caption>Every particle; its number leads to it</caption>\n"
        "<thead><tr><th scope=\"col\" class=\"name\">Recording</th>"
        "<th scope=\"col\" class=\"name\">Coating</th>"
        "<th scope=\"col\">Particle</th>"
        "<th scope=\"col\">Diameter at first (%s)</th>"
        "<th scope=\"col\">Area A<sub>0</sub> (%s²)</th>"
        "<th scope=\"col\">Final expansion A/A<sub>0</sub></th>"
        "<th scope=\"col\">Frames measured</th>"
        "<th scope=\"col\" class=\"name\">States (frames)</th>"
        "</tr></thead>\n<tbody>\n",
        unit, unit);
    for (size_t i = 0; i < input->n; i++)
        add_summary_rows(page, &input->item[i], i);
    g_string_append(
        page,
        "</tbody></table></div>\n<p class=\"quiet\">± is one standard "
        "deviation. The diameter is that of a circle with area A<sub>0</sub>, "
        "the area before the particle began to swell; for both no ± is given. "
        "The ± of areas is found for edges like those the outline's model "
        "knows: where a picture is grainy or an edge sharper, the model's own "
        "error is not in it. On simulated recordings, which have such edges, "
        "intervals of 95 % held the true area in 54 to 100 % of the frames; "
        "of real pictures that is not known.</p>\n");
    add_final_note(page, input);
    g_string_append(page, "</section>\n");
}

void
cs_page_add_readout(GString *page, const CsResultsInput *input)
{
    g_autofree char *json = cs_figure_areas_json(input);

    g_string_append_printf(
        page,
        "<div class=\"readout\" hidden><div class=\"line\">"
        "<label for=\"at\">Read the curves at</label>"
        "<input id=\"at\" type=\"range\" min=\"0\" max=\"1000\" value=\"1000\">"
        "<output for=\"at\"></output></div>\n"
        "<div class=\"wide\"><table><caption>At that moment; the pointer on "
        "the figure moves it</caption><thead><tr>"
        "<th scope=\"col\" class=\"name\">Particle</th>"
        "<th scope=\"col\">Area</th><th scope=\"col\">A/A<sub>0</sub></th>"
        "</tr></thead><tbody></tbody></table></div></div>\n"
        "<script type=\"application/json\">%s</script>\n", json);
}

static void
add_data_rows(GString *page, const CsMeasures *table, const CsSummary *s)
{
    const CsMeasure *row = table->row + s->first;
    size_t n = MIN(s->n_rows, MAX_ROWS);

    for (size_t k = 0; k < n; k++) {
        const CsMeasure *m
            = &row[n > 1 ? k * (s->n_rows - 1) / (n - 1) : 0];

        g_string_append(page, "<tr><td class=\"name\">");
        cs_page_add_name(page, table->recording);
        g_string_append_printf(page, "</td><td>%d</td><td>%zu</td>",
                               m->particle_id, m->frame);
        add_cell(page, m->time_s, NAN);
        add_cell(page, m->area_nm2, m->area_sd_nm2);
        add_cell(page, m->expansion, m->expansion_sd);
        g_string_append_printf(page, "<td>%s</td></tr>\n",
                               cs_outline_state_name(m->state));
    }
}

void
cs_page_add_data(GString *page, const CsResultsInput *input)
{
    bool in_pixels = input->n > 0 && input->item[0].measures->in_pixels;

    g_string_append_printf(
        page,
        "<details><summary>The numbers behind the curves</summary>\n"
        "<p>At most %d frames a particle; every frame is in "
        "<a href=\"areas.csv\">areas.csv</a>.</p>\n"
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Areas against time\"><table>"
        "<caption>Areas against time</caption>"
        "<thead><tr><th scope=\"col\" class=\"name\">Recording</th>"
        "<th scope=\"col\">Particle</th><th scope=\"col\">Frame</th>"
        "<th scope=\"col\">Time (s)</th><th scope=\"col\">Area (%s)</th>"
        "<th scope=\"col\">A/A<sub>0</sub></th><th scope=\"col\">State</th>"
        "</tr></thead>\n<tbody>\n",
        MAX_ROWS, in_pixels ? "px²" : "nm²");
    for (size_t i = 0; i < input->n; i++) {
        g_autofree CsSummary *s = NULL;
        size_t n = cs_summarise(input->item[i].measures, &s);

        for (size_t p = 0; p < n; p++)
            add_data_rows(page, input->item[i].measures, &s[p]);
    }
    g_string_append(page, "</tbody></table></div></details>\n");
}
