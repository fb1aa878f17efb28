/* Verdicts on drawn rims: tables of optical depth, no pixels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <math.h>

#include "breakage/darkness.h"
#include "breakage/ring.h"
#include "breakage/scan.h"
#include "coatscope/breakage.h"
#include "coatscope/error.h"
#include "coatscope/measure.h"
#include "coatscope/stats.h"
#include "core/alloc.h"

enum { N_ANGLES = 128, N_FRAMES = 30 };

/* A particle of 50 nm radius at 0.5 nm a pixel that begins to grow in frame
 * 8; its rim is 0.4 deep. */
typedef struct {
    size_t n_frames;
    double noise;      /* relative, of the depth of one angle               */
    double gap_nm;     /* 0: whole                                          */
    double angle_deg;
    double loss;       /* share of the depth that is lost in the gap        */
    size_t break_frame;
    size_t heal_frame; /* 0: never                                          */
    double fading;     /* of an arc of 40 degrees at 200, over the recording */
    double tilt;       /* one side darkens, the other pales, from the break on */
    double dark;       /* coat over core, as darkness goes; 0: not known    */
    size_t n_hidden;   /* angles from 0 on                                  */
    size_t n_lost;     /* frames at the end                                 */
    bool   no_rim;
} Drawn;

typedef struct {
    CsOutlines outlines;
    CsMeasures measures;
    CsVerdicts verdicts;
} Judged;

static const Drawn whole = {
    .n_frames = N_FRAMES, .noise = 0.02, .angle_deg = 60, .loss = 0.4,
    .break_frame = 17,
};

static double
depth_of(const Drawn *d, size_t frame, size_t k, double radius_nm)
{
    double degrees = 360.0 * (double) k / N_ANGLES;
    double away = fabs(remainder(degrees - d->angle_deg, 360)) * G_PI / 180;
    double depth = 0.4 * (1 + 0.1 * cos(3 * degrees * G_PI / 180));
    bool   open = frame >= d->break_frame
                  && (d->heal_frame == 0 || frame < d->heal_frame);

    if (open && away * radius_nm < d->gap_nm / 2)
        depth *= 1 - d->loss;
    if (frame >= d->break_frame)
        depth *= 1 + d->tilt * cos(degrees * G_PI / 180);
    if (fabs(remainder(degrees - 200, 360)) < 20)
        depth *= 1 - d->fading * (double) frame / (double) d->n_frames;
    return depth;
}

/* Grey levels of a ball with a coating of 10 px whose rim is 0.4 deep. */
static void
draw_levels(const Drawn *d, CsOutline *o)
{
    double r = sqrt(o->area_px2 / G_PI), core = r - 10;
    double through_core = 4.0 / 3 * core * core * core / (r * r);
    double coat = 0.4 / (2 * sqrt(r * r - core * core));

    o->core_area_px2 = G_PI * core * core;
    o->background = 1000;
    o->intensity = 1000 * exp(-coat / d->dark * through_core
                              - coat * (4.0 / 3 * r - through_core));
}

static void
draw_outline(const Drawn *d, size_t frame, CsDice *dice, CsOutline *o)
{
    double grown = frame > 8 ? (double) (frame - 8) : 0;
    double radius_px = 100 * (1 + 0.005 * grown);

    if (frame + d->n_lost >= d->n_frames)
        return;
    o->state = CS_OUTLINE_OK;
    o->centre_x_px = o->centre_y_px = 200;
    o->area_px2 = G_PI * radius_px * radius_px;
    o->area_sd_px2 = 0.002 * o->area_px2;
    if (d->dark > 0)
        draw_levels(d, o);
    for (size_t k = 0; k < N_ANGLES; k++) {
        double depth = depth_of(d, frame, k, radius_px / 2);

        o->r_px[k] = (float) (radius_px + 0.1 * cs_dice_gauss(dice));
        o->r_sd_px[k] = 0.1f;
        if (!d->no_rim && k >= d->n_hidden)
            o->rim[k]
                = (float) (depth * (1 + d->noise * cs_dice_gauss(dice)));
    }
}

static void
measure(const Drawn *d, bool in_pixels, Judged *j)
{
    CsRecordingInfo info = {
        .name = (char *) "drawn", .n_frames = d->n_frames,
        .nm_per_px_x = 0.5, .nm_per_px_y = 0.5,
        .ledger = CS_LEDGER_INIT,
    };
    g_autoptr(GError) error = NULL;

    info.clock = (CsClock) CS_CLOCK_INIT;
    g_assert_true(cs_clock_resize(&info.clock, d->n_frames, NULL));
    cs_clock_fill(&info.clock, 2, 1, CS_TIME_MEASURED);
    info.ledger.rate_e_per_A2_s = 10;
    g_assert_true(cs_ledger_fill(&info.ledger, NULL, &info.clock, NULL));
    cs_measure_outlines(&j->outlines, &info, in_pixels, &j->measures, &error);
    g_assert_no_error(error);
    cs_clock_clear(&info.clock);
    cs_ledger_clear(&info.ledger);
}

static void
judge_as(const Drawn *d, guint64 seed, bool in_pixels,
         const CsBreakageOptions *options, Judged *j)
{
    g_autoptr(GError) error = NULL;
    CsDice dice;

    *j = (Judged) { 0 };
    cs_dice_seed(&dice, seed, 0);
    g_assert_true(
        cs_outlines_resize(&j->outlines, d->n_frames, 1, N_ANGLES, NULL));
    for (size_t i = 0; i < d->n_frames; i++)
        draw_outline(d, i, &dice, cs_outlines_at(&j->outlines, i, 0));
    measure(d, in_pixels, j);
    cs_breakage_judge(&j->outlines, &j->measures, options, NULL, &j->verdicts,
                      &error);
    g_assert_no_error(error);
    g_assert_cmpuint(j->verdicts.n, ==, 1);
}

static void
judge(const Drawn *d, guint64 seed, Judged *j)
{
    judge_as(d, seed, false, NULL, j);
}

static void
judged_clear(Judged *j)
{
    cs_outlines_clear(&j->outlines);
    cs_measures_clear(&j->measures);
    cs_verdicts_clear(&j->verdicts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Judged, judged_clear)

static CsVerdictDoubt
doubt_about(const Drawn *d)
{
    g_auto(Judged) j = { 0 };

    judge(d, 1, &j);
    g_assert_cmpint(j.verdicts.verdict[0].kind, ==, CS_VERDICT_CANNOT_TELL);
    return j.verdicts.verdict[0].doubt;
}

/* ---- What is found ------------------------------------------------------- */

static void
whole_rings_are_intact(void)
{
    for (guint64 seed = 1; seed <= 40; seed++) {
        g_auto(Judged) j = { 0 };
        const CsVerdict *v;

        judge(&whole, seed, &j);
        v = &j.verdicts.verdict[0];
        g_assert_cmpint(v->kind, ==, CS_VERDICT_INTACT);
        g_assert_cmpfloat(v->smallest_visible_gap_nm, >, 0);
        g_assert_cmpfloat(v->smallest_visible_gap_nm, <=, 10);
        g_assert_true(isnan(v->break_lo_s) && isnan(v->strain_at_break));
        g_assert_cmpuint(v->last_frame, ==, N_FRAMES - 1);
    }
}

static void
gaps_are_found_where_and_when_they_open(void)
{
    for (guint64 seed = 1; seed <= 20; seed++) {
        g_auto(Judged) j = { 0 };
        Drawn broken = whole;
        const CsVerdict *v;

        broken.gap_nm = 10 + (double) seed;
        broken.angle_deg = 17 * (double) seed;
        judge(&broken, seed, &j);
        v = &j.verdicts.verdict[0];
        g_assert_cmpint(v->kind, ==, CS_VERDICT_BROKEN);
        g_assert_cmpuint(v->break_frame_lo, ==, 16);
        g_assert_cmpuint(v->break_frame_hi, ==, 17);
        g_assert_cmpfloat(v->break_lo_s, ==, 32);
        g_assert_cmpfloat(v->break_hi_s, ==, 34);
        /* the angles are 2.8 degrees and 2.5 nm apart */
        g_assert_cmpfloat(
            fabs(remainder(v->break_angle_deg - broken.angle_deg, 360)), <, 3);
        g_assert_cmpfloat(fabs(v->gap_nm - broken.gap_nm), <, 5.1);
        /* 8 steps of 0.5 % in radius; the noise of A0 is 0.001 */
        g_assert_cmpfloat(fabs(v->strain_at_break - 0.04), <, 0.003);
        g_assert_true(v->strain_is_outer);
        /* at the ends of both exposures 330 and 350 */
        g_assert_cmpfloat(v->dose_at_break_e_per_A2, ==, 340);
    }
}

static void
evidence_adds_up(void)
{
    g_auto(Judged) j = { 0 };
    Drawn broken = whole;
    const CsVerdict *v;
    double sum = 0;

    broken.gap_nm = 15;
    judge(&broken, 3, &j);
    v = &j.verdicts.verdict[0];
    for (int e = 0; e < CS_N_EVIDENCE; e++) {
        g_assert_true(isfinite(v->evidence[e]) && v->adds[e] >= 0);
        g_assert_nonnull(cs_evidence_name((CsEvidence) e));
        sum += v->adds[e];
    }
    g_assert_cmpfloat(v->log_odds, <, sum); /* the offset is negative */
    g_assert_cmpfloat(fabs(v->evidence[CS_EVIDENCE_DEPTH] - 0.4), <, 0.1);
    g_assert_cmpfloat(v->evidence[CS_EVIDENCE_STAYS], >, 0.8);
}

static void
frames_are_marked(void)
{
    g_auto(Judged) j = { 0 };
    Drawn broken = whole;

    broken.gap_nm = 20;
    judge(&broken, 5, &j);
    g_assert_cmpint(j.measures.row[3].broken, ==, -1);
    cs_verdicts_mark(&j.verdicts, &j.measures);
    for (size_t i = 0; i < j.measures.n; i++)
        g_assert_cmpint(j.measures.row[i].broken, ==, i >= 17);
    j.verdicts.verdict[0].kind = CS_VERDICT_INTACT;
    j.verdicts.verdict[0].last_frame = 20;
    cs_verdicts_mark(&j.verdicts, &j.measures);
    g_assert_cmpint(j.measures.row[20].broken, ==, 0);
    g_assert_cmpint(j.measures.row[21].broken, ==, -1);
}

/* ---- What is no break ---------------------------------------------------- */

static void
slow_shading_is_no_break(void)
{
    g_auto(Judged) j = { 0 };
    Drawn shaded = whole;

    shaded.fading = 0.3;
    judge(&shaded, 1, &j);
    g_assert_cmpint(j.verdicts.verdict[0].kind, !=, CS_VERDICT_BROKEN);
}

/* By a quarter at once: a gap of that depth would be called. */
static void
a_side_that_pales_is_no_gap(void)
{
    g_auto(Judged) j = { 0 };
    Drawn tilted = whole;

    tilted.tilt = 0.25;
    judge(&tilted, 1, &j);
    g_assert_cmpint(j.verdicts.verdict[0].kind, ==, CS_VERDICT_INTACT);
}

/* A core that is as dark fills the gap: what could be missed is wider. */
static void
pale_coatings_hide_wider_gaps(void)
{
    double visible[2];

    for (int pale = 0; pale < 2; pale++) {
        g_auto(Judged) j = { 0 };
        Drawn drawn = whole;

        drawn.noise = 0.04;
        drawn.dark = pale ? 0.5 : 0.8;
        judge(&drawn, 1, &j);
        visible[pale] = j.verdicts.verdict[0].smallest_visible_gap_nm;
    }
    g_test_message("dark %g nm, pale %g nm", visible[0], visible[1]);
    g_assert_cmpfloat(visible[0], <, 10);
    g_assert_true(isnan(visible[1]) || visible[1] > 1.4 * visible[0]);
}

static void
darkness_is_that_which_was_drawn(void)
{
    g_auto(Judged) j = { 0 };
    g_auto(CsRing) ring = CS_RING_INIT;
    Drawn drawn = whole;

    drawn.dark = 0.8;
    judge(&drawn, 1, &j);
    g_assert_true(cs_ring_read(&j.outlines, 0, &ring, NULL));
    /* noise of 128 angles, 0.02 each */
    g_assert_cmpfloat_with_epsilon(cs_darkness(&j.outlines, 0, &ring), 0.8,
                                   0.02);
}

/* The shade of a needle that comes: before growth nothing can break by it. */
static void
what_comes_before_growth_is_not_called(void)
{
    Drawn early = whole;

    early.gap_nm = 20;
    early.break_frame = 5;
    g_assert_cmpint(doubt_about(&early), ==, CS_DOUBT_EARLY);
}

static void
what_heals_is_no_break(void)
{
    g_auto(Judged) j = { 0 };
    Drawn dip = whole;

    dip.gap_nm = 20;
    dip.break_frame = 12;
    dip.heal_frame = 15;
    judge(&dip, 1, &j);
    g_assert_cmpint(j.verdicts.verdict[0].kind, !=, CS_VERDICT_BROKEN);
}

/* ---- What cannot be told ------------------------------------------------- */

static void
noise_hides_gaps(void)
{
    Drawn noisy = whole;

    noisy.noise = 0.3;
    g_assert_cmpint(doubt_about(&noisy), ==, CS_DOUBT_NOISE);
}

static void
more_noise_hides_wider_gaps(void)
{
    double last = 0;

    for (double noise = 0.01; noise < 0.2; noise *= 2) {
        g_auto(Judged) j = { 0 };
        Drawn noisy = whole;
        double gap;

        noisy.noise = noise;
        judge(&noisy, 2, &j);
        gap = j.verdicts.verdict[0].smallest_visible_gap_nm;
        g_assert_true(gap >= last || isnan(gap));
        last = isnan(gap) ? INFINITY : gap;
    }
    g_assert_cmpfloat(last, >, 10);
}

static void
hidden_rims_are_not_judged(void)
{
    Drawn hidden = whole;

    hidden.n_hidden = 20;
    g_assert_cmpint(doubt_about(&hidden), ==, CS_DOUBT_HIDDEN);
    hidden.n_hidden = 60;
    g_assert_cmpint(doubt_about(&hidden), ==, CS_DOUBT_HIDDEN);
    hidden.no_rim = true;
    g_assert_cmpint(doubt_about(&hidden), ==, CS_DOUBT_NO_RIM);
}

static void
few_frames_are_not_judged(void)
{
    Drawn few = whole;

    few.n_lost = N_FRAMES;
    g_assert_cmpint(doubt_about(&few), ==, CS_DOUBT_NO_RIM);
    few.n_lost = N_FRAMES - 12;
    g_assert_cmpint(doubt_about(&few), ==, CS_DOUBT_FEW_FRAMES);
    few.n_lost = 0;
    for (few.n_frames = 1; few.n_frames < 8; few.n_frames++)
        g_assert_cmpint(doubt_about(&few), ==, CS_DOUBT_FEW_FRAMES);
}

static void
pixels_say_nothing_of_gaps(void)
{
    g_auto(Judged) j = { 0 };

    judge_as(&whole, 1, true, NULL, &j);
    g_assert_cmpint(j.verdicts.verdict[0].doubt, ==, CS_DOUBT_NO_SCALE);
}

static void
the_limit_is_the_users(void)
{
    const CsBreakageOptions strict = { .widest_missed_gap_nm = 1 };
    g_auto(Judged) j = { 0 };

    judge_as(&whole, 1, false, &strict, &j);
    g_assert_cmpint(j.verdicts.verdict[0].doubt, ==, CS_DOUBT_NOISE);
}

/* ---- Faults -------------------------------------------------------------- */

static void
no_particles_have_no_verdicts(void)
{
    g_auto(Judged) j = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(cs_breakage_judge(&j.outlines, &j.measures, NULL, NULL,
                                    &j.verdicts, &error));
    g_assert_cmpuint(j.verdicts.n, ==, 0);
}

static void
no_memory_is_an_error(void)
{
    const CsJob one = { .n_threads = 1 };
    g_auto(Judged) j = { 0 };
    unsigned n = 0;
    bool     ok = false;

    judge(&whole, 1, &j);
    while (!ok) {
        g_autoptr(GError) error = NULL;

        cs_alloc_fail_at(++n);
        ok = cs_breakage_judge(&j.outlines, &j.measures, NULL, &one,
                               &j.verdicts, &error);
        cs_alloc_fail_at(0);
        if (!ok)
            g_assert_error(error, CS_ERROR, CS_ERROR_LIMIT);
        g_assert_cmpuint(j.verdicts.n, ==, 1); /* as it was */
        g_assert_cmpuint(n, <, 50);
    }
    g_assert_cmpuint(n, >, 3);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(f) g_test_add_func("/breakage/" #f, f)
    ADD(whole_rings_are_intact);
    ADD(gaps_are_found_where_and_when_they_open);
    ADD(evidence_adds_up);
    ADD(frames_are_marked);
    ADD(slow_shading_is_no_break);
    ADD(a_side_that_pales_is_no_gap);
    ADD(pale_coatings_hide_wider_gaps);
    ADD(darkness_is_that_which_was_drawn);
    ADD(what_comes_before_growth_is_not_called);
    ADD(what_heals_is_no_break);
    ADD(noise_hides_gaps);
    ADD(more_noise_hides_wider_gaps);
    ADD(hidden_rims_are_not_judged);
    ADD(few_frames_are_not_judged);
    ADD(pixels_say_nothing_of_gaps);
    ADD(the_limit_is_the_users);
    ADD(no_particles_have_no_verdicts);
    ADD(no_memory_is_an_error);
    return g_test_run();
}
