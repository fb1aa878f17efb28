/* coatscope measure: recordings in, areas against time out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/naming.h"
#include "cli/outcome.h"
#include "cli/verbs.h"
#include "coatscope/error.h"
#include "coatscope/keeping.h"
#include "coatscope/shapes.h"

/* What the command line says. */
typedef struct {
    char    *output;
    char    *roi;
    gboolean roi_only;
    gboolean pixels;
    gboolean force;
    char   **paths;
} Options;

static void
options_clear(Options *o)
{
    g_free(o->output);
    g_free(o->roi);
    g_strfreev(o->paths);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* Everything the verb holds while it works. */
typedef struct {
    size_t        n;
    CsRecording **recording;
    CsKeeping    *kept;
} Work;

static void
work_clear(Work *work)
{
    for (size_t i = 0; i < work->n; i++) {
        cs_recording_unref(work->recording[i]);
        cs_keeping_clear(&work->kept[i]);
    }
    g_free(work->recording);
    g_free(work->kept);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static void
work_init(Work *work, size_t n)
{
    *work = (Work) {
        .n = n,
        .recording = g_new0(CsRecording *, n),
        .kept = g_new0(CsKeeping, n),
    };
}

static CsFlowMode
mode_of(const Options *o)
{
    if (o->roi_only)
        return CS_FLOW_ROIS_ONLY;
    return o->roi != NULL ? CS_FLOW_FROM_ROIS : CS_FLOW_AUTOMATIC;
}

/* Opens number i under a name (NULL: its own) in place of what was open. */
static bool
open_one(const Options *o, const CsRecordingOptions *given, const CsJob *job,
         size_t i, const char *name, Work *work, GError **error)
{
    CsRecordingOptions named = *given;

    named.name = name;
    cs_recording_unref(work->recording[i]);
    work->recording[i] = cs_recording_open(o->paths[i], &named, job, error);
    return work->recording[i] != NULL;
}

/* Two files may have the same last name. */
static bool
name_all(const Options *o, const CsRecordingOptions *given, const CsJob *job,
         Work *work, GError **error)
{
    g_autofree const char **own = g_new0(const char *, work->n + 1);
    g_auto(GStrv) name = NULL;

    for (size_t i = 0; i < work->n; i++)
        own[i] = cs_recording_info(work->recording[i])->name;
    name = cs_naming((const char *const *) o->paths, own, work->n, error);
    for (size_t i = 0; name != NULL && i < work->n; i++)
        if (strcmp(name[i], own[i]) != 0
            && !open_one(o, given, job, i, name[i], work, error))
            return false;
    return name != NULL;
}

/* Everything is opened before anything is measured, so that a typing error in
 * the last name does not cost the hours before it. */
static bool
open_all(const Options *o, const CsRecordingOptions *given, const CsJob *job,
         Work *work, GError **error)
{
    for (size_t i = 0; i < work->n; i++)
        if (!open_one(o, given, job, i, NULL, work, error)
            || !cs_recording_check_measurable(work->recording[i], o->pixels,
                                              error))
            return false;
    return name_all(o, given, job, work, error);
}

static bool
measure_all(const Options *o, const CsRois *rois, CsStore *store,
            const CsJob *job, Work *work, GError **error)
{
    const CsPictureBudget budget = cs_picture_budget(work->n);
    const CsFlowOptions options = {
        .mode = mode_of(o),
        .rois = o->roi != NULL ? rois : NULL,
        .in_pixels = o->pixels,
    };

    for (size_t i = 0; i < work->n; i++)
        if (!cs_keeping_measure(work->recording[i], &options, &budget, store,
                                job, &work->kept[i], error))
            return false;
    return true;
}

/* What the results are made of, for now and for `report`. */
static bool
arrange(const Options *o, char *const *command, CsStore *store,
        const CsJob *job, const Work *work, GError **error)
{
    static const char *const ways[] = {
        [CS_FLOW_AUTOMATIC] = "automatic",
        [CS_FLOW_FROM_ROIS] = "traced from the user's polygons",
        [CS_FLOW_ROIS_ONLY] = "the user's polygons as drawn",
    };
    const char *const settings[] = {
        "outlines", ways[mode_of(o)], "unit", o->pixels ? "pixels" : "nm",
        NULL,
    };
    g_autofree CsStorePlace *place = g_new0(CsStorePlace, work->n + 1);
    g_auto(CsRun) run = CS_RUN_INIT;

    for (size_t i = 0; i < work->n; i++)
        place[i].key = work->kept[i].key;
    run.command = g_strdupv((char **) command);
    run.settings = g_strdupv((char **) (gpointer) settings);
    return cs_run_sign(&run, job, error)
           && cs_store_arrange(store, place, work->n, &run, error);
}

/* Of polygons that the user drew, at least one has to come out. */
static bool
check_rois(const Options *o, const Work *work, GError **error)
{
    const CsMeasures *m = &work->kept[0].measured.measures;
    bool has_area = o->roi == NULL;

    for (size_t i = 0; i < m->n && !has_area; i++)
        has_area = isfinite(m->row[i].area_nm2);
    return has_area
           || cs_fail(error, CS_ERROR_ARGUMENT,
                      "%s: nothing drawn in it could be traced: see the "
                      "warning above; --roi-only takes polygons as they are",
                      o->roi);
}

/* The results are written from the store, as `report` would. */
static bool
make_results(const Options *o, char *const *command, const CsRois *rois,
             const CsJob *job, Work *work, GError **error)
{
    g_autoptr(CsResultsFolder) folder
        = cs_results_begin(o->output, o->force, error);
    g_auto(CsReporting) reporting = CS_REPORTING_INIT;
    g_autoptr(CsStore) store
        = folder != NULL ? cs_results_store(folder, error) : NULL;

    if (store == NULL || !measure_all(o, rois, store, job, work, error)
        || !check_rois(o, work, error)
        || !arrange(o, command, store, job, work, error)
        || !cs_reporting_load(store, job, &reporting, error))
        return false;
    g_clear_pointer(&store, cs_store_close);
    return cs_results_commit(folder, &reporting.input, job, error);
}

/* ---- What the user sees at the end ------------------------------------------ */

static void
print_summary(const Options *o, const Work *work)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < work->n; i++)
        cs_outcome_text(cs_recording_info(work->recording[i]),
                        &work->kept[i].measured.measures, text);
    printf("%sResults: %s (open %s" G_DIR_SEPARATOR_S "report.html)\n",
           text->str, o->output, o->output);
}

/* ---- The verb ---------------------------------------------------------------- */

static bool
run(const Options *o, const CsRecordingOptions *given, char *const *command,
    CsCliJob *cli, GError **error)
{
    g_auto(Work) work = { 0 };
    g_auto(CsRois) rois = CS_ROIS_INIT;

    work_init(&work, g_strv_length(o->paths));
    if (!cs_results_check(o->output, o->force, error)
        || (o->roi != NULL && !cs_shapes_read(o->roi, &rois, error))
        || !open_all(o, given, &cli->job, &work, error)
        || !make_results(o, command, &rois, &cli->job, &work, error))
        return false;
    cs_cli_job_wipe(cli);
    print_summary(o, &work);
    return true;
}

static int
check_usage(const Options *o, const CsCliRecording *given)
{
    if (o->paths == NULL)
        return cs_cli_wrong_usage("measure: name a recording");
    if (o->output == NULL)
        return cs_cli_wrong_usage("measure: where to? Give -o DIR");
    if (o->pixels
        && (given->options.nm_per_px_x > 0 || given->options.nm_per_px_y > 0
            || given->options.interval_s > 0
            || given->options.times_csv != NULL))
        return cs_cli_wrong_usage("measure: --pixels leaves scale and times "
                                  "away; give it, or --scale, --interval and "
                                  "--times");
    if (o->roi_only && o->roi == NULL)
        return cs_cli_wrong_usage("measure: --roi-only needs --roi FILE");
    if (o->roi != NULL && g_strv_length(o->paths) > 1)
        return cs_cli_wrong_usage("measure: --roi goes with one recording, "
                                  "not %u", g_strv_length(o->paths));
    if (given->options.log != NULL && g_strv_length(o->paths) > 1)
        return cs_cli_wrong_usage("measure: --bias-log goes with one "
                                  "recording, not %u; a campaign names one "
                                  "for each", g_strv_length(o->paths));
    return CS_CLI_OK;
}

int
cs_cli_measure(int argc, char **argv)
{
    g_auto(Options) o = { 0 };
    const GOptionEntry entries[] = {
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output,
          "Write the results folder DIR", "DIR" },
        { "roi", 0, 0, G_OPTION_ARG_FILENAME, &o.roi,
          "Start from your polygons (ImageJ's .roi or RoiSet.zip, COCO, "
          "labelme, GeoJSON, napari, masks of labels): one on one frame for "
          "each particle, traced both ways", "FILE" },
        { "roi-only", 0, 0, G_OPTION_ARG_NONE, &o.roi_only,
          "Measure just the polygons of --roi, as drawn", NULL },
        { "pixels", 0, 0, G_OPTION_ARG_NONE, &o.pixels,
          "Measure in pixels and frames, where scale or times are not known",
          NULL },
        { "force", 'f', 0, G_OPTION_ARG_NONE, &o.force,
          "Replace results that are in DIR", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.paths,
          NULL, NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context
        = g_option_context_new("RECORDING… -o DIR");
    g_auto(CsCliRecording) given = CS_CLI_RECORDING_INIT;
    g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;
    g_auto(GStrv) command = g_strdupv(argv);
    g_autoptr(GError) error = NULL;
    int status;

    g_option_context_set_summary(
        context, "Measures the area of every particle in every frame. A "
                 "RECORDING is a file, a folder of\nframes, a glob or a "
                 "printf pattern such as img_%04d.tif.\n\nWhat a recording "
                 "lacks: --scale NM_PER_PX, --interval S or --times CSV,\n"
                 "--allow-gaps (all of them: --help-recording). --threads N "
                 "and --quiet: --help-work");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, cs_cli_recording_group(&given));
    g_option_context_add_group(context, cs_cli_job_group(&cli));
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    status = check_usage(&o, &given);
    if (status != CS_CLI_OK)
        return status;
    cs_cli_job_start(&cli);
    if (!run(&o, &given.options, command, &cli, &error))
        status = cs_cli_job_failed(&cli, error,
                                   "nothing was written; the same command "
                                   "starts over");
    return cs_cli_end(status);
}
