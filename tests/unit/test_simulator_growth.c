/* Simulator: growth laws, thinning coats and breakage against the reference
 * cases (SCIENCE 11).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "simulator/body.h"

static const double Z = 3.767412935323383;

static CsGrowth
growth_of(CsRecipeLaw law, double tau_s, double exponent, double z)
{
    CsParticleRecipe p = {
        .law = law, .tau_s = tau_s, .exponent = exponent,
        .swelling_exponent = 1.5,
    };
    CsGrowth g;

    cs_growth_init(&g, &p, z, 1000);
    return g;
}

static double
area_at(const CsGrowth *g, double s)
{
    return pow(1 + (g->z - 1) * cs_growth_share(g, s), 2 / 3.0);
}

static void
assert_areas(CsRecipeLaw law, double exponent, double tolerance, size_t n,
             const double *times, const double *areas)
{
    CsGrowth g = growth_of(law, 500, exponent, Z);

    for (size_t i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon(area_at(&g, times[i]), areas[i],
                                       tolerance);
    cs_growth_clear(&g);
}

static void
laws_match_the_reference(void)
{
    static const double t[] = { 60, 120, 300, 500, 1000 };
    static const double interface[]
        = { 1.524061826768695, 1.8677560436665605, 2.34469868046209,
            2.42118969264293 };
    static const double diffusion[]
        = { 1.655514255720499, 1.8945033791077457,
            2.2719943637461815 };
    static const double stress1[]
        = { 1.459379079882396, 1.722033690033992, 2.113462116288867,
            2.286436119541144, 2.4022863698546706 };
    static const double stress2[]
        = { 1.4114646570415472, 1.623779453391915, 1.9420905189689786,
            2.106317381291548, 2.2765732236592613 };

    assert_areas(CS_LAW_INTERFACE, 1, 1e-7, 4, t, interface);
    assert_areas(CS_LAW_DIFFUSION, 1, 1e-6, 3, t, diffusion);
    assert_areas(CS_LAW_STRESS, 1, 1e-5, 5, t, stress1);
    assert_areas(CS_LAW_STRESS, 2, 1e-5, 5, t, stress2);
}

static void
simple_laws_match_the_reference(void)
{
    CsGrowth current = growth_of(CS_LAW_CURRENT, 100, 1, Z);
    CsGrowth exponential
        = growth_of(CS_LAW_EXPONENTIAL, 100, 1, pow(2.42, 1.5));
    CsGrowth series = growth_of(CS_LAW_SERIES, 100, 1, Z);

    g_assert_cmpfloat_with_epsilon(area_at(&current, 50), 1.7844395, 2e-7);
    g_assert_cmpfloat_with_epsilon(area_at(&exponential, 100), 1.8976112,
                                   1e-7);
    series.tau_interface_s = 200;
    series.tau_diffusion_s = 300;
    g_assert_cmpfloat_with_epsilon(cs_growth_share(&series, 144.65648598402),
                                   0.5, 1e-9);
}

static void
carter_matches_the_reference(void)
{
    static const double share[] = { .1, .25, .5, .75, .9 };
    static const double time[]
        = { 0.00804171197859998, 0.04688382717121129, 0.17798863726946962,
            0.41174358, 0.64630555 };
    double g1 = cs_growth_carter(1, Z);

    g_assert_cmpfloat_with_epsilon(g1, 0.4864554998270041, 1e-9);
    for (size_t i = 0; i < G_N_ELEMENTS(share); i++)
        g_assert_cmpfloat_with_epsilon(cs_growth_carter(share[i], Z) / g1,
                                       time[i], 5e-9);
}

/* Every law starts at 0, never falls and stays within 0 and 1. */
static void
laws_never_fall(void)
{
    for (int law = CS_LAW_NONE; law <= CS_LAW_LOGISTIC; law++) {
        CsGrowth g = growth_of((CsRecipeLaw) law, 300, 1.5, Z);
        double before = 0;

        g_assert_cmpfloat(cs_growth_share(&g, -1), ==, 0);
        for (double s = 0; s < 1000; s += 3.7) {
            double share = cs_growth_share(&g, s);

            g_assert_cmpfloat(share, >=, before - 1e-12);
            g_assert_cmpfloat(share, <=, 1);
            before = share;
        }
        if (law != CS_LAW_NONE)
            g_assert_cmpfloat(before, >, 0.5);
        cs_growth_clear(&g);
    }
}

/* ---- Bodies -------------------------------------------------------------- */

/* A round particle of 100 nm whose share converted is s / 1000 s. */
static void
make_body(CsBody *body, const char *coat, double thickness_nm,
          CsRecipeBreak breaks)
{
    CsRecipe recipe;
    CsBodyContrast contrast = { 0 };
    CsParticleRecipe p;

    cs_recipe_init(&recipe);
    p = recipe.particle;
    p.roughness = p.thickness_spread = p.onset_s = 0;
    p.law = CS_LAW_CURRENT;
    p.tau_s = 1000;
    p.breaks = breaks;
    p.thickness_nm = thickness_nm;
    g_strlcpy(p.coat, coat, sizeof p.coat);
    cs_body_init(body, &p, &contrast, 0, INFINITY, 1000, 1);
    cs_recipe_clear(&recipe);
}

/* Al2O3 keeps its volume in the table, as in these references. */
static void
coats_thin_as_in_the_reference(void)
{
    static const struct {
        double thickness, core_volume, outer_ratio, core_ratio, coat_nm;
    } cases[] = {
        { 5, 3.4336365030371794, 2.0, 2.275985782825993, NAN },
        { 10, 1.5435149904854246, 1.2, 1.3355922831842164, NAN },
        { 5, 2.8284271247461903, 1.7794543779553575, 2.0,
          2.657226944219687 },
        { 10, 1.3145341380123987, 1.1179362974059506, 1.2,
          8.66724827230361 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        CsBody body;
        CsBodyState first, state;
        double share = (cases[i].core_volume - 1) / (Z - 1);

        make_body(&body, "Al2O3", cases[i].thickness, CS_BREAK_NEVER);
        cs_body_at(&body, 0, &first);
        cs_body_at(&body, 1000 * share, &state);
        g_assert_cmpfloat_with_epsilon(state.area_nm2 / first.area_nm2,
                                       cases[i].outer_ratio, 1e-7);
        g_assert_cmpfloat_with_epsilon(
            state.core_area_nm2 / first.core_area_nm2, cases[i].core_ratio,
            1e-7);
        if (!isnan(cases[i].coat_nm))
            g_assert_cmpfloat_with_epsilon(state.coat_nm, cases[i].coat_nm,
                                           1e-6);
        cs_body_clear(&body);
    }
}

static void
strain_decides_when_titania_breaks(void)
{
    static const struct {
        double thickness, core_ratio;
    } cases[] = { { 5, 1.100320 }, { 10, 1.070440 } };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        CsBody body;
        CsBodyState first, state;

        make_body(&body, "TiO2", cases[i].thickness, CS_BREAK_MECHANICS);
        cs_body_at(&body, 0, &first);
        cs_body_at(&body, body.break_s, &state);
        g_assert_cmpfloat_with_epsilon(
            state.core_area_nm2 / first.core_area_nm2, cases[i].core_ratio,
            1e-6);
        cs_body_clear(&body);
    }
}

/* A coat that flows at 8 GPa breaks at 10 nm (7.1 GPa) but not at 5 (10.1). */
static void
a_flowing_coat_breaks_only_when_thick(void)
{
    for (int thick = 0; thick < 2; thick++) {
        CsBody body;
        CsParticleRecipe p;
        CsBodyContrast contrast = { 0 };

        make_body(&body, "TiO2", thick ? 10 : 5, CS_BREAK_NEVER);
        p = body.recipe;
        cs_body_clear(&body);
        p.breaks = CS_BREAK_MECHANICS;
        p.flow_GPa = 8;
        cs_body_init(&body, &p, &contrast, 0, INFINITY, 1000, 1);
        g_assert_true(isfinite(body.break_s) == (thick == 1));
        cs_body_clear(&body);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/simulator/laws_match_the_reference",
                    laws_match_the_reference);
    g_test_add_func("/simulator/simple_laws_match_the_reference",
                    simple_laws_match_the_reference);
    g_test_add_func("/simulator/carter_matches_the_reference",
                    carter_matches_the_reference);
    g_test_add_func("/simulator/laws_never_fall", laws_never_fall);
    g_test_add_func("/simulator/coats_thin_as_in_the_reference",
                    coats_thin_as_in_the_reference);
    g_test_add_func("/simulator/strain_decides_when_titania_breaks",
                    strain_decides_when_titania_breaks);
    g_test_add_func("/simulator/a_flowing_coat_breaks_only_when_thick",
                    a_flowing_coat_breaks_only_when_thick);
    return g_test_run();
}
