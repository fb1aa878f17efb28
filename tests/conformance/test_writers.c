/* What every writer must do, asked of each entry of cs_writers alike: what it
 * writes our own readers read again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "coatscope/error.h"
#include "coatscope/recording.h"
#include "coatscope/writer.h"

enum { WIDTH = 64, HEIGHT = 47, N_FRAMES = 4 };

static const double uneven_s[N_FRAMES] = { 0, 0.5, 1.25, 4 };
static const CsTimeSource sources[N_FRAMES]
    = { CS_TIME_MEASURED, CS_TIME_INTERPOLATED, CS_TIME_INTERPOLATED,
        CS_TIME_ASSUMED };

static void
remove_all(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        remove_all(inside);
    }
    g_remove(path);
}

static guint
count(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    guint n = 0;

    while (g_dir_read_name(folder) != NULL)
        n++;
    return n;
}

/* A smooth picture, so that a video keeps it: a slope that grows by frame. */
static void
draw(CsFrame *frame, const CsWriter *writer, size_t index)
{
    bool is_picture = writer->is_picture;
    g_autoptr(GError) error = NULL;

    cs_frame_resize(frame, WIDTH, HEIGHT, is_picture ? 3 : 1,
                    is_picture ? CS_PIXEL_U8 : CS_PIXEL_U16, &error);
    g_assert_no_error(error);
    for (size_t j = 0; j < HEIGHT; j++)
        for (size_t i = 0; i < WIDTH; i++) {
            size_t at = j * WIDTH + i;

            if (is_picture)
                memset((guint8 *) frame->px + 3 * at,
                       (int) (40 * index + i + j), 3);
            else
                ((guint16 *) frame->px)[at]
                    = (guint16) (1000 * index + 20 * j + i);
        }
}

static char *
name_for(const CsWriter *writer)
{
    return g_strconcat("out", writer->suffixes[0] != NULL
                                  ? writer->suffixes[0] : ".tif", NULL);
}

static bool
is_missing(const CsWriter *writer)
{
    g_autofree char *program = g_find_program_in_path("ffmpeg");

    if (!writer->is_picture || program != NULL)
        return false;
    g_test_skip("ffmpeg is not installed");
    return true;
}

static CsOutput *
start(const CsWriter *writer, const char *path, const CsClock *clock)
{
    CsSeriesInfo facts = CS_SERIES_INFO_INIT;
    CsWriterInfo info = CS_WRITER_INFO_INIT;
    g_autoptr(GError) error = NULL;
    CsOutput *output;

    facts.voltage_kV = 300;
    facts.magnification = 20000;
    facts.exposure_s = 0.4;

    info.width = WIDTH;
    info.height = HEIGHT;
    info.n_frames = N_FRAMES;
    info.n_channels = writer->is_picture ? 3 : 1;
    info.type = writer->is_picture ? CS_PIXEL_U8 : CS_PIXEL_U16;
    info.nm_per_px_x = 0.25;
    info.nm_per_px_y = 0.5;
    info.clock = clock;
    info.facts = &facts;
    output = cs_output_open(writer, path, &info, &error);
    g_assert_no_error(error);
    return output;
}

static void
fill(const CsWriter *writer, CsOutput *output, size_t n)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(GError) error = NULL;

    for (size_t k = 0; k < n; k++) {
        draw(&frame, writer, k);
        g_assert_true(cs_output_write(output, &frame, &error));
        g_assert_no_error(error);
    }
}

static void
write_all(const CsWriter *writer, const char *path)
{
    g_auto(CsClock) clock = CS_CLOCK_INIT;
    g_autoptr(CsOutput) output = NULL;
    g_autoptr(GError) error = NULL;

    cs_clock_resize(&clock, N_FRAMES, NULL);
    for (size_t k = 0; k < N_FRAMES; k++) {
        clock.start_s[k] = uneven_s[k];
        clock.duration_s[k] = 0.4;
        clock.source[k] = sources[k];
    }
    output = start(writer, path, &clock);
    fill(writer, output, N_FRAMES);
    g_assert_true(cs_output_finish(output, &error));
    g_assert_no_error(error);
}

/* How far the grey values of a frame are from those drawn, at most. */
static double
difference(const CsFrame *frame, const CsWriter *writer, size_t index)
{
    g_auto(CsFrame) drawn = CS_FRAME_INIT;
    double worst = 0;

    draw(&drawn, writer, index);
    for (size_t j = 0; j < HEIGHT; j++)
        for (size_t i = 0; i < WIDTH; i++) {
            double mine = cs_frame_value(&drawn, i, j);

            /* The luma of MP4 runs from 16 to 235. */
            if (strcmp(writer->name, "mp4") == 0)
                mine = 16 + mine * 219 / 255;
            worst = MAX(worst, fabs(cs_frame_value(frame, i, j) - mine));
        }
    return worst;
}

static void
is_read_again(gconstpointer data)
{
    const CsWriter *writer = data;
    g_autofree char *folder = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    g_autofree char *name = name_for(writer);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(CsRecording) recording = NULL;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(GError) error = NULL;
    const CsRecordingInfo *info;

    if (!is_missing(writer)) {
        write_all(writer, path);
        recording = cs_recording_open(path, NULL, NULL, &error);
        g_assert_no_error(error);
        info = cs_recording_info(recording);
        g_assert_cmpuint(info->n_frames, ==, N_FRAMES);
        g_assert_cmpuint(info->width, ==, WIDTH);
        for (size_t k = 0; k < N_FRAMES; k++) {
            g_assert_true(cs_recording_read(recording, k, &frame, &error));
            /* Of a video with loss: rounding of luma and range, and what
             * quantisation (CRF 18, quality 2) leaves of a slope. */
            g_assert_cmpfloat(difference(&frame, writer, k), <=,
                              writer->is_picture ? 8 : 0);
            if (writer->is_picture)
                continue;
            g_assert_cmpfloat_with_epsilon(info->clock.start_s[k],
                                           uneven_s[k], 1e-6);
            g_assert_cmpint(info->clock.source[k], ==, sources[k]);
        }
        if (!writer->is_picture) {
            g_assert_cmpfloat_with_epsilon(info->series.voltage_kV, 300,
                                           1e-6);
            g_assert_cmpfloat_with_epsilon(info->series.magnification, 20000,
                                           1e-6);
            g_assert_cmpfloat_with_epsilon(info->series.exposure_s, 0.4,
                                           1e-6);
            g_assert_cmpfloat_with_epsilon(info->nm_per_px_x, 0.25, 1e-6);
            g_assert_cmpfloat_with_epsilon(info->nm_per_px_y, 0.5, 1e-6);
        }
        g_assert_cmpuint(count(folder), ==, 1);
    }
    remove_all(folder);
}

static void
leaves_nothing_half_written(gconstpointer data)
{
    const CsWriter *writer = data;
    g_autofree char *folder = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    g_autofree char *name = name_for(writer);
    g_autofree char *path = g_build_filename(folder, name, NULL);

    if (!is_missing(writer)) {
        CsOutput *output = start(writer, path, NULL);

        fill(writer, output, 2);
        g_assert_false(cs_output_finish(output, NULL));
        cs_output_free(output);
        g_assert_cmpuint(count(folder), ==, 0);
    }
    remove_all(folder);
}

static void
replaces_what_was_there(gconstpointer data)
{
    const CsWriter *writer = data;
    g_autofree char *folder = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    g_autofree char *name = name_for(writer);
    g_autofree char *path = g_build_filename(folder, name, NULL);

    if (!is_missing(writer)) {
        write_all(writer, path);
        write_all(writer, path);
        g_assert_cmpuint(count(folder), ==, 1);
    }
    remove_all(folder);
}

static const struct {
    const char *name;
    void (*check)(gconstpointer writer);
} properties[] = {
    { "is_read_again", is_read_again },
    { "leaves_nothing_half_written", leaves_nothing_half_written },
    { "replaces_what_was_there", replaces_what_was_there },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; cs_writers[i] != NULL; i++)
        for (size_t k = 0; k < G_N_ELEMENTS(properties); k++) {
            g_autofree char *path
                = g_strdup_printf("/writers/%s/%s", cs_writers[i]->name,
                                  properties[k].name);

            g_test_add_data_func(path, cs_writers[i], properties[k].check);
        }
    return g_test_run();
}
