/* Drawn recordings and what a perfect measurement would say of them, for the
 * tests of the results and report rooms.
 *
 * Dark discs on a bright, uneven ground grow by an exponential law; their
 * outlines are the true circles, with a plausible scatter stated.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/results.h"

enum { DRAWN_SIDE = 256, DRAWN_ANGLES = 90 };

typedef struct {
    const char *name;
    const char *coating;
    size_t      n_frames;
    size_t      n_particles;
    double      growth;     /* final A/A0                                   */
    double      tau_frames; /* of the growth                                */
    bool        in_pixels;
} DrawnRecipe;

typedef struct {
    DrawnRecipe    recipe;
    CsRecording   *recording;
    CsSeeds        seeds;
    CsShifts       shifts;
    CsOutlines     outlines;
    CsMeasures     measures;
    CsPictures     pictures; /* none until drawn_take_pictures              */
} Drawn;

static inline double
drawn_radius(const DrawnRecipe *r, size_t p, size_t frame)
{
    double a = 1 + (r->growth - 1)
                       * (1 - exp(-(double) frame / r->tau_frames));

    return (16 + 3 * (double) p) * sqrt(a);
}

static inline CsPoint
drawn_centre(size_t p, size_t frame)
{
    return (CsPoint) { 64 + 110 * (double) (p % 2) + 0.02 * (double) frame,
                       70 + 100 * (double) (p / 2) - 0.03 * (double) frame };
}

static inline bool
drawn_read(void *state, size_t index, CsFrame *frame, GError **error)
{
    const DrawnRecipe *r = state;
    guint32 noise = 12345u + (guint32) index;
    guint16 *px;

    if (!cs_frame_resize(frame, DRAWN_SIDE, DRAWN_SIDE, 1, CS_PIXEL_U16,
                         error))
        return false;
    px = frame->px;
    for (size_t j = 0; j < DRAWN_SIDE; j++)
        for (size_t i = 0; i < DRAWN_SIDE; i++) {
            double value = 1000 + 60 * sin((double) i / 40);

            for (size_t p = 0; p < r->n_particles; p++) {
                CsPoint c = drawn_centre(p, index);
                double d = hypot((double) i + 0.5 - c.x,
                                 (double) j + 0.5 - c.y)
                           - drawn_radius(r, p, index);

                value *= 1 - 0.45 / (1 + exp(d));
            }
            noise = noise * 1664525u + 1013904223u;
            px[j * DRAWN_SIDE + i]
                = (guint16) (value + (double) (noise >> 25) - 64);
        }
    frame->index = index;
    return true;
}

static inline void
drawn_make_recording(Drawn *d)
{
    const DrawnRecipe *r = &d->recipe;
    const CsFrameSource source = { drawn_read, g_free };
    CsRecordingInfo info = CS_RECORDING_INFO_INIT;

    info.name = g_strdup(r->name);
    info.width = info.height = DRAWN_SIDE;
    info.n_frames = r->n_frames;
    g_assert_true(cs_clock_resize(&info.clock, r->n_frames, NULL));
    if (!r->in_pixels) {
        info.nm_per_px_x = info.nm_per_px_y = 1.5;
        info.scale_source = CS_SCALE_USER;
        cs_clock_fill(&info.clock, 2, 0.5, CS_TIME_ASSUMED);
    }
    info.notes = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(info.notes,
                    g_strdup("the time step of 2 s is assumed <by you>"));
    d->recording
        = cs_recording_take(&info, &source, g_memdup2(r, sizeof *r));
}

static inline void
drawn_make_outlines(Drawn *d)
{
    const DrawnRecipe *r = &d->recipe;

    g_assert_true(cs_outlines_resize(&d->outlines, r->n_frames,
                                     r->n_particles, DRAWN_ANGLES, NULL));
    for (size_t f = 0; f < r->n_frames; f++)
        for (size_t p = 0; p < r->n_particles; p++) {
            CsOutline *o = cs_outlines_at(&d->outlines, f, p);
            CsPoint c = drawn_centre(p, f);

            if (p == 1 && f >= 10 && f < 14)
                continue; /* lost for a while */
            o->state = f > r->n_frames - 4 ? CS_OUTLINE_EDGE : CS_OUTLINE_OK;
            o->centre_x_px = c.x;
            o->centre_y_px = c.y;
            for (size_t k = 0; k < DRAWN_ANGLES; k++) {
                o->r_px[k] = (float) drawn_radius(r, p, f);
                if (p == 0)
                    o->core_px[k] = o->r_px[k] - 4;
            }
            o->area_px2 = G_PI * drawn_radius(r, p, f)
                          * drawn_radius(r, p, f);
        }
}

static inline void
drawn_make_measures(Drawn *d)
{
    const DrawnRecipe *r = &d->recipe;
    double scale = r->in_pixels ? 1 : 1.5 * 1.5;

    d->measures.recording = g_strdup(r->name);
    d->measures.coating = g_strdup(r->coating);
    d->measures.in_pixels = r->in_pixels;
    d->measures.n = r->n_frames * r->n_particles;
    d->measures.row = g_new0(CsMeasure, d->measures.n + 1);
    for (size_t i = 0; i < d->measures.n; i++) {
        size_t p = i / r->n_frames, f = i % r->n_frames;
        const CsOutline *o = cs_outlines_at(&d->outlines, f, p);
        double a0 = drawn_radius(r, p, 0) * drawn_radius(r, p, 0) * G_PI;

        d->measures.row[i] = (CsMeasure) {
            .particle_id = (int) p + 1, .frame = f,
            .time_s = r->in_pixels ? NAN : 2 * (double) f,
            .time_source = r->in_pixels ? CS_TIME_NONE : CS_TIME_ASSUMED,
            .area_nm2 = o->area_px2 * scale,
            .area_sd_nm2 = 0.01 * o->area_px2 * scale,
            .core_area_nm2 = NAN, .core_area_sd_nm2 = NAN,
            .coat_thickness_nm = NAN, .coat_thickness_sd_nm = NAN,
            .expansion = o->area_px2 / a0,
            .expansion_sd = 0.012 * o->area_px2 / a0,
            .volume_ratio = NAN, .x = NAN,
            .centroid_x_px = o->centre_x_px, .centroid_y_px = o->centre_y_px,
            .solidity = 1, .rim_gap_fraction = NAN, .intensity = NAN,
            .bias_V = NAN, .current_A = NAN, .dose_e_per_A2 = NAN,
            .state = o->state, .broken = -1,
        };
    }
}

static inline void
drawn_make(const DrawnRecipe *recipe, Drawn *d)
{
    memset(d, 0, sizeof *d);
    d->recipe = *recipe;
    drawn_make_recording(d);
    drawn_make_outlines(d);
    drawn_make_measures(d);
    g_assert_true(cs_shifts_resize(&d->shifts, recipe->n_frames, NULL));
    for (size_t f = 1; f < recipe->n_frames; f++)
        d->shifts.shift[f] = (CsShift) {
            .dx_px = -0.02 * (double) f + (f >= 20 ? 3.25 : 0),
            .dy_px = 0.03 * (double) f,
            .sd_px = 0.02,
            .jump = f == 20,
        };
}

static inline void
drawn_clear(Drawn *d)
{
    cs_recording_unref(d->recording);
    cs_seeds_clear(&d->seeds);
    cs_shifts_clear(&d->shifts);
    cs_outlines_clear(&d->outlines);
    cs_measures_clear(&d->measures);
    cs_pictures_clear(&d->pictures);
}

static inline CsResultsItem
drawn_item(const Drawn *d)
{
    return (CsResultsItem) {
        .recording = d->recording, .seeds = &d->seeds, .shifts = &d->shifts,
        .outlines = &d->outlines, .measures = &d->measures,
        .pictures = &d->pictures,
    };
}
