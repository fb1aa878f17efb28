/* Every driver of motion: the same demands on each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <math.h>

#include "coatscope/error.h"
#include "coatscope/motion.h"
#include "coatscope/stage_bench.h"

/* What a driver may need: a stage to move, someone to ask. */
typedef struct {
    CsStageScene *scene;
    CsLabClock   *clock;
    CsStageBench *bench;
    unsigned      n_asked, n_refused;
} Around;

static bool
ask(const char *what, void *user, GError **error)
{
    Around *a = user;

    g_assert_cmpstr(what, !=, "");
    a->n_asked++;
    if (a->n_refused == 0)
        return true;
    a->n_refused--;
    return cs_fail(error, CS_ERROR_CANCELLED, "nobody there");
}

static CsMotion *
open_motion(const char *name, Around *a)
{
    const CsStageBenchSetting setting = CS_STAGE_BENCH_SETTING_INIT;
    g_autoptr(GError) error = NULL;
    CsMotion *m;

    *a = (Around) { .scene = cs_stage_scene_new(1, NULL, NULL),
                    .clock = cs_lab_clock_new(true, 0) };
    a->bench = cs_stage_bench_new(a->scene, &setting, a->clock);
    m = cs_motion_open(name, &(CsMotionSetting) { a->bench, ask, a }, &error);
    g_assert_no_error(error);
    return m;
}

static void
around_clear(Around *a)
{
    cs_stage_bench_free(a->bench);
    cs_stage_scene_unref(a->scene);
    cs_lab_clock_free(a->clock);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Around, around_clear)

static void
test_limits_make_sense(gconstpointer name)
{
    g_auto(Around) a = { 0 };
    g_autoptr(CsMotion) m = open_motion(name, &a);
    const CsMotionLimits *l = cs_motion_limits(m);

    g_assert_cmpstr(cs_motion_driver(m), ==, name);
    g_assert_cmpfloat(l->step_typical_nm, >, 0);
    g_assert_cmpfloat(l->step_most_nm, >=, l->step_typical_nm);
    g_assert_cmpuint(l->burst_most, >=, 1);
    g_assert_cmpfloat(l->fine_range_nm, >, 0);
}

static void
test_keeps_to_its_limits(gconstpointer name)
{
    g_auto(Around) a = { 0 };
    g_autoptr(CsMotion) m = open_motion(name, &a);
    const CsMotionLimits *l = cs_motion_limits(m);
    const double bad[] = { NAN, INFINITY, 1e9, -1e9 };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(cs_motion_fine(m, CS_AXIS_X, bad[i], NULL));
        g_assert_false(cs_motion_tilt(m, bad[i], NULL));
        g_assert_false(cs_motion_height(m, bad[i], NULL));
    }
    g_assert_false(cs_motion_coarse(m, CS_AXIS_X, (int) l->burst_most + 1,
                                    NULL));
    g_assert_false(cs_motion_coarse(m, CS_AXIS_X, G_MININT, NULL));
    g_assert_cmpuint(a.n_asked, ==, 0); /* nothing was even tried */
    g_assert_cmpfloat(cs_motion_fine_nm(m, CS_AXIS_X), ==, 0);
}

static void
test_goes_where_it_is_told(gconstpointer name)
{
    g_auto(Around) a = { 0 };
    g_autoptr(CsMotion) m = open_motion(name, &a);

    for (int axis = 0; axis < CS_N_AXES; axis++) {
        g_assert_true(cs_motion_coarse(m, (CsMotionAxis) axis, -2, NULL));
        g_assert_true(cs_motion_fine(m, (CsMotionAxis) axis, 10 + axis,
                                     NULL));
        g_assert_cmpfloat(cs_motion_fine_nm(m, (CsMotionAxis) axis), ==,
                          10 + axis);
    }
    g_assert_true(cs_motion_tilt(m, -4, NULL));
    g_assert_cmpfloat(cs_motion_tilt_deg(m), ==, -4);
    g_assert_true(cs_motion_height(m, 500, NULL));
}

/* Safe: back, and nothing moves until someone says so. */
static void
test_safe_is_safe(gconstpointer name)
{
    g_auto(Around) a = { 0 };
    g_autoptr(CsMotion) m = open_motion(name, &a);
    g_autoptr(GError) error = NULL;

    g_assert_true(cs_motion_fine(m, CS_AXIS_X, 100, NULL));
    g_assert_true(cs_motion_make_safe(m, NULL));
    g_assert_true(cs_motion_is_safe(m));
    g_assert_cmpfloat(cs_motion_fine_nm(m, CS_AXIS_X), ==, 0);
    g_assert_false(cs_motion_coarse(m, CS_AXIS_X, 1, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_false(cs_motion_fine(m, CS_AXIS_X, 1, NULL));
    g_assert_true(cs_motion_make_safe(m, NULL)); /* twice does no harm */
    cs_motion_ready(m);
    g_assert_true(cs_motion_fine(m, CS_AXIS_X, 1, NULL));
}

/* Only where one can refuse: two refusals are overcome, three are said. */
static void
test_tries_again_to_be_safe(void)
{
    g_auto(Around) a = { 0 };
    g_autoptr(CsMotion) m = open_motion("by-hand", &a);
    g_autoptr(GError) error = NULL;

    a.n_refused = 2;
    g_assert_true(cs_motion_make_safe(m, &error));
    g_assert_no_error(error);
    cs_motion_ready(m);
    a.n_refused = 3;
    g_assert_false(cs_motion_make_safe(m, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_CANCELLED);
    g_assert_false(cs_motion_is_safe(m));
}

static void
test_unknown_is_refused(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(cs_motion_open("telepathy", &(CsMotionSetting) { 0 },
                                 &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_null(cs_motion_open("simulated", &(CsMotionSetting) { 0 },
                                 NULL));
    g_assert_null(cs_motion_open("by-hand", &(CsMotionSetting) { 0 }, NULL));
}

static void
add(const char *what, const char *driver, GTestDataFunc test)
{
    g_autofree char *name = g_strdup_printf("/motion/%s/%s", driver, what);

    g_test_add_data_func(name, driver, test);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (const char *const *d = cs_motion_drivers(); *d != NULL; d++) {
        add("limits_make_sense", *d, test_limits_make_sense);
        add("keeps_to_its_limits", *d, test_keeps_to_its_limits);
        add("goes_where_it_is_told", *d, test_goes_where_it_is_told);
        add("safe_is_safe", *d, test_safe_is_safe);
    }
    g_test_add_func("/motion/tries_again_to_be_safe",
                    test_tries_again_to_be_safe);
    g_test_add_func("/motion/unknown_is_refused", test_unknown_is_refused);
    return g_test_run();
}
