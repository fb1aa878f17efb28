/* provenance.json: what the numbers were made of, with what and how.
 *
 * The same input gives the same bytes but for the line "date". The list
 * "files" is also how the program knows a folder of its own again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/error.h"
#include "config.h"
#include "core/text.h"
#include "results/exports.h"
#include "results/folder.h"
#include "results/sink.h"

/* ---- JSON -------------------------------------------------------------- */

static void
add_member(GString *text, const char *name, const char *value)
{
    g_string_append_printf(text, "      \"%s\": ", name);
    cs_text_add_json(text, value);
    g_string_append(text, ",\n");
}

static void
add_number(GString *text, const char *name, double value)
{
    g_string_append_printf(text, "      \"%s\": ", name);
    cs_text_add_json_double(text, value);
    g_string_append(text, ",\n");
}

static void
add_notes(GString *text, const GPtrArray *notes)
{
    g_string_append(text, "      \"notes\": [");
    for (guint i = 0; notes != NULL && i < notes->len; i++) {
        g_string_append(text, i == 0 ? "\n        " : ",\n        ");
        cs_text_add_json(text, notes->pdata[i]);
    }
    g_string_append(text, "],\n");
}

/* How many frames have a time of which kind. */
static void
add_clock(GString *text, const CsClock *clock)
{
    size_t n[CS_TIME_MEASURED + 1] = { 0 };

    for (size_t i = 0; i < clock->n_frames; i++)
        n[clock->source[i]]++;
    g_string_append(text, "      \"times\": {");
    for (int k = 0; k <= CS_TIME_MEASURED; k++)
        g_string_append_printf(text, "%s\"%s\": %zu", k == 0 ? "" : ", ",
                               cs_time_source_name(k), n[k]);
    g_string_append(text, "},\n");
}

static void
add_inputs(GString *text, const CsInputs *inputs)
{
    g_string_append(text, "      \"inputs\": [");
    for (size_t i = 0; inputs != NULL && i < inputs->n; i++) {
        g_string_append(text, i == 0 ? "\n        {\"path\": "
                                     : ",\n        {\"path\": ");
        cs_text_add_json(text, inputs->file[i].path);
        g_string_append_printf(text, ", \"size\": %zu, \"sha256\": ",
                               inputs->file[i].size);
        cs_text_add_json(text, inputs->file[i].sha256);
        g_string_append_c(text, '}');
    }
    g_string_append(text, "]\n");
}

static void
add_recording(GString *text, const CsResultsItem *item)
{
    static const char *const scale_names[] = {
        [CS_SCALE_NONE] = "none",
        [CS_SCALE_FILE] = "file",
        [CS_SCALE_USER] = "user",
    };
    const CsRecordingInfo *info = cs_recording_info(item->recording);

    g_string_append(text, "    {\n");
    add_member(text, "recording", item->measures->recording);
    add_member(text, "coating", item->measures->coating);
    add_member(text, "format", info->format);
    add_number(text, "width_px", (double) info->width);
    add_number(text, "height_px", (double) info->height);
    add_number(text, "n_frames", (double) info->n_frames);
    add_number(text, "nm_per_px_x", info->nm_per_px_x);
    add_number(text, "nm_per_px_y", info->nm_per_px_y);
    add_member(text, "scale_source", scale_names[info->scale_source]);
    add_clock(text, &info->clock);
    add_notes(text, info->notes);
    add_inputs(text, item->inputs);
    g_string_append(text, "    }");
}

static void
add_head(GString *text, const CsResultsInput *input)
{
    gint64 now = isnan(input->date_unix_s) ? g_get_real_time() / G_USEC_PER_SEC
                                           : (gint64) input->date_unix_s;
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(now);
    g_autofree char *iso
        = date != NULL ? g_date_time_format_iso8601(date) : NULL;

    g_string_append(text, "{\n  \"program\": \"coatscope\",\n"
                          "  \"version\": ");
    cs_text_add_json(text, input->version != NULL ? input->version
                                                  : COATSCOPE_VERSION);
    g_string_append(text, ",\n  \"program_sha256\": ");
    cs_text_add_json(text, input->program_sha256);
    g_string_append(text, ",\n  \"written_by_version\": \"" COATSCOPE_VERSION
                          "\",\n  \"date\": ");
    cs_text_add_json(text, iso);
    g_string_append(text, ",\n  \"command\": [");
    for (size_t i = 0; input->command != NULL && input->command[i] != NULL;
         i++) {
        g_string_append(text, i == 0 ? "" : ", ");
        cs_text_add_json(text, input->command[i]);
    }
    g_string_append(text, "],\n  \"settings\": {");
    for (size_t i = 0; i < input->n_settings; i++) {
        g_string_append(text, i == 0 ? "\n    " : ",\n    ");
        cs_text_add_json(text, input->setting[i].name);
        g_string_append(text, ": ");
        cs_text_add_json(text, input->setting[i].value);
    }
    g_string_append(text, "},\n");
}

static void
add_files(GString *text, char *const *files)
{
    g_string_append(text, "  \"files\": [");
    for (size_t i = 0; files[i] != NULL; i++) {
        g_string_append(text, i == 0 ? "\n    " : ",\n    ");
        cs_text_add_json(text, files[i]);
    }
    g_string_append(text, "]\n}\n");
}

bool
cs_export_provenance(const CsResultsInput *input, const char *dir,
                     const CsJob *job, GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;
    g_auto(GStrv) files = NULL;

    (void) job;
    if (!cs_sink_open(&sink, dir, "provenance.json", error))
        return false;
    files = cs_folder_list(dir, error);
    if (files == NULL)
        return false;
    add_head(sink.text, input);
    g_string_append(sink.text, "  \"recordings\": [\n");
    for (size_t i = 0; i < input->n; i++) {
        if (i > 0)
            g_string_append(sink.text, ",\n");
        add_recording(sink.text, &input->item[i]);
        if (!cs_sink_rest(&sink, error))
            return false;
    }
    g_string_append(sink.text, "\n  ],\n");
    add_files(sink.text, files);
    return cs_sink_close(&sink, error);
}
