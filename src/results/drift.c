/* drift.csv: one row per frame of a recording whose drift was measured.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/text.h"
#include "results/exports.h"
#include "results/sink.h"
#include "results/table.h"

typedef struct {
    const char *recording;
    size_t      frame;
    CsShift     shift;
} Row;

static void
add_recording(GString *text, const void *row)
{
    cs_text_add_csv(text, ((const Row *) row)->recording);
}

static void
add_frame(GString *text, const void *row)
{
    g_string_append_printf(text, "%zu", ((const Row *) row)->frame);
}

static void
add_jump(GString *text, const void *row)
{
    g_string_append_c(text, ((const Row *) row)->shift.jump ? '1' : '0');
}

#define NUMBER(field) NULL, offsetof(Row, shift.field)

static const CsColumn columns[] = {
    { "recording", NULL, add_recording },
    { "frame", NULL, add_frame },
    { "dx_px", NULL, NUMBER(dx_px) },
    { "dy_px", NULL, NUMBER(dy_px) },
    { "sd_px", NULL, NUMBER(sd_px) },
    { "jump", NULL, add_jump },
    { 0 },
};

bool
cs_export_drift(const CsResultsInput *input, const char *dir,
                const CsJob *job, GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;

    if (!cs_sink_open(&sink, dir, "drift.csv", error))
        return false;
    cs_table_add_header(sink.text, columns, false);
    for (size_t i = 0; i < input->n; i++) {
        const CsResultsItem *item = &input->item[i];
        size_t n = item->shifts != NULL ? item->shifts->n_frames : 0;

        if (!cs_job_go_on(job, error))
            return false;
        for (size_t f = 0; f < n; f++) {
            Row row = { item->measures->recording, f, item->shifts->shift[f] };

            cs_table_add_row(sink.text, columns, &row);
            if (!cs_sink_rest(&sink, error))
                return false;
        }
    }
    return cs_sink_close(&sink, error);
}
