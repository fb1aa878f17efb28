/* Recordings: which files, in which order, when, how large; from small MRC
 * files whose first sample says which frame they are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/recording.h"

enum { WIDTH = 6, HEIGHT = 4, HEADER = 1024 };

typedef struct {
    char *dir;
} Place;

static void
remove_tree(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        remove_tree(inside);
    }
    g_remove(path);
}

static void
place_set_up(Place *place, gconstpointer data)
{
    (void) data;
    place->dir = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    g_assert_nonnull(place->dir);
}

static void
place_tear_down(Place *place, gconstpointer data)
{
    (void) data;
    remove_tree(place->dir);
    g_free(place->dir);
}

static char *
at(const Place *place, const char *name)
{
    return g_build_filename(place->dir, name, NULL);
}

static void
write_text(const Place *place, const char *name, const char *text)
{
    g_autofree char *path = at(place, name);
    g_autofree char *folder = g_path_get_dirname(path);

    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
put(guint8 *header, size_t offset, guint32 word)
{
    word = GUINT32_TO_LE(word);
    memcpy(header + offset, &word, sizeof word);
}

static void
put_float(guint8 *header, size_t offset, float value)
{
    guint32 word;

    memcpy(&word, &value, sizeof word);
    put(header, offset, word);
}

/* 16-bit frames numbered from `first`; nm_per_px 0 leaves the scale out. */
static void
write_mrc(const Place *place, const char *name, size_t width,
          size_t n_frames, int first, double nm_per_px)
{
    g_autofree char *path = at(place, name);
    g_autofree char *folder = g_path_get_dirname(path);
    size_t n_px = width * HEIGHT, n = HEADER + 2 * n_px * n_frames;
    g_autofree guint8 *file = g_malloc0(n);

    put(file, 0, (guint32) width);
    put(file, 4, HEIGHT);
    put(file, 8, (guint32) n_frames);
    put(file, 12, 6);
    put(file, 28, (guint32) width);
    put(file, 32, HEIGHT);
    put(file, 36, 1);
    put_float(file, 40, (float) (10 * nm_per_px * (double) width));
    put_float(file, 44, (float) (10 * nm_per_px * HEIGHT));
    put(file, 64, 1);
    put(file, 68, 2);
    put(file, 72, 3);
    put(file, 108, 20140);
    memcpy(file + 208, "MAP DD\0\0", 8);
    for (size_t f = 0; f < n_frames; f++)
        for (size_t i = 0; i < n_px; i++)
            file[HEADER + 2 * (f * n_px + i)] = (guint8) (first + (int) f);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, (char *) file, (gssize) n, NULL));
}

static CsRecording *
open_at(const Place *place, const char *name, const CsRecordingOptions *options,
        GError **error)
{
    g_autofree char *path = at(place, name);

    return cs_recording_open(path, options, NULL, error);
}

/* Opening must fail, with every one of the words in the message. */
static void
assert_refused(const Place *place, const char *name,
               const CsRecordingOptions *options, const char *const *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(open_at(place, name, options, &error));
    g_assert_nonnull(error);
    for (size_t i = 0; words[i] != NULL; i++)
        if (strstr(error->message, words[i]) == NULL)
            g_error("“%s” is not in “%s”", words[i], error->message);
}

static void
assert_frames(CsRecording *recording, const int *number, size_t n)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    g_assert_cmpuint(cs_recording_info(recording)->n_frames, ==, n);
    for (size_t i = n; i-- > 0;) {
        g_assert_true(cs_recording_read(recording, i, &frame, NULL));
        g_assert_cmpuint(frame.index, ==, i);
        g_assert_cmpint((int) cs_frame_value(&frame, 0, 0), ==, number[i]);
    }
}

static bool
has_note(const CsRecording *recording, const char *word)
{
    const GPtrArray *notes = cs_recording_info(recording)->notes;

    for (guint i = 0; notes != NULL && i < notes->len; i++)
        if (strstr(notes->pdata[i], word) != NULL)
            return true;
    return false;
}

/* ---- Which files ------------------------------------------------------------ */

static void
files_come_in_numeric_order(Place *place, gconstpointer data)
{
    static const int order[] = { 8, 9, 10, 11 };
    static const char *const paths[] = { "", "f_*.mrc", "f_%d.mrc" };

    (void) data;
    write_mrc(place, "f_10.mrc", WIDTH, 1, 10, 1);
    write_mrc(place, "f_9.mrc", WIDTH, 1, 9, 1);
    write_mrc(place, "f_11.mrc", WIDTH, 1, 11, 1);
    write_mrc(place, "f_8.mrc", WIDTH, 1, 8, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(CsRecording) recording
            = open_at(place, paths[i], NULL, NULL);

        g_assert_nonnull(recording);
        assert_frames(recording, order, 4);
    }
}

static void
a_real_name_wins_over_a_pattern(Place *place, gconstpointer data)
{
    static const int order[] = { 7 };
    static const char *const names[] = { "f_%d.mrc", "f_*[1].mrc" };

    (void) data;
    write_mrc(place, "f_1.mrc", WIDTH, 1, 1, 1);
    write_mrc(place, "f_2.mrc", WIDTH, 1, 2, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(CsRecording) recording = NULL;

        write_mrc(place, names[i], WIDTH, 1, 7, 1);
        recording = open_at(place, names[i], NULL, NULL);
        g_assert_nonnull(recording);
        assert_frames(recording, order, 1);
    }
}

static void
a_missing_number_is_named(Place *place, gconstpointer data)
{
    static const char *const words[]
        = { "number 3 is missing", "--allow-gaps", NULL };
    CsRecordingOptions options = CS_RECORDING_OPTIONS_INIT;
    g_autoptr(CsRecording) recording = NULL;

    (void) data;
    write_mrc(place, "f_0001.mrc", WIDTH, 1, 1, 1);
    write_mrc(place, "f_0002.mrc", WIDTH, 1, 2, 1);
    write_mrc(place, "f_0004.mrc", WIDTH, 1, 4, 1);
    assert_refused(place, "", NULL, words);

    options.allow_gaps = true;
    options.interval_s = 0.5;
    recording = open_at(place, "", &options, NULL);
    g_assert_nonnull(recording);
    g_assert_true(has_note(recording, "number 3 is missing"));
    /* Halves are exact in binary. */
    g_assert_cmpfloat(cs_recording_info(recording)->clock.start_s[2], ==, 1.5);
}

static void
steps_that_are_kept_are_no_gaps(Place *place, gconstpointer data)
{
    static const int order[] = { 10, 20, 30 };
    g_autoptr(CsRecording) recording = NULL;

    (void) data;
    write_mrc(place, "f_10.mrc", WIDTH, 1, 10, 1);
    write_mrc(place, "f_20.mrc", WIDTH, 1, 20, 1);
    write_mrc(place, "f_30.mrc", WIDTH, 1, 30, 1);
    recording = open_at(place, "", NULL, NULL);
    g_assert_nonnull(recording);
    assert_frames(recording, order, 3);
}

static void
assert_last_start(Place *place, const CsRecordingOptions *options,
                  double start_s)
{
    g_autoptr(CsRecording) recording = open_at(place, "", options, NULL);

    g_assert_nonnull(recording);
    /* Halves are exact in binary. */
    g_assert_cmpfloat(cs_recording_info(recording)->clock.start_s[2], ==,
                      start_s);
}

/* Only the user knows whether every tenth file is there or the camera counts
 * by ten. */
static void
what_an_interval_counts_is_asked(Place *place, gconstpointer data)
{
    static const char *const words[] = { "10, 20", "--interval-per", NULL };
    CsRecordingOptions options = CS_RECORDING_OPTIONS_INIT;

    (void) data;
    write_mrc(place, "f_10.mrc", WIDTH, 1, 10, 1);
    write_mrc(place, "f_20.mrc", WIDTH, 1, 20, 1);
    write_mrc(place, "f_30.mrc", WIDTH, 1, 30, 1);
    options.interval_s = 0.5;
    assert_refused(place, "", &options, words);
    options.interval_per = CS_PER_FILE;
    assert_last_start(place, &options, 1);
    options.interval_per = CS_PER_NUMBER;
    assert_last_start(place, &options, 10);
}

static void
an_empty_folder_is_refused(Place *place, gconstpointer data)
{
    static const char *const empty[] = { "empty", NULL };
    static const char *const no_images[] = { "no images", "log.txt", NULL };
    static const char *const nothing[] = { "no such file", NULL };

    (void) data;
    assert_refused(place, "", NULL, empty);
    assert_refused(place, "nothing.mrc", NULL, nothing);
    write_text(place, "log.txt", "hello");
    assert_refused(place, "", NULL, no_images);
}

static void
other_files_are_left_out_with_a_note(Place *place, gconstpointer data)
{
    static const int order[] = { 1, 2, 3 };
    g_autoptr(CsRecording) recording = NULL;

    (void) data;
    for (int i = 1; i <= 3; i++) {
        g_autofree char *name = g_strdup_printf("f_%d.mrc", i);

        write_mrc(place, name, WIDTH, 1, i, 1);
    }
    write_text(place, "log.txt", "hello");
    write_text(place, "preview.tif", "not even a TIFF");
    recording = open_at(place, "", NULL, NULL);
    g_assert_nonnull(recording);
    assert_frames(recording, order, 3);
    g_assert_true(has_note(recording, "log.txt"));
    g_assert_true(has_note(recording, "preview.tif"));
}

static void
two_series_are_listed(Place *place, gconstpointer data)
{
    static const char *const words[]
        = { "2 series", "a_1.mrc", "b_2.mrc", NULL };
    static const char *const runs[]
        = { "2 series", "run1_1.mrc", "run2_2.mrc", NULL };

    (void) data;
    write_mrc(place, "one/a_1.mrc", WIDTH, 1, 1, 1);
    write_mrc(place, "one/a_2.mrc", WIDTH, 1, 2, 1);
    write_mrc(place, "one/b_1.mrc", WIDTH, 1, 1, 1);
    write_mrc(place, "one/b_2.mrc", WIDTH, 1, 2, 1);
    assert_refused(place, "one", NULL, words);
    write_mrc(place, "two/run1_1.mrc", WIDTH, 1, 1, 1);
    write_mrc(place, "two/run1_2.mrc", WIDTH, 1, 2, 1);
    write_mrc(place, "two/run2_1.mrc", WIDTH, 1, 1, 1);
    write_mrc(place, "two/run2_2.mrc", WIDTH, 1, 2, 1);
    assert_refused(place, "two", NULL, runs);
}

static void
files_that_differ_are_refused(Place *place, gconstpointer data)
{
    static const char *const size[]
        = { "f_3.mrc", "f_1.mrc", "8 × 4", "6 × 4", NULL };
    static const char *const scale[]
        = { "g_2.mrc", "2 × 2 nm", "1 × 1 nm", "--scale", NULL };

    (void) data;
    write_mrc(place, "f_1.mrc", WIDTH, 1, 1, 1);
    write_mrc(place, "f_2.mrc", WIDTH, 1, 2, 1);
    write_mrc(place, "f_3.mrc", 8, 1, 3, 1);
    write_mrc(place, "f_4.mrc", 8, 1, 4, 1);
    assert_refused(place, "f_%d.mrc", NULL, size);
    write_mrc(place, "g_1.mrc", WIDTH, 1, 1, 1);
    write_mrc(place, "g_2.mrc", WIDTH, 1, 2, 2);
    assert_refused(place, "g_%d.mrc", NULL, scale);
}

static void
a_broken_file_is_named(Place *place, gconstpointer data)
{
    static const char *const words[] = { "f_2.mrc", NULL };

    (void) data;
    write_mrc(place, "f_1.mrc", WIDTH, 1, 1, 1);
    write_text(place, "f_2.mrc", "broken");
    assert_refused(place, "", NULL, words);
}

static void
files_of_many_frames_are_joined(Place *place, gconstpointer data)
{
    static const int order[] = { 10, 11, 12, 13, 14 };
    g_autoptr(CsRecording) recording = NULL;

    (void) data;
    write_mrc(place, "f_1.mrc", WIDTH, 3, 10, 1);
    write_mrc(place, "f_2.mrc", WIDTH, 2, 13, 1);
    recording = open_at(place, "", NULL, NULL);
    g_assert_nonnull(recording);
    assert_frames(recording, order, 5);
}

typedef struct {
    CsRecording *recording;
    gint         n_wrong; /* atomic */
} Reading;

static bool
read_one(size_t i, unsigned worker, void *data, GError **error)
{
    Reading *reading = data;
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    (void) worker;
    i %= 100;
    if (!cs_recording_read(reading->recording, i, &frame, error))
        return false;
    if ((size_t) cs_frame_value(&frame, 1, 1) != i)
        g_atomic_int_inc(&reading->n_wrong);
    return true;
}

/* More files than stay open, more threads than processors. */
static void
threads_read_together(Place *place, gconstpointer data)
{
    CsJob job = { .n_threads = 7 };
    Reading reading = { 0 };
    g_autoptr(CsRecording) recording = NULL;

    (void) data;
    for (int i = 0; i < 100; i++) {
        g_autofree char *name = g_strdup_printf("f_%d.mrc", i);

        write_mrc(place, name, WIDTH, 1, i, 1);
    }
    recording = open_at(place, "", NULL, NULL);
    g_assert_nonnull(recording);
    reading.recording = recording;
    g_assert_true(cs_parallel_for(&job, 1000, read_one, &reading, NULL));
    g_assert_cmpint(reading.n_wrong, ==, 0);
}

/* ---- When -------------------------------------------------------------------- */

static void
write_tree_frame(const Place *place, int second, int frame, int number)
{
    g_autofree char *name = g_strdup_printf(
        "Hour_00/Minute_00/Second_%02d/x_Hour_00_Minute_00_Second_%02d_"
        "Frame_%04d.mrc", second, second, frame);

    write_mrc(place, name, WIDTH, 1, number, 1);
}

static void
the_tree_gives_times_and_gaps(Place *place, gconstpointer data)
{
    static const double time_s[]
        = { 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 4, 4.25 };
    int order[G_N_ELEMENTS(time_s)];
    g_autoptr(CsRecording) recording = NULL;
    const CsClock *clock;

    (void) data;
    for (int i = 0; i < 10; i++) {
        write_tree_frame(place, i < 8 ? i / 4 : 4, i % 4, i);
        order[i] = i;
    }
    recording = open_at(place, "", NULL, NULL);
    g_assert_nonnull(recording);
    assert_frames(recording, order, 10);
    clock = &cs_recording_info(recording)->clock;
    for (size_t i = 0; i < 10; i++) {
        g_assert_cmpfloat_with_epsilon(clock->start_s[i], time_s[i], 1e-12);
        g_assert_cmpint(clock->source[i], ==, CS_TIME_INTERPOLATED);
    }
    g_assert_true(has_note(recording, "2 seconds without any frame"));
}

static void
a_table_of_times_is_measured(Place *place, gconstpointer data)
{
    g_autofree char *csv = at(place, "times.csv");
    CsRecordingOptions options = CS_RECORDING_OPTIONS_INIT;
    g_autoptr(CsRecording) recording = NULL;
    const CsClock *clock;

    (void) data;
    write_mrc(place, "f.mrc", WIDTH, 3, 0, 1);
    write_text(place, "times.csv", "frame,time_s\n0,10\n1,10.5\n2,12\n");
    options.times_csv = csv;
    recording = open_at(place, "f.mrc", &options, NULL);
    g_assert_nonnull(recording);
    clock = &cs_recording_info(recording)->clock;
    g_assert_cmpfloat(clock->start_s[0], ==, 0);
    g_assert_cmpfloat(clock->start_s[1], ==, 0.5);
    g_assert_cmpfloat(clock->start_s[2], ==, 2);
    g_assert_cmpint(clock->source[2], ==, CS_TIME_MEASURED);
}

static void
a_bad_table_is_refused_with_its_line(Place *place, gconstpointer data)
{
    static const struct {
        const char *text;
        const char *word;
    } cases[] = {
        { "frame,time_s\n0,0\n1,1\n", "2 frames" },
        { "frame,time_s\n0,0\n1,1\n2,2\n3,3\n", "4 frames" },
        { "frame,time_s\n0,0\n1,1\n2,1\n", "line 4" },
        { "frame,time_s\n0,0\n2,1\n1,2\n", "line 3" },
        { "frame,time_s\n1,0\n2,1\n3,2\n", "line 2" },
        { "frame,time_s\n0,0\n1,\n2,2\n", "line 3" },
        { "frame,time_s\n0,0\n1,x\n2,2\n", "line 3" },
        { "number,time_s\n0,0\n1,1\n2,2\n", "frame" },
    };
    g_autofree char *csv = at(place, "times.csv");
    CsRecordingOptions options = CS_RECORDING_OPTIONS_INIT;

    (void) data;
    write_mrc(place, "f.mrc", WIDTH, 3, 0, 1);
    options.times_csv = csv;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *const words[] = { "times.csv", cases[i].word, NULL };

        write_text(place, "times.csv", cases[i].text);
        assert_refused(place, "f.mrc", &options, words);
    }
    options.interval_s = 1;
    assert_refused(place, "f.mrc", &options,
                   (const char *const[]) { "twice", NULL });
}

/* ---- How large ---------------------------------------------------------------- */

static void
the_users_scale_wins_and_is_noted(Place *place, gconstpointer data)
{
    CsRecordingOptions options = CS_RECORDING_OPTIONS_INIT;
    g_autoptr(CsRecording) recording = NULL;
    const CsRecordingInfo *info;

    (void) data;
    write_mrc(place, "f.mrc", WIDTH, 1, 0, 2);
    options.nm_per_px_x = 2.01;
    options.nm_per_px_y = 3;
    recording = open_at(place, "f.mrc", &options, NULL);
    g_assert_nonnull(recording);
    info = cs_recording_info(recording);
    g_assert_cmpfloat(info->nm_per_px_x, ==, 2.01);
    g_assert_cmpfloat(info->nm_per_px_y, ==, 3);
    g_assert_cmpint(info->scale_source, ==, CS_SCALE_USER);
    g_assert_true(has_note(recording, "a pixel in y"));
    g_assert_false(has_note(recording, "a pixel in x"));
}

static void
assert_measurable(const Place *place, const char *name, double scale,
                  double interval_s, bool in_pixels, const char *word)
{
    CsRecordingOptions options = { .nm_per_px_x = scale, .nm_per_px_y = NAN,
                                   .interval_s = interval_s };
    g_autoptr(CsRecording) recording = open_at(place, name, &options, NULL);
    g_autoptr(GError) error = NULL;
    bool ok;

    g_assert_nonnull(recording);
    ok = cs_recording_check_measurable(recording, in_pixels, &error);
    g_assert_cmpint(ok, ==, word == NULL);
    if (word != NULL)
        g_assert_nonnull(strstr(error->message, word));
}

static void
what_is_missing_is_said(Place *place, gconstpointer data)
{
    (void) data;
    write_mrc(place, "bare.mrc", WIDTH, 2, 0, 0);
    write_mrc(place, "line.mrc", 1, 2, 0, 1);
    assert_measurable(place, "bare.mrc", NAN, 1, false, "--scale");
    assert_measurable(place, "bare.mrc", 1, NAN, false, "--interval");
    assert_measurable(place, "bare.mrc", 1, 1, false, NULL);
    assert_measurable(place, "bare.mrc", NAN, NAN, true, NULL);
    assert_measurable(place, "line.mrc", 1, 1, true, "not an image");
}

/* ---- From elsewhere ------------------------------------------------------------ */

static bool
draw_frame(void *state, size_t index, CsFrame *frame, GError **error)
{
    if (!cs_frame_resize(frame, WIDTH, HEIGHT, 1, CS_PIXEL_U8, error))
        return false;
    memset(frame->px, (int) index + *(int *) state, WIDTH * HEIGHT);
    return true;
}

static void
close_drawing(void *state)
{
    *(int *) state = -1;
}

static void
memory_is_a_source_too(void)
{
    static const int order[] = { 5, 6, 7 };
    const CsFrameSource source = { draw_frame, close_drawing };
    CsRecordingInfo info = CS_RECORDING_INFO_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(GError) error = NULL;
    int state = 5;
    CsRecording *recording;

    info.name = g_strdup("drawn");
    info.n_frames = 3;
    recording = cs_recording_take(&info, &source, &state);
    g_assert_null(info.name);
    assert_frames(recording, order, 3);
    g_assert_false(cs_recording_read(recording, 3, &frame, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    cs_recording_unref(recording);
    g_assert_cmpint(state, ==, -1);
}

#define ADD(NAME, FUNCTION)                                                   \
    g_test_add("/recording/" NAME, Place, NULL, place_set_up, FUNCTION,       \
               place_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("files/order", files_come_in_numeric_order);
    ADD("files/real-name", a_real_name_wins_over_a_pattern);
    ADD("files/missing", a_missing_number_is_named);
    ADD("files/steps", steps_that_are_kept_are_no_gaps);
    ADD("files/interval per", what_an_interval_counts_is_asked);
    ADD("files/empty", an_empty_folder_is_refused);
    ADD("files/others", other_files_are_left_out_with_a_note);
    ADD("files/two-series", two_series_are_listed);
    ADD("files/differ", files_that_differ_are_refused);
    ADD("files/broken", a_broken_file_is_named);
    ADD("files/joined", files_of_many_frames_are_joined);
    ADD("files/threads", threads_read_together);
    ADD("clock/tree", the_tree_gives_times_and_gaps);
    ADD("clock/table", a_table_of_times_is_measured);
    ADD("clock/bad-table", a_bad_table_is_refused_with_its_line);
    ADD("scale/user", the_users_scale_wins_and_is_noted);
    ADD("scale/missing", what_is_missing_is_said);
    g_test_add_func("/recording/memory", memory_is_a_source_too);
    return g_test_run();
}
