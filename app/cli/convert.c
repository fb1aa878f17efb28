/* coatscope convert: a recording as one file of another format, with its
 * scale and times.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/kept.h"
#include "cli/verbs.h"
#include "coatscope/error.h"
#include "coatscope/movie.h"
#include "coatscope/writer.h"

typedef struct {
    char    *format;
    char    *frames;
    char    *levels;
    char    *outlines;
    gboolean plain;
    gboolean force;
    char   **paths; /* IN and OUT */
} Options;

static void
options_clear(Options *options)
{
    g_free(options->format);
    g_free(options->frames);
    g_free(options->levels);
    g_free(options->outlines);
    g_strfreev(options->paths);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static char *
formats_text(void)
{
    GString *text = g_string_new("Formats:\n");

    for (size_t i = 0; cs_writers[i] != NULL; i++) {
        g_autofree char *suffixes
            = g_strjoinv(" ", (char **) cs_writers[i]->suffixes);

        g_string_append_printf(text, "  %-12s %s (%s)\n", cs_writers[i]->name,
                               cs_writers[i]->title,
                               *suffixes != '\0' ? suffixes
                                                 : "by --format only");
    }
    return g_string_free(text, FALSE);
}

static GOptionContext *
new_context(Options *options, CsCliRecording *recording, CsCliJob *cli)
{
    const GOptionEntry entries[] = {
        { "format", 'f', 0, G_OPTION_ARG_STRING, &options->format,
          "Format of OUT, if its name does not tell", "NAME" },
        { "frames", 0, 0, G_OPTION_ARG_STRING, &options->frames,
          "Only frames A up to, but not, B, counted from 0", "A:B" },
        { "force", 0, 0, G_OPTION_ARG_NONE, &options->force,
          "Replace OUT where it is there", NULL },
        { "levels", 0, 0, G_OPTION_ARG_STRING, &options->levels,
          "Video: values shown black and white (from the frames)",
          "LOW:HIGH" },
        { "outlines", 0, 0, G_OPTION_ARG_FILENAME, &options->outlines,
          "Video: draw these, as outlines/*.zip of measure", "ROISET.zip" },
        { "plain", 0, 0, G_OPTION_ARG_NONE, &options->plain,
          "Video: no scale bar and no time", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
          &options->paths, NULL, NULL },
        { 0 },
    };
    GOptionContext *context = g_option_context_new(
        "IN OUT - write a recording as one file");
    g_autofree char *formats = formats_text();

    g_option_context_set_summary(
        context, "IN is a file, a folder of frames, a glob or a pattern such "
                 "as img_%04d.tif. Pixels stay as they are; only a video "
                 "is made of pictures, with scale bar and time on them.");
    g_option_context_set_description(context, formats);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, cs_cli_recording_group(recording));
    g_option_context_add_group(context, cs_cli_job_group(cli));
    return context;
}

/* ---- Which frames ------------------------------------------------------------ */

typedef struct {
    size_t first;
    size_t end;
} Range;

static bool
parse_bound(const char *text, size_t *bound)
{
    guint64 value;

    if (text[0] == '\0')
        return true;
    if (!g_ascii_string_to_unsigned(text, 10, 0, SIZE_MAX / 2, &value, NULL))
        return false;
    *bound = (size_t) value;
    return true;
}

/* "A:B", "A:" or ":B". */
static bool
parse_range(const char *text, Range *range)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);

    return g_strv_length(parts) == 2 && parse_bound(parts[0], &range->first)
           && parse_bound(parts[1], &range->end)
           && range->first < range->end;
}

static bool
fit_range(Range *range, size_t n_frames, GError **error)
{
    if (range->end == SIZE_MAX)
        range->end = n_frames;
    if (range->end <= n_frames && range->first < range->end)
        return true;
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "--frames goes to frame %zu, but the last one is frame %zu "
                   "(%zu frame%s, counted from 0)",
                   MAX(range->first, range->end - 1), n_frames - 1, n_frames,
                   n_frames == 1 ? "" : "s");
}

/* ---- Doing it ------------------------------------------------------------------ */

/* A Zarr store: only such a folder may be replaced by another. */
static bool
is_store(const char *path)
{
    static const char *const names[] = { ".zgroup", "zarr.json" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *inside = g_build_filename(path, names[i], NULL);

        if (g_file_test(inside, G_FILE_TEST_IS_REGULAR))
            return true;
    }
    return false;
}

static bool
check_target(const char *path, const CsWriter *writer, gboolean force,
             GError **error)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return true;
    if (writer->is_folder && S_ISDIR(status.st_mode) && !is_store(path))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: is a folder of something else, which is not"
                       " replaced", path);
    if (writer->is_folder ? !S_ISDIR(status.st_mode)
                          : !S_ISREG(status.st_mode))
        return cs_fail(error, CS_ERROR_ARGUMENT, "%s: is not a %s to write",
                       path, writer->is_folder ? "folder" : "file");
    return force || cs_fail(error, CS_ERROR_ARGUMENT,
                            "%s: is there already; --force replaces it", path);
}

static bool
check_other_file(const CsRecordingInfo *info, const char *path,
                 GError **error)
{
    struct stat out, in;

    if (stat(path, &out) < 0)
        return true;
    for (size_t i = 0; i < info->n_files; i++) {
        g_autofree char *folder = g_path_get_dirname(info->files[i]);
        const char *read = S_ISDIR(out.st_mode) ? folder : info->files[i];

        if (stat(read, &in) == 0 && in.st_ino == out.st_ino
            && in.st_dev == out.st_dev)
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "%s: is read and cannot be written at once", path);
    }
    return true;
}

static bool
cut_clock(const CsClock *all, Range range, CsClock *part, GError **error)
{
    double begin_s = all->start_s[range.first];

    if (!cs_clock_resize(part, range.end - range.first, error))
        return false;
    for (size_t i = 0; i < part->n_frames; i++) {
        part->start_s[i] = all->start_s[range.first + i] - begin_s;
        part->duration_s[i] = all->duration_s[range.first + i];
        part->source[i] = all->source[range.first + i];
    }
    part->start_unix_s = all->start_unix_s + begin_s;
    return true;
}

static bool
has_times(const CsClock *clock)
{
    for (size_t i = 0; i < clock->n_frames; i++)
        if (!isfinite(clock->start_s[i]))
            return false;
    return clock->n_frames > 0;
}

typedef struct {
    CsRecording    *recording;
    const CsWriter *writer; /* NULL: by the name of the file */
    const char     *path;
    Range           range;
    CsMovieStyle    style; /* of videos */
    const CsJob    *job;
} Conversion;

static void
warn_of_losses(const Conversion *c)
{
    const CsSeriesInfo *series = &cs_recording_info(c->recording)->series;

    if (series->x.kind > CS_UNIT_LENGTH)
        cs_job_warn(c->job, "%s: the scale in %s is not kept: only lengths "
                            "are", c->path, series->x.unit);
}

/* The frame as it is written: drawn, where the format is one of pictures. */
static bool
write_frame(const Conversion *c, const CsFrame *frame, CsFrame *picture,
            CsOutput *output, GError **error)
{
    const CsClock *clock = &cs_recording_info(c->recording)->clock;

    if (!c->writer->is_picture)
        return cs_output_write(output, frame, error);
    return cs_movie_draw(frame, frame->index, clock->start_s[frame->index],
                         &c->style, picture, error)
           && cs_output_write(output, picture, error);
}

static bool
copy_frames(const Conversion *c, CsFrame *frame, CsOutput *output,
            GError **error)
{
    size_t n = c->range.end - c->range.first;
    g_auto(CsFrame) picture = CS_FRAME_INIT;

    for (size_t i = 0; i < n; i++) {
        if (!cs_job_go_on(c->job, error)
            || !cs_recording_read(c->recording, c->range.first + i, frame,
                                  error)
            || !write_frame(c, frame, &picture, output, error))
            return false;
        cs_job_progress(c->job, "converting", (double) i / (double) n);
    }
    return cs_output_finish(output, error);
}

/* The file is read again: no list of what formats hold stays true for long. */
static void
warn_of_lost_facts(const Conversion *c)
{
    g_autofree char *losses
        = cs_kept_losses(cs_recording_info(c->recording), c->range.first,
                         c->path);

    if (losses != NULL)
        cs_job_warn(c->job, "%s does not hold %s", c->path, losses);
}

static void
announce_pictures(CsWriterInfo *out)
{
    out->type = CS_PIXEL_U8;
    out->n_channels = 3;
    out->value_offset = 0;
    out->value_gain = 1;
}

static bool
convert(const Conversion *c, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(c->recording);
    g_auto(CsClock) clock = CS_CLOCK_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(CsOutput) output = NULL;
    CsWriterInfo out = CS_WRITER_INFO_INIT;

    if (!cut_clock(&info->clock, c->range, &clock, error)
        || !cs_recording_read(c->recording, c->range.first, &frame, error))
        return false;
    out.width = frame.width;
    out.height = frame.height;
    out.n_frames = c->range.end - c->range.first;
    out.n_channels = frame.n_channels;
    out.type = frame.type;
    out.value_offset = frame.value_offset;
    out.value_gain = frame.value_gain;
    out.nm_per_px_x = info->nm_per_px_x;
    out.nm_per_px_y = info->nm_per_px_y;
    out.clock = has_times(&clock) ? &clock : NULL;
    out.facts = &info->series;
    if (c->writer->is_picture)
        announce_pictures(&out);
    warn_of_losses(c);
    output = cs_output_open(c->writer, c->path, &out, error);
    if (output == NULL || !copy_frames(c, &frame, output, error))
        return false;
    if (!c->writer->is_picture)
        warn_of_lost_facts(c);
    return true;
}

/* "LOW:HIGH". */
static bool
parse_levels(const char *text, CsMovieStyle *style)
{
    char *end;

    style->low = g_ascii_strtod(text, &end);
    if (end == text || *end != ':')
        return false;
    text = end + 1;
    style->high = g_ascii_strtod(text, &end);
    return end != text && *end == '\0' && isfinite(style->low)
           && isfinite(style->high) && style->high > style->low;
}

/* Only pictures have a style; the levels are those of all frames, whichever
 * are written. */
static bool
set_style(const Options *options, Conversion *c, GError **error)
{
    if (!c->writer->is_picture)
        return (options->levels == NULL && options->outlines == NULL)
               || cs_fail(error, CS_ERROR_ARGUMENT,
                          "--levels and --outlines are for videos; %s keeps"
                          " pixels as they are", c->writer->name);
    c->style.nm_per_px = cs_recording_info(c->recording)->nm_per_px_x;
    c->style.has_marks = !options->plain;
    if (options->levels != NULL)
        return parse_levels(options->levels, &c->style)
               || cs_fail(error, CS_ERROR_ARGUMENT,
                          "--levels takes LOW:HIGH with LOW below HIGH, not"
                          " %s", options->levels);
    return cs_movie_levels(c->recording, &c->style.low, &c->style.high,
                           error);
}

static bool
open_and_convert(const Options *options, const CsRecordingOptions *given,
                 Conversion *c, GError **error)
{
    g_autoptr(CsRecording) recording = NULL;
    const CsRecordingInfo *info;

    if (!check_target(c->path, c->writer, options->force, error))
        return false;
    recording = cs_recording_open(options->paths[0], given, c->job, error);
    if (recording == NULL)
        return false;
    info = cs_recording_info(recording);
    c->recording = recording;
    return fit_range(&c->range, info->n_frames, error)
           && check_other_file(info, c->path, error)
           && set_style(options, c, error) && convert(c, error);
}

int
cs_cli_convert(int argc, char **argv)
{
    g_auto(Options) options = { 0 };
    g_auto(CsCliRecording) given = CS_CLI_RECORDING_INIT;
    g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;
    g_autoptr(GOptionContext) context = new_context(&options, &given, &cli);
    g_autoptr(GError) error = NULL;
    g_auto(CsRois) rois = CS_ROIS_INIT;
    Conversion c
        = { .range = { 0, SIZE_MAX }, .style = CS_MOVIE_STYLE_INIT };
    int status;

    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (options.paths == NULL || g_strv_length(options.paths) != 2)
        return cs_cli_wrong_usage("convert needs IN and OUT");
    if (options.frames != NULL && !parse_range(options.frames, &c.range))
        return cs_cli_wrong_usage("--frames takes A:B with A before B, not "
                                  "“%s”", options.frames);
    if (options.format != NULL) {
        c.writer = cs_writer_named(options.format);
        if (c.writer == NULL)
            return cs_cli_wrong_usage("there is no format %s to write",
                                      options.format);
    } else {
        c.writer = cs_writer_for(options.paths[1], &error);
        if (c.writer == NULL)
            return cs_cli_wrong_usage("%s", error->message);
    }
    cs_cli_job_start(&cli);
    c.path = options.paths[1];
    c.job = &cli.job;
    c.style.rois = options.outlines != NULL ? &rois : NULL;
    if ((c.style.rois != NULL
         && !cs_rois_read(options.outlines, &rois, &error))
        || !open_and_convert(&options, &given.options, &c, &error))
        status = cs_cli_job_failed(&cli, error, "nothing was written");
    return cs_cli_end(status);
}
