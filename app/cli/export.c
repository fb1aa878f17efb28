/* coatscope export: outlines of a results folder for other programs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/error.h"
#include "coatscope/results.h"
#include "coatscope/shapes.h"

typedef struct {
    char    *output;
    char    *to;
    char    *recording;
    char    *image;
    gboolean core;
    char   **paths;
} Options;

static void
options_clear(Options *o)
{
    g_free(o->output);
    g_free(o->to);
    g_free(o->recording);
    g_free(o->image);
    g_strfreev(o->paths);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static char *
list_formats(void)
{
    GString *list = g_string_new(NULL);

    for (size_t i = 0; cs_shapes_formats[i] != NULL; i++)
        if (cs_shapes_formats[i]->write != NULL)
            g_string_append_printf(list, "%s%s", i > 0 ? ", " : "",
                                   cs_shapes_formats[i]->name);
    return g_string_free(list, FALSE);
}

/* ---- What is exported ------------------------------------------------------ */

/* Keeps the outer edges, or those of the cores, which _core at the end of a
 * name tells. */
static void
keep_edges(CsRois *rois, bool core)
{
    size_t n = 0;

    for (size_t i = 0; i < rois->n; i++) {
        const char *name = rois->roi[i].name;

        if ((name != NULL && g_str_has_suffix(name, "_core")) != core) {
            cs_roi_clear(&rois->roi[i]);
            continue;
        }
        rois->roi[n++] = rois->roi[i];
    }
    rois->n = n;
}

static bool
read_frame(void *user, size_t index, CsFrame *frame, GError **error)
{
    return cs_recording_read(user, index, frame, error);
}

/* The recording tells what the results do not: its frames, and where a bare
 * file of outlines is exported, their size. */
static CsRecording *
open_image(const Options *o, const CsRecordingOptions *given,
           const CsResultsOutlines *found, const CsJob *job, GError **error)
{
    const char *path = o->image != NULL ? o->image : found->input;

    if (path != NULL)
        return cs_recording_open(path, given, job, error);
    cs_fail(error, CS_ERROR_ARGUMENT,
            "%s: the frames are needed: name the recording with --image "
            "RECORDING", o->paths[0]);
    return NULL;
}

static void
take_image(CsRecording *recording, CsShapesImage *image)
{
    const CsRecordingInfo *info = cs_recording_info(recording);

    image->width = info->width;
    image->height = info->height;
    image->n_frames = info->n_frames;
    image->nm_per_px_x = info->nm_per_px_x;
    image->nm_per_px_y = info->nm_per_px_y;
    image->read = read_frame;
    image->user = recording;
}

static bool
run(const Options *o, const CsShapesFormat *format,
    const CsRecordingOptions *given, CsCliJob *cli, GError **error)
{
    g_auto(CsResultsOutlines) found = CS_RESULTS_OUTLINES_INIT;
    g_autoptr(CsRecording) recording = NULL;
    CsShapesImage image = CS_SHAPES_IMAGE_INIT;
    g_autofree char *name = NULL;

    if (!(cs_results_are_at(o->paths[0])
              ? cs_results_read_outlines(o->paths[0], o->recording, &found,
                                         error)
              : cs_shapes_read(o->paths[0], &found.rois, error)))
        return false;
    if (format->needs_frames || o->image != NULL || found.width == 0) {
        recording = open_image(o, given, &found, &cli->job, error);
        if (recording == NULL)
            return false;
    }
    image.width = found.width;
    image.height = found.height;
    image.n_frames = found.n_frames;
    image.nm_per_px_x = found.nm_per_px_x;
    image.nm_per_px_y = found.nm_per_px_y;
    if (recording != NULL)
        take_image(recording, &image);
    name = g_path_get_basename(o->image != NULL      ? o->image
                               : found.input != NULL ? found.input
                                                     : o->paths[0]);
    image.image = name;
    keep_edges(&found.rois, o->core);
    if (!cs_shapes_write(format, &found.rois, &image, o->output, error))
        return false;
    cs_cli_job_wipe(cli);
    printf("%zu outline%s: %s (%s)\n", found.rois.n,
           found.rois.n == 1 ? "" : "s", o->output, format->title);
    return true;
}

/* ---- The verb ---------------------------------------------------------------- */

static int
check_usage(const Options *o)
{
    g_autofree char *formats = list_formats();

    if (o->paths == NULL || o->paths[1] != NULL)
        return cs_cli_wrong_usage("export: give one results folder or file "
                                  "of outlines");
    if (o->output == NULL)
        return cs_cli_wrong_usage("export: where to? Give -o OUT");
    if (o->to == NULL)
        return cs_cli_wrong_usage("export: to what? Give --to FORMAT: %s",
                                  formats);
    if (cs_shapes_named(o->to) == NULL
        || cs_shapes_named(o->to)->write == NULL)
        return cs_cli_wrong_usage("export: there is no format %s; there are "
                                  "%s", o->to, formats);
    return CS_CLI_OK;
}

int
cs_cli_export(int argc, char **argv)
{
    g_auto(Options) o = { 0 };
    const GOptionEntry entries[] = {
        { "to", 0, 0, G_OPTION_ARG_STRING, &o.to,
          "Format: imagej, coco, labelme, geojson, napari, labels, overlay, "
          "imagej-results", "FORMAT" },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output,
          "File (labelme of several frames: folder) to make", "OUT" },
        { "recording", 0, 0, G_OPTION_ARG_STRING, &o.recording,
          "Which recording of the folder, as in its tables", "NAME" },
        { "image", 0, 0, G_OPTION_ARG_FILENAME, &o.image,
          "The recording that the outlines lie on", "RECORDING" },
        { "core", 0, 0, G_OPTION_ARG_NONE, &o.core,
          "The edges of the cores instead of the outer ones", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.paths,
          NULL, NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context
        = g_option_context_new("DIR|OUTLINES --to FORMAT -o OUT");
    g_auto(CsCliRecording) given = CS_CLI_RECORDING_INIT;
    g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;
    g_autoptr(GError) error = NULL;
    int status;

    g_option_context_set_summary(
        context, "Writes the outlines of a results folder, or of a file of "
                 "another program, in a\nformat that others read. What each "
                 "keeps: docs/formats/outlines.md.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, cs_cli_recording_group(&given));
    g_option_context_add_group(context, cs_cli_job_group(&cli));
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    status = check_usage(&o);
    if (status != CS_CLI_OK)
        return status;
    cs_cli_job_start(&cli);
    if (!run(&o, cs_shapes_named(o.to), &given.options, &cli, &error)) {
        cs_cli_job_wipe(&cli);
        status = cs_cli_failed(error);
    }
    return cs_cli_end(status);
}
