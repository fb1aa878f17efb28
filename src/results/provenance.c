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
#include "results/hash.h"
#include "results/sink.h"

/* ---- Hashes of the inputs ---------------------------------------------- */

static void
clear_source(void *source)
{
    cs_hashed_clear(source);
}

static GArray *
hash_sources(const CsResultsInput *input, const CsJob *job, GError **error)
{
    g_autoptr(GArray) sources = g_array_new(FALSE, TRUE, sizeof(CsHashed));

    g_array_set_clear_func(sources, clear_source);
    for (size_t i = 0; i < input->n; i++) {
        const CsRecordingInfo *info
            = cs_recording_info(input->item[i].recording);

        for (size_t k = 0; k < info->n_files; k++) {
            CsHashed s = { .path = info->files[k] };

            g_array_append_val(sources, s);
        }
    }
    if (!cs_hash_files((CsHashed *) (void *) sources->data, sources->len,
                       job, error))
        return NULL;
    return g_steal_pointer(&sources);
}

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
add_sources(GString *text, const CsHashed *source, size_t n)
{
    g_string_append(text, "      \"inputs\": [");
    for (size_t i = 0; i < n; i++) {
        g_string_append(text, i == 0 ? "\n        {\"path\": "
                                     : ",\n        {\"path\": ");
        cs_text_add_json(text, source[i].path);
        g_string_append_printf(
            text, ", \"size\": %" G_GUINT64_FORMAT ", \"sha256\": \"%s\"}",
            source[i].size, source[i].sha256);
    }
    g_string_append(text, "]\n");
}

static void
add_recording(GString *text, const CsResultsItem *item, const CsHashed *source)
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
    add_sources(text, source, info->n_files);
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
                          "  \"version\": \"" COATSCOPE_VERSION "\",\n"
                          "  \"date\": ");
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
    g_autoptr(GArray) sources = hash_sources(input, job, error);
    g_auto(GStrv) files = NULL;
    size_t at = 0;

    if (sources == NULL || !cs_sink_open(&sink, dir, "provenance.json", error))
        return false;
    files = cs_folder_list(dir, error);
    if (files == NULL)
        return false;
    add_head(sink.text, input);
    g_string_append(sink.text, "  \"recordings\": [\n");
    for (size_t i = 0; i < input->n; i++) {
        const CsResultsItem *item = &input->item[i];

        if (i > 0)
            g_string_append(sink.text, ",\n");
        add_recording(sink.text, item, (const CsHashed *) sources->data + at);
        at += cs_recording_info(item->recording)->n_files;
        if (!cs_sink_rest(&sink, error))
            return false;
    }
    g_string_append(sink.text, "\n  ],\n");
    add_files(sink.text, files);
    return cs_sink_close(&sink, error);
}
