/* Truth as files: the columns of the results folder, label masks, recipes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/write_truth.h"

#include <math.h>

#include "coatscope/materials.h"
#include "coatscope/writer.h"
#include "core/text.h"
#include "results/exports.h"
#include "results/sink.h"
#include "results/table.h"
#include "simulator/simulation.h"

/* ---- particles.csv ---------------------------------------------------- */

typedef struct {
    const char *recording, *coating, *verdict;
    int         particle_id;
    double      diameter0_nm, onset_s, contact_s, expansion_final, rate_per_s;
    double      front_speed_nm_per_s, t50_s, break_lo_s, break_hi_s;
    double      break_angle_deg, strain_at_break, dose_at_break, zero;
    const char *model;
} Row;

static void
add_recording(GString *text, const void *row)
{
    cs_text_add_csv(text, ((const Row *) row)->recording);
}

static void
add_coating(GString *text, const void *row)
{
    cs_text_add_csv(text, ((const Row *) row)->coating);
}

static void
add_particle(GString *text, const void *row)
{
    g_string_append_printf(text, "%d", ((const Row *) row)->particle_id);
}

static void
add_model(GString *text, const void *row)
{
    g_string_append(text, ((const Row *) row)->model);
}

static void
add_verdict(GString *text, const void *row)
{
    g_string_append(text, ((const Row *) row)->verdict);
}

#define NUMBER(field) NULL, offsetof(Row, field)

static const CsColumn particle_columns[] = {
    { "recording", NULL, add_recording },
    { "coating", NULL, add_coating },
    { "particle_id", NULL, add_particle },
    { "diameter0_nm", NULL, NUMBER(diameter0_nm) },
    { "onset_s", NULL, NUMBER(onset_s) },
    { "onset_lo_s", NULL, NUMBER(onset_s) },
    { "onset_hi_s", NULL, NUMBER(onset_s) },
    { "contact_s", NULL, NUMBER(contact_s) },
    { "expansion_final", NULL, NUMBER(expansion_final) },
    { "expansion_final_sd", NULL, NUMBER(zero) },
    { "rate_per_s", NULL, NUMBER(rate_per_s) },
    { "rate_sd_per_s", NULL, NUMBER(zero) },
    { "front_speed_nm_per_s", NULL, NUMBER(front_speed_nm_per_s) },
    { "t50_s", NULL, NUMBER(t50_s) },
    { "model", NULL, add_model },
    { "model_weight", NULL, cs_column_empty },
    { "verdict", NULL, add_verdict },
    { "break_lo_s", NULL, NUMBER(break_lo_s) },
    { "break_hi_s", NULL, NUMBER(break_hi_s) },
    { "break_angle_deg", NULL, NUMBER(break_angle_deg) },
    { "strain_at_break", NULL, NUMBER(strain_at_break) },
    { "dose_at_break_e_per_A2", NULL, NUMBER(dose_at_break) },
    { "smallest_visible_gap_nm", NULL, cs_column_empty },
    { "flags", NULL, cs_column_empty },
    { 0 },
};

/* When the expansion first reaches a value, by lines between frames. */
static double
time_of_expansion(const CsSimulation *s, const CsMeasure *row, double value)
{
    for (size_t f = 1; f < s->n_frames; f++) {
        double a = row[f - 1].expansion, b = row[f].expansion;
        double t = cs_moment_middle_s(&s->moments[f - 1]);
        double u = cs_moment_middle_s(&s->moments[f]);

        if (a < value && b >= value)
            return t + (u - t) * (value - a) / (b - a);
    }
    return NAN;
}

static double
share_at_expansion(const CsSimulation *s, const CsMeasure *row, size_t p,
                   double value)
{
    const CsParticleRecipe *r = &s->bodies[p].recipe;
    double full = cs_host_named(r->host, r->ion)->x_full;

    for (size_t f = 1; f < s->n_frames; f++)
        if (row[f - 1].expansion < value && row[f].expansion >= value) {
            double u = (value - row[f - 1].expansion)
                       / (row[f].expansion - row[f - 1].expansion);

            return (row[f - 1].x + u * (row[f].x - row[f - 1].x)) / full;
        }
    return NAN;
}

/* Slope and mean front speed between 20 and 80 % of the final change. */
static void
fill_rates(const CsSimulation *s, const CsMeasure *row, size_t p, Row *to)
{
    double change = to->expansion_final - 1;
    double low = 1 + 0.2 * change, high = 1 + 0.8 * change;
    double t = time_of_expansion(s, row, low);
    double u = time_of_expansion(s, row, high);
    double radius = s->bodies[p].recipe.diameter_nm / 2;

    to->rate_per_s = 0.6 * change / (u - t);
    to->t50_s = time_of_expansion(s, row, 1 + change / 2);
    to->front_speed_nm_per_s
        = radius * (cbrt(1 - share_at_expansion(s, row, p, low))
                    - cbrt(1 - share_at_expansion(s, row, p, high))) / (u - t);
}

static void
fill_break(const CsSimulation *s, const CsMeasure *row, size_t p, Row *to)
{
    const CsBody *body = &s->bodies[p];
    double end = cs_moment_middle_s(&s->moments[s->n_frames - 1]);

    to->verdict = "intact";
    if (!(body->break_s <= end))
        return;
    to->verdict = "broken";
    to->break_lo_s = to->break_hi_s = body->break_s;
    to->break_angle_deg = body->recipe.break_angle_deg;
    to->dose_at_break = s->recipe.microscope.dose_rate_e_per_A2_s
                        * body->break_s;
    for (size_t f = 0; f < s->n_frames; f++)
        if (cs_moment_middle_s(&s->moments[f]) <= body->break_s)
            to->strain_at_break
                = sqrt(row[f].core_area_nm2 / row[0].core_area_nm2) - 1;
}

static Row
row_of(const CsTruth *truth, size_t p)
{
    const CsSimulation *s = truth->simulation;
    const CsMeasure *row = truth->measures.row + p * s->n_frames;
    const CsBody *body = &s->bodies[p];
    static const char *const laws[] = {
        "none", "current", "rc", "interface", "diffusion", "permeation",
        "series", "stress", "exponential", "avrami", "logistic",
    };
    Row to = {
        .recording = truth->measures.recording,
        .coating = truth->measures.coating, .particle_id = (int) p + 1,
        .diameter0_nm = sqrt(4 / G_PI * row[0].area_nm2),
        .onset_s = body->recipe.law != CS_LAW_NONE ? body->recipe.onset_s
                                                   : NAN,
        .contact_s = NAN, .expansion_final = row[s->n_frames - 1].expansion,
        .break_lo_s = NAN, .break_hi_s = NAN, .break_angle_deg = NAN,
        .strain_at_break = NAN, .dose_at_break = NAN,
        .model = laws[body->recipe.law],
    };

    if (s->recipe.needle.present && (size_t) s->recipe.needle.target == p + 1)
        to.contact_s = s->recipe.needle.contact_s;
    fill_rates(s, row, p, &to);
    fill_break(s, row, p, &to);
    return to;
}

static bool
write_particles(const CsTruth *truth, size_t n, const char *dir,
                GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;

    if (!cs_sink_open(&sink, dir, "particles.csv", error))
        return false;
    cs_table_add_header(sink.text, particle_columns, false);
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < truth[i].simulation->n_bodies; p++) {
            Row row = row_of(&truth[i], p);

            cs_table_add_row(sink.text, particle_columns, &row);
            if (!cs_sink_rest(&sink, error))
                return false;
        }
    return cs_sink_close(&sink, error);
}

/* ---- events.csv ------------------------------------------------------- */

static void
add_event(GString *text, const char *recording, const CsTruthEvent *e)
{
    cs_text_add_csv(text, recording);
    g_string_append_c(text, ',');
    if (e->particle_id > 0)
        g_string_append_printf(text, "%d", e->particle_id);
    g_string_append_printf(text, ",%s,", e->event);
    cs_text_add_double(text, e->time_lo_s);
    g_string_append_c(text, ',');
    cs_text_add_double(text, e->time_hi_s);
    g_string_append_printf(text, ",%zu,%zu,", e->frame_lo, e->frame_hi);
    cs_text_add_csv(text, e->detail);
    g_string_append_c(text, '\n');
}

static bool
write_events(const CsTruth *truth, size_t n, const char *dir, GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;

    if (!cs_sink_open(&sink, dir, "events.csv", error))
        return false;
    g_string_append(sink.text,
                    "recording,particle_id,event,time_lo_s,time_hi_s,"
                    "frame_lo,frame_hi,detail\n");
    for (size_t i = 0; i < n; i++) {
        g_auto(CsTruthEvents) events = CS_TRUTH_EVENTS_INIT;

        cs_simulation_events(truth[i].simulation, &events);
        for (size_t k = 0; k < events.n; k++)
            add_event(sink.text, truth[i].measures.recording,
                      &events.event[k]);
    }
    return cs_sink_close(&sink, error);
}

/* ---- Labels and recipe ------------------------------------------------ */

bool
cs_truth_write_labels(const CsSimulation *s, bool core, const char *path,
                      const CsJob *job, GError **error)
{
    g_auto(CsFrame) labels = CS_FRAME_INIT;
    g_autoptr(CsOutput) output = NULL;
    CsWriterInfo info = CS_WRITER_INFO_INIT;

    info.width = (size_t) s->recipe.recording.width;
    info.height = (size_t) s->recipe.recording.height;
    info.n_frames = s->n_frames;
    info.type = CS_PIXEL_U8;
    info.nm_per_px_x = info.nm_per_px_y = s->paint.nm_per_px;
    output = cs_output_open(cs_writer_named("tiff"), path, &info, error);
    if (output == NULL)
        return false;
    for (size_t f = 0; f < s->n_frames; f++)
        if (!cs_job_go_on(job, error)
            || !cs_simulation_labels(s, f, core, &labels, error)
            || !cs_output_write(output, &labels, error))
            return false;
    return cs_output_finish(output, error);
}

/* ---- All of it -------------------------------------------------------- */

bool
cs_truth_init(CsTruth *truth, CsSimulation *simulation, GError **error)
{
    truth->simulation = cs_simulation_ref(simulation);
    truth->recording = cs_simulation_record(simulation, error);
    return truth->recording != NULL
           && cs_simulation_measures(simulation, &truth->measures, error)
           && cs_simulation_shifts(simulation, &truth->shifts, error);
}

void
cs_truth_clear(CsTruth *truth)
{
    cs_simulation_unref(truth->simulation);
    cs_recording_unref(truth->recording);
    cs_measures_clear(&truth->measures);
    cs_shifts_clear(&truth->shifts);
    *truth = (CsTruth) { 0 };
}

bool
cs_truth_write(const CsTruth *truth, size_t n, const char *dir,
               const CsJob *job, GError **error)
{
    g_autofree CsResultsItem *items = g_new0(CsResultsItem, n + 1);
    CsResultsInput input = CS_RESULTS_INPUT_INIT;

    input.n = n;
    input.item = items;
    for (size_t i = 0; i < n; i++)
        items[i] = (CsResultsItem) {
            .recording = truth[i].recording, .shifts = &truth[i].shifts,
            .measures = &truth[i].measures,
        };
    return cs_export_areas(&input, dir, job, error)
           && cs_export_drift(&input, dir, job, error)
           && cs_truth_write_outlines(truth, &input, dir, job, error)
           && write_particles(truth, n, dir, error)
           && write_events(truth, n, dir, error);
}
