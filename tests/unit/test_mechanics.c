/* Mechanics and charge: the reference values.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/charge.h"
#include "coatscope/mechanics.h"
#include "reference.h"

static const double z = CS_CHANNEL_CRACK;

/* The reference has five digits and more. */
static void
assert_near(double value, double expected)
{
    g_assert_cmpfloat_with_epsilon(value / expected, 1, 1e-5);
}

static void
cracks_match_the_reference(void)
{
    static const struct {
        double k, h, stress, strain, expansion;
    } cases[] = {
        { 1, 5, 10.060545, 0.048961, 1.100320 },
        { 1, 10, 7.1138799, 0.034621, 1.070440 },
        { 2, 5, 20.121091, 0.097923, 1.205434 },
        { 2, 10, 14.22776, 0.069242, 1.143278 },
    };
    double biaxial = cs_coat_biaxial_GPa(150, 0.27);
    double plane = cs_coat_plane_strain_GPa(150, 0.27);

    assert_near(biaxial, 205.47945);
    assert_near(plane, 161.79484);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        double k = cases[i].k, h = cases[i].h;

        assert_near(cs_coat_critical_stress_GPa(k, z, h), cases[i].stress);
        g_assert_cmpfloat_with_epsilon(
            cs_coat_critical_strain(k, biaxial, z, h), cases[i].strain, 1e-6);
        assert_near(cs_coat_critical_expansion(k, biaxial, z, h),
                    cases[i].expansion);
    }
    assert_near(cs_coat_critical_thickness_nm(10, plane, z, 1), 818.7998);
    assert_near(cs_coat_critical_thickness_nm(10, plane, z, 5), 32.75199);
    assert_near(cs_coat_energy_J_per_m2(1, plane), 6.18067);
    assert_near(cs_coat_toughness_MPa_m05(10, plane), 1.271986);
}

static void
strain_and_pressure_match_the_reference(void)
{
    assert_near(cs_coat_hoop_strain(1.2), 0.095445115);
    assert_near(cs_coat_hoop_strain(2), 0.41421356);
    assert_near(cs_coat_log_strain(1.2), 0.091160778);
    assert_near(cs_coat_log_strain(2), 0.34657359);
    assert_near(cs_coat_pressure_GPa(2, 5, 50), 0.4);
    assert_near(cs_coat_bearing_thickness_nm(1, 50, 3), 8.333333);
}

static void
core_is_told_from_coat(void)
{
    CsCoatedSphere thin = { 50, 5, 1 }, thick = { 50, 10, 1 };
    CsCoatedSphere swollen = { 50, 5, 1.04 };

    assert_near(cs_coated_core_volume(&thin, 2), 3.4336365);
    assert_near(cs_coated_core_volume(&swollen, 2), 3.4203965);
    assert_near(cs_coated_core_volume(&thick, 1.2), 1.5435150);
    assert_near(cs_coated_thickness_nm(&thin, 2), 2.6572269);
    assert_near(cs_coated_outer_expansion(&thin, 2), 1.7794544);
    assert_near(cs_coated_thickness_nm(&thick, 1.2), 8.6672483);
    assert_near(cs_coated_outer_expansion(&thick, 1.2), 1.1179363);
    assert_near(cs_ions_per_host(pow(2, 1.5), 12.06, 8.9), 2.4776215);
    assert_near(cs_ions_per_host(3.4336365, 12.06, 8.9), 3.2977142);
}

/* 79.866 u of TiO2; the table's own mass is not told. */
static void
charge_matches_the_reference(void)
{
    assert_near(cs_charge_of_sphere_pC(100, 12.06, 3.75), 15.708831);
    assert_near(cs_charge_of_sphere_pC(50, 12.06, 3.75), 1.963604);
    assert_near(cs_charge_of_sphere_pC(150, 12.06, 3.75), 53.01731);
    assert_near(cs_charge_of_shell_pC(50, 5, 3.8, 79.866, 1), 0.79562711);
    assert_near(cs_charge_of_shell_pC(50, 10, 3.8, 79.866, 1), 1.7498989);
}

static void
resistance_and_gas_match_the_reference(void)
{
    assert_near(cs_rod_ohm(50, 20, 1e-8), 3.978874e13);
    assert_near(cs_frustum_ohm(50, 20, 1e-8), 1.136821e13);
    assert_near(cs_spreading_ohm(20, 1e-8), 1.25e13);
    /* given to four digits */
    g_assert_cmpfloat_with_epsilon(
        cs_ion_conductivity_S_per_cm(6.7e-15, 2 / 14.84, 295) / 3.427e-9, 1,
        2e-4);
    /* O2 at 1e-6 Torr */
    assert_near(cs_gas_flux_per_cm2_s(1e-6 * 133.322368, 31.998, 295),
                3.61555e14);
    assert_near(cs_purge_ppm(209000, 0.1, 3), 209);
}

static void
table_of_references_agrees(void)
{
    g_auto(GStrv) lines = reference_lines();
    CsCoatedSphere thin = { 50, 5, 1 };

    if (lines == NULL)
        return;
    assert_reference(lines, "charge Li3.75Si d=100 nm",
                     cs_charge_of_sphere_pC(100, 12.06, 3.75), 1e-9);
    assert_reference(lines, "coat thickness after core A x2.0, t0=5.0",
                     cs_coated_thickness_nm(&thin, 2), 1e-12);
    assert_reference(lines, "45deg frustum R sigma=1e-8",
                     cs_frustum_ohm(50, 20, 1e-8), 1e-12);
    assert_reference(lines, "crit stress K=1.0 h=5nm",
                     cs_coat_critical_stress_GPa(1, z, 5), 1e-12);
    assert_reference(lines, "h_load p*=1GPa R=50 sf=3GPa",
                     cs_coat_bearing_thickness_nm(1, 50, 3), 1e-12);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mechanics/cracks_match_the_reference",
                    cracks_match_the_reference);
    g_test_add_func("/mechanics/strain_and_pressure_match_the_reference",
                    strain_and_pressure_match_the_reference);
    g_test_add_func("/mechanics/core_is_told_from_coat",
                    core_is_told_from_coat);
    g_test_add_func("/charge/charge_matches_the_reference",
                    charge_matches_the_reference);
    g_test_add_func("/charge/resistance_and_gas_match_the_reference",
                    resistance_and_gas_match_the_reference);
    g_test_add_func("/mechanics/table_of_references_agrees",
                    table_of_references_agrees);
    return g_test_run();
}
