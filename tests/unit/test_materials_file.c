/* Files of materials: what is compiled in agrees with itself, what a user adds
 * is taken, and what is wrong is said with its line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/materials.h"

static void
assert_near(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        g_error("%.12g is not %.12g", value, expected);
}

static CsMaterials *
read_text(const char *text, GError **error)
{
    g_autofree char *dir = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "mine.yaml", NULL);
    CsMaterials *made;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    made = cs_materials_read(path, error);
    g_remove(path);
    g_rmdir(dir);
    return made;
}

static double
mass_u(const CsMaterial *m)
{
    double sum = 0;

    for (int i = 0; m->atoms[i].z > 0; i++)
        sum += m->atoms[i].n * m->atoms[i].mass_u;
    return sum;
}

/* The volume of the final phase by its density is that of the host times the
 * ratio; densities are given to three or four digits. */
static void
volumes_agree_with_densities(void)
{
    size_t n;
    const CsHost *h = cs_materials_hosts(cs_materials_builtin(), &n);

    for (size_t i = 0; i < n; i++) {
        const CsMaterial *host = cs_material_named(h[i].host);
        const CsMaterial *product = cs_material_named(h[i].product);

        g_test_message("%s with %s", h[i].host, h[i].ion);
        assert_near(h[i].v_host_cm3_per_mol,
                    mass_u(host) / host->density_g_per_cm3, 0.01);
        assert_near(h[i].v_host_cm3_per_mol * h[i].volume_ratio,
                    mass_u(product) / product->density_g_per_cm3, 0.015);
        g_assert_cmpfloat(h[i].ratio_origin.low, <=, h[i].volume_ratio);
        g_assert_cmpfloat(h[i].ratio_origin.high, >=, h[i].volume_ratio);
    }
}

/* SCIENCE 2.4: areas over their first are 2.42 for Si and Li, 3.02 for Sn
 * and Na; the same code whichever the ion. */
static void
free_expansion_is_that_of_a_ball(void)
{
    const CsHost *si = cs_host_named("Si", "Li");
    const CsHost *sn = cs_host_named("Sn", "Na");
    const CsCoatMaterial *tio2 = cs_coat_material_named("TiO2");
    double core = pow(90.0 / 100, 3);

    assert_near(cs_free_expansion(si, NULL, 100, 0), 2.421, 1e-3);
    assert_near(cs_free_expansion(sn, NULL, 100, NAN), 3.017, 1e-3);
    assert_near(cs_free_expansion(si, tio2, 100, 5),
                pow(core * si->volume_ratio + (1 - core) * 1.04, 2.0 / 3),
                1e-12);
    assert_near(cs_free_expansion(si, NULL, 100, 5),
                pow(core * si->volume_ratio + (1 - core), 2.0 / 3), 1e-12);
    g_assert_true(isnan(cs_free_expansion(si, tio2, 9, 5)));
}

static void
a_file_adds_and_replaces(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CsMaterials) m = read_text(
        "materials:\n"
        "  - {name: Bi, formula: Bi, density_g_per_cm3: 9.78}\n"
        "  - name: Na3Bi\n"
        "    formula: Na3Bi\n"
        "    density_g_per_cm3: {value: 3.6, range: [3.5, 3.7], source: me}\n"
        "hosts:\n"
        "  - {host: Bi, ion: Na, product: Na3Bi, ions_per_host: 3,\n"
        "     v_host_cm3_per_mol: 21.4, volume_ratio: 3.6}\n"
        "coats:\n"
        "  - {name: TiO2, young_GPa: 100}\n", &error);
    const CsMaterial *product;
    const CsCoatMaterial *coat;

    g_assert_no_error(error);
    product = cs_materials_material(m, "Na3Bi");
    g_assert_nonnull(product);
    assert_near(product->density_origin.high, 3.7, 0);
    g_assert_cmpstr(product->density_origin.source, ==, "me");
    assert_near(cs_host_swelling(cs_materials_host(m, "Bi", "Na")), 3.6, 0);
    coat = cs_materials_coat(m, "TiO2");
    assert_near(coat->young_GPa, 100, 0);
    g_assert_true(isnan(coat->poisson)); /* replaced as a whole */
    g_assert_nonnull(strstr(coat->young_origin.source, "mine.yaml"));
    /* the rest is there, and what is compiled in is as it was */
    g_assert_nonnull(cs_materials_host(m, "Si", "Li"));
    assert_near(cs_coat_material_named("TiO2")->young_GPa, 150, 0);
    g_assert_null(cs_host_named("Bi", "Na"));
}

static void
says_what_is_wrong_and_where(void)
{
    static const struct {
        const char *text, *words;
    } all[] = {
        { "hosts: 5\n", "line 1: hosts must be a list" },
        { "metals: []\n", "there is no key metals" },
        { "coats:\n  - {name: TiO2, colour: red}\n",
          "line 2: there is no key colour, allowed are name, young_GPa" },
        { "coats:\n  - {name: Unobtainium}\n", "is no material" },
        { "coats:\n  - {young_GPa: 5}\n", "lacks the key name" },
        { "materials:\n  - {name: X, formula: Xx, density_g_per_cm3: 5}\n",
          "the formula is Xx" },
        { "materials:\n  - {name: X, formula: Si-2, density_g_per_cm3: 5}\n",
          "the formula is Si-2" },
        { "materials:\n  - {name: X, formula: Si, density_g_per_cm3: -5}\n",
          "allowed is a number from 0.01 to 30" },
        { "materials:\n  - {name: X, formula: Si, density_g_per_cm3: nan}\n",
          "allowed is a number" },
        { "materials:\n  - {name: X, formula: Si,\n"
          "     density_g_per_cm3: {value: 5, range: [6, 7]}}\n",
          "outside its range of 6 to 7" },
        { "materials:\n  - {name: X, formula: Si,\n"
          "     density_g_per_cm3: {range: [6, 7]}}\n", "has no value" },
        { "materials:\n  - {name: X, formula: Si,\n"
          "     density_g_per_cm3: {value: 6, range: 7}}\n",
          "must be [LOW, HIGH]" },
        { "materials:\n  - {name: X, formula: Si,\n"
          "     density_g_per_cm3: {value: 6, from: me}}\n",
          "has no key from" },
        { "[1, 2", "mine.yaml" },
        { "materials:\n  - *x\n", "mine.yaml" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", all[i].text);
        g_assert_null(read_text(all[i].text, &error));
        g_assert_nonnull(error);
        if (strstr(error->message, all[i].words) == NULL)
            g_error("“%s” does not say “%s”", error->message, all[i].words);
        g_assert_nonnull(strstr(error->message, "mine.yaml"));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/materials/volumes", volumes_agree_with_densities);
    g_test_add_func("/materials/free", free_expansion_is_that_of_a_ball);
    g_test_add_func("/materials/file", a_file_adds_and_replaces);
    g_test_add_func("/materials/wrong", says_what_is_wrong_and_where);
    return g_test_run();
}
