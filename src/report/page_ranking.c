/* The ranking of coatings in the report.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "report/page.h"

static void
add_with_interval(GString *page, double value, double lo, double hi)
{
    if (!isfinite(value)) {
        g_string_append(page, "<td>–</td>");
        return;
    }
    g_string_append_printf(page, "<td>%.4g", value);
    if (isfinite(lo) && isfinite(hi))
        g_string_append_printf(page, " (%.3g to %.3g)", lo, hi);
    g_string_append(page, "</td>");
}

static void
add_share(GString *page, double p)
{
    if (isfinite(p))
        g_string_append_printf(page, "<td>%.0f %%</td>", 100 * p);
    else
        g_string_append(page, "<td>–</td>");
}

/* What is to be said of one coating; nothing of most. */
static void
add_note(GString *page, const CsRanked *r)
{
    bool is_alike
        = r->p_same_as_best >= CS_RANKING_LEVEL_PAIR && r->n_to_tell > 0;

    if (!r->too_few && !is_alike)
        return;
    g_string_append(page, "<li><b>");
    cs_page_add_name(page, r->coating);
    g_string_append_printf(page, "</b>: %s%s",
                           r->too_few ? "too few particles to tell" : "",
                           r->too_few && is_alike ? "; " : "");
    if (is_alike)
        g_string_append_printf(page,
                               "not told from the best; for a difference as "
                               "large as seen, about %zu particles of each "
                               "would do (power 0.8)",
                               r->n_to_tell);
    g_string_append(page, "</li>\n");
}

/* Whether there is anything to rank at all. */
static void
add_outcome(GString *page, const CsRanking *ranking)
{
    if (!isfinite(ranking->p_all_alike))
        return;
    if (ranking->p_all_alike < CS_RANKING_LEVEL_ALL)
        g_string_append_printf(
            page,
            "<p><b>The coatings differ in rate</b>: were they alike, rates "
            "this different would be seen in %.2g %% of campaigns "
            "(permutation test).</p>\n",
            100 * ranking->p_all_alike);
    else
        g_string_append_printf(
            page,
            "<p><b>No difference in rate between the coatings can be "
            "told</b>: were they alike, rates this different would be seen in "
            "%.2g %% of campaigns (permutation test). The order below is no "
            "more than a hint.</p>\n",
            100 * ranking->p_all_alike);
}

static void
add_row(GString *page, const CsRanked *r)
{
    g_string_append(page, "<tr><td>");
    if (r->rank > 0)
        g_string_append_printf(page, "%zu", r->rank);
    else
        g_string_append(page, "–");
    g_string_append(page, "</td><td class=\"name\">");
    cs_page_add_name(page, r->coating);
    g_string_append_printf(page, "</td><td>%zu</td>", r->n_particles);
    add_with_interval(page, r->rate_per_s, r->rate_lo, r->rate_hi);
    add_with_interval(page, r->rate_ratio_to_best, NAN, NAN);
    add_with_interval(page, r->expansion, r->expansion_lo, r->expansion_hi);
    if (r->n_judged > 0)
        g_string_append_printf(page, "<td>%zu of %zu</td>", r->n_broken,
                               r->n_judged);
    else
        g_string_append(page, "<td>–</td>");
    add_with_interval(page, r->p_intact, r->p_intact_lo, r->p_intact_hi);
    g_string_append_printf(page, "<td>%zu</td>", r->n_left_out);
    add_share(page, r->p_this_rank);
    add_share(page, r->p_best);
    add_share(page, r->p_same_as_best);
    g_string_append(page, "</tr>\n");
}

void
cs_page_add_ranking(GString *page, const CsResultsInput *input)
{
    bool too_few = false;

    g_string_append(
        page,
        "<h2 id=\"ranking\">Coatings</h2>\n");
    add_outcome(page, input->ranking);
    g_string_append(
        page,
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
        "aria-labelledby=\"ranking\"><table>\n"
        "<caption>Coatings, fastest first</caption>\n"
        "<thead><tr><th scope=\"col\">Rank</th>"
        "<th scope=\"col\" class=\"name\">Coating</th>"
        "<th scope=\"col\">Particles with a rate</th>"
        "<th scope=\"col\">Rate of A/A<sub>0</sub> (1/s)</th>"
        "<th scope=\"col\">Rate over the best</th>"
        "<th scope=\"col\">Final expansion</th>"
        "<th scope=\"col\">Broken</th>"
        "<th scope=\"col\">Share whole at the end</th>"
        "<th scope=\"col\">Left out</th>"
        "<th scope=\"col\">This rank</th><th scope=\"col\">Best</th>"
        "<th scope=\"col\">p: as fast as the best</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < input->ranking->n; i++) {
        add_row(page, &input->ranking->row[i]);
        too_few |= input->ranking->row[i].too_few;
    }
    g_string_append(page, "</tbody></table></div>\n<ul class=\"notes\">\n");
    for (size_t i = 0; i < input->ranking->n; i++)
        add_note(page, &input->ranking->row[i]);
    g_string_append(page, "</ul>\n");
    if (too_few)
        g_string_append_printf(
            page,
            "<p><b>Some coatings have fewer than %d particles with a rate: "
            "too few to tell. Their place is no more than a hint.</b></p>\n",
            CS_RANKING_FEW_PARTICLES);
    g_string_append(
        page,
        "<p class=\"quiet\">Ranked by the mean rate, fastest first; whether "
        "coatings broke does not change the rank. A particle counts with "
        "at least ten frames in state ok, if it is not lost, cut by the edge "
        "or overlapped in more than half of them and its area does not "
        "jump; the others are left out (flags in particles.csv). The share "
        "whole is Kaplan and Meier's over the coatings that could be told; "
        "slower coatings reach less strain in the same time. In brackets "
        "95 % intervals of the mean over particles, by a bootstrap over "
        "sessions and particles; “this rank” and “best” are shares of its "
        "draws; p is that of an exact permutation test of the logarithms of "
        "rates. Rate and final expansion are those of the fitted curve, as in "
        "particles.csv.</p>\n");
}
