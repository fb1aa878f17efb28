/* Verdicts in the report: one row per particle, the evidence beneath.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "report/page.h"

static void
add_number(GString *page, const char *format, double value)
{
    g_string_append(page, "<td>");
    if (isfinite(value))
        g_string_append_printf(page, format, value);
    else
        g_string_append(page, "–");
    g_string_append(page, "</td>");
}

static void
add_head(GString *page, const CsResultsItem *item, const CsVerdict *v)
{
    g_string_append(page, "<tr><td class=\"name\">");
    cs_page_add_name(page, item->measures->recording);
    g_string_append_printf(page, "</td><td>%d</td>", v->particle_id);
}

/* "120 to 122", or frames where there are no times. */
static void
add_when(GString *page, const CsVerdict *v)
{
    if (v->kind != CS_VERDICT_BROKEN)
        g_string_append(page, "<td>–</td>");
    else if (isfinite(v->break_lo_s))
        g_string_append_printf(page, "<td>%.4g to %.4g s</td>", v->break_lo_s,
                               v->break_hi_s);
    else
        g_string_append_printf(page, "<td>frame %zu to %zu</td>",
                               v->break_frame_lo, v->break_frame_hi);
}

static bool
is_told(const CsVerdict *v)
{
    return v->kind == CS_VERDICT_BROKEN || v->kind == CS_VERDICT_INTACT;
}

static void
add_verdict(GString *page, const CsResultsItem *item, const CsVerdict *v)
{
    if (!is_told(v))
        return;
    add_head(page, item, v);
    g_string_append_printf(page, "<td class=\"name\">%s%s%s</td>",
                           cs_verdict_name(v->kind),
                           v->doubt != CS_DOUBT_NONE ? ": " : "",
                           cs_verdict_doubt_name(v->doubt));
    add_when(page, v);
    add_number(page, "%.0f", v->break_angle_deg);
    add_number(page, "%.3g", v->gap_nm);
    add_number(page, "%.3f", v->strain_at_break);
    add_number(page, "%.4g", v->dose_at_break_e_per_A2);
    add_number(page, "%.3g", v->smallest_visible_gap_nm);
    g_string_append(page, "</tr>\n");
}

static void
add_evidence(GString *page, const CsResultsItem *item, const CsVerdict *v)
{
    if (!isfinite(v->log_odds))
        return;
    add_head(page, item, v);
    for (int e = 0; e < CS_N_EVIDENCE; e++)
        g_string_append_printf(page, "<td>%.2f (%+.1f)</td>", v->evidence[e],
                               v->adds[e]);
    add_number(page, "%.1f", v->log_odds);
    g_string_append(page, "</tr>\n");
}

enum { N_DOUBTS = CS_DOUBT_NO_SCALE + 1 };

/* Those of whom nothing can be said, by the reason; how many the others are. */
static size_t
add_untold(GString *page, const CsResultsInput *input)
{
    size_t n[N_DOUBTS] = { 0 }, n_told = 0;
    const char *separator = "";

    for (size_t i = 0; i < input->n; i++) {
        const CsVerdicts *verdicts = input->item[i].verdicts;

        for (size_t k = 0; verdicts != NULL && k < verdicts->n; k++)
            if (is_told(&verdicts->verdict[k]))
                n_told++;
            else
                n[MIN((int) verdicts->verdict[k].doubt, N_DOUBTS - 1)]++;
    }
    g_string_append(page, "<p>Of which particles it cannot be told whether "
                          "their coating broke, by the reason: ");
    for (int d = 0; d < N_DOUBTS; d++)
        if (n[d] > 0) {
            const char *name = cs_verdict_doubt_name((CsVerdictDoubt) d);

            g_string_append_printf(page, "%s%zu %s", separator, n[d],
                                   name[0] != '\0' ? name : "no reason");
            separator = ", ";
        }
    g_string_append(page, separator[0] != '\0'
                              ? " (particles.csv has each).</p>\n"
                              : "none.</p>\n");
    return n_told;
}

typedef void (*AddRow)(GString *page, const CsResultsItem *item,
                       const CsVerdict *v);

static void
add_rows(GString *page, const CsResultsInput *input, AddRow add)
{
    for (size_t i = 0; i < input->n; i++) {
        const CsVerdicts *verdicts = input->item[i].verdicts;

        for (size_t k = 0; verdicts != NULL && k < verdicts->n; k++)
            add(page, &input->item[i], &verdicts->verdict[k]);
    }
    g_string_append(page, "</tbody></table></div>\n");
}

static void
add_evidence_table(GString *page, const CsResultsInput *input)
{
    g_string_append(
        page,
        "<details><summary>The evidence</summary>\n"
        "<p>At the moment and arc where the rim lost most: what was seen, and "
        "in brackets what it adds to the log-odds that the coating is broken. "
        "0 or more is called broken. Particles whose rim lost nothing are "
        "not listed.</p>\n"
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Evidence\"><table>"
        "<thead><tr><th scope=\"col\" class=\"name\">Recording</th>"
        "<th scope=\"col\">Particle</th>");
    for (int e = 0; e < CS_N_EVIDENCE; e++)
        g_string_append_printf(page, "<th scope=\"col\">%s</th>",
                               cs_evidence_name((CsEvidence) e));
    g_string_append(page, "<th scope=\"col\">Log-odds</th></tr></thead>\n"
                          "<tbody>\n");
    add_rows(page, input, add_evidence);
    g_string_append(page, "</details>\n");
}

/* One picture cannot show that something broke. */
static bool
has_verdicts(const CsResultsInput *input)
{
    for (size_t i = 0; i < input->n; i++)
        if (input->item[i].verdicts != NULL
            && input->item[i].verdicts->n > 0
            && (input->item[i].outlines == NULL
                || input->item[i].outlines->n_frames > 1))
            return true;
    return false;
}

static void
add_table(GString *page, const CsResultsInput *input, const char *unit)
{
    g_string_append_printf(
        page,
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
        "aria-labelledby=\"verdicts\"><table>\n"
        "<thead><tr><th scope=\"col\" class=\"name\">Recording</th>"
        "<th scope=\"col\">Particle</th>"
        "<th scope=\"col\" class=\"name\">Verdict</th>"
        "<th scope=\"col\">Broke between</th>"
        "<th scope=\"col\">At (degrees)</th>"
        "<th scope=\"col\">Gap (%s)</th>"
        "<th scope=\"col\">Hoop strain</th>"
        "<th scope=\"col\">Dose (e/Å²)</th>"
        "<th scope=\"col\">Smallest visible gap (%s)</th></tr></thead>\n"
        "<tbody>\n",
        unit, unit);
    add_rows(page, input, add_verdict);
    g_string_append(
        page,
        "<p class=\"quiet\">A coating is called intact only where a gap of "
        "10 nm on its rim would have been seen at this dose. A crack that "
        "runs over the middle of the particle, parallel to the picture, is "
        "seen at no dose. Angles count from the right, downwards.</p>\n");
}

void
cs_page_add_verdicts(GString *page, const CsResultsInput *input)
{
    const char *unit = "nm";
    size_t n_told;

    if (!has_verdicts(input))
        return;
    if (input->item[0].measures->in_pixels)
        unit = "px";
    g_string_append(page, "<section><h2 id=\"verdicts\">Which coatings broke"
                          "</h2>\n");
    n_told = add_untold(page, input);
    if (n_told > 0)
        add_table(page, input, unit);
    add_evidence_table(page, input);
    g_string_append(page, "</section>\n");
}
