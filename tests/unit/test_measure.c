/* The table of areas, from outlines that are circles.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/measure.h"
#include "results/summary.h"
#include "stats/baseline.h"

enum { N_ANGLES = 128 };

static void
set_circle(CsOutline *o, double radius)
{
    o->state = CS_OUTLINE_OK;
    o->centre_x_px = 50;
    o->centre_y_px = 40;
    o->area_px2 = G_PI * radius * radius;
    o->area_sd_px2 = 0.01 * o->area_px2;
    o->core_area_px2 = 0.81 * o->area_px2;
    for (int k = 0; k < N_ANGLES; k++)
        o->r_px[k] = (float) radius;
}

static void
start(CsRecordingInfo *info, CsOutlines *outlines, size_t n, size_t p)
{
    info->nm_per_px_x = 0.5;
    info->nm_per_px_y = 0.8;
    g_assert_true(cs_clock_resize(&info->clock, n, NULL));
    cs_clock_fill(&info->clock, 2, 1, CS_TIME_MEASURED);
    info->ledger.rate_e_per_A2_s = 10;
    g_assert_true(cs_ledger_fill(&info->ledger, NULL, &info->clock, NULL));
    g_assert_true(cs_outlines_resize(outlines, n, p, N_ANGLES, NULL));
}

static void
areas_use_both_scales(void)
{
    g_auto(CsRecordingInfo) info = CS_RECORDING_INFO_INIT;
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    g_auto(CsMeasures) m = CS_MEASURES_INIT;

    start(&info, &outlines, 3, 1);
    set_circle(cs_outlines_at(&outlines, 1, 0), 10);
    g_assert_true(cs_measure_outlines(&outlines, &info, false, &m, NULL));
    g_assert_cmpuint(m.n, ==, 3);
    g_assert_cmpfloat_with_epsilon(m.row[1].area_nm2, G_PI * 40, 1e-9);
    g_assert_cmpfloat_with_epsilon(m.row[1].centroid_x_px, 50, 1e-6);
    g_assert_cmpfloat_with_epsilon(m.row[1].solidity, 1, 1e-6);
    g_assert_cmpfloat(m.row[1].time_s, ==, 2);
    g_assert_cmpfloat(m.row[1].dose_e_per_A2, ==, 30);
    g_assert_true(isnan(m.row[0].area_nm2));
    g_assert_true(isnan(m.row[0].expansion));
    g_assert_cmpint(m.row[0].state, ==, CS_OUTLINE_LOST);
}

static void
pixels_have_no_time(void)
{
    g_auto(CsRecordingInfo) info = CS_RECORDING_INFO_INIT;
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    g_auto(CsMeasures) m = CS_MEASURES_INIT;

    start(&info, &outlines, 1, 1);
    set_circle(cs_outlines_at(&outlines, 0, 0), 10);
    g_assert_true(cs_measure_outlines(&outlines, &info, true, &m, NULL));
    g_assert_cmpfloat_with_epsilon(m.row[0].area_nm2, G_PI * 100, 1e-9);
    g_assert_true(isnan(m.row[0].time_s));
    g_assert_true(isnan(m.row[0].dose_e_per_A2));
    g_assert_true(m.in_pixels);
}

/* 30 frames at rest, then growth by 2 % of the first area a frame. */
static void
expansion_counts_from_the_baseline(void)
{
    g_auto(CsRecordingInfo) info = CS_RECORDING_INFO_INIT;
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    g_auto(CsMeasures) m = CS_MEASURES_INIT;

    start(&info, &outlines, 80, 2);
    outlines.particle_id[0] = 7;
    outlines.particle_id[1] = 3;
    for (size_t i = 0; i < 80; i++) {
        double a = i < 30 ? 1 : 1 + 0.02 * (double) (i - 30);
        double wobble = 1 + 0.001 * sin(2.7 * (double) i);

        set_circle(cs_outlines_at(&outlines, i, 0), 10 * sqrt(a) * wobble);
        set_circle(cs_outlines_at(&outlines, i, 1), 20);
    }
    g_assert_true(cs_measure_outlines(&outlines, &info, false, &m, NULL));
    g_assert_cmpint(m.row[0].particle_id, ==, 3);
    g_assert_cmpint(m.row[80].particle_id, ==, 7);
    g_assert_cmpfloat_with_epsilon(m.row[79].expansion, 1, 1e-9);
    g_assert_cmpfloat_with_epsilon(m.row[159].expansion, 1.98, 0.01);
    g_assert_cmpfloat_with_epsilon(m.row[159].volume_ratio, pow(1.98, 1.5),
                                   0.02);
    g_assert_cmpfloat(m.row[159].expansion_sd, <, 0.02);
    g_assert_cmpfloat(m.row[159].expansion_sd, >, 0.01);
}

static void
baseline_ends_at_the_hinge(void)
{
    double v[200];

    for (int i = 0; i < 200; i++)
        v[i] = 100 + 0.1 * sin(3.1 * i) + (i > 60 ? 0.5 * (i - 60) : 0);
    v[20] = 150;
    g_assert_cmpfloat_with_epsilon(cs_baseline_length(v, 200), 60, 5);
    g_assert_cmpuint(cs_baseline_length(v, 50), ==, 50);
    g_assert_cmpuint(cs_baseline_length(v, 7), ==, 7);
    for (int i = 0; i < 200; i++)
        v[i] = 100 + 2 * i;
    g_assert_cmpuint(cs_baseline_length(v, 200), <=, 2);
}

/* Four polygons drawn by hand: no ten frames to take a median of. */
static void
short_series_count_from_before_growth(void)
{
    static const double area[] = { 1, 1.001, 0.999, 1, 1.3, 1.6, 1.9, 2.2 };
    double v[] = { 100, 130, 160 };
    g_auto(CsRecordingInfo) info = CS_RECORDING_INFO_INIT;
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    g_auto(CsMeasures) m = CS_MEASURES_INIT;

    start(&info, &outlines, G_N_ELEMENTS(area), 1);
    for (size_t i = 0; i < G_N_ELEMENTS(area); i++)
        set_circle(cs_outlines_at(&outlines, i, 0), 10 * sqrt(area[i]));
    g_assert_true(cs_measure_outlines(&outlines, &info, false, &m, NULL));
    g_assert_cmpfloat_with_epsilon(m.row[7].expansion, 2.2, 0.005);
    /* 1 % of each area, half of it shared by all frames, four before growth */
    g_assert_cmpfloat_with_epsilon(m.row[7].expansion_sd,
                                   2.2 * 0.01 * 0.866 * sqrt(1 + 1.571 / 4),
                                   1e-4);
    g_assert_cmpuint(cs_baseline_length(v, 3), ==, 1);
    g_assert_cmpuint(cs_baseline_length(v, 1), ==, 1);
    g_assert_cmpuint(cs_baseline_length(v, 0), ==, 0);
}

/* DESIGN 4: the area is the area enclosed by the outline polygon. */
static void
polygon_encloses_the_area(void)
{
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    g_auto(CsPolygon) polygon = CS_POLYGON_INIT;
    CsOutline *o;

    g_assert_true(cs_outlines_resize(&outlines, 1, 1, 32, NULL));
    o = cs_outlines_at(&outlines, 0, 0);
    o->centre_x_px = o->centre_y_px = 50;
    for (int k = 0; k < 32; k++)
        o->r_px[k] = (float) (20 + 2 * cos(2 * G_PI * 3 * k / 32));
    g_assert_true(cs_outline_polygon(o, 32, false, &polygon, NULL));
    /* integral of r²/2, exact for so few harmonics; r_px is float */
    g_assert_cmpfloat_with_epsilon(cs_polygon_area(&polygon),
                                   G_PI * (400 + 2), 1e-3);
}

/* Growth that begins three frames before the end: the median of five would be
 * a frame of the baseline. */
static void
final_expansion_is_not_of_the_baseline(void)
{
    static const double late[] = { 1.2, 1.4, 1.6 };
    CsMeasure row[40] = { 0 };
    CsMeasures table = { .n = 40, .row = row };

    for (int flat = 0; flat < 2; flat++) {
        g_autofree CsSummary *s = NULL;

        for (size_t i = 0; i < 40; i++)
            row[i] = (CsMeasure) {
                .particle_id = 1, .frame = i, .area_nm2 = 100,
                .expansion = i < 37 || flat ? 1 + 0.001 * (double) (i % 3)
                                            : late[i - 37],
                .expansion_sd = 0.001, .state = CS_OUTLINE_OK,
            };
        g_assert_cmpuint(cs_summarise(&table, &s), ==, 1);
        g_assert_cmpfloat_with_epsilon(s->expansion_final, flat ? 1 : 1.4,
                                       flat ? 0.002 : 0.21);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/measure/scales", areas_use_both_scales);
    g_test_add_func("/measure/pixels", pixels_have_no_time);
    g_test_add_func("/measure/expansion", expansion_counts_from_the_baseline);
    g_test_add_func("/measure/baseline", baseline_ends_at_the_hinge);
    g_test_add_func("/measure/short", short_series_count_from_before_growth);
    g_test_add_func("/measure/polygon", polygon_encloses_the_area);
    g_test_add_func("/measure/final_expansion_is_not_of_the_baseline",
                    final_expansion_is_not_of_the_baseline);
    return g_test_run();
}
