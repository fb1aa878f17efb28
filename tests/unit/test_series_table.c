/* A series of pictures with a vendor's table beside it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/recording.h"
#include "coatscope/writer.h"

enum { N = 3, SIDE = 4 };

typedef struct {
    char *folder;
} Fixture;

static void
write_picture(const char *folder, int number)
{
    g_autofree char *name = g_strdup_printf("img_%d.tif", number);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    CsWriterInfo info = CS_WRITER_INFO_INIT;
    g_autoptr(CsOutput) output = NULL;

    info.width = info.height = SIDE;
    info.n_frames = 1;
    info.type = CS_PIXEL_U8;
    output = cs_output_open(NULL, path, &info, NULL);
    g_assert_true(cs_frame_resize(&frame, SIDE, SIDE, 1, CS_PIXEL_U8, NULL));
    memset(frame.px, number, SIDE * SIDE);
    g_assert_true(cs_output_write(output, &frame, NULL));
    g_assert_true(cs_output_finish(output, NULL));
}

static void
set_up(Fixture *f, gconstpointer table)
{
    g_autofree char *path = NULL;

    f->folder = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    path = g_build_filename(f->folder, "Metadata.csv", NULL);
    for (int i = 0; i < N; i++)
        write_picture(f->folder, i);
    g_assert_true(g_file_set_contents(path, table, -1, NULL));
}

static void
tear_down(Fixture *f, gconstpointer table)
{
    g_autoptr(GDir) folder = g_dir_open(f->folder, 0, NULL);
    const char *name;

    (void) table;
    while ((name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *path = g_build_filename(f->folder, name, NULL);

        g_unlink(path);
    }
    g_rmdir(f->folder);
    g_free(f->folder);
}

static CsRecording *
open_all(const Fixture *f, GError **error)
{
    g_autofree char *path = g_build_filename(f->folder, "*.tif", NULL);

    return cs_recording_open(path, NULL, NULL, error);
}

static bool
has_note(const CsRecordingInfo *info, const char *words)
{
    for (guint i = 0; info->notes != NULL && i < info->notes->len; i++)
        if (strstr(info->notes->pdata[i], words) != NULL)
            return true;
    return false;
}

static const char full[]
    = "ImageFileName,Image Time (ms),Focus Score,Pixel Size X (nm/px),"
      "Dose Rate (e-/Å^2/s)\n"
      "D:\\export\\img_1.tif,350.5,9,0.25,12\n"
      "D:\\export\\img_0.tif,100.5,9,0.25,10\n"
      "D:\\export\\img_2.tif,900.5,9,0.25,11\n";

static void
gives_times_scale_and_dose(Fixture *f, gconstpointer table)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CsRecording) recording = open_all(f, &error);
    const CsRecordingInfo *info;

    (void) table;
    g_assert_no_error(error);
    info = cs_recording_info(recording);
    g_assert_cmpfloat_with_epsilon(info->clock.start_s[1], 0.25, 1e-9);
    g_assert_cmpfloat_with_epsilon(info->clock.start_s[2], 0.8, 1e-9);
    g_assert_cmpint(info->clock.source[1], ==, CS_TIME_MEASURED);
    g_assert_true(isnan(info->clock.start_unix_s));
    g_assert_cmpfloat_with_epsilon(info->nm_per_px_x, 0.25, 1e-12);
    g_assert_cmpfloat_with_epsilon(info->series.dose_rate_e_per_A2_s, 10,
                                   1e-12);
    g_assert_true(has_note(info, "times are those of column Image Time"));
}

static const char dates[]
    = "Image File Name;nothing\n";

static const char stamps[]
    = "image file name,Date Time\n"
      "img_0.tif,2024-05-06 10:00:00.25\n"
      "img_1.tif,2024-05-06 10:00:00.75\n"
      "img_2.tif,2024-05-06 10:00:02.25\n";

static void
reads_dates(Fixture *f, gconstpointer table)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CsRecording) recording = open_all(f, &error);
    const CsRecordingInfo *info;

    (void) table;
    g_assert_no_error(error);
    info = cs_recording_info(recording);
    g_assert_cmpfloat_with_epsilon(info->clock.start_s[2], 2, 1e-5);
    g_assert_cmpfloat_with_epsilon(info->clock.start_unix_s, 1714989600.25,
                                   1e-5);
}

static const char bare[]
    = "ImageFileName,Time,Pixel Size\n"
      "img_0.tif,0,0.25\nimg_1.tif,1,0.25\nimg_2.tif,3,0.25\n";

/* Numbers without a unit say nothing. */
static void
uses_no_number_without_unit(Fixture *f, gconstpointer table)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CsRecording) recording = open_all(f, &error);
    const CsRecordingInfo *info;

    (void) table;
    g_assert_no_error(error);
    info = cs_recording_info(recording);
    g_assert_true(isnan(info->nm_per_px_x));
    g_assert_true(isnan(info->clock.start_s[1]));
    g_assert_true(has_note(info, "no unit of length"));
    g_assert_true(has_note(info, "gives no time"));
}

static void
leaves_other_tables_alone(Fixture *f, gconstpointer table)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CsRecording) recording = open_all(f, &error);

    (void) table;
    g_assert_no_error(error);
    g_assert_true(isnan(cs_recording_info(recording)->nm_per_px_x));
}

static const char changing[]
    = "ImageFileName,Pixel Size (nm)\n"
      "img_0.tif,0.25\nimg_1.tif,0.5\nimg_2.tif,0.25\n";

static void
refuses_a_scale_that_changes(Fixture *f, gconstpointer table)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CsRecording) recording = open_all(f, &error);

    (void) table;
    g_assert_null(recording);
    g_assert_error(error, CS_ERROR, CS_ERROR_FORMAT);
    g_assert_nonnull(strstr(error->message, "Metadata.csv:3"));
}

#define ADD(name, table)                                                      \
    g_test_add("/series-table/" #name, Fixture, table, set_up, name,          \
               tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(gives_times_scale_and_dose, full);
    ADD(reads_dates, stamps);
    ADD(uses_no_number_without_unit, bare);
    ADD(leaves_other_tables_alone, dates);
    ADD(refuses_a_scale_that_changes, changing);
    return g_test_run();
}
