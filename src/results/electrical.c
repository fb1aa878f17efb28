/* electrical.csv: bias and current of every frame, with the extremes within
 * its exposure; only where there is a log.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/text.h"
#include "results/exports.h"
#include "results/sink.h"
#include "results/table.h"

typedef struct {
    const char       *recording;
    size_t            frame;
    double            time_s;
    CsElectricalFrame e;
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
add_n_bias(GString *text, const void *row)
{
    g_string_append_printf(text, "%zu", ((const Row *) row)->e.bias_V.n);
}

static void
add_n_current(GString *text, const void *row)
{
    g_string_append_printf(text, "%zu", ((const Row *) row)->e.current_A.n);
}

#define NUMBER(field) NULL, offsetof(Row, field)

static const CsColumn columns[] = {
    { "recording", NULL, add_recording },
    { "frame", NULL, add_frame },
    { "time_s", NULL, NUMBER(time_s) },
    { "bias_V", NULL, NUMBER(e.bias_V.mean) },
    { "bias_min_V", NULL, NUMBER(e.bias_V.min) },
    { "bias_max_V", NULL, NUMBER(e.bias_V.max) },
    { "bias_n", NULL, add_n_bias },
    { "current_A", NULL, NUMBER(e.current_A.mean) },
    { "current_min_A", NULL, NUMBER(e.current_A.min) },
    { "current_max_A", NULL, NUMBER(e.current_A.max) },
    { "current_n", NULL, add_n_current },
    { 0 },
};

static bool
has_log(const CsResultsItem *item)
{
    return cs_recording_info(item->recording)->electrical.n_frames > 0;
}

static bool
add_item(CsSink *sink, const CsResultsItem *item, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(item->recording);

    for (size_t f = 0; f < info->electrical.n_frames; f++) {
        Row row = { item->measures->recording, f, info->clock.start_s[f],
                    info->electrical.frame[f] };

        cs_table_add_row(sink->text, columns, &row);
        if (!cs_sink_rest(sink, error))
            return false;
    }
    return true;
}

bool
cs_export_electrical(const CsResultsInput *input, const char *dir,
                     const CsJob *job, GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;
    bool any = false;

    for (size_t i = 0; i < input->n; i++)
        any = any || has_log(&input->item[i]);
    if (!any)
        return true;
    if (!cs_sink_open(&sink, dir, "electrical.csv", error))
        return false;
    cs_table_add_header(sink.text, columns, false);
    for (size_t i = 0; i < input->n; i++)
        if (!cs_job_go_on(job, error)
            || !add_item(&sink, &input->item[i], error))
            return false;
    return cs_sink_close(&sink, error);
}
