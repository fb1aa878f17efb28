/* Outline: every particle through the recording.
 *
 * Frames are read a block ahead of the one whose frames are followed, one by
 * one, all particles in parallel.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/outline.h"

#include "coatscope/error.h"
#include "core/ahead.h"
#include "core/alloc.h"
#include "outline/fold.h"

enum {
    MAX_BLOCK = 16,
    LEARN_FRAMES = 50, /* looked at before all are followed */
    LEARN_LEAST = 5,   /* fewer frames teach nothing        */
    LEARN_EVERY = 4,   /* of these teaches of the coating   */
};

/* Of both blocks together. */
static const size_t blocks_bytes = (size_t) 96 << 20;

typedef struct {
    size_t  n;
    size_t  number[MAX_BLOCK]; /* of the frames, in the recording */
    CsFrame frame[MAX_BLOCK];
} Block;

typedef struct {
    CsRecording    *recording;
    const CsShifts *shifts;
    const CsSeeds  *seeds;
    const CsJob    *job;
    CsOutlines     *outlines;
    CsOutlines      scratch; /* of one frame, for the first turn           */
    CsOutlineFold   fold;
    bool           *wanted;  /* a particle each                            */
    Block           block[2]; /* one is followed, the other is read        */
    CsAhead         ahead;
    bool            backwards;
    bool            learning;
    size_t          stride; /* in frames                                   */
    size_t          done;  /* frames, for the progress                     */
    size_t          to_do;
} Trace;

static void
trace_clear(Trace *t)
{
    cs_ahead_clear(&t->ahead);
    for (size_t b = 0; b < 2; b++)
        for (size_t i = 0; i < MAX_BLOCK; i++)
            cs_frame_clear(&t->block[b].frame[i]);
    cs_outline_fold_clear(&t->fold);
    cs_outlines_clear(&t->scratch);
    g_free(t->wanted);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Trace, trace_clear)

static const CsShift *
shift_of(const Trace *t, size_t frame)
{
    static const CsShift none = { 0 };

    return frame < t->shifts->n_frames ? &t->shifts->shift[frame] : &none;
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

/* ---- Blocks of frames ---------------------------------------------------- */

typedef struct {
    size_t first; /* number of the first frame */
    size_t n;     /* frames, a stride apart    */
    size_t size;  /* frames to a block         */
} Walk;

static bool
read_one(size_t i, unsigned worker, void *data, GError **error)
{
    void **both = data;
    Trace *t = both[0];
    Block *block = both[1];

    (void) worker;
    return cs_recording_read(t->recording, block->number[i],
                             &block->frame[i], error);
}

/* Starts to read the block that begins at step `from` of the walk. */
static void
read_ahead(Trace *t, const Walk *walk, size_t from, void **both)
{
    Block *block = &t->block[from / walk->size % 2];

    block->n = MIN(walk->size, walk->n - from);
    for (size_t i = 0; i < block->n; i++) {
        size_t far = (from + i) * t->stride;

        block->number[i] = t->backwards ? walk->first - far
                                        : walk->first + far;
    }
    both[0] = t;
    both[1] = block;
    cs_ahead_start(&t->ahead, t->job, block->n, read_one, both);
}

static bool
follow_frame(Trace *t, size_t number, const CsFrame *frame, GError **error)
{
    CsOutline *outline = t->learning
                             ? cs_outlines_at(&t->scratch, 0, 0)
                             : cs_outlines_at(t->outlines, number, 0);

    for (size_t p = 0; p < t->seeds->n; p++)
        t->wanted[p] = is_wanted(t, p, number);
    t->fold.learns = t->learning
                     && t->done % LEARN_EVERY == LEARN_EVERY - 1;
    if (!cs_outline_fold_push(&t->fold, frame, shift_of(t, number), t->wanted,
                              outline, error))
        return false;
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
    size_t size = CLAMP(blocks_bytes / bytes / 2, 1, MAX_BLOCK);
    const Walk walk = { first, n, size };
    void *both[2];

    t->backwards = backwards;
    if (n > 0)
        read_ahead(t, &walk, 0, both);
    for (size_t i = 0; i < n; i += size) {
        const Block *block = &t->block[i / size % 2];

        if (!cs_ahead_wait(&t->ahead, error))
            return false;
        if (i + size < n)
            read_ahead(t, &walk, i + size, both);
        for (size_t k = 0; k < block->n; k++)
            if (!follow_frame(t, block->number[k], &block->frame[k], error)) {
                cs_ahead_clear(&t->ahead); /* before `both` goes */
                return false;
            }
    }
    return true;
}

/* ---- All of it ------------------------------------------------------------- */

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
    cs_outline_fold_start(&t->fold, shift_of(t, first), false);
    if (!follow(t, first, seen, false, error))
        return false;
    cs_outline_fold_learn(&t->fold);
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
    cs_outline_fold_start(&t->fold, shift_of(t, first), true);
    if (!follow(t, first, n - first, false, error))
        return false;
    if (!also_back || last == 0)
        return true;
    cs_outline_fold_start(&t->fold, shift_of(t, last - 1), true);
    return follow(t, last - 1, last, true, error);
}

static bool
allocate(Trace *t, GError **error)
{
    size_t n = t->seeds->n;

    t->wanted = cs_try_alloc(n, sizeof *t->wanted, "the tracks", error);
    return t->wanted != NULL
           && cs_outline_fold_init(&t->fold, t->seeds, t->job, error)
           && cs_outlines_resize(&t->scratch, 1, n, CS_CONTOUR_ANGLES, error);
}

bool
cs_outline_trace(CsRecording *recording, const CsShifts *shifts,
                 const CsSeeds *seeds, const CsJob *job, CsOutlines *outlines,
                 GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_auto(CsOutlines) fresh = CS_OUTLINES_INIT;
    g_auto(Trace) t = { .recording = recording, .shifts = shifts,
                        .seeds = seeds, .job = job, .outlines = &fresh,
                        .scratch = CS_OUTLINES_INIT, .ahead = CS_AHEAD_INIT };
    CsOutlines old = *outlines;

    for (size_t b = 0; b < 2; b++)
        for (size_t i = 0; i < MAX_BLOCK; i++)
            t.block[b].frame[i] = (CsFrame) CS_FRAME_INIT;
    if (!cs_outlines_resize(&fresh, info->n_frames, seeds->n,
                            CS_CONTOUR_ANGLES, error))
        return false;
    for (size_t p = 0; p < seeds->n; p++)
        fresh.particle_id[p] = seeds->seed[p].id;
    if (!allocate(&t, error) || !run(&t, error))
        return false;
    *outlines = fresh;
    fresh = old;
    return true;
}
