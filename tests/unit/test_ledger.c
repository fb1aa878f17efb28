/* The ledger of the beam: rates in all units, beam time that no frame shows,
 * counts of the vacuum; and what is odd about clocks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/dose.h"
#include "coatscope/error.h"
#include "coatscope/ledger.h"
#include "coatscope/recording.h"
#include "recording/beam.h"

static void
assert_near(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        g_error("%.12g is not %.12g", value, expected);
}

/* ---- Rates -------------------------------------------------------------------- */

static void
reads_rates_in_all_units(void)
{
    /* SCIENCE 6.1: 1 e/A2/s is 100 e/nm2/s and 1.602e-3 A/cm2. A beam of 100
     * nm holds 7.854e5 A2: 1 pA is 6241509 e/s over it, 7.947 e/A2/s. */
    static const struct {
        const char *text;
        double      rate;
    } all[] = {
        { "10", 10 }, { "10 e/A2/s", 10 }, { " 10e/\303\205\302\262/s", 10 },
        { "10 e/A^2/s", 10 }, { "1000 e/nm2/s", 10 },
        { "1.602176634e-2 A/cm2", 10 }, { "160.2176634 pA/um2", 10 },
        { "1 pA in 100 nm", 7.946936 }, { "0.001 nA in 0.1 um", 7.946936 },
        { "0", 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(GError) error = NULL;
        double rate = NAN;

        g_test_message("%s", all[i].text);
        g_assert_true(cs_dose_rate_parse(all[i].text, &rate, &error));
        g_assert_no_error(error);
        assert_near(rate, all[i].rate, 1e-6);
    }
    assert_near(cs_dose_rate_A_per_cm2(10), 1.602176634e-2, 1e-12);
}

static void
refuses_other_words(void)
{
    static const char *const bad[]
        = { "", "ten", "-1", "10 e/nm/s", "10 pA", "1 pA in", "1 pA in 0 nm",
            "1 pA in 5 kg", "nan", "inf", "1e999", "10 e/A2/s s" };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        double rate = 7;

        g_test_message("%s", bad[i]);
        g_assert_false(cs_dose_rate_parse(bad[i], &rate, &error));
        g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
        g_assert_nonnull(strstr(error->message, "e/nm2/s"));
        assert_near(rate, 7, 0);
    }
}

static void
reads_beam_times(void)
{
    g_auto(CsBeamOptions) o = CS_BEAM_OPTIONS_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_true(cs_beam_times_parse("60@20, 30", &o.before, &o.n_before,
                                      &error));
    g_assert_cmpuint(o.n_before, ==, 2);
    assert_near(o.before[0].duration_s, 60, 0);
    assert_near(o.before[0].rate_e_per_A2_s, 20, 0);
    assert_near(o.before[1].duration_s, 30, 0);
    g_assert_true(isnan(o.before[1].rate_e_per_A2_s));
    g_assert_false(cs_beam_times_parse("60@", &o.before, &o.n_before,
                                       &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_cmpuint(o.n_before, ==, 2);
}

/* ---- Doses --------------------------------------------------------------------- */

static void
fill_clock(CsClock *clock, size_t n, double interval_s, double exposure_s)
{
    g_assert_true(cs_clock_resize(clock, n, NULL));
    cs_clock_fill(clock, interval_s, exposure_s, CS_TIME_MEASURED);
}

/* SCIENCE 6.2: 60 s at 20 and 30 s at 10 before, 120 s at 10 in the movie are
 * 2700 e/A2, of which the movie holds 1200. */
static void
counts_what_was_not_recorded(void)
{
    g_auto(CsBeamOptions) o = CS_BEAM_OPTIONS_INIT;
    g_auto(CsLedger) ledger = CS_LEDGER_INIT;
    g_auto(CsClock) clock = CS_CLOCK_INIT;

    fill_clock(&clock, 120, 1, 1);
    ledger.rate_e_per_A2_s = 10;
    g_assert_true(cs_beam_times_parse("60@20,30", &o.before, &o.n_before,
                                      NULL));
    g_assert_true(cs_ledger_fill(&ledger, &o, &clock, NULL));
    assert_near(ledger.before_e_per_A2, 1500, 1e-12);
    assert_near(ledger.dose_e_per_A2[0], 1510, 1e-12);
    assert_near(ledger.dose_e_per_A2[119], 2700, 1e-12);
}

/* 10 frames, one every 2 s, exposed 0.5 s: on all the time 18.5 s, blanked
 * between exposures 5 s. */
static void
a_blanked_beam_counts_exposures_only(void)
{
    CsBeamOptions o = CS_BEAM_OPTIONS_INIT;
    g_auto(CsLedger) ledger = CS_LEDGER_INIT;
    g_auto(CsClock) clock = CS_CLOCK_INIT;

    fill_clock(&clock, 10, 2, 0.5);
    ledger.rate_e_per_A2_s = 10;
    g_assert_true(cs_ledger_fill(&ledger, NULL, &clock, NULL));
    assert_near(ledger.dose_e_per_A2[9], 185, 1e-12);
    o.is_blanked = true;
    g_assert_true(cs_ledger_fill(&ledger, &o, &clock, NULL));
    assert_near(ledger.dose_e_per_A2[9], 50, 1e-12);
}

static void
doses_are_those_of_the_list_of_beams(void)
{
    const CsBeam beams[] = { { -90, -30, 20 }, { -30, 0, 10 }, { 0, 7, 10 } };
    g_auto(CsBeamOptions) o = CS_BEAM_OPTIONS_INIT;
    g_auto(CsLedger) ledger = CS_LEDGER_INIT;
    g_auto(CsClock) clock = CS_CLOCK_INIT;

    fill_clock(&clock, 7, 1, 1);
    ledger.rate_e_per_A2_s = 10;
    g_assert_true(cs_beam_times_parse("60@20,30", &o.before, &o.n_before,
                                      NULL));
    g_assert_true(cs_ledger_fill(&ledger, &o, &clock, NULL));
    for (size_t i = 0; i < 7; i++)
        assert_near(ledger.dose_e_per_A2[i],
                    cs_dose_until(beams, 3, (double) i + 1), 1e-12);
}

/* ---- Of a recording -------------------------------------------------------------- */

/* Counts are 400 left of column 8 (vacuum) and 100 right of it. */
static bool
read_halves(void *state, size_t index, CsFrame *frame, GError **error)
{
    (void) state;
    (void) index;
    if (!cs_frame_resize(frame, 16, 4, 1, CS_PIXEL_U16, error))
        return false;
    for (size_t i = 0; i < 64; i++)
        ((guint16 *) frame->px)[i] = i % 16 < 8 ? 400 : 100;
    return true;
}

static CsRecording *
record(CsRecordingInfo *info)
{
    static const CsFrameSource source = { .read = read_halves };

    info->name = g_strdup("drawn");
    info->width = 16;
    info->height = 4;
    info->n_frames = 5;
    info->nm_per_px_x = info->nm_per_px_y = 0.5;
    fill_clock(&info->clock, 5, 1, 0.5);
    return cs_recording_take(info, &source, NULL);
}

/* 400 counts / (8 counts an electron * 0.5 s * 25 A2) = 4 e/A2/s. */
static void
tells_the_rate_from_the_vacuum(void)
{
    CsRecordingInfo info = CS_RECORDING_INFO_INIT;
    CsBeamOptions o = CS_BEAM_OPTIONS_INIT;
    g_autoptr(CsRecording) recording = record(&info);
    CsRecordingInfo *made
        = (CsRecordingInfo *) cs_recording_info(recording);
    g_autoptr(GError) error = NULL;

    o.vacuum_px[2] = 8;
    o.vacuum_px[3] = 4;
    g_assert_false(cs_beam_fill(recording, made, &o, NULL, &error));
    g_assert_nonnull(strstr(error->message, "--counts-per-electron"));
    g_clear_error(&error);
    o.counts_per_electron = 8;
    g_assert_true(cs_beam_fill(recording, made, &o, NULL, &error));
    g_assert_no_error(error);
    assert_near(made->ledger.rate_e_per_A2_s, 4, 1e-6);
    assert_near(made->ledger.dose_e_per_A2[4], 18, 1e-6);
    g_assert_nonnull(strstr(made->ledger.source, "400 counts"));
    o.vacuum_px[0] = 9;
    g_assert_false(cs_beam_fill(recording, made, &o, NULL, &error));
    g_assert_nonnull(strstr(error->message, "the frames have 16 × 4"));
}

static void
what_is_given_goes_before_the_file(void)
{
    CsRecordingInfo info = CS_RECORDING_INFO_INIT;
    CsBeamOptions o = CS_BEAM_OPTIONS_INIT;
    g_autoptr(CsRecording) recording = NULL;
    CsRecordingInfo *made;

    info.series.dose_rate_e_per_A2_s = 25;
    recording = record(&info);
    made = (CsRecordingInfo *) cs_recording_info(recording);
    assert_near(made->ledger.dose_e_per_A2[0], 12.5, 1e-12);
    o.rate_e_per_A2_s = 10;
    g_assert_true(cs_beam_fill(recording, made, &o, NULL, NULL));
    assert_near(made->ledger.dose_e_per_A2[0], 5, 1e-12);
    g_assert_cmpstr(made->ledger.source, ==, "as given");
    g_assert_nonnull(strstr(made->notes->pdata[0], "the file says 25"));
}

/* ---- Clocks ------------------------------------------------------------------------ */

static void
sees_what_is_odd_in_a_clock(void)
{
    static const double start_s[]
        = { 0, 1, 2, 3.3, 4, 5, 5, 6, 9, 10, 11.7, 12.7, 12.2, 13, 14, 15 };
    static const struct {
        size_t        frame;
        CsClockOddity what;
    } odd[] = {
        { 3, CS_CLOCK_LATE }, { 6, CS_CLOCK_STILL }, { 8, CS_CLOCK_DROPPED },
        { 10, CS_CLOCK_GAP }, { 12, CS_CLOCK_BACK },
    };
    g_auto(CsClock) clock = CS_CLOCK_INIT;
    g_autofree CsClockOdd *found = NULL;
    size_t n;

    fill_clock(&clock, G_N_ELEMENTS(start_s), 1, 0.5);
    memcpy(clock.start_s, start_s, sizeof start_s);
    found = cs_clock_look(&clock, &n);
    g_assert_cmpuint(n, ==, G_N_ELEMENTS(odd));
    for (size_t i = 0; i < n; i++) {
        g_assert_cmpuint(found[i].frame, ==, odd[i].frame);
        g_assert_cmpint(found[i].what, ==, odd[i].what);
        assert_near(found[i].usual_s, 1, 1e-9);
    }
}

/* Jitter is no lateness; a clock without times has nothing odd. */
static void
sees_nothing_in_jitter(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    g_auto(CsClock) clock = CS_CLOCK_INIT;
    g_autofree CsClockOdd *none = NULL;
    g_autofree CsClockOdd *found = NULL;
    size_t n;

    fill_clock(&clock, 1000, 1, 0.5);
    for (size_t i = 0; i < 1000; i++)
        clock.start_s[i] += g_rand_double_range(rand, -0.08, 0.08);
    found = cs_clock_look(&clock, &n);
    g_assert_cmpuint(n, ==, 0);
    for (size_t i = 0; i < 1000; i++)
        clock.start_s[i] = NAN;
    none = cs_clock_look(&clock, &n);
    g_assert_cmpuint(n, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/rates", reads_rates_in_all_units);
    g_test_add_func("/ledger/other_words", refuses_other_words);
    g_test_add_func("/ledger/beam_times", reads_beam_times);
    g_test_add_func("/ledger/unrecorded", counts_what_was_not_recorded);
    g_test_add_func("/ledger/blanked", a_blanked_beam_counts_exposures_only);
    g_test_add_func("/ledger/as_beams", doses_are_those_of_the_list_of_beams);
    g_test_add_func("/ledger/vacuum", tells_the_rate_from_the_vacuum);
    g_test_add_func("/ledger/order", what_is_given_goes_before_the_file);
    g_test_add_func("/clock/odd", sees_what_is_odd_in_a_clock);
    g_test_add_func("/clock/jitter", sees_nothing_in_jitter);
    return g_test_run();
}
