/* Drift of a recording: frames are made ready on all threads, a batch at a
 * time, and followed one by one, so that the result does not depend on the
 * number of threads; at last each is placed by its neighbours, too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/drift.h"

#include <math.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "drift/follow.h"
#include "drift/smooth.h"

enum { BATCH = 16 };

/* A smaller jump is none, in pixels of the frame. */
#define LEAST_JUMP_PX 1.0

typedef struct {
    CsRecording    *recording;
    const CsJob    *job;
    CsDriftField    field;
    CsDriftFollower follower;
    CsFrame         frame[BATCH];
    CsDriftPlane    plane[BATCH];
} Drift;

static void
drift_clear(Drift *d)
{
    cs_drift_follower_clear(&d->follower);
    cs_drift_field_clear(&d->field);
    for (size_t k = 0; k < BATCH; k++) {
        cs_frame_clear(&d->frame[k]);
        cs_drift_plane_clear(&d->plane[k]);
    }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Drift, drift_clear)

/* ---- Following ---------------------------------------------------------------- */

typedef struct {
    Drift *drift;
    size_t first;
} Batch;

static bool
read_one(size_t k, unsigned worker, void *data, GError **error)
{
    Batch *batch = data;
    Drift *d = batch->drift;

    (void) worker;
    return cs_recording_read(d->recording, batch->first + k, &d->frame[k],
                             error)
           && cs_drift_plane(&d->field, &d->frame[k], &d->plane[k], error);
}

static bool
follow_all(Drift *d, size_t n_frames, GError **error)
{
    for (size_t i = 0; i < n_frames; i += BATCH) {
        Batch batch = { d, i };
        size_t n = MIN((size_t) BATCH, n_frames - i);

        cs_job_progress(d->job, "measuring drift",
                        (double) i / (double) n_frames);
        if (!cs_parallel_for(d->job, n, read_one, &batch, error))
            return false;
        for (size_t k = 0; k < n; k++)
            if (!cs_drift_follow(&d->follower, &d->plane[k], error))
                return false;
    }
    return cs_drift_follow_end(&d->follower, error);
}

/* ---- What it says ----------------------------------------------------------------- */

/* Frames that lie nowhere keep the place of the one before; a doubled one is
 * where its twin is. */
static void
tell(const CsDriftFollower *f, double bin, const CsDriftStep *steps,
     CsShifts *shifts)
{
    const CsDriftStep *origin = NULL;
    CsShift last = { .sd_px = NAN };
    bool pending = false;

    for (size_t i = 0; i < f->n_frames; i++) {
        const CsDriftStep *step = &steps[i];
        CsShift *shift = &shifts->shift[i];
        unsigned flags = f->at[i].flags;

        pending = pending || step->jump;
        if (isfinite(step->sd)) {
            origin = origin != NULL ? origin : step;
            last = (CsShift) {
                .dx_px = bin * (step->x - origin->x),
                .dy_px = bin * (step->y - origin->y),
                .sd_px = step == origin ? 0 : bin * hypot(step->sd, origin->sd),
            };
        }
        *shift = last;
        shift->flags = flags;
        shift->jump = flags == 0 && pending;
        pending = pending && !shift->jump;
        if (!isfinite(step->sd) && flags != CS_FRAME_DOUBLED)
            shift->sd_px = i == 0 && flags == 0 ? 0 : NAN;
    }
}

static bool
smooth_and_tell(const Drift *d, CsShifts *shifts, GError **error)
{
    const CsDriftFollower *f = &d->follower;
    double bin = (double) d->field.bin;
    g_autofree CsDriftStep *steps
        = cs_try_alloc(f->n_frames, sizeof *steps, "drift", error);
    size_t n_unknown = 0;

    if (steps == NULL)
        return false;
    for (size_t i = 0; i < f->n_frames; i++) {
        const CsDriftAt *at = &f->at[i];

        steps[i] = (CsDriftStep) { at->dx, at->dy,
                                   at->flags == 0 ? at->sd : INFINITY, false };
        n_unknown += at->flags == 0 && !isfinite(at->sd);
    }
    if (!cs_drift_smooth(steps, f->n_frames, LEAST_JUMP_PX / bin, error))
        return false;
    tell(f, bin, steps, shifts);
    if (n_unknown > 1)
        cs_job_warn(d->job, "drift is not known in %zu of %zu frames: the "
                    "support shows too little", n_unknown, f->n_frames);
    return true;
}

static bool
measure(Drift *d, const CsSeeds *seeds, CsShifts *shifts, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(d->recording);

    if (!cs_drift_field_init(&d->field, info->width, info->height, seeds, error)
        || !cs_drift_follower_init(&d->follower, &d->field, error)
        || !follow_all(d, info->n_frames, error)
        || !smooth_and_tell(d, shifts, error))
        return false;
    cs_job_progress(d->job, "measuring drift", 1);
    return true;
}

bool
cs_drift_measure(CsRecording *recording, const CsSeeds *seeds,
                 const CsJob *job, CsShifts *shifts, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_auto(Drift) d = { .recording = recording, .job = job };
    g_auto(CsShifts) fresh = CS_SHIFTS_INIT;
    CsShifts old = *shifts;

    for (size_t k = 0; k < BATCH; k++)
        d.frame[k] = (CsFrame) CS_FRAME_INIT;
    if (!cs_shifts_resize(&fresh, info->n_frames, error)
        || !measure(&d, seeds, &fresh, error))
        return cs_blame(error, "drift");
    *shifts = fresh;
    fresh = old;
    return true;
}
