/* Outline: every particle through the recording.
 *
 * Frames are read a block at a time, in parallel; then frame by frame the
 * particles are followed in parallel. A particle sees its neighbours as they
 * were in the frame before, so the order of the threads does not matter.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/outline.h"

#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "outline/track.h"

enum {
    MAX_BLOCK = 16,
    LEARN_FRAMES = 25, /* looked at before all are followed */
    LEARN_LEAST = 5,   /* fewer frames teach nothing        */
};

static const size_t block_bytes = (size_t) 64 << 20;

typedef struct {
    CsRecording    *recording;
    const CsShifts *shifts;
    const CsSeeds  *seeds;
    const CsJob    *job;
    CsOutlines     *outlines;
    CsTrack        *track; /* a particle each                              */
    CsTrack        *seen;  /* the same, as it was in the frame before      */
    CsRimMemory    *memory; /* a particle each: learned in the first turn  */
    CsTrackWork    *work;  /* a thread each                                */
    CsOutlines      scratch; /* of one frame, for the first turn           */
    unsigned        n_threads;
    CsFrame         frame[MAX_BLOCK];
    size_t          n_block;
    size_t          first; /* frame number of the block's first            */
    bool            backwards;
    bool            learning;
    size_t          stride; /* in frames                                   */
    size_t          now;   /* the frame being followed, in the block       */
    size_t          done;  /* frames, for the progress                     */
    size_t          to_do;
} Trace;

static size_t
frame_number(const Trace *t, size_t i)
{
    return t->backwards ? t->first - i * t->stride : t->first + i * t->stride;
}

static const CsShift *
shift_of(const Trace *t, size_t frame)
{
    static const CsShift none = { 0 };

    return frame < t->shifts->n_frames ? &t->shifts->shift[frame] : &none;
}

static bool
read_one(size_t i, unsigned worker, void *data, GError **error)
{
    Trace *t = data;

    (void) worker;
    return cs_recording_read(t->recording, frame_number(t, i), &t->frame[i],
                             error);
}

static size_t
last_frame(const Trace *t, const CsSeed *seed)
{
    return seed->death_frame > seed->key_frame
               ? MIN(seed->death_frame, t->outlines->n_frames)
               : t->outlines->n_frames;
}

static bool
is_wanted(const Trace *t, size_t p, size_t frame)
{
    const CsSeed *seed = &t->seeds->seed[p];

    if (t->backwards)
        return frame < seed->key_frame && frame >= seed->birth_frame;
    return frame >= seed->key_frame && frame < last_frame(t, seed);
}

static bool
follow_one(size_t p, unsigned worker, void *data, GError **error)
{
    Trace *t = data;
    size_t frame = frame_number(t, t->now);
    const CsTrackView view = { &t->frame[t->now], t->seeds, t->seen, p };
    CsOutline *outline = t->learning
                             ? cs_outlines_at(&t->scratch, 0, p)
                             : cs_outlines_at(t->outlines, frame, p);

    if (!is_wanted(t, p, frame))
        return true;
    t->track[p] = t->seen[p];
    return cs_track_follow(&t->track[p], &view, &t->work[worker], outline,
                           error);
}

static bool
follow_frame(Trace *t, GError **error)
{
    const CsShift *shift = shift_of(t, frame_number(t, t->now));

    for (size_t p = 0; p < t->seeds->n; p++)
        cs_track_move(&t->seen[p], shift);
    if (shift->flags == 0
        && !cs_parallel_for(t->job, t->seeds->n, follow_one, t, error))
        return false;
    if (shift->flags == 0)
        for (size_t p = 0; p < t->seeds->n; p++)
            if (is_wanted(t, p, frame_number(t, t->now)))
                t->seen[p] = t->track[p];
    cs_job_progress(t->job, "outlining",
                    (double) ++t->done / (double) t->to_do);
    return cs_job_go_on(t->job, error);
}

/* n frames from first on, or from first down, a stride apart. */
static bool
follow(Trace *t, size_t first, size_t n, bool backwards, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(t->recording);
    size_t bytes = MAX(info->width * info->height * 2, 1);
    size_t block = CLAMP(block_bytes / bytes, t->n_threads, MAX_BLOCK);

    t->backwards = backwards;
    for (size_t i = 0; i < n; i += t->n_block) {
        t->first = backwards ? first - i * t->stride : first + i * t->stride;
        t->n_block = MIN(block, n - i);
        if (!cs_parallel_for(t->job, t->n_block, read_one, t, error))
            return false;
        for (t->now = 0; t->now < t->n_block; t->now++)
            if (!follow_frame(t, error))
                return false;
    }
    return true;
}

static void
start_tracks(Trace *t, size_t frame)
{
    for (size_t p = 0; p < t->seeds->n; p++) {
        const CsSeed *seed = &t->seeds->seed[p];

        if (!cs_track_restart(seed, shift_of(t, frame), &t->memory[p],
                              &t->seen[p])) {
            if (!t->learning)
                cs_job_warn(t->job, "particle %d: its outline is too small or "
                                    "crossed to start from", seed->id);
            t->seen[p].n_lost = 1;
            t->seen[p].contour = (CsContour) { 0 };
        }
    }
}

/* How much coating a particle has is seen best where the core has paled: so
 * what is learned from a few frames of all the recording is known from the
 * first frame on when all frames are followed. */
static bool
learn(Trace *t, size_t first, size_t n, GError **error)
{
    size_t seen;

    t->stride = MAX(n / LEARN_FRAMES, 1);
    seen = (n - 1) / t->stride + 1;
    t->learning = true;
    t->to_do += seen;
    start_tracks(t, first);
    if (!follow(t, first, seen, false, error))
        return false;
    for (size_t p = 0; p < t->seeds->n; p++)
        t->memory[p] = t->seen[p].memory;
    t->learning = false;
    t->stride = 1;
    return true;
}

static bool
run(Trace *t, GError **error)
{
    size_t n = t->outlines->n_frames, first = n, last = 0;
    bool   also_back = false;

    for (size_t p = 0; p < t->seeds->n; p++) {
        const CsSeed *seed = &t->seeds->seed[p];

        first = MIN(first, seed->key_frame);
        last = MAX(last, seed->key_frame);
        also_back |= seed->key_frame > seed->birth_frame;
    }
    if (first >= n)
        return true;
    last = MIN(last, n - 1);
    t->stride = 1;
    t->to_do = n - first + (also_back ? last : 0);
    if (n - first >= LEARN_LEAST && !learn(t, first, n - first, error))
        return false;
    start_tracks(t, first);
    if (!follow(t, first, n - first, false, error))
        return false;
    if (!also_back || last == 0)
        return true;
    start_tracks(t, last - 1);
    return follow(t, last - 1, last, true, error);
}

static bool
allocate(Trace *t, GError **error)
{
    size_t n = t->seeds->n;

    t->n_threads = cs_job_n_threads(t->job);
    t->track = cs_try_alloc(n, sizeof *t->track, "the tracks", error);
    if (t->track == NULL)
        return false;
    t->seen = cs_try_alloc(n, sizeof *t->seen, "the tracks", error);
    if (t->seen == NULL)
        return false;
    t->memory = cs_try_alloc(n, sizeof *t->memory, "the tracks", error);
    if (t->memory == NULL)
        return false;
    t->work = cs_try_alloc(t->n_threads, sizeof *t->work, "the tracks", error);
    return t->work != NULL
           && cs_outlines_resize(&t->scratch, 1, n, CS_CONTOUR_ANGLES, error);
}

static void
clear(Trace *t)
{
    for (size_t i = 0; i < MAX_BLOCK; i++)
        cs_frame_clear(&t->frame[i]);
    for (unsigned i = 0; t->work != NULL && i < t->n_threads; i++)
        cs_track_work_clear(&t->work[i]);
    cs_outlines_clear(&t->scratch);
    g_free(t->work);
    g_free(t->memory);
    g_free(t->track);
    g_free(t->seen);
}

bool
cs_outline_trace(CsRecording *recording, const CsShifts *shifts,
                 const CsSeeds *seeds, const CsJob *job, CsOutlines *outlines,
                 GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_auto(CsOutlines) fresh = CS_OUTLINES_INIT;
    CsOutlines old = *outlines;
    Trace t = { .recording = recording, .shifts = shifts, .seeds = seeds,
                .job = job, .outlines = &fresh,
                .scratch = CS_OUTLINES_INIT };
    bool ok;

    if (!cs_outlines_resize(&fresh, info->n_frames, seeds->n,
                            CS_CONTOUR_ANGLES, error))
        return false;
    for (size_t p = 0; p < seeds->n; p++)
        fresh.particle_id[p] = seeds->seed[p].id;
    for (size_t i = 0; i < MAX_BLOCK; i++)
        t.frame[i] = (CsFrame) CS_FRAME_INIT;
    ok = allocate(&t, error) && run(&t, error);
    clear(&t);
    if (!ok)
        return false;
    *outlines = fresh;
    fresh = old;
    return true;
}
