/* Recordings with files beside them: what these tell must arrive, and a
 * recording must read without them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/reader.h"
#include "samples.h"

typedef struct {
    char         *folder;
    CsSource     *source;
    CsSeriesInfo  info;
    void         *state;
    const CsReader *reader;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
    (void) unused;
    f->folder = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    f->info = (CsSeriesInfo) CS_SERIES_INFO_INIT;
    g_assert_nonnull(f->folder);
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
    GDir *dir = g_dir_open(f->folder, 0, NULL);
    const char *name;

    (void) unused;
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(f->folder, name, NULL);

        g_remove(path);
    }
    g_dir_close(dir);
    g_rmdir(f->folder);
    g_free(f->folder);
    if (f->reader != NULL)
        f->reader->close(f->state);
    cs_series_info_clear(&f->info);
    cs_source_unref(f->source);
}

static void
put(const Fixture *f, const char *name, const void *bytes, gssize n)
{
    g_autofree char *path = g_build_filename(f->folder, name, NULL);

    g_assert_true(g_file_set_contents(path, bytes, n, NULL));
}

static void
put_sample(const Fixture *f, const char *name, const char *reader, int variant)
{
    g_autoptr(GBytes) bytes = cs_sample(reader, variant);

    put(f, name, g_bytes_get_data(bytes, NULL),
        (gssize) g_bytes_get_size(bytes));
}

static bool
open_in(Fixture *f, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(f->folder, name, NULL);

    f->source = cs_source_open(path, error);
    g_assert_nonnull(f->source);
    f->reader = cs_reader_for(f->source, error);
    return f->reader != NULL
           && f->reader->open(f->source, &f->info, &f->state, error);
}

static bool
has_note(const Fixture *f, const char *words)
{
    for (guint i = 0; f->info.notes != NULL && i < f->info.notes->len; i++)
        if (strstr(f->info.notes->pdata[i], words) != NULL)
            return true;
    return false;
}

/* ---- Gatan's raw frames --------------------------------------------------- */

enum { RAW_WIDTH = 7, RAW_HEIGHT = 5, RAW_PIXELS = RAW_WIDTH * RAW_HEIGHT };

/* Pixels first … first + n - 1 of all frames: each is its number. */
static void
put_raw(const Fixture *f, const char *name, unsigned first, unsigned n)
{
    g_autofree guint16 *px = g_new(guint16, n);

    for (unsigned i = 0; i < n; i++)
        px[i] = GUINT16_TO_LE((guint16) (first + i));
    put(f, name, px, (gssize) (n * sizeof *px));
}

static void
check_raw_frames(Fixture *f, size_t n)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(f->info.n_frames, ==, n);
    g_assert_cmpfloat(cs_axis_nm(&f->info.x), ==, 0.25);
    g_assert_cmpfloat(cs_axis_nm(&f->info.y), ==, 0.5);
    for (size_t k = n; k-- > 0;) {
        g_assert_true(f->reader->read(f->state, k, &frame, &error));
        g_assert_no_error(error);
        for (size_t i = 0; i < RAW_PIXELS; i++)
            g_assert_cmpfloat(cs_frame_value(&frame, i % RAW_WIDTH,
                                             i / RAW_WIDTH), ==,
                              (double) (k * RAW_PIXELS + i));
    }
}

/* Parts end inside frames; the last frame is not whole. */
static void
director_reads_frames_across_its_raw_files(Fixture *f, gconstpointer dm5)
{
    const char *name = dm5 != NULL ? "a.dm5" : "a.dm4";

    put_sample(f, name, dm5 != NULL ? "hdf5" : "dm", dm5 != NULL ? 7 : 6);
    put_raw(f, "a.raw", 0, 50);
    put_raw(f, "a.raw_1", 50, 50);
    put_raw(f, "a.raw_2", 100, 48);
    g_assert_true(open_in(f, name, NULL));
    check_raw_frames(f, 4);
    g_assert_cmpuint(f->info.n_frames_declared, ==, 5);
    g_assert_true(has_note(f, "end inside frame 5"));
    g_assert_true(has_note(f, "tells of 5 frames"));
}

static void
director_refuses_a_raw_file_of_odd_length(Fixture *f, gconstpointer dm5)
{
    const char *name = dm5 != NULL ? "a.dm5" : "a.dm4";
    g_autoptr(GError) error = NULL;

    put_sample(f, name, dm5 != NULL ? "hdf5" : "dm", dm5 != NULL ? 7 : 6);
    put_raw(f, "a.raw", 0, 50);
    put_raw(f, "a.raw_1", 50, 40);
    put_raw(f, "a.raw_2", 90, 48);
    g_assert_false(open_in(f, name, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_FORMAT);
    g_assert_nonnull(strstr(error->message, "number 1 has 80 bytes"));
}

static void
director_without_raw_files_gives_its_own_image(Fixture *f, gconstpointer dm5)
{
    const char *name = dm5 != NULL ? "a.dm5" : "a.dm4";

    put_sample(f, name, dm5 != NULL ? "hdf5" : "dm", dm5 != NULL ? 7 : 6);
    g_assert_true(open_in(f, name, NULL));
    g_assert_cmpuint(f->info.n_frames, ==, 1);
    g_assert_true(has_note(f, "no .raw files"));
}

/* ---- TIA ------------------------------------------------------------------ */

#define OBJECT(kV, mode)                                                      \
    "<ObjectInfo><ExperimentalConditions><MicroscopeConditions>"              \
    "<AcceleratingVoltage>" kV "</AcceleratingVoltage>"                       \
    "</MicroscopeConditions></ExperimentalConditions>"                        \
    "<ExperimentalDescription><Root>"                                         \
    "<Data><Label>Microscope</Label><Value>Microscope T 200</Value></Data>"   \
    "<Data><Label>Mode</Label><Value> " mode "</Value></Data>"                \
    "<Data><Label>Magnification</Label><Value>19500</Value></Data>"           \
    "</Root></ExperimentalDescription>"                                       \
    "<AcquireDate>Sun Feb 21 17:49:06 2016</AcquireDate><AcquireInfo>"        \
    "<DwellTimePath>0.0625</DwellTimePath>"                                   \
    "<CameraNamePath>Orius</CameraNamePath></AcquireInfo></ObjectInfo>"

static void
series_of_tia_takes_its_own_description(Fixture *f, gconstpointer unused)
{
    static const char emi[] = "JI\1\2" OBJECT("80000", "TEM Zoom Image")
        "\3\4" OBJECT("200000", "TEM Zoom Image");

    (void) unused;
    put_sample(f, "a_2.ser", "ser", 1);
    put(f, "a.emi", emi, sizeof emi);
    g_assert_true(open_in(f, "a_2.ser", NULL));
    g_assert_cmpfloat(f->info.voltage_kV, ==, 200);
    g_assert_cmpfloat(f->info.magnification, ==, 19500);
    g_assert_cmpfloat(f->info.exposure_s, ==, 0.0625);
    g_assert_cmpfloat(f->info.clock.duration_s[2], ==, 0.0625);
    g_assert_cmpstr(f->info.microscope, ==, "T 200");
    g_assert_cmpstr(f->info.camera, ==, "Orius");
    g_assert_cmpstr(f->info.date, ==, "Sun Feb 21 17:49:06 2016");
}

static void
diffraction_of_tia_is_refused(Fixture *f, gconstpointer unused)
{
    static const char emi[] = OBJECT("200000", "TEM Zoom Diffraction");
    g_autoptr(GError) error = NULL;

    (void) unused;
    put_sample(f, "a_1.ser", "ser", 0);
    put(f, "a.emi", emi, sizeof emi);
    g_assert_false(open_in(f, "a_1.ser", &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_UNSUPPORTED);
    g_assert_nonnull(strstr(error->message, "diffraction"));
}

static void
series_of_tia_reads_alone(Fixture *f, gconstpointer unused)
{
    (void) unused;
    put_sample(f, "a_1.ser", "ser", 2);
    g_assert_true(open_in(f, "a_1.ser", NULL));
    g_assert_true(isnan(f->info.voltage_kV));
    g_assert_true(has_note(f, "no .emi file"));
    g_assert_true(has_note(f, "4 of 9 planned"));
}

/* Four images share a second: the first has it measured, the others lie
 * between it and the next. */
static void
whole_seconds_of_tia_are_spread(Fixture *f, gconstpointer unused)
{
    (void) unused;
    put_sample(f, "a_1.ser", "ser", 2);
    g_assert_true(open_in(f, "a_1.ser", NULL));
    g_assert_cmpuint(f->info.clock.n_frames, ==, 4);
    g_assert_cmpfloat(f->info.clock.start_unix_s, ==, 1456076161);
    for (int i = 0; i < 4; i++) {
        g_assert_cmpfloat(f->info.clock.start_s[i], ==, 0.25 * i);
        g_assert_cmpint(f->info.clock.source[i], ==,
                        i == 0 ? CS_TIME_MEASURED : CS_TIME_INTERPOLATED);
    }
}

static void
bad_tag_of_tia_is_a_missing_time(Fixture *f, gconstpointer unused)
{
    (void) unused;
    put_sample(f, "a_1.ser", "ser", 3);
    g_assert_true(open_in(f, "a_1.ser", NULL));
    g_assert_cmpuint(f->info.n_frames, ==, 2);
    g_assert_true(isnan(f->info.clock.start_s[1]));
    g_assert_cmpint(f->info.clock.source[1], ==, CS_TIME_NONE);
    g_assert_true(has_note(f, "1 of 2 images have no time tag"));
}

static void
rows_of_tia_run_down(Fixture *f, gconstpointer unused)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    (void) unused;
    put_sample(f, "a_1.ser", "ser", 0);
    g_assert_true(open_in(f, "a_1.ser", NULL));
    g_assert_true(f->reader->read(f->state, 0, &frame, NULL));
    g_assert_cmpfloat(cs_frame_value(&frame, 0, 0), ==, 10);
    g_assert_cmpfloat(cs_frame_value(&frame, 4, 2), ==, 4);
    g_assert_cmpfloat(cs_axis_nm(&f->info.x), ==, 2.5e-10 * 1e9);
}

/* ---- TVIPS ---------------------------------------------------------------- */

/* Cuts sample 0, three frames of 148 bytes behind 256, into two files. */
static void
put_tvips_set(const Fixture *f, gsize n_first, gsize n_second)
{
    g_autoptr(GBytes) bytes = cs_sample("tvips", 0);
    const guint8 *data = g_bytes_get_data(bytes, NULL);

    put(f, "a_000.tvips", data, (gssize) n_first);
    put(f, "a_001.tvips", data + n_first, (gssize) n_second);
}

static void
files_of_tvips_are_one_recording(Fixture *f, gconstpointer unused)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    (void) unused;
    put_tvips_set(f, 256 + 148, 2 * 148);
    g_assert_true(open_in(f, "a_000.tvips", NULL));
    g_assert_cmpuint(f->info.n_frames, ==, 3);
    g_assert_true(f->reader->read(f->state, 2, &frame, NULL));
    g_assert_cmpfloat(cs_frame_value(&frame, 1, 0), ==, 41);
    g_assert_true(f->reader->read(f->state, 0, &frame, NULL));
    g_assert_cmpfloat(cs_frame_value(&frame, 1, 0), ==, 1);
    g_assert_cmpfloat(f->info.clock.start_s[2], >, 0.0799);
    g_assert_cmpfloat(f->info.clock.start_s[2], <, 0.0801);
    g_assert_cmpint(f->info.clock.source[2], ==, CS_TIME_MEASURED);
}

/* The first file may hold the header alone, the last end inside a frame. */
static void
cut_files_of_tvips_are_told(Fixture *f, gconstpointer unused)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    (void) unused;
    put_tvips_set(f, 256, 2 * 148 + 100);
    g_assert_true(open_in(f, "a_000.tvips", NULL));
    g_assert_cmpuint(f->info.n_frames, ==, 2);
    g_assert_cmpuint(f->info.n_frames_declared, ==, 3);
    g_assert_true(has_note(f, "1 of 2 files end inside a frame"));
    g_assert_true(f->reader->read(f->state, 0, &frame, NULL));
    g_assert_cmpfloat(cs_frame_value(&frame, 1, 0), ==, 1);
}

static void
pixel_of_a_tvips_camera_is_no_scale(Fixture *f, gconstpointer unused)
{
    (void) unused;
    put_sample(f, "a_000.tvips", "tvips", 1);
    g_assert_true(open_in(f, "a_000.tvips", NULL));
    g_assert_true(isnan(f->info.x.step));
    g_assert_true(has_note(f, "15500 nm"));
    g_assert_cmpfloat(f->info.voltage_kV, ==, 300);
}

/* ---- Merlin --------------------------------------------------------------- */

static void
hdr_of_merlin_tells_missing_frames(Fixture *f, gconstpointer unused)
{
    static const char hdr[] = "HDR,\t\r\nCounter Depth (number):\t6\r\n"
        "Frames in Acquisition (Number):\t5\r\nEnd\t";

    (void) unused;
    put_sample(f, "a.mib", "mib", 0);
    put(f, "a.hdr", hdr, sizeof hdr - 1);
    g_assert_true(open_in(f, "a.mib", NULL));
    g_assert_cmpuint(f->info.n_frames, ==, 3);
    g_assert_cmpuint(f->info.n_frames_declared, ==, 5);
    g_assert_true(has_note(f, "tells of 5 frames"));
}

static void
stamps_of_merlin_are_times(Fixture *f, gconstpointer unused)
{
    (void) unused;
    put_sample(f, "a.mib", "mib", 0);
    g_assert_true(open_in(f, "a.mib", NULL));
    g_assert_cmpfloat(fabs(f->info.clock.start_s[2] - 10e-6), <, 1e-6);
    g_assert_cmpfloat(fabs(f->info.start_unix_s - 1620406270.905800928), <,
                      1e-6);
    g_assert_cmpfloat(f->info.clock.duration_s[1], ==, 0.1);
}

static void
local_time_of_merlin_is_no_moment(Fixture *f, gconstpointer unused)
{
    (void) unused;
    put_sample(f, "a.mib", "mib", 1);
    g_assert_true(open_in(f, "a.mib", NULL));
    g_assert_true(isnan(f->info.start_unix_s));
    g_assert_cmpfloat(f->info.clock.start_s[1], ==, 1);
}

/* The sample's stored numbers count from 0, modulo 59 or as bits of bytes
 * 0, 1, 2, …: what was packed must come out in the order of the detector. */
static double
first_row(Fixture *f, int variant, size_t i)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    put_sample(f, "a.mib", "mib", variant);
    g_assert_true(open_in(f, "a.mib", NULL));
    g_assert_true(f->reader->read(f->state, 0, &frame, NULL));
    return cs_frame_value(&frame, i, 0);
}

/* Byte 3 of the first word is 3 = 1 + 2: pixels 32 and 33. */
static void
raw_bits_of_merlin_run_backwards(Fixture *f, gconstpointer unused)
{
    (void) unused;
    g_assert_cmpfloat(first_row(f, 3, 33), ==, 1);
}

static void
raw_bytes_of_merlin_run_backwards(Fixture *f, gconstpointer unused)
{
    (void) unused;
    g_assert_cmpfloat(first_row(f, 100, 9), ==, 14);
}

static void
raw_words_of_merlin_run_backwards(Fixture *f, gconstpointer unused)
{
    (void) unused;
    g_assert_cmpfloat(first_row(f, 101, 4), ==, 7);
}

/* Stored as 32-bit numbers 0, 1, 2, … in two halves of 16-bit ones: word 3
 * of the high half is 1, pixel 0; the low half begins at number 32768. */
static void
raw_halves_of_merlin_are_joined(Fixture *f, gconstpointer unused)
{
    (void) unused;
    g_assert_cmpfloat(first_row(f, 102, 0), ==, 4096 + 32769 % 59);
}

/* ---- MRC ------------------------------------------------------------------ */

/* A saved frame is the sum of 4 of the camera's 100 a second. */
static void
info_of_direct_electron_is_used(Fixture *f, gconstpointer unused)
{
    static const char text[]
        = "Frames Per Second             = 100\r\n"
          "Frames Per Second (Max)       = 959.09\r\n"
          "Frame Exposure Time (nanoseconds) = 9000000\r\n"
          "Autosave Movie Sum Count      = 4\r\n"
          "Instrument Accelerating Voltage (V) = 300000\r\n"
          "Specimen Pixel Size X (nanometers) = 0.25\r\n"
          "Specimen Pixel Size Y (nanometers) = 0.5\r\n"
          "Camera Model = DE-16\r\n";

    (void) unused;
    put_sample(f, "a_movie.mrc", "mrc", 2);
    put(f, "a_info.txt", text, sizeof text - 1);
    g_assert_true(open_in(f, "a_movie.mrc", NULL));
    g_assert_cmpfloat(f->info.interval_s, ==, 4 / 100.0);
    g_assert_cmpfloat(fabs(f->info.exposure_s - 0.036), <, 1e-12);
    g_assert_cmpfloat(f->info.voltage_kV, ==, 300);
    g_assert_cmpfloat(cs_axis_nm(&f->info.x), ==, 0.25);
    g_assert_cmpfloat(cs_axis_nm(&f->info.y), ==, 0.5);
    g_assert_cmpstr(f->info.camera, ==, "DE-16");
}

/* -1 stands for an unknown pixel size: the header's stays. */
static void
unknown_pixel_of_direct_electron_is_not_used(Fixture *f, gconstpointer unused)
{
    static const char text[] = "Specimen Pixel Size X (nanometers) = -1\n"
                               "Specimen Pixel Size Y (nanometers) = -1\n";

    (void) unused;
    put_sample(f, "a_movie.mrc", "mrc", 2);
    put(f, "a_info.txt", text, sizeof text - 1);
    g_assert_true(open_in(f, "a_movie.mrc", NULL));
    g_assert_cmpfloat(fabs(cs_axis_nm(&f->info.x) - 0.25), <, 1e-6);
    g_assert_true(isnan(f->info.interval_s));
}

static void
mdoc_of_serial_em_gives_times(Fixture *f, gconstpointer unused)
{
    static const char text[]
        = "PixelSpacing = 2.5\nVoltage = 200\n\n[ZValue = 1]\n"
          "DateTime = 01-Mar-16  00:00:03\nExposureTime = 0.5\n"
          "ExposureDose = 5\n\n"
          "[ZValue = 0]\nDateTime = 29-Feb-16  23:59:59\n";

    (void) unused;
    put_sample(f, "a.mrc", "mrc", 2);
    put(f, "a.mrc.mdoc", text, sizeof text - 1);
    g_assert_true(open_in(f, "a.mrc", NULL));
    g_assert_cmpuint(f->info.clock.n_frames, ==, 2);
    g_assert_cmpfloat(f->info.clock.start_s[1], ==, 4);
    g_assert_cmpint(f->info.clock.source[1], ==, CS_TIME_MEASURED);
    g_assert_true(isnan(f->info.clock.start_unix_s)); /* local time */
    g_assert_cmpfloat(f->info.voltage_kV, ==, 200);
    g_assert_cmpfloat(f->info.exposure_s, ==, 0.5);
    g_assert_cmpfloat(f->info.dose_rate_e_per_A2_s, ==, 10);
}

/* ---- StreamPix ------------------------------------------------------------ */

/* Milliseconds in all versions, microseconds from version 5 on. */
static void
stamps_of_streampix_are_times(Fixture *f, gconstpointer unused)
{
    (void) unused;
    put_sample(f, "a.seq", "seq", 1);
    g_assert_true(open_in(f, "a.seq", NULL));
    g_assert_cmpfloat(fabs(f->info.clock.start_s[1] - 0.040001), <, 1e-6);
    g_assert_cmpfloat(fabs(f->info.start_unix_s - 1456076161.10025), <, 1e-6);
    g_assert_cmpint(f->info.clock.source[1], ==, CS_TIME_MEASURED);
    g_assert_true(has_note(f, "does not tell how many"));
}

static void
rate_of_streampix_stands_in(Fixture *f, gconstpointer unused)
{
    (void) unused;
    put_sample(f, "a.seq", "seq", 2);
    g_assert_true(open_in(f, "a.seq", NULL));
    g_assert_cmpuint(f->info.clock.n_frames, ==, 0);
    g_assert_cmpfloat(f->info.interval_s, ==, 0.04);
}

/* ---- The list ------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*check)(Fixture *f, gconstpointer data);
    gconstpointer data; /* NULL but for Gatan's: "" is a director in DM5 */
} checks[] = {
    { "gatan/frames_across_raw_files",
      director_reads_frames_across_its_raw_files, NULL },
    { "gatan/frames_across_raw_files_of_dm5",
      director_reads_frames_across_its_raw_files, "" },
    { "gatan/raw_file_of_odd_length_is_refused",
      director_refuses_a_raw_file_of_odd_length, NULL },
    { "gatan/raw_file_of_odd_length_of_dm5_is_refused",
      director_refuses_a_raw_file_of_odd_length, "" },
    { "gatan/no_raw_files", director_without_raw_files_gives_its_own_image,
      NULL },
    { "gatan/no_raw_files_of_dm5",
      director_without_raw_files_gives_its_own_image, "" },
    { "tia/takes_its_own_description",
      series_of_tia_takes_its_own_description },
    { "tia/diffraction_is_refused", diffraction_of_tia_is_refused },
    { "tia/reads_alone", series_of_tia_reads_alone },
    { "tia/whole_seconds_are_spread", whole_seconds_of_tia_are_spread },
    { "tia/bad_tag_is_a_missing_time", bad_tag_of_tia_is_a_missing_time },
    { "tia/rows_run_down", rows_of_tia_run_down },
    { "tvips/files_are_one_recording", files_of_tvips_are_one_recording },
    { "tvips/cut_files_are_told", cut_files_of_tvips_are_told },
    { "tvips/pixel_of_a_camera_is_no_scale",
      pixel_of_a_tvips_camera_is_no_scale },
    { "merlin/hdr_tells_missing_frames", hdr_of_merlin_tells_missing_frames },
    { "merlin/stamps_are_times", stamps_of_merlin_are_times },
    { "merlin/local_time_is_no_moment", local_time_of_merlin_is_no_moment },
    { "merlin/raw_bits_run_backwards", raw_bits_of_merlin_run_backwards },
    { "merlin/raw_bytes_run_backwards", raw_bytes_of_merlin_run_backwards },
    { "merlin/raw_words_run_backwards", raw_words_of_merlin_run_backwards },
    { "merlin/raw_halves_are_joined", raw_halves_of_merlin_are_joined },
    { "seq/stamps_are_times", stamps_of_streampix_are_times },
    { "seq/rate_stands_in", rate_of_streampix_stands_in },
    { "mrc/info_of_direct_electron", info_of_direct_electron_is_used },
    { "mrc/unknown_pixel_of_direct_electron",
      unknown_pixel_of_direct_electron_is_not_used },
    { "mrc/mdoc_of_serial_em", mdoc_of_serial_em_gives_times },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
        g_autofree char *path
            = g_strconcat("/companions/", checks[i].name, NULL);

        g_test_add(path, Fixture, checks[i].data, set_up, checks[i].check, tear_down);
    }
    return g_test_run();
}
