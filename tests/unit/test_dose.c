/* Dose: the reference values.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/dose.h"
#include "coatscope/error.h"
#include "reference.h"

static const CsDisc disc = { 50, 1, 0.2 };

/* The reference has six digits and more. */
static void
assert_near(double value, double expected)
{
    g_assert_cmpfloat_with_epsilon(value / expected, 1, 5e-6);
}

static void
units_convert_as_in_the_reference(void)
{
    assert_near(cs_dose_rate_A_per_cm2(10), 0.016021766);
    assert_near(cs_dose_rate_e_per_px_s(10, 0.2), 40);
    assert_near(cs_dose_rate_e_per_px_s(10, 0.5), 250);
    assert_near(cs_dose_MGy(1, 2.8), 4.4860945752);
}

static void
knock_on_matches_the_reference(void)
{
    assert_near(cs_dose_knock_on_eV(80, 6.94), 27.2748);
    assert_near(cs_dose_knock_on_eV(200, 6.94), 75.6120);
    assert_near(cs_dose_knock_on_eV(300, 6.94), 122.699);
    assert_near(cs_dose_knock_on_eV(200, 15.999), 32.7988);
    assert_near(cs_dose_knock_on_eV(200, 28.0855), 18.6839);
    assert_near(cs_dose_knock_on_eV(200, 47.867), 10.9626);
}

/* 60 s of focusing at 20, 120 s of film at 10, 30 s parked at 10. */
static void
ledger_counts_all_the_beam(void)
{
    static const CsBeam beam[] = {
        { 0, 60, 20 }, { 60, 180, 10 }, { 200, 230, 10 },
    };
    static const CsBeam bad[] = { { 0, NAN, 1 } };

    assert_near(cs_dose_until(beam, 3, 1e9), 2700);
    assert_near(cs_dose_until(beam, 3, 120), 1800);
    g_assert_cmpfloat(cs_dose_until(beam, 3, -1), ==, 0);
    g_assert_true(isnan(cs_dose_until(bad, 1, 5)));
    assert_near(cs_dose_limit_named("Li2CO3")->dose_e_per_A2 / 10, 75);
    g_assert_null(cs_dose_limit_named("LixSi"));
}

static void
bounds_match_the_reference(void)
{
    assert_near(cs_dose_rose_e_per_nm2(5, 0.1, 25), 100);
    assert_near(cs_dose_area_sd(&disc, 1000), 6.37351e-4);
    assert_near(cs_dose_area_sd(&disc, 100), 2.015481e-3);
    assert_near(cs_dose_radius_sd_nm(&disc, 1000), 0.01593378);
    assert_near(cs_dose_position_sd_nm(&disc, 1000), 0.02253377);
    assert_near(cs_dose_fluence_for_area_e_per_nm2(&disc, 0.01), 4.062165);
    assert_near(cs_dose_slope_sd_per_s(0.01, 60, 300), 1.490712e-5);
}

/* 1 % of area with margin 3 at DQE 0.5 takes 4.062 * 9 / 0.5 = 73 e/nm2 a
 * frame; a gap of 5 nm2 at k = 5 and contrast 0.34 takes 43.3 / 0.5. */
static void
plans_take_what_asks_for_more(void)
{
    CsDoseWish wish = {
        .disc = disc, .area_sd = 0.01, .event_s = 2, .duration_s = 120,
        .dqe = 0.5, .margin = 3,
    };
    CsDosePlan plan;

    g_assert_true(cs_dose_plan(&wish, &plan, NULL));
    assert_near(plan.frame_e_per_nm2, 73.11897);
    g_assert_false(plan.gap_decides);
    assert_near(plan.rate_e_per_A2_s, 0.7311897);
    assert_near(plan.total_e_per_A2, 87.74276);
    assert_near(plan.nm_per_px, 100. / 150);
    wish.gap_nm2 = 5;
    wish.gap_contrast = 0.34;
    wish.gap_k = 5;
    g_assert_true(cs_dose_plan(&wish, &plan, NULL));
    g_assert_true(plan.gap_decides);
    assert_near(plan.frame_e_per_nm2, 86.50519);
}

static void
impossible_wishes_are_refused(void)
{
    CsDoseWish wish = {
        .disc = disc, .area_sd = 0.01, .event_s = 2, .duration_s = 120,
        .dqe = 1.5, .margin = 3,
    };
    g_autoptr(GError) error = NULL;
    CsDosePlan plan = { .nm_per_px = 7 };

    g_assert_false(cs_dose_plan(&wish, &plan, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_clear_error(&error);
    wish.dqe = 0;
    g_assert_false(cs_dose_plan(&wish, &plan, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_cmpfloat(plan.nm_per_px, ==, 7);
}

static void
table_of_references_agrees(void)
{
    g_auto(GStrv) lines = reference_lines();

    if (lines == NULL)
        return;
    assert_reference(lines, "MGy per e/A2 (S=2.8 MeV cm2/g)",
                     cs_dose_MGy(1, 2.8), 1e-9);
    assert_reference(lines, "Tmax Li 200kV", cs_dose_knock_on_eV(200, 6.94),
                     1e-6);
    assert_reference(lines, "fluence for 1% area same",
                     cs_dose_fluence_for_area_e_per_nm2(&disc, 0.01), 1e-12);
    assert_reference(lines, "CRLB sigma_R b=1000",
                     cs_dose_radius_sd_nm(&disc, 1000), 1e-12);
    assert_reference(lines, "slope sd: sA=0.01,n=60,T=300",
                     cs_dose_slope_sd_per_s(0.01, 60, 300), 1e-12);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dose/units_convert_as_in_the_reference",
                    units_convert_as_in_the_reference);
    g_test_add_func("/dose/knock_on_matches_the_reference",
                    knock_on_matches_the_reference);
    g_test_add_func("/dose/ledger_counts_all_the_beam",
                    ledger_counts_all_the_beam);
    g_test_add_func("/dose/bounds_match_the_reference",
                    bounds_match_the_reference);
    g_test_add_func("/dose/plans_take_what_asks_for_more",
                    plans_take_what_asks_for_more);
    g_test_add_func("/dose/impossible_wishes_are_refused",
                    impossible_wishes_are_refused);
    g_test_add_func("/dose/table_of_references_agrees",
                    table_of_references_agrees);
    return g_test_run();
}
