/* Live: a simulated recording pushed frame by frame, beside the batch.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/error.h"
#include "coatscope/live.h"
#include "coatscope/simulator.h"

enum { N_FRAMES = 24 };

static const char recipe_text[]
    = "recording: { name: live, seed: 7, width: 256, height: 256, frames: 24,"
      " interval_s: 2, exposure_s: 1, nm_per_px: 0.8 }\n"
      "scene: { layout: scattered, count: 2, diameter_nm: 45 }\n"
      "particle: { coat: TiO2, thickness_nm: 5, law: interface, tau_s: 90,"
      " onset_s: 20 }\n";

static CsRecording *
simulate(void)
{
    g_auto(CsRecipe) recipe = { 0 };
    g_autoptr(CsSimulation) simulation = NULL;
    g_autoptr(GError) error = NULL;
    CsRecording *recording;

    cs_recipe_init(&recipe);
    cs_recipe_parse(recipe_text, "live", &recipe, &error);
    g_assert_no_error(error);
    simulation = cs_simulation_new(&recipe, NULL, &error);
    g_assert_no_error(error);
    recording = cs_simulation_record(simulation, &error);
    g_assert_no_error(error);
    return recording;
}

/* Pushes all frames; the areas shown at once, particle by particle. */
static CsLive *
push_all(CsRecording *recording, double area_px2[N_FRAMES][2])
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(GError) error = NULL;
    CsLive *live = cs_live_open(cs_recording_info(recording), NULL, &error);

    g_assert_no_error(error);
    for (size_t i = 0; i < N_FRAMES; i++) {
        CsLiveFrame now;

        g_assert_true(cs_recording_read(recording, i, &frame, NULL));
        cs_live_push(live, &frame, &now, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(now.frame, ==, i);
        g_assert_cmpuint(now.n_particles, ==, 2);
        for (size_t p = 0; p < 2; p++)
            area_px2[i][p] = now.outline[p].area_px2;
    }
    return live;
}

/* The particle of the batch that lies where one seen live does. */
static size_t
same_particle(const CsMeasured *batch, const CsOutline *o)
{
    size_t best = 0;
    double least = INFINITY;

    for (size_t p = 0; p < batch->outlines.n_particles; p++) {
        const CsOutline *b = cs_outlines_at(&batch->outlines, 0, p);
        double d = hypot(b->centre_x_px - o->centre_x_px,
                         b->centre_y_px - o->centre_y_px);

        if (d < least) {
            least = d;
            best = p;
        }
    }
    g_assert_cmpfloat(least, <, 3);
    return best;
}

/* Both see the same noise; what differs is what the batch learned from frames
 * to come. So two sd of one frame are ample for most frames, and four for
 * all. */
static void
compare(const CsMeasured *live, const CsMeasured *batch)
{
    size_t n_off = 0;

    for (size_t p = 0; p < 2; p++) {
        size_t q = same_particle(batch, cs_outlines_at(&live->outlines, 0, p));

        for (size_t i = 0; i < N_FRAMES; i++) {
            const CsOutline *a = cs_outlines_at(&live->outlines, i, p);
            const CsOutline *b = cs_outlines_at(&batch->outlines, i, q);
            double sd = hypot(a->area_sd_px2, b->area_sd_px2);
            double off = fabs(a->area_px2 - b->area_px2) / sd;

            g_assert_cmpint(a->state, !=, CS_OUTLINE_LOST);
            g_assert_cmpint(b->state, !=, CS_OUTLINE_LOST);
            g_test_message("particle %zu frame %zu: live %.1f batch %.1f px², "
                           "%.2f sd", p, i, a->area_px2, b->area_px2, off);
            g_assert_cmpfloat(off, <, 4);
            n_off += off > 2;
        }
    }
    g_assert_cmpuint(n_off, <=, 2 * N_FRAMES / 20);
}

static void
live_is_like_the_batch(void)
{
    g_autoptr(CsRecording) recording = simulate();
    const CsRecordingInfo *info = cs_recording_info(recording);
    const CsFlowOptions options = { .mode = CS_FLOW_AUTOMATIC };
    g_auto(CsMeasured) live_all = CS_MEASURED_INIT;
    g_auto(CsMeasured) batch = CS_MEASURED_INIT;
    g_autoptr(GError) error = NULL;
    double area_px2[N_FRAMES][2];
    g_autoptr(CsLive) live = push_all(recording, area_px2);

    cs_live_finish(live, info, false, &live_all, &error);
    g_assert_no_error(error);
    cs_flow_measure(recording, &options, NULL, &batch, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(live_all.outlines.n_frames, ==, N_FRAMES);
    g_assert_cmpuint(live_all.shifts.n_frames, ==, N_FRAMES);
    for (size_t i = 0; i < N_FRAMES; i++)
        for (size_t p = 0; p < 2; p++)
            g_assert_cmpfloat(
                cs_outlines_at(&live_all.outlines, i, p)->area_px2, ==,
                area_px2[i][p]);
    /* The same planes go through the same fold; where particles are left out
     * is the same as well. */
    for (size_t i = 0; i < N_FRAMES; i++)
        g_assert_cmpfloat(live_all.shifts.shift[i].dx_px, ==,
                          batch.shifts.shift[i].dx_px);
    compare(&live_all, &batch);
}

static void
what_does_not_fit_is_refused(void)
{
    g_auto(CsRecordingInfo) info = CS_RECORDING_INFO_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsMeasured) measured = CS_MEASURED_INIT;
    g_autoptr(GError) error = NULL;
    g_autoptr(CsLive) live = NULL;
    CsLiveFrame now;

    g_assert_null(cs_live_open(&info, NULL, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_clear_error(&error);
    info.width = info.height = 64;
    live = cs_live_open(&info, NULL, &error);
    g_assert_no_error(error);
    g_assert_false(cs_live_finish(live, &info, false, &measured, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_clear_error(&error);
    g_assert_true(
        cs_frame_resize(&frame, 64, 63, 1, CS_PIXEL_U16, &error));
    g_assert_false(cs_live_push(live, &frame, &now, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
}

/* Nothing to see: frames count, and there is no particle. */
static void
an_empty_field_has_no_particles(void)
{
    g_auto(CsRecordingInfo) info = CS_RECORDING_INFO_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsMeasured) measured = CS_MEASURED_INIT;
    g_autoptr(GError) error = NULL;
    g_autoptr(CsLive) live = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    CsLiveFrame now;

    info.width = info.height = 96;
    live = cs_live_open(&info, NULL, &error);
    g_assert_true(
        cs_frame_resize(&frame, 96, 96, 1, CS_PIXEL_U16, &error));
    for (size_t i = 0; i < 5; i++) {
        for (size_t k = 0; k < 96 * 96; k++)
            ((guint16 *) frame.px)[k]
                = (guint16) (1000 + g_rand_int_range(rand, -60, 61));
        cs_live_push(live, &frame, &now, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(now.n_particles, ==, 0);
    }
    info.n_frames = 5;
    cs_live_finish(live, &info, true, &measured, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(measured.shifts.n_frames, ==, 5);
    g_assert_cmpuint(measured.outlines.n_particles, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/live/is like the batch", live_is_like_the_batch);
    g_test_add_func("/live/what does not fit is refused",
                    what_does_not_fit_is_refused);
    g_test_add_func("/live/an empty field has no particles",
                    an_empty_field_has_no_particles);
    return g_test_run();
}
