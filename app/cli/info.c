/* coatscope info: what recordings hold, and what would be assumed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/verbs.h"
#include "coatscope/error.h"

typedef struct {
    gboolean as_json;
    gboolean with_stats;
    char   **paths;
} Options;

static void
options_clear(Options *options)
{
    g_strfreev(options->paths);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static GOptionContext *
new_context(Options *options, CsCliRecording *recording, CsCliJob *cli)
{
    const GOptionEntry entries[] = {
        { "json", 0, 0, G_OPTION_ARG_NONE, &options->as_json,
          "Write JSON, with the keys of docs/info-json.md", NULL },
        { "stats", 0, 0, G_OPTION_ARG_NONE, &options->with_stats,
          "Read all frames: least, largest, mean sample", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
          &options->paths, NULL, NULL },
        { 0 },
    };
    GOptionContext *context = g_option_context_new(
        "RECORDING… - say what recordings hold");

    g_option_context_set_summary(
        context, "A RECORDING is a file, a folder of frames, a glob or a "
                 "pattern such as img_%04d.tif.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, cs_cli_recording_group(recording));
    g_option_context_add_group(context, cs_cli_job_group(cli));
    return context;
}

typedef struct {
    const Options            *options;
    const CsRecordingOptions *given;
    CsCliJob                 *cli;
    CsJson                   *json;
} Task;

static bool
describe(const Task *task, const char *path, GError **error)
{
    g_autoptr(CsRecording) recording
        = cs_recording_open(path, task->given, &task->cli->job, error);
    g_autoptr(GString) text = g_string_new(NULL);
    CsSampleStats stats;
    bool with_stats = task->options->with_stats;

    if (recording == NULL)
        return false;
    if (with_stats
        && !cs_sample_stats(recording, &task->cli->job, &stats, error))
        return false;
    cs_cli_job_wipe(task->cli);
    if (task->options->as_json) {
        cs_describe_json(path, recording, with_stats ? &stats : NULL,
                         task->json);
        return true;
    }
    cs_describe_text(path, recording, with_stats ? &stats : NULL, text);
    fputs(text->str, stdout);
    return true;
}

/* Goes on after what cannot be read, so that one look over a folder of
 * recordings says all. */
static int
describe_all(const Task *task)
{
    int status = CS_CLI_OK;

    cs_json_begin(task->json, NULL, '{');
    cs_json_begin(task->json, "recordings", '[');
    for (char **path = task->options->paths; *path != NULL; path++) {
        g_autoptr(GError) error = NULL;

        if (describe(task, *path, &error))
            continue;
        cs_cli_job_wipe(task->cli);
        cs_describe_json_error(*path, error, task->json);
        fflush(stdout);
        status = cs_cli_failed(error);
        if (g_error_matches(error, CS_ERROR, CS_ERROR_CANCELLED))
            break;
    }
    cs_json_end(task->json, ']');
    cs_json_end(task->json, '}');
    if (task->options->as_json)
        printf("%s\n", task->json->text->str);
    return status;
}

int
cs_cli_info(int argc, char **argv)
{
    g_auto(Options) options = { 0 };
    g_auto(CsCliRecording) given = CS_CLI_RECORDING_INIT;
    g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;
    g_auto(CsJson) json = CS_JSON_INIT;
    g_autoptr(GOptionContext) context = new_context(&options, &given, &cli);
    const Task task = { &options, &given.options, &cli, &json };
    int status;

    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (options.paths == NULL)
        return cs_cli_wrong_usage("info needs a recording");
    cs_cli_job_start(&cli);
    return cs_cli_end(describe_all(&task));
}
