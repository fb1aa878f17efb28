/* areas.csv: one row per particle and frame.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/text.h"
#include "results/exports.h"
#include "results/sink.h"
#include "results/table.h"

typedef struct {
    const CsMeasures *table;
    CsMeasure         m;
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
    g_string_append_printf(text, "%d", ((const Row *) row)->m.particle_id);
}

static void
add_frame(GString *text, const void *row)
{
    g_string_append_printf(text, "%zu", ((const Row *) row)->m.frame);
}

static void
add_time(GString *text, const void *row)
{
    const Row *r = row;

    if (!r->table->in_pixels)
        cs_text_add_double(text, r->m.time_s);
}

static void
add_time_source(GString *text, const void *row)
{
    const Row *r = row;

    if (!r->table->in_pixels && r->m.time_source != CS_TIME_NONE)
        g_string_append(text, cs_time_source_name(r->m.time_source));
}

static void
add_state(GString *text, const void *row)
{
    g_string_append(text,
                    cs_outline_state_name(((const Row *) row)->m.state));
}

static void
add_broken(GString *text, const void *row)
{
    int broken = ((const Row *) row)->m.broken;

    if (broken >= 0)
        g_string_append_c(text, broken > 0 ? '1' : '0');
}

static void
add_edited(GString *text, const void *row)
{
    g_string_append_c(text, ((const Row *) row)->m.edited ? '1' : '0');
}

#define NUMBER(field) NULL, offsetof(Row, m.field)

static const CsColumn columns[] = {
    { "recording", NULL, add_recording },
    { "coating", NULL, add_coating },
    { "particle_id", NULL, add_particle },
    { "frame", NULL, add_frame },
    { "time_s", NULL, add_time },
    { "time_source", NULL, add_time_source },
    { "area_nm2", "area_px2", NUMBER(area_nm2) },
    { "area_sd_nm2", "area_sd_px2", NUMBER(area_sd_nm2) },
    { "core_area_nm2", "core_area_px2", NUMBER(core_area_nm2) },
    { "core_area_sd_nm2", "core_area_sd_px2", NUMBER(core_area_sd_nm2) },
    { "coat_thickness_nm", "coat_thickness_px", NUMBER(coat_thickness_nm) },
    { "coat_thickness_sd_nm", "coat_thickness_sd_px",
      NUMBER(coat_thickness_sd_nm) },
    { "expansion", NULL, NUMBER(expansion) },
    { "expansion_sd", NULL, NUMBER(expansion_sd) },
    { "volume_ratio", NULL, NUMBER(volume_ratio) },
    { "x", NULL, NUMBER(x) },
    { "centroid_x_px", NULL, NUMBER(centroid_x_px) },
    { "centroid_y_px", NULL, NUMBER(centroid_y_px) },
    { "solidity", NULL, NUMBER(solidity) },
    { "rim_gap_fraction", NULL, NUMBER(rim_gap_fraction) },
    { "intensity", NULL, NUMBER(intensity) },
    { "bias_V", NULL, NUMBER(bias_V) },
    { "current_A", NULL, NUMBER(current_A) },
    { "dose_e_per_A2", NULL, NUMBER(dose_e_per_A2) },
    { "state", NULL, add_state },
    { "broken", NULL, add_broken },
    { "edited", NULL, add_edited },
    { 0 },
};

bool
cs_export_areas(const CsResultsInput *input, const char *dir,
                const CsJob *job, GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;

    if (!cs_sink_open(&sink, dir, "areas.csv", error))
        return false;
    cs_table_add_header(sink.text, columns,
                        input->n > 0 && input->item[0].measures->in_pixels);
    for (size_t i = 0; i < input->n; i++) {
        const CsMeasures *table = input->item[i].measures;

        if (!cs_job_go_on(job, error))
            return false;
        for (size_t r = 0; r < table->n; r++) {
            Row row = { table, table->row[r] };

            cs_table_add_row(sink.text, columns, &row);
            if (!cs_sink_rest(&sink, error))
                return false;
        }
    }
    return cs_sink_close(&sink, error);
}
