/* Polygons: the reference cases of plane geometry.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/polygon.h"

static CsPoint notched[]
    = { { 0, 0 }, { 10, 0 }, { 10, 10 }, { 5, 4 }, { 0, 10 } };

static void
knows_area_and_solidity_of_a_notched_square(void)
{
    CsPolygon polygon = { 5, notched };

    g_assert_cmpfloat_with_epsilon(cs_polygon_area(&polygon), 70, 1e-12);
    g_assert_cmpfloat_with_epsilon(cs_polygon_solidity(&polygon), 0.70,
                                   1e-12);
}

/* n-gon inscribed in a circle: sin(2 pi / n) / (2 pi / n) of its area. */
static void
loses_little_area_as_an_n_gon(void)
{
    static const struct {
        size_t n;
        double ratio;
    } cases[] = { { 32, 0.99358685 }, { 64, 0.99839439 },
                  { 128, 0.99959845 } };

    for (size_t c = 0; c < G_N_ELEMENTS(cases); c++) {
        g_auto(CsPolygon) p = CS_POLYGON_INIT;
        double angle = 2 * G_PI / (double) cases[c].n;

        g_assert_true(cs_polygon_resize(&p, cases[c].n, NULL));
        for (size_t k = 0; k < p.n; k++)
            p.points[k] = (CsPoint) { 1e6 + 50 * cos(angle * (double) k),
                                      -1e6 + 50 * sin(angle * (double) k) };
        g_assert_cmpfloat_with_epsilon(
            cs_polygon_area(&p) / (G_PI * 50 * 50), cases[c].ratio, 5e-9);
        g_assert_cmpfloat_with_epsilon(cs_polygon_centroid(&p).x, 1e6, 1e-6);
        g_assert_cmpfloat_with_epsilon(
            cs_polygon_ray(&p, (CsPoint) { 1e6, -1e6 }, angle), 50, 1e-6);
    }
}

static void
tells_inside_from_outside(void)
{
    CsPolygon polygon = { 5, notched };

    g_assert_true(cs_polygon_contains(&polygon, (CsPoint) { 5, 1 }));
    g_assert_false(cs_polygon_contains(&polygon, (CsPoint) { 5, 8 }));
    g_assert_false(cs_polygon_contains(&polygon, (CsPoint) { -1, 1 }));
    g_assert_true(isnan(
        cs_polygon_ray(&polygon, (CsPoint) { 20, 5 }, 0)));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/product/polygon/notched",
                    knows_area_and_solidity_of_a_notched_square);
    g_test_add_func("/product/polygon/n-gon", loses_little_area_as_an_n_gon);
    g_test_add_func("/product/polygon/contains", tells_inside_from_outside);
    return g_test_run();
}
