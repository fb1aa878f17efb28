/* ranking.csv: one row per coating, best first.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/ranking.h"
#include "core/text.h"
#include "results/exports.h"
#include "results/sink.h"
#include "results/table.h"

static void
add_rank(GString *text, const void *row)
{
    if (((const CsRanked *) row)->rank > 0)
        g_string_append_printf(text, "%zu", ((const CsRanked *) row)->rank);
}

static void
add_coating(GString *text, const void *row)
{
    cs_text_add_csv(text, ((const CsRanked *) row)->coating);
}

static void
add_particles(GString *text, const void *row)
{
    g_string_append_printf(text, "%zu", ((const CsRanked *) row)->n_particles);
}

/* Empty where none was judged. */
static void
add_broken(GString *text, const void *row)
{
    const CsRanked *r = row;

    if (r->n_judged > 0)
        g_string_append_printf(text, "%zu", r->n_broken);
}

static void
add_judged(GString *text, const void *row)
{
    g_string_append_printf(text, "%zu", ((const CsRanked *) row)->n_judged);
}

static void
add_left_out(GString *text, const void *row)
{
    g_string_append_printf(text, "%zu", ((const CsRanked *) row)->n_left_out);
}

/* Empty where nobody knows. */
static void
add_to_tell(GString *text, const void *row)
{
    const CsRanked *r = row;

    if (r->n_to_tell > 0)
        g_string_append_printf(text, "%zu", r->n_to_tell);
}

#define NUMBER(field) NULL, offsetof(CsRanked, field)

static const CsColumn columns[] = {
    { "rank", NULL, add_rank },
    { "coating", NULL, add_coating },
    { "n_particles", NULL, add_particles },
    { "n_broken", NULL, add_broken },
    { "expansion", NULL, NUMBER(expansion) },
    { "expansion_lo", NULL, NUMBER(expansion_lo) },
    { "expansion_hi", NULL, NUMBER(expansion_hi) },
    { "rate_per_s", NULL, NUMBER(rate_per_s) },
    { "rate_lo", NULL, NUMBER(rate_lo) },
    { "rate_hi", NULL, NUMBER(rate_hi) },
    { "rate_ratio_to_best", NULL, NUMBER(rate_ratio_to_best) },
    { "p_intact", NULL, NUMBER(p_intact) },
    { "p_intact_lo", NULL, NUMBER(p_intact_lo) },
    { "p_intact_hi", NULL, NUMBER(p_intact_hi) },
    { "p_this_rank", NULL, NUMBER(p_this_rank) },
    { "p_best", NULL, NUMBER(p_best) },
    { "n_judged", NULL, add_judged },
    { "n_left_out", NULL, add_left_out },
    { "p_same_as_best", NULL, NUMBER(p_same_as_best) },
    { "n_to_tell", NULL, add_to_tell },
    { 0 },
};

bool
cs_export_ranking(const CsResultsInput *input, const char *dir,
                  const CsJob *job, GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;

    (void) job;
    if (input->ranking == NULL)
        return true;
    if (!cs_sink_open(&sink, dir, "ranking.csv", error))
        return false;
    cs_table_add_header(sink.text, columns, false);
    for (size_t i = 0; i < input->ranking->n; i++) {
        cs_table_add_row(sink.text, columns, &input->ranking->row[i]);
        if (!cs_sink_rest(&sink, error))
            return false;
    }
    return cs_sink_close(&sink, error);
}
