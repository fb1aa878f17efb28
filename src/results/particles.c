/* particles.csv: one row per particle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "core/text.h"
#include "results/exports.h"
#include "results/sink.h"
#include "results/summary.h"
#include "results/table.h"

typedef struct {
    const CsMeasures *table;
    CsSummary         s;
    CsFit             fit;
    CsVerdict         verdict;
    bool              from_user;
} Row;

static void
add_recording(GString *text, const void *row)
{
    cs_text_add_csv(text, ((const Row *) row)->table->recording);
}

static void
add_coating(GString *text, const void *row)
{
    const char *coating = ((const Row *) row)->table->coating;

    cs_text_add_csv(text, coating != NULL ? coating : "");
}

static void
add_particle(GString *text, const void *row)
{
    g_string_append_printf(text, "%d", ((const Row *) row)->s.particle_id);
}

/* "edge=12;lost=3": how many frames are not plain ok, and why. */
static void
add_flags(GString *text, const void *row)
{
    const Row *r = row;
    const char *separator = "";

    if (r->from_user) {
        g_string_append(text, "drawn");
        separator = ";";
    }
    for (unsigned bit = 0; bit < CS_N_RUN_QUALITIES; bit++)
        if ((r->fit.quality & 1u << bit) != 0) {
            g_string_append_printf(text, "%s%s", separator,
                                   cs_run_quality_name(bit));
            separator = ";";
        }
    if (r->verdict.doubt != CS_DOUBT_NONE) {
        g_string_append_printf(text, "%s%s", separator,
                               cs_verdict_doubt_name(r->verdict.doubt));
        separator = ";";
    }
    if (r->verdict.kind == CS_VERDICT_BROKEN && r->verdict.strain_is_outer) {
        g_string_append_printf(text, "%sstrain-outer", separator);
        separator = ";";
    }
    for (int state = 0; state < CS_N_OUTLINE_STATES; state++) {
        if (state == CS_OUTLINE_OK || r->s.n_state[state] == 0)
            continue;
        g_string_append_printf(text, "%s%s=%zu", separator,
                               cs_outline_state_name(state),
                               r->s.n_state[state]);
        separator = ";";
    }
}

static void
add_verdict(GString *text, const void *row)
{
    const Row *r = row;

    if (r->verdict.particle_id != 0)
        g_string_append(text, cs_verdict_name(r->verdict.kind));
}

static void
add_free(GString *text, const void *row)
{
    double free_ratio = ((const Row *) row)->fit.expansion_free;

    if (free_ratio > 0)
        cs_text_add_double(text, free_ratio);
}

/* What was reached of the growth that nothing hinders. */
static void
add_share(GString *text, const void *row)
{
    const Row *r = row;

    if (r->fit.expansion_free > 0)
        cs_text_add_double(text, (r->s.expansion_final - 1)
                                     / (r->fit.expansion_free - 1));
}

#define NUMBER(field) NULL, offsetof(Row, s.field)
#define VERDICT(field) NULL, offsetof(Row, verdict.field)
/* The law (model, model_weight) is not given out: the laws speak of the core,
 * what was fitted is the outer area, and on that the wrong one may win. */
#define FIT(field) NULL, offsetof(Row, fit.field)

static const CsColumn columns[] = {
    { "recording", NULL, add_recording },
    { "coating", NULL, add_coating },
    { "particle_id", NULL, add_particle },
    { "diameter0_nm", "diameter0_px", NUMBER(diameter0_nm) },
    { "onset_s", NULL, FIT(onset_s) },
    { "onset_lo_s", NULL, FIT(onset_lo_s) },
    { "onset_hi_s", NULL, FIT(onset_hi_s) },
    { "contact_s", NULL, FIT(contact_s) },
    { "expansion_final", NULL, NUMBER(expansion_final) },
    { "expansion_final_sd", NULL, NUMBER(expansion_final_sd) },
    { "rate_per_s", NULL, FIT(rate_per_s) },
    { "rate_sd_per_s", NULL, FIT(rate_sd_per_s) },
    { "front_speed_nm_per_s", NULL, FIT(front_speed_nm_per_s) },
    { "t50_s", NULL, FIT(t50_s) },
    { "model", NULL, cs_column_empty },
    { "model_weight", NULL, cs_column_empty },
    { "verdict", NULL, add_verdict },
    { "break_lo_s", NULL, VERDICT(break_lo_s) },
    { "break_hi_s", NULL, VERDICT(break_hi_s) },
    { "break_angle_deg", NULL, VERDICT(break_angle_deg) },
    { "strain_at_break", NULL, VERDICT(strain_at_break) },
    { "dose_at_break_e_per_A2", NULL, VERDICT(dose_at_break_e_per_A2) },
    { "smallest_visible_gap_nm", "smallest_visible_gap_px",
      VERDICT(smallest_visible_gap_nm) },
    { "flags", NULL, add_flags },
    { "expansion_free", NULL, add_free },
    { "expansion_of_free", NULL, add_share },
    { 0 },
};

static bool
is_from_user(const CsSeeds *seeds, int particle_id)
{
    for (size_t i = 0; seeds != NULL && i < seeds->n; i++)
        if (seeds->seed[i].id == particle_id)
            return seeds->seed[i].from_user;
    return false;
}

/* With particle_id 0 where it was not judged. */
static CsVerdict
verdict_of(const CsVerdicts *verdicts, int particle_id)
{
    const CsVerdict *v
        = verdicts != NULL ? cs_verdicts_of(verdicts, particle_id) : NULL;

    return v != NULL ? *v : (CsVerdict) {
        .break_lo_s = NAN, .break_hi_s = NAN, .break_angle_deg = NAN,
        .strain_at_break = NAN, .dose_at_break_e_per_A2 = NAN,
        .smallest_visible_gap_nm = NAN,
    };
}

/* What was fitted; all NAN where nothing was. */
static CsFit
fit_of(const CsFits *fits, int particle_id)
{
    for (size_t i = 0; fits != NULL && i < fits->n; i++)
        if (fits->fit[i].particle_id == particle_id)
            return fits->fit[i];
    return (CsFit) {
        .onset_s = NAN, .onset_lo_s = NAN, .onset_hi_s = NAN,
        .contact_s = NAN, .expansion_final = NAN, .expansion_final_sd = NAN,
        .rate_per_s = NAN, .rate_sd_per_s = NAN, .front_speed_nm_per_s = NAN,
        .t50_s = NAN, .model_weight = NAN,
    };
}

bool
cs_export_particles(const CsResultsInput *input, const char *dir,
                    const CsJob *job, GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;

    (void) job;
    if (!cs_sink_open(&sink, dir, "particles.csv", error))
        return false;
    cs_table_add_header(sink.text, columns,
                        input->n > 0 && input->item[0].measures->in_pixels);
    for (size_t i = 0; i < input->n; i++) {
        const CsResultsItem *item = &input->item[i];
        g_autofree CsSummary *s = NULL;
        size_t n = cs_summarise(item->measures, &s);

        for (size_t p = 0; p < n; p++) {
            Row row = { item->measures, s[p],
                        fit_of(item->fits, s[p].particle_id),
                        verdict_of(item->verdicts, s[p].particle_id),
                        is_from_user(item->seeds, s[p].particle_id) };

            if (isfinite(row.fit.expansion_final)) {
                row.s.expansion_final = row.fit.expansion_final;
                row.s.expansion_final_sd = row.fit.expansion_final_sd;
            }
            cs_table_add_row(sink.text, columns, &row);
            if (!cs_sink_rest(&sink, error))
                return false;
        }
    }
    return cs_sink_close(&sink, error);
}
