/* Particles of a field, a frame at a time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/fold.h"

#include "core/alloc.h"

bool
cs_outline_fold_init(CsOutlineFold *fold, const CsSeeds *seeds,
                     const CsJob *job, GError **error)
{
    size_t n = seeds->n;
    CsOutlineFold f = { .seeds = seeds, .job = job,
                        .n_threads = cs_job_n_threads(job) };

    f.track = cs_try_alloc(n, sizeof *f.track, "the tracks", error);
    if (f.track != NULL)
        f.seen = cs_try_alloc(n, sizeof *f.seen, "the tracks", error);
    if (f.seen != NULL)
        f.memory = cs_try_alloc(n, sizeof *f.memory, "the tracks", error);
    if (f.memory != NULL)
        f.work = cs_try_alloc(f.n_threads, sizeof *f.work, "the tracks",
                              error);
    if (f.work == NULL) {
        cs_outline_fold_clear(&f);
        return false;
    }
    *fold = f;
    return true;
}

void
cs_outline_fold_clear(CsOutlineFold *fold)
{
    for (unsigned i = 0; fold->work != NULL && i < fold->n_threads; i++)
        cs_track_work_clear(&fold->work[i]);
    g_free(fold->work);
    g_free(fold->memory);
    g_free(fold->seen);
    g_free(fold->track);
    *fold = (CsOutlineFold) { 0 };
}

void
cs_outline_fold_start(CsOutlineFold *fold, const CsShift *shift, bool warns)
{
    for (size_t p = 0; p < fold->seeds->n; p++) {
        const CsSeed *seed = &fold->seeds->seed[p];

        if (cs_track_restart(seed, shift, &fold->memory[p], &fold->seen[p]))
            continue;
        if (warns)
            cs_job_warn(fold->job, "particle %d: its outline is too small or "
                                   "crossed to start from", seed->id);
        fold->seen[p].n_lost = 1;
        fold->seen[p].contour = (CsContour) { 0 };
    }
}

void
cs_outline_fold_learn(CsOutlineFold *fold)
{
    for (size_t p = 0; p < fold->seeds->n; p++)
        fold->memory[p] = cs_track_learned(&fold->seen[p]);
}

void
cs_outline_fold_rebase(CsOutlineFold *fold, const CsShift *shift)
{
    for (size_t p = 0; p < fold->seeds->n; p++)
        fold->seen[p].shift = *shift;
}

static bool
is_wanted(const CsOutlineFold *fold, size_t p)
{
    return fold->wanted == NULL || fold->wanted[p];
}

static bool
follow_one(size_t p, unsigned worker, void *data, GError **error)
{
    CsOutlineFold *fold = data;
    const CsTrackView view = {
        .frame = fold->frame, .seeds = fold->seeds, .all = fold->seen,
        .self = p, .learn = fold->learns,
    };

    if (!is_wanted(fold, p))
        return true;
    fold->track[p] = fold->seen[p];
    return cs_track_follow(&fold->track[p], &view, &fold->work[worker],
                           &fold->outline[p], error);
}

bool
cs_outline_fold_push(CsOutlineFold *fold, const CsFrame *frame,
                     const CsShift *shift, const bool *wanted,
                     CsOutline *outline, GError **error)
{
    size_t n = fold->seeds->n;

    for (size_t p = 0; p < n; p++)
        cs_track_move(&fold->seen[p], shift);
    fold->frame = frame;
    fold->wanted = wanted;
    fold->outline = outline;
    if (shift->flags != 0)
        return true;
    if (!cs_parallel_for(fold->job, n, follow_one, fold, error))
        return false;
    for (size_t p = 0; p < n; p++)
        if (is_wanted(fold, p))
            fold->seen[p] = fold->track[p];
    return true;
}
