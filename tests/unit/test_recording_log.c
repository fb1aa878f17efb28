/* Logs of bias and current: what is read, how it is joined to frames, what it
 * shows of the circuit. Logs are written here; where the folder of real files
 * is there, logs of real instruments too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/log.h"
#include "coatscope/recording.h"

typedef struct {
    char *dir;
    char *path;
} Place;

static void
place_set_up(Place *place, gconstpointer data)
{
    (void) data;
    place->dir = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    g_assert_nonnull(place->dir);
    place->path = g_build_filename(place->dir, "smu.csv", NULL);
}

static void
place_tear_down(Place *place, gconstpointer data)
{
    (void) data;
    g_remove(place->path);
    g_rmdir(place->dir);
    g_free(place->path);
    g_free(place->dir);
}

static void
put(const Place *place, const char *text)
{
    g_assert_true(g_file_set_contents(place->path, text, -1, NULL));
}

static void
must_read(const Place *place, const char *zone, CsLog *log)
{
    const CsLogOptions options
        = { .path = place->path, .offset_s = NAN, .zone = zone };
    g_autoptr(GError) error = NULL;
    bool ok = cs_log_read(&options, log, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

/* Reading must fail, with the words in the message. */
static void
must_fail(const Place *place, const char *text, const char *words)
{
    const CsLogOptions options
        = { .path = place->path, .offset_s = NAN, .zone = "UTC" };
    g_auto(CsLog) log = CS_LOG_INIT;
    g_autoptr(GError) error = NULL;

    put(place, text);
    g_assert_false(cs_log_read(&options, &log, &error));
    g_assert_nonnull(error);
    if (strstr(error->message, words) == NULL)
        g_error("“%s” does not say “%s”", error->message, words);
    g_assert_nonnull(strstr(error->message, "smu.csv"));
    g_assert_cmpuint(log.n, ==, 0);
}

static void
assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        g_error("%.12g is not %.12g", value, expected);
}

/* ---- What is read ----------------------------------------------------------- */

static void
reads_seconds_and_units(Place *place, gconstpointer data)
{
    g_auto(CsLog) log = CS_LOG_INIT;

    (void) data;
    put(place, "time_ms,bias_V,current_nA\n0,0.5,\n500,2,-3.5\n");
    must_read(place, NULL, &log);
    g_assert_cmpint(log.clock, ==, CS_LOG_RELATIVE);
    g_assert_cmpuint(log.n, ==, 2);
    g_assert_true(isnan(log.sample[0].current_A));
    assert_near(log.sample[1].time_s, 0.5, 1e-12);
    assert_near(log.sample[1].bias_V, 2, 0);
    assert_near(log.sample[1].current_A, -3.5e-9, 1e-20);
}

static void
reads_wall_clocks(Place *place, gconstpointer data)
{
    /* 2024-05-12T13:44:01.5 UTC is 1715521441.5 s (date -u -d … +%s). */
    static const struct {
        const char *cell, *zone;
        bool        has_zone;
    } all[] = {
        { "2024-05-12T13:44:01.5Z", NULL, true },
        { "2024-05-12T15:44:01.5+02:00", NULL, true },
        { "2024-05-12 09:44:01.5-0400", NULL, true },
        { "2024-05-12 13:44:01.5", "UTC", false },
        { "2024/05/12 15:44:01.5", "Europe/Berlin", false },
        { "12.05.2024 15:44:01.5", "+02:00", false },
        { "5/13/2024 1:44:01.5 PM", "UTC", false }, /* a day later */
        { "1715521441.5", NULL, true },
        { "1715521441500", NULL, true },
    };

    (void) data;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_auto(CsLog) log = CS_LOG_INIT;
        g_autofree char *text = g_strdup_printf(
            "timestamp,voltage (mV)\n%s,2000\n", all[i].cell);

        put(place, text);
        must_read(place, all[i].zone, &log);
        g_assert_cmpint(log.clock, ==, CS_LOG_WALL);
        g_assert_cmpint(log.has_zone, ==, all[i].has_zone);
        assert_near(log.sample[0].time_s,
                    1715521441.5 + (i == 6 ? 86400 : 0), 1e-6);
        assert_near(log.sample[0].bias_V, 2, 1e-12);
    }
}

static void
reads_days_of_spreadsheets(Place *place, gconstpointer data)
{
    g_auto(CsLog) log = CS_LOG_INIT;

    /* 45424 is 2024-05-12; a tenth of a second is 1.157e-6 days. */
    (void) data;
    put(place, "Zeit;Spannung [V];Strom [nA]\n"
               "45424,5;1,5;0,25\n45424,5000115741;1,5;0,25\n");
    must_read(place, "UTC", &log);
    assert_near(log.sample[0].time_s, 1715515200, 1e-4);
    assert_near(log.sample[1].time_s, 1715515201, 1e-4);
    assert_near(log.sample[0].bias_V, 1.5, 0);
    assert_near(log.sample[0].current_A, 0.25e-9, 1e-22);
}

static void
passes_midnight(Place *place, gconstpointer data)
{
    g_auto(CsLog) log = CS_LOG_INIT;

    (void) data;
    put(place, "Time,Bias (V)\n23:59:59.5,1\n00:00:00.5,1\n23:00:00,1\n"
               "00:30:00,1\n");
    must_read(place, "UTC", &log);
    g_assert_cmpint(log.clock, ==, CS_LOG_TIME_OF_DAY);
    assert_near(log.sample[1].time_s - log.sample[0].time_s, 1, 1e-9);
    assert_near(log.sample[3].time_s, 2 * 86400 + 1800, 1e-9);
}

static void
knows_summer_time(Place *place, gconstpointer data)
{
    g_auto(CsLog) log = CS_LOG_INIT;
    const CsLogOptions options
        = { .path = place->path, .zone = "Europe/Berlin", .offset_s = NAN };
    g_autoptr(GError) error = NULL;

    /* 2024-03-31: 01:59:59 is followed by 03:00:00. */
    (void) data;
    put(place, "Time,Bias (V)\n2024-03-31 01:59:59,1\n"
               "2024-03-31 03:00:00,1\n");
    must_read(place, "Europe/Berlin", &log);
    assert_near(log.sample[1].time_s - log.sample[0].time_s, 1, 1e-6);
    put(place, "Time,Bias (V)\n2024-03-31 02:30:00,1\n");
    g_assert_false(cs_log_read(&options, &log, &error));
    g_assert_nonnull(strstr(error->message, "skipped"));
}

static void
reads_keithley_buffers(Place *place, gconstpointer data)
{
    g_auto(CsLog) log = CS_LOG_INIT;

    (void) data;
    put(place,
        "Model,2450\nBuffer,defbuffer1\n"
        "Index,Reading,Unit,Range Digits,Value,Unit,Digits,Date,Time,"
        "Fractional Seconds\n"
        "1,+1.5E-09,Amp DC,5.5,2.0,Volt DC,5.5,05/12/2024,13:44:01,0.25\n"
        "2,+9.9E+37,Amp DC,5.5,2.0,Volt DC,5.5,05/12/2024,13:44:01,0.75\n");
    must_read(place, "UTC", &log);
    g_assert_cmpstr(log.title, ==, "Keithley reading buffer");
    assert_near(log.sample[0].time_s, 1715521441.25, 1e-6);
    assert_near(log.sample[0].current_A, 1.5e-9, 1e-20);
    assert_near(log.sample[0].bias_V, 2, 0);
    g_assert_true(isnan(log.sample[1].current_A));
    assert_near(log.sample[1].time_s, 1715521441.75, 1e-6);
}

static void
reads_relative_keithley_buffers(Place *place, gconstpointer data)
{
    g_auto(CsLog) log = CS_LOG_INIT;

    (void) data;
    put(place, "Index,Reading,Unit,Relative\n1,2.0,Volt DC,0\n"
               "2,2.5,Volt DC,0.5\n");
    must_read(place, NULL, &log);
    g_assert_cmpint(log.clock, ==, CS_LOG_RELATIVE);
    assert_near(log.sample[1].bias_V, 2.5, 0);
    g_assert_true(isnan(log.sample[1].current_A));
    assert_near(log.sample[1].time_s, 0.5, 0);
}

static void
reads_protochips(Place *place, gconstpointer data)
{
    g_auto(CsLog) log = CS_LOG_INIT;

    (void) data;
    put(place,
        "Time, Notes, Channel A Current, Channel A Voltage, "
        "Channel B Current, Channel B Voltage\n"
        "0, Date (yyyy.mm.dd) = 2024.05.12, 0, 0, NaN, NaN\n"
        "0, Time (hh:mm:ss.ms) = 13:44:01.500, 0, 0, NaN, NaN\n"
        "0, Time units = Milliseconds, 0, 0, NaN, NaN\n"
        "0, Current units = Amps, 0, 0, NaN, NaN\n"
        "0, Voltage units = Volts, 0, 0, NaN, NaN\n"
        "0, , 1E-12, 0.1, NaN, NaN\n"
        "49, , 2E-12, 0.2, NaN, NaN\n");
    must_read(place, "UTC", &log);
    g_assert_cmpstr(log.title, ==, "Protochips log");
    g_assert_cmpuint(log.n, ==, 2);
    assert_near(log.sample[1].time_s, 1715521441.549, 1e-6);
    assert_near(log.sample[1].current_A, 2e-12, 1e-24);
    assert_near(log.sample[1].bias_V, 0.2, 0);
}

static void
reads_dens(Place *place, gconstpointer data)
{
    g_auto(CsLog) log = CS_LOG_INIT;

    (void) data;
    put(place, "TimeStamp,Experiment time,Temperature Measured (degC),"
               "Bias Voltage Measured (V),Bias Current Measured (nA)\n"
               "13:40:26.849,7.787,9.05,1.5,0.2\n");
    must_read(place, "UTC", &log);
    g_assert_cmpstr(log.title, ==, "DENSsolutions log");
    assert_near(log.sample[0].time_s, 13 * 3600 + 40 * 60 + 26.849, 1e-9);
    assert_near(log.sample[0].bias_V, 1.5, 0);
    assert_near(log.sample[0].current_A, 0.2e-9, 1e-22);
}

static void
takes_columns_by_name(Place *place, gconstpointer data)
{
    CsLogOptions options = { .path = place->path, .offset_s = NAN,
                             .time_column = "clock", .bias_column = "ch2",
                             .current_column = "CH1 (pA)" };
    g_auto(CsLog) log = CS_LOG_INIT;
    g_autoptr(GError) error = NULL;

    (void) data;
    put(place, "# a note\nclock\tch1 (pA)\tch2\n0\t3\t1.5\n");
    g_assert_true(cs_log_read(&options, &log, &error));
    g_assert_no_error(error);
    assert_near(log.sample[0].current_A, 3e-12, 1e-24);
    assert_near(log.sample[0].bias_V, 1.5, 0);
    options.bias_column = "ch9";
    g_assert_false(cs_log_read(&options, &log, &error));
    g_assert_nonnull(strstr(error->message, "ch9"));
    g_assert_nonnull(strstr(error->message, "ch1 (pA), ch2"));
}

static void
reads_utf16(Place *place, gconstpointer data)
{
    static const char text[] = "Time (s)\tCurrent (\302\265A)\n1\t2\n";
    g_auto(CsLog) log = CS_LOG_INIT;
    gsize n;
    g_autofree char *wide
        = g_convert(text, -1, "UTF-16LE", "UTF-8", NULL, &n, NULL);
    g_autofree char *file = g_malloc(n + 2);

    (void) data;
    memcpy(file, "\xff\xfe", 2);
    memcpy(file + 2, wide, n);
    g_assert_true(g_file_set_contents(place->path, file, (gssize) n + 2,
                                      NULL));
    must_read(place, NULL, &log);
    assert_near(log.sample[0].current_A, 2e-6, 1e-18);
}

static void
says_what_is_wrong_and_where(Place *place, gconstpointer data)
{
    static const struct {
        const char *text, *words;
    } all[] = {
        { "", "no line names" },
        { "a,b\n1,2\n", "no line names" },
        { "time_s,bias_V\n", "no sample" },
        { "time_s,bias_V\n0,1\n1,two\n", "line 3: “two”" },
        { "x\n\ntime_s,bias_V\n0,1\nnoon,2\n", "line 5: “noon”" },
        { "time_s,bias_V\n5,1\n3,1\n", "line 3: time runs backwards" },
        { "time,bias_V\n2024-05-12T00:00:00Z,1\n00:00:05,1\n",
          "line 3: the time is of another kind" },
        { "time,bias_V\n5/12/2024 13:00:00,1\n", "day or the month first" },
        { "time_s,voltage 1,voltage 2\n0,1,2\n",
          "several columns could be the bias" },
        { "time,bias_V\n2024-02-30 00:00:00,1\n", "line 2: “2024-02-30" },
        { "time,bias_V\n25:00:00,1\n", "line 2: “25:00:00" },
        { "Index,Reading,Unit,Relative\n1,2,Ohm,0\n", "line 2: the reading" },
        { "time_s,Gun current (A),Heater Voltage (V)\n0,1,2\n",
          "no line names" },
    };

    (void) data;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        must_fail(place, all[i].text, all[i].words);
}

static void
leaves_out_a_cut_last_line(Place *place, gconstpointer data)
{
    g_auto(CsLog) log = CS_LOG_INIT;

    (void) data;
    put(place, "time_s,bias_V,current_A\n0,1,2\n1,1,2\n2,1");
    must_read(place, NULL, &log);
    g_assert_cmpuint(log.n, ==, 2);
    g_assert_nonnull(strstr(log.notes->pdata[0], "line, 4, is cut off"));
}

/* Text that is cut or changed anywhere is read or refused, never more. */
static void
survives_damage(Place *place, gconstpointer data)
{
    static const char whole[]
        = "Index,Reading,Unit,Value,Unit,Date,Time,Fractional Seconds\n"
          "1,1.5E-9,Amp DC,2,Volt DC,05/12/2024,13:44:01,0.25\n"
          "\"2\",\"1.5E-9\",Amp DC,2,Volt DC,05/12/2024,13:44:01,0.75\n";
    static const char bad[] = "\",;\n\t0-/'";

    (void) data;
    for (size_t i = 0; i + 1 < sizeof whole; i++)
        for (size_t k = 0; k < sizeof bad; k++) {
            const CsLogOptions options
                = { .path = place->path, .offset_s = NAN, .zone = "UTC" };
            g_auto(CsLog) log = CS_LOG_INIT;
            g_autoptr(GError) error = NULL;
            g_autofree char *text = g_strdup(whole);
            bool ok;

            text[i] = bad[k];
            put(place, text);
            ok = cs_log_read(&options, &log, &error);
            g_assert_true(ok == (error == NULL));
            g_assert_true(ok || log.n == 0);
        }
}

/* ---- Joining ------------------------------------------------------------------ */

typedef struct {
    double level[200]; /* of frames */
} Levels;

static bool
read_level(void *state, size_t index, CsFrame *frame, GError **error)
{
    const Levels *levels = state;

    if (!cs_frame_resize(frame, 4, 4, 1, CS_PIXEL_F32, error))
        return false;
    for (size_t i = 0; i < 16; i++)
        ((float *) frame->px)[i] = (float) levels->level[index];
    return true;
}

/* n frames, one a second, exposed for half of it. */
static CsRecording *
record(Levels *levels, size_t n, double start_unix_s)
{
    static const CsFrameSource source = { .read = read_level };
    CsRecordingInfo info = CS_RECORDING_INFO_INIT;

    info.name = g_strdup("drawn");
    info.width = info.height = 4;
    info.n_frames = n;
    g_assert_true(cs_clock_resize(&info.clock, n, NULL));
    cs_clock_fill(&info.clock, 1, 0.5, CS_TIME_MEASURED);
    info.clock.start_unix_s = start_unix_s;
    return cs_recording_take(&info, &source, levels);
}

static const CsElectrical *
join(CsRecording *recording, const CsLogOptions *options)
{
    g_autoptr(GError) error = NULL;
    bool ok = cs_recording_join_log(recording, options, NULL, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    return &cs_recording_info(recording)->electrical;
}

/* Samples at 0.0, 0.1, …: 0.0 to 0.4 are in the exposure of a frame, 0.5 to
 * 0.9 are not, and those must not count. */
static void
takes_nothing_from_outside_an_exposure(Place *place, gconstpointer data)
{
    const CsLogOptions options = { .path = place->path, .offset_s = NAN };
    Levels levels = { { 0 } };
    g_autoptr(CsRecording) recording = record(&levels, 4, NAN);
    g_autoptr(GString) text = g_string_new("time_s,bias_V,current_A\n");
    const CsElectrical *e;

    (void) data;
    for (int i = 0; i < 30; i++)
        if (i < 20) /* nothing for frames 2 and 3 */
            g_string_append_printf(text, "%d.%d,%d,%s\n", i / 10, i % 10,
                                   i % 10 < 5 ? i : 1000,
                                   i < 10 ? "" : "1e-12");
    put(place, text->str);
    e = join(recording, &options);
    g_assert_cmpuint(e->n_frames, ==, 4);
    g_assert_cmpuint(e->frame[0].bias_V.n, ==, 5);
    assert_near(e->frame[0].bias_V.mean, 2, 1e-12);
    assert_near(e->frame[0].bias_V.min, 0, 0);
    assert_near(e->frame[0].bias_V.max, 4, 0);
    g_assert_true(isnan(e->frame[0].current_A.mean));
    assert_near(e->frame[1].bias_V.mean, 12, 1e-12);
    assert_near(e->frame[1].current_A.mean, 1e-12, 1e-24);
    g_assert_cmpuint(e->frame[2].bias_V.n, ==, 0);
    g_assert_true(isnan(e->frame[2].bias_V.mean));
    g_assert_true(isnan(e->frame[3].bias_V.max));
}

static void
aligns_wall_clocks(Place *place, gconstpointer data)
{
    CsLogOptions options
        = { .path = place->path, .offset_s = NAN, .zone = "UTC" };
    Levels levels = { { 0 } };
    g_autoptr(CsRecording) recording = record(&levels, 4, 1715521440);
    const CsElectrical *e;

    (void) data;
    put(place, "time,bias_V\n2024-05-12 13:44:01.2,7\n");
    e = join(recording, &options);
    g_assert_true(isnan(e->frame[0].bias_V.mean));
    assert_near(e->frame[1].bias_V.mean, 7, 0);
    options.offset_s = 2;
    e = join(recording, &options);
    assert_near(e->frame[3].bias_V.mean, 7, 0);
    /* The same by the time of the day alone, in another zone. */
    put(place, "time,bias_V\n15:44:02.2,8\n");
    options.offset_s = NAN;
    options.zone = "Europe/Berlin";
    e = join(recording, &options);
    assert_near(e->frame[2].bias_V.mean, 8, 0);
}

static void
refuses_what_cannot_be_aligned(Place *place, gconstpointer data)
{
    CsLogOptions options
        = { .path = place->path, .offset_s = NAN, .zone = "UTC" };
    Levels levels = { { 0 } };
    g_autoptr(CsRecording) timeless = record(&levels, 4, NAN);
    g_autoptr(CsRecording) recording = record(&levels, 4, 1715521440);
    g_autoptr(GError) error = NULL;

    (void) data;
    put(place, "time,bias_V\n2024-05-12 13:44:01.2,7\n");
    g_assert_false(cs_recording_join_log(timeless, &options, NULL, &error));
    g_assert_nonnull(strstr(error->message, "--log-offset"));
    g_clear_error(&error);
    options.zone = "+01:00";
    g_assert_false(cs_recording_join_log(recording, &options, NULL, &error));
    g_assert_nonnull(strstr(error->message, "does not overlap"));
    g_assert_nonnull(strstr(error->message, "--log-zone"));
    g_clear_error(&error);
    options.zone = "Atlantis";
    g_assert_false(cs_recording_join_log(recording, &options, NULL, &error));
    g_assert_nonnull(strstr(error->message, "no time zone"));
}

static double
noise(GRand *rand, double sd)
{
    double sum = 0;

    for (int i = 0; i < 12; i++)
        sum += g_rand_double(rand);
    return sd * (sum - 6);
}

static void
write_steps(const Place *place, GRand *rand, double on_s, double off_s)
{
    g_autoptr(GString) text = g_string_new("time_s,bias_V\n");

    for (int i = 0; i < 2000; i++) {
        double t = 0.1 * i;

        g_string_append_printf(text, "%g,%g\n", t,
                               (t >= on_s && t < off_s ? 2 : 0)
                                   + noise(rand, 0.01));
    }
    put(place, text->str);
}

/* The truth must lie within three sd; the sd is that of frames of 1 s: the
 * step is somewhere in two frames (1.5 s / √12), or less where two agree. */
static void
finds_the_offset_from_a_step(Place *place, gconstpointer data)
{
    CsLogOptions options = { .path = place->path, .offset_s = NAN,
                             .find_step = true };
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);

    (void) data;
    for (int run = 0; run < 20; run++) {
        double offset_s = g_rand_double_range(rand, -20, 60);
        double on_s = 50, off_s = run % 2 ? 90 : 1e9;
        Levels levels;
        g_autoptr(CsRecording) recording = record(&levels, 180, NAN);
        const CsElectrical *e;

        for (int i = 0; i < 180; i++)
            levels.level[i] = 1000 - 0.2 * i + noise(rand, 1)
                              + (i >= on_s + offset_s && i < off_s + offset_s
                                     ? 20 : 0);
        write_steps(place, rand, on_s, off_s);
        e = join(recording, &options);
        assert_near(e->offset_s, offset_s, 3 * e->offset_sd_s);
        g_assert_cmpfloat(e->offset_sd_s, >, 0.1);
        g_assert_cmpfloat(e->offset_sd_s, <, 0.5);
    }
}

static void
tells_no_offset_without_a_step(Place *place, gconstpointer data)
{
    CsLogOptions options = { .path = place->path, .offset_s = NAN,
                             .find_step = true };
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    g_autoptr(GError) error = NULL;
    Levels levels;
    g_autoptr(CsRecording) recording = record(&levels, 180, NAN);

    (void) data;
    for (int i = 0; i < 180; i++)
        levels.level[i] = 1000 + noise(rand, 1);
    write_steps(place, rand, 50, 90);
    g_assert_false(cs_recording_join_log(recording, &options, NULL, &error));
    g_assert_nonnull(strstr(error->message, "no offset can be told"));
    /* One step in the frames, which may be either of two in the log. */
    for (int i = 100; i < 180; i++)
        levels.level[i] += 50;
    g_clear_error(&error);
    write_steps(place, rand, 5, 195);
    g_assert_false(cs_recording_join_log(recording, &options, NULL, &error));
    g_assert_nonnull(strstr(error->message, "no single way"));
}

/* ---- The circuit --------------------------------------------------------------- */

static const CsElectricalEvent *
event_named(const CsElectrical *e, const char *name)
{
    const CsElectricalEvent *found = NULL;

    for (size_t i = 0; i < e->n_events; i++)
        if (strcmp(e->event[i].event, name) == 0) {
            g_assert_null(found);
            found = &e->event[i];
        }
    return found;
}

static void
assert_event(const CsElectrical *e, const char *name, double time_s)
{
    const CsElectricalEvent *event = event_named(e, name);

    g_assert_nonnull(event);
    g_assert_cmpfloat(event->time_lo_s, <=, time_s);
    g_assert_cmpfloat(event->time_hi_s, >=, time_s);
    g_assert_cmpfloat(event->time_hi_s - event->time_lo_s, <, 0.11);
}

static void
sees_what_happens_in_the_circuit(Place *place, gconstpointer data)
{
    const CsLogOptions options = { .path = place->path, .offset_s = NAN };
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    Levels levels = { { 0 } };
    g_autoptr(CsRecording) recording = record(&levels, 100, NAN);
    g_autoptr(GString) text = g_string_new("time_s,bias_V,current_A\n");
    const CsElectrical *e;

    (void) data;
    for (int i = 0; i < 1000; i++) {
        double t = 0.1 * i;
        double bias = t >= 10.05 && t < 80.05 ? -2 : 0;
        double current = bias < 0 ? -5e-12 : 0;

        if (bias < 0 && t >= 30.05)
            current -= 60e-12; /* contact */
        if (bias < 0 && t >= 60.05)
            current -= 4e-7;   /* short circuit */
        g_string_append_printf(text, "%g,%g,%g\n", t,
                               bias + noise(rand, 0.001),
                               current + noise(rand, 2e-12));
    }
    put(place, text->str);
    e = join(recording, &options);
    assert_event(e, "bias-on", 10.05);
    assert_event(e, "contact", 30.05);
    assert_event(e, "short-circuit", 60.05);
    assert_event(e, "bias-off", 80.05);
    g_assert_cmpuint(e->n_events, ==, 4);
}

/* Noise alone, a hundred times: no contact and no short circuit. */
static void
sees_nothing_in_noise(Place *place, gconstpointer data)
{
    const CsLogOptions options = { .path = place->path, .offset_s = NAN };
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);

    (void) data;
    for (int run = 0; run < 100; run++) {
        Levels levels = { { 0 } };
        g_autoptr(CsRecording) recording = record(&levels, 10, NAN);
        g_autoptr(GString) text = g_string_new("time_s,bias_V,current_A\n");
        const CsElectrical *e;

        for (int i = 0; i < 300; i++)
            g_string_append_printf(text, "%g,2,%g\n", 0.1 * i,
                                   noise(rand, 2e-12));
        put(place, text->str);
        e = join(recording, &options);
        g_assert_null(event_named(e, "contact"));
        g_assert_null(event_named(e, "short-circuit"));
    }
}

/* ---- Real logs -------------------------------------------------------------------- */

static char *
real_file(const char *name)
{
    const char *dir = g_getenv("COATSCOPE_TEST_DATA");
    char *path = dir != NULL ? g_build_filename(dir, "sidecar", name, NULL)
                             : NULL;

    if (path == NULL || !g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_test_skip("the folder of real files is not there");
        g_clear_pointer(&path, g_free);
    }
    return path;
}

/* Neither log has a bias, so a column is named: what counts is the clock. */
static void
reads_the_clocks_of_real_logs(void)
{
    g_autofree char *protochips
        = real_file("protochips" G_DIR_SEPARATOR_S "protochips_thermal.csv");
    g_autofree char *dens = real_file(
        "dens" G_DIR_SEPARATOR_S "StubExperiment_Synchronized data.csv");
    CsLogOptions options = { .offset_s = NAN, .zone = "UTC" };
    g_auto(CsLog) log = CS_LOG_INIT;
    g_autoptr(GError) error = NULL;

    if (protochips == NULL || dens == NULL)
        return;
    options.path = protochips;
    g_assert_false(cs_log_read(&options, &log, &error));
    g_clear_error(&error);
    options.bias_column = "Channel A Temperature";
    g_assert_true(cs_log_read(&options, &log, &error));
    g_assert_no_error(error);
    /* 2014-12-03 17:15:37.192 UTC, and 49 ms later (date -u). */
    assert_near(log.sample[0].time_s, 1417626937.192, 1e-6);
    assert_near(log.sample[1].time_s, 1417626937.241, 1e-6);
    options.path = dens;
    options.bias_column = "Channel#1";
    g_assert_true(cs_log_read(&options, &log, &error));
    g_assert_no_error(error);
    g_assert_cmpint(log.clock, ==, CS_LOG_TIME_OF_DAY);
    assert_near(log.sample[0].time_s, 13 * 3600 + 40 * 60 + 26.849, 1e-9);
    assert_near(log.sample[0].bias_V, 2.73e-10, 1e-20);
}

#define ADD(name)                                                             \
    g_test_add("/log/" #name, Place, NULL, place_set_up, name,                \
               place_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(reads_seconds_and_units);
    ADD(reads_wall_clocks);
    ADD(reads_days_of_spreadsheets);
    ADD(passes_midnight);
    ADD(knows_summer_time);
    ADD(reads_keithley_buffers);
    ADD(reads_relative_keithley_buffers);
    ADD(reads_protochips);
    ADD(reads_dens);
    ADD(takes_columns_by_name);
    ADD(reads_utf16);
    ADD(says_what_is_wrong_and_where);
    ADD(leaves_out_a_cut_last_line);
    ADD(survives_damage);
    ADD(takes_nothing_from_outside_an_exposure);
    ADD(aligns_wall_clocks);
    ADD(refuses_what_cannot_be_aligned);
    ADD(finds_the_offset_from_a_step);
    ADD(tells_no_offset_without_a_step);
    ADD(sees_what_happens_in_the_circuit);
    ADD(sees_nothing_in_noise);
    g_test_add_func("/log/reads_the_clocks_of_real_logs",
                    reads_the_clocks_of_real_logs);
    return g_test_run();
}
