/* Drift, a frame at a time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/fold.h"

#include <math.h>

#include "core/alloc.h"
#include "drift/smooth.h"

/* A smaller jump is none, in pixels of the frame. */
#define LEAST_JUMP_PX 1.0

bool
cs_drift_fold_init(CsDriftFold *fold, size_t width, size_t height,
                   const CsSeeds *seeds, GError **error)
{
    *fold = (CsDriftFold) { 0 };
    if (!cs_drift_field_init(&fold->field, width, height, seeds, error))
        return false;
    if (cs_drift_follower_init(&fold->follower, &fold->field, error))
        return true;
    cs_drift_fold_clear(fold);
    return false;
}

void
cs_drift_fold_clear(CsDriftFold *fold)
{
    cs_drift_follower_clear(&fold->follower);
    cs_drift_field_clear(&fold->field);
    *fold = (CsDriftFold) { 0 };
}

bool
cs_drift_fold_prepare(const CsDriftFold *fold, const CsFrame *frame,
                      CsDriftPlane *plane, GError **error)
{
    return cs_drift_plane(&fold->field, frame, plane, error);
}

bool
cs_drift_fold_push(CsDriftFold *fold, CsDriftPlane *plane, GError **error)
{
    return cs_drift_follow(&fold->follower, plane, error);
}

/* ---- What it says now ------------------------------------------------------ */

/* The first frame whose place is known; NULL before there is one. */
static const CsDriftAt *
origin_of(const CsDriftFollower *f)
{
    for (size_t i = 0; i < f->n_frames; i++)
        if (f->at[i].flags == 0 && isfinite(f->at[i].sd))
            return &f->at[i];
    return NULL;
}

bool
cs_drift_fold_now(const CsDriftFold *fold, CsShift *shift)
{
    const CsDriftFollower *f = &fold->follower;
    const CsDriftAt *origin = origin_of(f);
    const CsDriftAt *at = f->n_frames > 0 ? &f->at[f->n_frames - 1] : NULL;
    double bin = (double) fold->field.bin;

    *shift = (CsShift) { .sd_px = NAN };
    if (at == NULL)
        return false;
    shift->flags = at->flags;
    if (origin == NULL || !f->is_under_way)
        return false;
    shift->dx_px = bin * (at->dx - origin->dx);
    shift->dy_px = bin * (at->dy - origin->dy);
    if (!isfinite(at->sd))
        return false;
    shift->sd_px = at == origin ? 0 : bin * hypot(at->sd, origin->sd);
    return true;
}

/* ---- What it says in the end ------------------------------------------------ */

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

bool
cs_drift_fold_finish(CsDriftFold *fold, const CsJob *job, CsShifts *shifts,
                     GError **error)
{
    CsDriftFollower *f = &fold->follower;
    double bin = (double) fold->field.bin;
    g_auto(CsShifts) fresh = CS_SHIFTS_INIT;
    g_autofree CsDriftStep *steps = NULL;
    CsShifts old = *shifts;
    size_t n_unknown = 0;

    if (!cs_drift_follow_end(f, error)
        || !cs_shifts_resize(&fresh, f->n_frames, error))
        return false;
    steps = cs_try_alloc(f->n_frames, sizeof *steps, "drift", error);
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
    tell(f, bin, steps, &fresh);
    if (n_unknown > 1)
        cs_job_warn(job, "drift is not known in %zu of %zu frames: the "
                    "support shows too little", n_unknown, f->n_frames);
    *shifts = fresh;
    fresh = old;
    return true;
}
