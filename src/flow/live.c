/* Live measuring.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/live.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/measure.h"
#include "detect/search.h"
#include "drift/fold.h"
#include "outline/fold.h"

struct CsLive {
    size_t        width;
    size_t        height;
    const CsJob  *job;
    size_t        n_frames;
    size_t        search_at; /* frame on which particles are looked for next */
    CsSeeds       seeds;
    bool          has_drift; /* its fold is begun: with the first frame      */
    CsDriftFold   drift;
    CsDriftPlane  plane;
    bool          is_placed; /* shifts are known                             */
    CsShift       last;      /* of the frame before                          */
    CsShift       base;      /* of the frame the seeds were found on         */
    CsOutlineFold outlines;  /* begun when there are particles               */
    GPtrArray    *seen;      /* of CsOutlines of one frame; NULL: before any */
};

static void
free_outlines(gpointer data)
{
    if (data == NULL)
        return;
    cs_outlines_clear(data);
    g_free(data);
}

CsLive *
cs_live_open(const CsRecordingInfo *info, const CsJob *job, GError **error)
{
    CsLive *live;

    if (info->width < 2 || info->height < 2) {
        cs_fail(error, CS_ERROR_ARGUMENT,
                "a field of %zu × %zu pixels cannot be measured", info->width,
                info->height);
        return NULL;
    }
    live = g_new0(CsLive, 1);
    live->width = info->width;
    live->height = info->height;
    live->job = job;
    live->plane = (CsDriftPlane) CS_DRIFT_PLANE_INIT;
    live->seen = g_ptr_array_new_with_free_func(free_outlines);
    return live;
}

void
cs_live_free(CsLive *live)
{
    if (live == NULL)
        return;
    g_ptr_array_unref(live->seen);
    cs_outline_fold_clear(&live->outlines);
    cs_drift_plane_clear(&live->plane);
    if (live->has_drift)
        cs_drift_fold_clear(&live->drift);
    cs_seeds_clear(&live->seeds);
    g_free(live);
}

/* ---- Particles -------------------------------------------------------------- */

/* Frame numbers 0, 1, 3, 7, …: an empty field must not cost a search each. */
static bool
find_particles(CsLive *live, const CsFrame *frame, GError **error)
{
    g_auto(CsSeeds) found = CS_SEEDS_INIT;
    CsSearchPlan plan = { 0 };
    CsSeeds old = live->seeds;

    live->search_at = 2 * live->n_frames + 1;
    if (!cs_detect_search(frame, &plan, &found, error))
        return false;
    if (found.n == 0)
        return true;
    for (size_t i = 0; i < found.n; i++) {
        found.seed[i].key_frame = live->n_frames;
        found.seed[i].birth_frame = live->n_frames;
        found.seed[i].death_frame = G_MAXSIZE;
    }
    live->seeds = found;
    found = old;
    return cs_outline_fold_init(&live->outlines, &live->seeds, live->job,
                                error);
}

/* ---- A frame ----------------------------------------------------------------- */

/* Seeds and their mask lie on the frame they were found on. */
static CsShift
from_seeds(const CsLive *live, const CsShift *shift)
{
    CsShift relative = *shift;

    relative.dx_px -= live->base.dx_px;
    relative.dy_px -= live->base.dy_px;
    return relative;
}

/* Drift leaves the particles of the first frame out, so they come first. */
static bool
follow_drift(CsLive *live, const CsFrame *frame, CsShift *shift,
             GError **error)
{
    bool is_known;

    if (!live->has_drift
        && !cs_drift_fold_init(&live->drift, live->width, live->height,
                               &live->seeds, error))
        return false;
    live->has_drift = true;
    if (!cs_drift_fold_prepare(&live->drift, frame, &live->plane, error)
        || !cs_drift_fold_push(&live->drift, &live->plane, error))
        return false;
    is_known = cs_drift_fold_now(&live->drift, shift);
    if (!is_known) {
        shift->dx_px = live->last.dx_px;
        shift->dy_px = live->last.dy_px;
    }
    if (is_known && !live->is_placed && live->seeds.n > 0) {
        /* Up to here particles were followed by themselves. */
        const CsShift relative = from_seeds(live, shift);

        cs_outline_fold_rebase(&live->outlines, &relative);
        live->is_placed = true;
    }
    live->last = *shift;
    return true;
}

static CsOutlines *
new_outlines(const CsLive *live, GError **error)
{
    CsOutlines *one = g_new0(CsOutlines, 1);

    if (!cs_outlines_resize(one, 1, live->seeds.n, CS_CONTOUR_ANGLES, error)) {
        g_free(one);
        return NULL;
    }
    for (size_t p = 0; p < live->seeds.n; p++)
        one->particle_id[p] = live->seeds.seed[p].id;
    return one;
}

/* One outline of each particle; NULL in *one where there are none yet. */
static bool
follow_outlines(CsLive *live, const CsFrame *frame, const CsShift *shift,
                bool is_first, CsOutlines **one, GError **error)
{
    CsShift relative;

    *one = NULL;
    if (live->seeds.n == 0)
        return true;
    *one = new_outlines(live, error);
    if (*one == NULL)
        return false;
    if (is_first) {
        live->base = *shift;
        relative = from_seeds(live, shift); /* nothing, and its flags */
        cs_outline_fold_start(&live->outlines, &relative, true);
    }
    relative = from_seeds(live, shift);
    if (cs_outline_fold_push(&live->outlines, frame, &relative, NULL,
                             (*one)->outline, error))
        return true;
    g_clear_pointer(one, free_outlines);
    return false;
}

static bool
check_frame(const CsLive *live, const CsFrame *frame, GError **error)
{
    if (frame->width == live->width && frame->height == live->height)
        return true;
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "frame %zu has %zu × %zu pixels, not %zu × %zu as was said "
                   "at first", live->n_frames, frame->width, frame->height,
                   live->width, live->height);
}

bool
cs_live_push(CsLive *live, const CsFrame *frame, CsLiveFrame *now,
             GError **error)
{
    CsShift shift = { 0 };
    CsOutlines *one;
    bool searches = live->seeds.n == 0 && live->n_frames >= live->search_at;

    if (!check_frame(live, frame, error) || !cs_job_go_on(live->job, error)
        || (searches && !find_particles(live, frame, error))
        || !follow_drift(live, frame, &shift, error)
        || !follow_outlines(live, frame, &shift, searches, &one, error))
        return false;
    g_ptr_array_add(live->seen, one);
    *now = (CsLiveFrame) {
        .frame = live->n_frames++, .shift = shift,
        .n_particles = live->seeds.n, .seed = live->seeds.seed,
        .outline = one != NULL ? one->outline : NULL,
    };
    return true;
}

/* ---- The end --------------------------------------------------------------------- */

static void
copy_outline(const CsOutline *from, size_t n_angles, CsOutline *to)
{
    const CsOutline arrays = *to;
    const float *const source[] = { from->r_px, from->r_sd_px, from->core_px,
                                    from->core_sd_px, from->rim };
    float *const target[] = { arrays.r_px, arrays.r_sd_px, arrays.core_px,
                              arrays.core_sd_px, arrays.rim };

    *to = *from;
    to->r_px = arrays.r_px;
    to->r_sd_px = arrays.r_sd_px;
    to->core_px = arrays.core_px;
    to->core_sd_px = arrays.core_sd_px;
    to->rim = arrays.rim;
    for (size_t k = 0; k < G_N_ELEMENTS(source); k++)
        memcpy(target[k], source[k], n_angles * sizeof *target[k]);
}

static bool
join_outlines(const CsLive *live, CsOutlines *all, GError **error)
{
    size_t n = live->seeds.n;

    if (!cs_outlines_resize(all, live->n_frames, n, CS_CONTOUR_ANGLES, error))
        return false;
    for (size_t p = 0; p < n; p++)
        all->particle_id[p] = live->seeds.seed[p].id;
    for (size_t i = 0; i < live->n_frames; i++) {
        const CsOutlines *one = g_ptr_array_index(live->seen, i);

        for (size_t p = 0; one != NULL && p < n; p++)
            copy_outline(&one->outline[p], all->n_angles,
                         cs_outlines_at(all, i, p));
    }
    return true;
}

static bool
copy_seeds(const CsLive *live, const CsShifts *shifts, CsSeeds *seeds,
           GError **error)
{
    for (size_t i = 0; i < live->seeds.n; i++) {
        const CsSeed *from = &live->seeds.seed[i];
        const CsShift *shift = &shifts->shift[from->key_frame];
        g_auto(CsSeed) seed = *from;

        seed.outline = (CsPolygon) CS_POLYGON_INIT;
        seed.birth_frame = 0;
        seed.death_frame = live->n_frames;
        if (!cs_polygon_copy(&from->outline, &seed.outline, error))
            return false;
        for (size_t k = 0; k < seed.outline.n; k++) {
            seed.outline.points[k].x += shift->dx_px;
            seed.outline.points[k].y += shift->dy_px;
        }
        cs_seeds_take(seeds, &seed);
    }
    return true;
}

bool
cs_live_finish(CsLive *live, const CsRecordingInfo *info, bool in_pixels,
               CsMeasured *measured, GError **error)
{
    g_auto(CsMeasured) fresh = CS_MEASURED_INIT;
    CsMeasured old = *measured;

    if (live->n_frames == 0)
        return cs_fail(error, CS_ERROR_ARGUMENT, "no frame came");
    if (info->n_frames != live->n_frames)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%zu frames came, %zu are said to have come",
                       live->n_frames, info->n_frames);
    if (!cs_drift_fold_finish(&live->drift, live->job, &fresh.shifts, error)
        || !copy_seeds(live, &fresh.shifts, &fresh.seeds, error)
        || !join_outlines(live, &fresh.outlines, error)
        || !cs_measure_outlines(&fresh.outlines, info, in_pixels,
                                &fresh.measures, error)
        || !cs_flow_judge(live->job, &fresh, error))
        return false;
    *measured = fresh;
    fresh = old;
    return true;
}
