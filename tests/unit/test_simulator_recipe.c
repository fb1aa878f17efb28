/* Simulator: recipes, presets, and what they refuse.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/recipe.h"
#include "simulator/presets.h"

static void
assert_refused(const char *yaml, const char *part, const char *other)
{
    g_auto(CsRecipe) recipe = CS_RECIPE_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_false(cs_recipe_parse(yaml, "r.yaml", &recipe, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, part));
    g_assert_nonnull(strstr(error->message, other));
    g_assert_cmpuint(recipe.n_particles, ==, 0);
}

static void
impossible_numbers_name_line_and_range(void)
{
    assert_refused("particle:\n  thickness_nm: -3\n", "line 2", "0 to 100");
    assert_refused("microscope:\n  voltage_kV: 200\n"
                   "  dose_rate_e_per_A2_s: 0\n", "line 3", "1e-05 to");
    assert_refused("recording: {frames: 2.5}\n", "line 1", "whole number");
    assert_refused("recording: {width: nan}\n", "line 1", "16 to 16384");
    assert_refused("particle:\n\n  law: magic\n", "line 3", "interface");
    assert_refused("needle:\n  present: yes\n", "line 2", "true or false");
}

static void
unknown_keys_name_their_line(void)
{
    assert_refused("recording:\n  breadth: 3\n", "line 2", "breadth");
    assert_refused("recording:\n  width: 64\nsample: {}\n", "line 3",
                   "sample");
    assert_refused("particles:\n  - x_nm: 3\n  - z_nm: 4\n", "line 3", "z_nm");
}

static void
what_is_no_recipe_is_refused(void)
{
    assert_refused("a: [1, 2", "r.yaml", "");
    assert_refused("- 1\n- 2\n", "sections", "");
    assert_refused("", "r.yaml", "YAML");
    assert_refused("particles: 3\n", "list", "");
    assert_refused("recording: 3\n", "map", "");
    /* an alias is no text: `*x` is not the name x */
    assert_refused("recording: {name: *x}\n", "line 1", "name");
}

static void
a_particle_must_fit_the_field(void)
{
    assert_refused("recording: {width: 64, height: 64, nm_per_px: 1}\n",
                   "particle 1", "larger than the field of 64 nm");
    assert_refused("particles: [{x_nm: -5, y_nm: 20}]\n", "particle 1",
                   "outside");
    assert_refused("particle: {host: Al, ion: Na}\n", "Na", "Al");
    assert_refused("recording: {exposure_s: 3}\n", "exposure_s",
                   "interval_s");
}

static void
what_is_written_reads_back_the_same(void)
{
    for (const CsPreset *p = cs_presets; p->name != NULL; p++) {
        g_auto(CsRecipe) recipe = CS_RECIPE_INIT;
        g_auto(CsRecipe) again = CS_RECIPE_INIT;
        g_autofree char *first = NULL, *second = NULL;
        g_autoptr(GError) error = NULL;

        g_assert_true(cs_recipe_load(p->name, &recipe, &error));
        g_assert_no_error(error);
        first = cs_recipe_to_yaml(&recipe);
        g_assert_true(cs_recipe_parse(first, p->name, &again, &error));
        g_assert_no_error(error);
        second = cs_recipe_to_yaml(&again);
        g_assert_cmpstr(first, ==, second);
    }
}

static void
defaults_lie_in_their_ranges(void)
{
    for (const CsRecipeSection *s = cs_recipe_sections; s->name != NULL; s++)
        for (const CsRecipeKey *k = s->keys; k->name != NULL; k++) {
            g_assert_cmpuint(strlen(k->help), >, 5);
            if (k->kind != CS_KEY_NUMBER && k->kind != CS_KEY_INTEGER)
                continue;
            g_assert_cmpfloat(k->min, <, k->max);
            g_assert_true(isnan(k->fallback)
                          || (k->fallback >= k->min
                              && k->fallback <= k->max));
        }
}

static void
a_campaign_makes_its_recordings(void)
{
    g_auto(CsRecipe) recipe = CS_RECIPE_INIT;
    g_auto(CsRecipe) one = CS_RECIPE_INIT;

    g_assert_true(cs_recipe_load("screening", &recipe, NULL));
    g_assert_cmpuint(cs_recipe_n_recordings(&recipe), ==, 24);
    cs_recipe_recording(&recipe, 22, &one);
    g_assert_cmpuint(cs_recipe_n_recordings(&one), ==, 1);
    g_assert_cmpstr(one.recording.coating, ==, "TiO2 10 nm");
    g_assert_cmpfloat(one.particles[0].thickness_nm, ==, 10);
    g_assert_cmpint(one.particles[0].breaks, ==, CS_BREAK_AT);
    g_assert_true(cs_recipe_check(&one, NULL));
}

static void
a_layout_places_what_it_is_asked_for(void)
{
    g_auto(CsRecipe) recipe = CS_RECIPE_INIT;

    g_assert_true(cs_recipe_load("agglomerate", &recipe, NULL));
    g_assert_cmpuint(recipe.n_particles, ==, 6);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recipe/impossible_numbers_name_line_and_range",
                    impossible_numbers_name_line_and_range);
    g_test_add_func("/recipe/unknown_keys_name_their_line",
                    unknown_keys_name_their_line);
    g_test_add_func("/recipe/what_is_no_recipe_is_refused",
                    what_is_no_recipe_is_refused);
    g_test_add_func("/recipe/a_particle_must_fit_the_field",
                    a_particle_must_fit_the_field);
    g_test_add_func("/recipe/what_is_written_reads_back_the_same",
                    what_is_written_reads_back_the_same);
    g_test_add_func("/recipe/defaults_lie_in_their_ranges",
                    defaults_lie_in_their_ranges);
    g_test_add_func("/recipe/a_campaign_makes_its_recordings",
                    a_campaign_makes_its_recordings);
    g_test_add_func("/recipe/a_layout_places_what_it_is_asked_for",
                    a_layout_places_what_it_is_asked_for);
    return g_test_run();
}
