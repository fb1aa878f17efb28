/* Materials: the reference values of mean free paths and swelling.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/materials.h"

static void
assert_near(double value, double expected, double relative)
{
    g_assert_cmpfloat_with_epsilon(value / expected, 1, relative);
}

/* Constants in the reference have at least nine digits. */
static void
electrons_have_the_reference_wavelengths(void)
{
    assert_near(cs_electron_wavelength_pm(200), 2.5079340450548004, 1e-8);
    assert_near(cs_electron_wavelength_pm(300), 1.9687489006848797, 1e-8);
    assert_near(cs_electron_beta2(200), 0.48346221394739025, 1e-8);
    assert_near(cs_electron_beta2(300), 0.6029918414566973, 1e-8);
    assert_near(cs_electron_interaction(200), 0.007288401040958597, 1e-7);
    assert_near(cs_electron_interaction(300), 0.006526161421721633, 1e-7);
}

/* Lenz; 511 instead of 510.99895 keV in the reference leaves 2e-6. */
static void
elastic_paths_match_the_reference(void)
{
    static const struct {
        const char *name;
        double      at_200, at_300;
    } cases[] = {
        { "Si", 153.11255449207442, 190.96760516098058 },
        { "TiO2", 96.15187891625952, 119.92415716189444 },
        { "Li15Si4", 389.54062188475933, 485.8493800265228 },
        { "C", 248.404472245, 309.8191871546393 },
        { "SiO2", 177.9748069023818, 221.97672010556846 },
        { "Li2O", 257.93637384997794, 321.7077251531806 },
        { "Li", 1286.8424697675248, 1604.9972223777786 },
        { "W", 13.169496248541384, 16.425479727011197 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const CsMaterial *m = cs_material_named(cases[i].name);

        g_test_message("%s", cases[i].name);
        g_assert_nonnull(m);
        assert_near(cs_mean_free_path_elastic_nm(m, 200), cases[i].at_200,
                    1e-3);
        assert_near(cs_mean_free_path_elastic_nm(m, 300), cases[i].at_300,
                    1e-3);
    }
}

/* The reference gives whole nanometres, or 148.9. */
static void
bright_field_paths_match_the_reference(void)
{
    static const struct {
        const char *name;
        double      at_200[3], at_300[3];
    } cases[] = {
        { "Si", { 130, 168, 298 }, { 168, 235, 479 } },
        { "Li15Si4", { 276, 394, 769 }, { 357, 550, 1201 } },
        { "TiO2", { 86, 109, 187 }, { 112, 153, 299 } },
        { "SiO2", { 148, 199, 372 }, { 192, 281, 601 } },
        { "C", { 197, 286, 602 }, { 258, 412, 976 } },
        { "Li2O", { 202, 297, 624 }, { 265, 426, 1003 } },
        { "W", { 13, 14, 18 }, { 16, 19, 27 } },
    };
    static const double apertures[] = { 5, 10, 20 };

    assert_near(cs_mean_free_path_inelastic_nm(2.329, 200, INFINITY), 148.9,
                4e-4);
    assert_near(cs_mean_free_path_inelastic_nm(1.191, 200, INFINITY), 176.0,
                4e-4);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (int a = 0; a < 3; a++) {
            const CsMaterial *m = cs_material_named(cases[i].name);

            g_test_message("%s at %g mrad", cases[i].name, apertures[a]);
            g_assert_cmpfloat_with_epsilon(
                cs_mean_free_path_bright_field_nm(m, 200, apertures[a]),
                cases[i].at_200[a], 0.75);
            g_assert_cmpfloat_with_epsilon(
                cs_mean_free_path_bright_field_nm(m, 300, apertures[a]),
                cases[i].at_300[a], 0.75);
        }
}

static void
hosts_swell_as_in_the_reference(void)
{
    static const struct {
        const char *host, *ion;
        double      expansion;
    } cases[] = {
        { "Si", "Li", 2.767412935323383 },  { "Ge", "Li", 2.4584077468766012 },
        { "Sn", "Li", 2.4039287906691227 }, { "Al", "Li", 0.9470778891302765 },
        { "Sb", "Li", 1.3506593464080052 }, { "Sn", "Na", 4.241986897642723 },
        { "Sb", "Na", 2.9297759351787493 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const CsHost *h = cs_host_named(cases[i].host, cases[i].ion);

        g_assert_nonnull(h);
        g_assert_cmpfloat_with_epsilon(cs_host_swelling(h) - 1,
                                       cases[i].expansion, 1e-6);
    }
}

/* Si alone against Si with 3.75 Li: 1 + 3^n x / 14^n. */
static void
haadf_counts_ions_as_in_the_reference(void)
{
    const CsMaterial *si = cs_material_named("Si");
    const CsMaterial *full = cs_material_named("Li15Si4");
    double per_volume = cs_haadf_strength_per_nm3(full, 1.7)
                        / cs_haadf_strength_per_nm3(si, 1.7);

    /* densities are given to four digits */
    assert_near(per_volume * 3.767412935323383, 1.2733504165893517, 1e-3);
}

static void
tables_refer_to_known_materials(void)
{
    const CsMaterials *all = cs_materials_builtin();
    size_t n;
    const CsHost *h = cs_materials_hosts(all, &n);
    const CsCoatMaterial *c;

    g_assert_cmpuint(n, >=, 15);
    for (size_t i = 0; i < n; i++) {
        g_assert_nonnull(cs_material_named(h[i].host));
        g_assert_nonnull(cs_material_named(h[i].product));
        g_assert_cmpstr(h[i].ratio_origin.source, !=, "");
    }
    c = cs_materials_coats(all, &n);
    g_assert_cmpuint(n, >=, 7);
    for (size_t i = 0; i < n; i++)
        g_assert_nonnull(cs_material_named(c[i].name));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/materials/electrons_have_the_reference_wavelengths",
                    electrons_have_the_reference_wavelengths);
    g_test_add_func("/materials/elastic_paths_match_the_reference",
                    elastic_paths_match_the_reference);
    g_test_add_func("/materials/bright_field_paths_match_the_reference",
                    bright_field_paths_match_the_reference);
    g_test_add_func("/materials/hosts_swell_as_in_the_reference",
                    hosts_swell_as_in_the_reference);
    g_test_add_func("/materials/haadf_counts_ions_as_in_the_reference",
                    haadf_counts_ions_as_in_the_reference);
    g_test_add_func("/materials/tables_refer_to_known_materials",
                    tables_refer_to_known_materials);
    return g_test_run();
}
