/* The camera of the bench, and how two clocks relate.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/camera.h"

#include <math.h>

#include "coatscope/error.h"
#include "coatscope/simulator.h"

/* How far the camera's clock is off, and how fast it goes wrong. */
static const double offset_s = 0.37, drift = 18e-6;

void
cs_camera_clear(CsCamera *c)
{
    g_clear_pointer(&c->recording, cs_recording_unref);
}

static bool
add_jump(CsRecipe *r, double time_s, double by_nm)
{
    if (isnan(time_s))
        return true;
    g_free(r->jumps);
    r->jumps = g_new0(CsJumpRecipe, 1);
    r->jumps[0] = (CsJumpRecipe) { .time_s = time_s, .dx_nm = by_nm };
    r->n_jumps = 1;
    return true;
}

bool
cs_camera_open(const char *preset, size_t n_frames, double jump_s,
               double jump_nm, CsCamera *camera, GError **error)
{
    g_auto(CsRecipe) r = CS_RECIPE_INIT;
    g_autoptr(CsSimulation) s = NULL;
    g_auto(CsCamera) c = CS_CAMERA_INIT;

    if (!cs_recipe_load(preset, &r, error) || !add_jump(&r, jump_s, jump_nm))
        return false;
    r.recording.frames = (int64_t) n_frames;
    r.needle.start_gap_nm = 0; /* the approach is over */
    r.needle.contact_s = 0;
    s = cs_simulation_new(&r, NULL, error);
    c.recording = s != NULL ? cs_simulation_record(s, error) : NULL;
    if (c.recording == NULL)
        return false;
    c.n_frames = n_frames;
    c.nm_per_px = r.recording.nm_per_px;
    c.interval_s = r.recording.interval_s;
    *camera = c;
    c = (CsCamera) CS_CAMERA_INIT;
    return true;
}

bool
cs_camera_read(CsCamera *c, size_t i, CsFrame *frame, double *stamp_s,
               GError **error)
{
    double at = cs_recording_info(c->recording)->clock.start_s[i];

    *stamp_s = c->start_s + offset_s + at * (1 + drift);
    return cs_recording_read(c->recording, i, frame, error);
}

CsClockRelation
cs_clock_relate(const double *theirs_s, const double *ours_s, size_t n)
{
    CsClockRelation r = { NAN, NAN, NAN, NAN };
    double mx = 0, my = 0, sxx = 0, sxy = 0, rss = 0, slope;

    for (size_t i = 0; i < n; i++) {
        mx += (ours_s[i] - ours_s[0]) / (double) n;
        my += (theirs_s[i] - ours_s[i]) / (double) n;
    }
    for (size_t i = 0; i < n; i++) {
        double x = ours_s[i] - ours_s[0] - mx;

        sxx += x * x;
        sxy += x * (theirs_s[i] - ours_s[i] - my);
    }
    if (n < 3 || !(sxx > 0))
        return r;
    slope = sxy / sxx;
    for (size_t i = 0; i < n; i++)
        rss += pow(theirs_s[i] - ours_s[i] - my
                       - slope * (ours_s[i] - ours_s[0] - mx), 2);
    rss /= (double) (n - 2);
    r.offset_s = my - slope * mx;
    r.offset_sd_s = sqrt(rss * (1 / (double) n + mx * mx / sxx));
    r.drift_ppm = 1e6 * slope;
    r.drift_sd_ppm = 1e6 * sqrt(rss / sxx);
    return r;
}
