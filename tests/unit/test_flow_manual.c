/* The protocol's manual way: polygons become seeds and outlines.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "flow/manual.h"

static CsPoint at_10_10[] = { { 5, 5 }, { 15, 5 }, { 15, 15 }, { 5, 15 } };
static CsPoint at_11_10[] = { { 6, 4 }, { 16, 4 }, { 16, 16 }, { 6, 16 } };
static CsPoint at_40_40[] = { { 35, 35 }, { 45, 35 }, { 45, 45 }, { 35, 45 } };
static CsPoint outside[] = { { 95, 5 }, { 105, 5 }, { 105, 15 } };

static CsRoi
square(CsPoint *points, size_t n, int slice, int group)
{
    return (CsRoi) {
        .name = (char *) "square", .slice = slice, .group = group,
        .outline = { n, points },
    };
}

static CsRecordingInfo
fifty_by_fifty(size_t n_frames)
{
    CsRecordingInfo info = CS_RECORDING_INFO_INIT;

    info.width = info.height = 50;
    info.n_frames = n_frames;
    return info;
}

static void
polygons_that_lie_close_are_one_particle(void)
{
    CsRoi all[] = { square(at_40_40, 4, 1, 0), square(at_11_10, 4, 3, 0),
                    square(at_10_10, 4, 1, 0) };
    CsRois rois = { 3, all };
    CsRecordingInfo info = fifty_by_fifty(3);
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;

    g_assert_true(cs_manual_check(&rois, &info, NULL));
    g_assert_true(cs_manual_outlines(&rois, &info, &outlines, NULL));
    g_assert_cmpuint(outlines.n_particles, ==, 2);
    g_assert_cmpfloat(cs_outlines_at(&outlines, 0, 0)->area_px2, ==, 100);
    g_assert_cmpfloat(cs_outlines_at(&outlines, 0, 1)->area_px2, ==, 100);
    g_assert_cmpfloat(cs_outlines_at(&outlines, 2, 1)->area_px2, ==, 120);
    g_assert_cmpint(cs_outlines_at(&outlines, 1, 1)->state, ==,
                    CS_OUTLINE_LOST);
    g_assert_cmpint(cs_outlines_at(&outlines, 2, 0)->state, ==,
                    CS_OUTLINE_LOST);
}

static void
groups_join_what_lies_far_apart(void)
{
    CsRoi all[] = { square(at_10_10, 4, 1, 2), square(at_40_40, 4, 2, 2) };
    CsRois rois = { 2, all };
    CsRecordingInfo info = fifty_by_fifty(2);
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;

    g_assert_true(cs_manual_outlines(&rois, &info, &outlines, NULL));
    g_assert_cmpuint(outlines.n_particles, ==, 1);
}

static void
refuse(CsRoi roi, size_t n_frames, const char *word)
{
    CsRois rois = { 1, &roi };
    CsRecordingInfo info = fifty_by_fifty(n_frames);
    g_autoptr(GError) error = NULL;

    g_assert_false(cs_manual_check(&rois, &info, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_nonnull(strstr(error->message, word));
}

static void
refuses_what_cannot_be_measured(void)
{
    CsRoi line = square(at_10_10, 4, 1, 0);

    line.type = CS_ROI_POLYLINE;
    refuse(line, 1, "encloses no area");
    refuse(square(outside, 3, 1, 0), 1, "outside the frame");
    refuse(square(at_10_10, 4, 4, 0), 3, "slice 4");
    refuse(square(at_10_10, 4, 0, 0), 3, "no slice");
}

/* The frame may lie in the polygon, or polygons half outside: those are cut. */
static void
polygons_over_the_edge_are_cut(void)
{
    CsPoint over[] = { { 45, 5 }, { 60, 5 }, { 60, 15 }, { 45, 15 } };
    CsPoint around[] = { { -5, -5 }, { 60, -5 }, { 60, 60 }, { -5, 60 } };
    CsRoi all[] = { square(over, 4, 1, 0), square(around, 4, 2, 0),
                    square(at_10_10, 4, 3, 0) };
    CsRois rois = { 3, all };
    CsRecordingInfo info = fifty_by_fifty(3);
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;

    g_assert_true(cs_manual_check(&rois, &info, NULL));
    g_assert_true(cs_manual_outlines(&rois, &info, &outlines, NULL));
    g_assert_cmpint(cs_outlines_at(&outlines, 0, 0)->state, ==,
                    CS_OUTLINE_EDGE);
    g_assert_cmpint(cs_outlines_at(&outlines, 1, 1)->state, ==,
                    CS_OUTLINE_EDGE);
    g_assert_cmpint(cs_outlines_at(&outlines, 2, 1)->state, ==,
                    CS_OUTLINE_OK);
    g_assert_true(cs_manual_is_cut(&all[2].outline, &info, 6));
    g_assert_false(cs_manual_is_cut(&all[2].outline, &info, 4));
    refuse(square(outside, 3, 1, 0), 1, "x 95 to 105, y 5 to 15");
}

static void
seeds_lie_on_the_first_frame(void)
{
    CsRoi all[] = { square(at_10_10, 4, 2, 0) };
    CsRois rois = { 1, all };
    CsRecordingInfo info = fifty_by_fifty(2);
    CsShift shift[] = { { 0 }, { .dx_px = 3, .dy_px = -1 } };
    CsShifts shifts = { 2, shift };
    g_auto(CsSeeds) found = CS_SEEDS_INIT;
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;

    g_assert_true(
        cs_manual_seeds(&rois, &info, &shifts, 0, &found, &seeds, NULL));
    g_assert_cmpuint(seeds.n, ==, 1);
    g_assert_cmpuint(seeds.seed[0].key_frame, ==, 1);
    g_assert_true(seeds.seed[0].from_user);
    g_assert_cmpfloat(seeds.seed[0].outline.points[0].x, ==, 8);
    g_assert_cmpfloat(seeds.seed[0].outline.points[0].y, ==, 4);
}

/* The field drifts by 100 px a frame; on it the polygons lie still. */
static void
polygons_of_one_particle_share_its_seed(void)
{
    CsPoint far_off[] = { { -95, 5 }, { -85, 5 }, { -85, 15 }, { -95, 15 } };
    CsRoi all[] = { square(at_40_40, 4, 1, 0), square(at_10_10, 4, 1, 0),
                    square(far_off, 4, 2, 0) };
    CsRois rois = { 3, all };
    CsRecordingInfo info = fifty_by_fifty(2);
    CsShift shift[] = { { 0 }, { .dx_px = 100 } };
    CsShifts shifts = { 2, shift };
    g_auto(CsSeeds) found = CS_SEEDS_INIT;
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    size_t n_particles;

    g_assert_cmpuint(cs_manual_n_passes(&rois, &shifts, &n_particles), ==, 2);
    g_assert_cmpuint(n_particles, ==, 2);
    g_assert_true(
        cs_manual_seeds(&rois, &info, &shifts, 1, &found, &seeds, NULL));
    g_assert_cmpuint(seeds.n, ==, 2);
    g_assert_cmpint(seeds.seed[1].id, ==, 2);
    g_assert_cmpuint(seeds.seed[0].key_frame, ==, 0); /* its last, too */
    g_assert_cmpuint(seeds.seed[1].key_frame, ==, 1);
    g_assert_cmpfloat(seeds.seed[1].outline.points[0].x, ==, 5);
}

/* Of seven polygons on frames 0 … 6 five are used; a frame takes the pass
 * whose polygon is nearest. */
static void
each_frame_takes_the_nearest_polygon(void)
{
    static const double expected[] = { 0, 1, 1, 2, 3, 3, 4 };
    CsRoi all[7];
    CsRois rois = { 7, all };
    CsShift shift[7] = { { 0 } };
    CsShifts shifts = { 7, shift };
    CsOutlines pass[5] = { { 0 } };
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    size_t n_particles;

    for (int i = 0; i < 7; i++)
        all[i] = square(at_10_10, 4, i + 1, 0);
    g_assert_cmpuint(cs_manual_n_passes(&rois, &shifts, &n_particles), ==, 5);
    for (int k = 0; k < 5; k++) {
        g_assert_true(cs_outlines_resize(&pass[k], 7, 1, 8, NULL));
        for (size_t f = 0; f < 7; f++) {
            cs_outlines_at(&pass[k], f, 0)->area_px2 = k;
            cs_outlines_at(&pass[k], f, 0)->r_px[3] = (float) k;
        }
    }
    g_assert_true(cs_manual_join(&rois, &shifts, pass, &outlines, NULL));
    for (int k = 0; k < 5; k++)
        cs_outlines_clear(&pass[k]);
    for (size_t f = 0; f < 7; f++) {
        const CsOutline *o = cs_outlines_at(&outlines, f, 0);

        g_assert_cmpfloat(o->area_px2, ==, expected[f]);
        g_assert_cmpfloat(o->r_px[3], ==, expected[f]);
    }
}

static void
holes_and_cores_do_not_count(void)
{
    CsPoint hole[] = { { 8, 8 }, { 8, 12 }, { 12, 12 }, { 12, 8 } };
    CsPolygon rings[] = { { 4, at_10_10 }, { 4, hole }, { 4, at_40_40 } };
    CsRoi all[] = { square(at_10_10, 4, 1, 0), square(hole, 4, 1, 0) };
    CsRois rois = { 2, all }, outer;
    CsRecordingInfo info = fifty_by_fifty(1);
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;

    all[0].n_rings = 3;
    all[0].rings = rings;
    all[1].name = (char *) "p01_f0001_core";
    outer = cs_manual_without_cores(&rois);
    g_assert_cmpuint(outer.n, ==, 1);
    g_assert_true(cs_manual_outlines(&outer, &info, &outlines, NULL));
    g_free(outer.roi);
    g_assert_cmpuint(outlines.n_particles, ==, 1);
    g_assert_cmpfloat(cs_outlines_at(&outlines, 0, 0)->area_px2, ==,
                      100 - 16 + 100);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/flow/manual/close",
                    polygons_that_lie_close_are_one_particle);
    g_test_add_func("/flow/manual/groups", groups_join_what_lies_far_apart);
    g_test_add_func("/flow/manual/refuses", refuses_what_cannot_be_measured);
    g_test_add_func("/flow/manual/cut", polygons_over_the_edge_are_cut);
    g_test_add_func("/flow/manual/seeds", seeds_lie_on_the_first_frame);
    g_test_add_func("/flow/manual/shared",
                    polygons_of_one_particle_share_its_seed);
    g_test_add_func("/flow/manual/nearest",
                    each_frame_takes_the_nearest_polygon);
    g_test_add_func("/flow/manual/holes", holes_and_cores_do_not_count);
    return g_test_run();
}
