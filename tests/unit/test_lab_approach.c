/* The needle to the particle on the simulated stage: contact is what is called
 * contact, and nothing else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <math.h>

#include "coatscope/approach.h"
#include "coatscope/error.h"
#include "coatscope/eucentric.h"
#include "coatscope/job.h"
#include "coatscope/stage_bench.h"
#include "lab/shift.h"

enum { N_APPROACHES = 200, N_SCENES = 4, N_QUICK = 4 };

typedef struct {
    CsStageScene *scene[N_SCENES];
    CsApproachOutcome outcome[N_APPROACHES];
    CsStageTruth truth[N_APPROACHES];
    char *failed[N_APPROACHES];
} Trials;

static double
between(GRand *r, double low, double high)
{
    return g_rand_double_range(r, low, high);
}

/* What may differ from day to day; the heights as eucentric leaves them. */
static CsStageBenchSetting
draw_setting(guint32 seed)
{
    g_autoptr(GRand) r = g_rand_new_with_seed(seed);
    CsStageBenchSetting s = CS_STAGE_BENCH_SETTING_INIT;

    s.seed = seed;
    s.grid_height_nm = between(r, -100, 100);
    s.needle_height_nm = between(r, -200, 200);
    s.start_gap_nm = between(r, 500, 1200);
    s.start_side_nm = between(r, -40, 40);
    s.drift_nm_per_s = between(r, 0, 0.15);
    s.creep = between(r, 0.005, 0.025);
    s.step_nm = between(r, 40, 60);
    s.step_spread = between(r, 0.05, 0.2);
    s.coupling = between(r, 0.75, 1);
    s.contact_A = pow(10, between(r, -13.5, -10.5)); /* often below noise */
    return s;
}

static bool
approach_one(size_t i, unsigned worker, void *data, GError **error)
{
    Trials *t = data;
    CsStageBenchSetting setting = draw_setting((guint32) i + 100);
    g_autoptr(CsLabClock) clock = cs_lab_clock_new(true, 1e9);
    g_autoptr(CsStageBench) bench
        = cs_stage_bench_new(t->scene[i % N_SCENES], &setting, clock);
    CsEyes eyes = cs_stage_bench_eyes(bench, false);
    g_autoptr(CsMotion) motion = cs_motion_open(
        "simulated", &(CsMotionSetting) { .with = bench }, error);
    CsApproachPlan plan = CS_APPROACH_PLAN_INIT;
    CsStageTruth truth = cs_stage_bench_truth(bench);
    g_autoptr(GError) why = NULL;

    (void) worker;
    plan.target_x_px = truth.target_x_px + 3; /* as a person points */
    plan.target_y_px = truth.target_y_px - 2;
    if (!cs_approach_run(motion, &eyes, &plan, NULL, NULL, &t->outcome[i],
                         &why))
        t->failed[i] = g_strdup(why->message);
    t->truth[i] = cs_stage_bench_truth(bench);
    return true;
}

static void
judge_trials(const Trials *t, size_t n)
{
    size_t right = 0, wrong_yes = 0, crashed = 0;
    double farthest = 0;

    for (size_t i = 0; i < n; i++) {
        bool says = t->failed[i] == NULL && t->outcome[i].touches;

        right += says && t->truth[i].touches;
        wrong_yes += says && !t->truth[i].touches;
        farthest = MAX(farthest, t->truth[i].overtravel_nm);
        crashed += t->truth[i].overtravel_nm > 20;
        if (!says || t->truth[i].overtravel_nm > 20)
            g_test_message("approach %zu: says %d, touches %d, overtravel "
                           "%.1f nm, gap %.1f nm; %s", i, says,
                           t->truth[i].touches, t->truth[i].overtravel_nm,
                           t->truth[i].gap_nm,
                           t->failed[i] != NULL ? t->failed[i] : "given up");
    }
    g_test_message("%zu of %zu right, %zu false, farthest overtravel %.1f nm",
                   right, n, wrong_yes, farthest);
    /* the bar */
    g_assert_cmpuint(100 * right, >=, 99 * n);
    g_assert_cmpuint(wrong_yes, ==, 0);
    g_assert_cmpuint(crashed, ==, 0);
}

static void
test_contact_is_contact(void)
{
    g_autofree Trials *t = g_new0(Trials, 1);
    const CsJob job = CS_JOB_INIT;
    const char *more = g_getenv("COATSCOPE_APPROACHES");
    size_t n = more != NULL ? MIN(g_ascii_strtoull(more, NULL, 10),
                                  N_APPROACHES)
                            : N_QUICK;

    for (size_t i = 0; i < N_SCENES; i++) {
        t->scene[i] = cs_stage_scene_new((guint32) i + 1, NULL, NULL);
        g_assert_nonnull(t->scene[i]);
    }
    g_assert_true(cs_parallel_for(&job, n, approach_one, t, NULL));
    judge_trials(t, n);
    for (size_t i = 0; i < N_SCENES; i++)
        cs_stage_scene_unref(t->scene[i]);
    for (size_t i = 0; i < n; i++)
        g_free(t->failed[i]);
}

/* ---- Signs ------------------------------------------------------------------ */

static void
test_overlap_alone_is_no_contact(void)
{
    CsContactEvidence e = CS_CONTACT_EVIDENCE_INIT;

    g_assert_cmpint(cs_contact_judge(&e), ==, CS_CONTACT_NO);
    e.gap_nm = -8;
    e.gap_sd_nm = 1;
    g_assert_cmpint(cs_contact_judge(&e), ==, CS_CONTACT_ASK);
    e.coupling = 0.03; /* it does not follow */
    e.coupling_sd = 0.02;
    g_assert_cmpint(cs_contact_judge(&e), ==, CS_CONTACT_NO);
    e.step_nm = 4;
    e.step_sd_nm = 0.1;
    e.current_A = 1e-11;
    e.current_sd_A = 1e-13;
    g_assert_cmpint(cs_contact_judge(&e), ==, CS_CONTACT_NO);
    e.coupling = NAN; /* not tried */
    g_assert_cmpint(cs_contact_judge(&e), ==, CS_CONTACT_YES);
    e.current_A = NAN;
    g_assert_cmpint(cs_contact_judge(&e), ==, CS_CONTACT_ASK);
    e.coupling = 0.9;
    e.coupling_sd = 0.02;
    g_assert_cmpint(cs_contact_judge(&e), ==, CS_CONTACT_YES);
    e.coupling_sd = 0.3; /* too uncertain */
    g_assert_cmpint(cs_contact_judge(&e), ==, CS_CONTACT_NO);
}

/* ---- Shift ------------------------------------------------------------------- */

static void
test_shift_is_found(void)
{
    g_auto(CsImage) a = CS_IMAGE_INIT, b = CS_IMAGE_INIT;
    const double dx = 7.3, dy = -4.6;
    CsShiftFound f;

    g_assert_true(cs_image_resize(&a, 96, 80, NULL));
    g_assert_true(cs_image_resize(&b, 96, 80, NULL));
    for (size_t j = 0; j < 80; j++)
        for (size_t i = 0; i < 96; i++) {
            double x = (double) i, y = (double) j;

            a.px[j * 96 + i] = (float) (100 + 30 * sin(x / 7) * cos(y / 5)
                                        + 20 * sin((x + 2 * y) / 11));
            x -= dx;
            y -= dy;
            b.px[j * 96 + i] = (float) (90 + 27 * sin(x / 7) * cos(y / 5)
                                        + 18 * sin((x + 2 * y) / 11));
        }
    g_assert_true(cs_shift_find(&a, &b, &(CsShiftPlan) { .reach_px = 20 }, &f,
                                NULL));
    /* smooth content: a few hundredths from bilinear interpolation */
    g_assert_cmpfloat_with_epsilon(f.dx_px, dx, 0.05);
    g_assert_cmpfloat_with_epsilon(f.dy_px, dy, 0.05);
    g_assert_cmpfloat(f.score, >, 0.99);
}

static void
test_shift_needs_something(void)
{
    g_auto(CsImage) a = CS_IMAGE_INIT;
    g_autofree guint8 *none = g_new0(guint8, 32 * 32);
    g_autoptr(GError) error = NULL;
    CsShiftFound f = { .dx_px = 42 };

    g_assert_true(cs_image_resize(&a, 32, 32, NULL));
    for (size_t i = 0; i < 32 * 32; i++)
        a.px[i] = (float) (i % 7);
    g_assert_false(cs_shift_find(
        &a, &a, &(CsShiftPlan) { .reach_px = 4, .use = none }, &f, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_cmpfloat(f.dx_px, ==, 42);
}

/* ---- Eucentric height ---------------------------------------------------------- */

/* Grid, then needle: both within 100 nm of the axis in the end. */
static void
test_heights_are_found(void)
{
    g_autoptr(CsStageScene) scene = cs_stage_scene_new(3, NULL, NULL);

    for (guint32 seed = 1; seed <= 5; seed++) {
        CsStageBenchSetting setting = CS_STAGE_BENCH_SETTING_INIT;
        g_autoptr(CsLabClock) clock = cs_lab_clock_new(true, 1e9);
        g_autoptr(CsStageBench) bench = NULL;
        g_autoptr(CsMotion) motion = NULL;
        g_autoptr(GError) error = NULL;
        CsEucentricPlan plan = CS_EUCENTRIC_PLAN_INIT;
        CsEucentricOutcome o;
        CsStageTruth truth;
        CsEyes eyes;

        setting.seed = seed;
        setting.grid_height_nm = 12000 - 4000.0 * seed;
        setting.needle_height_nm = setting.grid_height_nm + 600.0 * seed - 900;
        bench = cs_stage_bench_new(scene, &setting, clock);
        eyes = cs_stage_bench_eyes(bench, true);
        motion = cs_motion_open("simulated",
                                &(CsMotionSetting) { .with = bench }, NULL);
        g_assert_true(cs_eucentric_find(motion, &eyes, &plan, &o, &error));
        g_assert_no_error(error);
        g_assert_cmpfloat_with_epsilon(o.first.height_nm,
                                       setting.grid_height_nm, 1000);
        plan.part = CS_EUCENTRIC_NEEDLE;
        g_assert_true(cs_eucentric_find(motion, &eyes, &plan, &o, &error));
        g_assert_no_error(error);
        truth = cs_stage_bench_truth(bench);
        g_test_message("left: grid %.0f nm, needle %.0f nm",
                       truth.grid_height_nm, truth.needle_height_nm);
        g_assert_cmpfloat(fabs(truth.grid_height_nm), <, 100);
        g_assert_cmpfloat(fabs(truth.needle_height_nm), <, 100);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shift/is_found", test_shift_is_found);
    g_test_add_func("/shift/needs_something", test_shift_needs_something);
    g_test_add_func("/contact/overlap_alone_is_no_contact",
                    test_overlap_alone_is_no_contact);
    g_test_add_func("/eucentric/heights_are_found", test_heights_are_found);
    g_test_add_func("/approach/contact_is_contact", test_contact_is_contact);
    return g_test_run();
}
