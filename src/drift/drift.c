/* Drift of a recording: frames are made ready on all threads, a batch ahead of
 * the one whose frames are followed one by one, so that the result does not
 * depend on the number of threads.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/drift.h"

#include "coatscope/error.h"
#include "core/ahead.h"
#include "drift/fold.h"

enum { BATCH = 16 };

/* Of frames in memory, on the way into both batches. */
static const size_t frames_bytes = (size_t) 128 << 20;

typedef struct Drift Drift;

typedef struct {
    Drift       *drift;
    size_t       first; /* frame */
    size_t       n;
    CsDriftPlane plane[BATCH];
} Batch;

struct Drift {
    CsRecording *recording;
    CsDriftFold  fold;
    CsFrame     *frame;    /* a thread each */
    unsigned     n_threads;
    Batch        batch[2]; /* one is followed, the other made ready */
    CsAhead      ahead;
};

static void
drift_clear(Drift *d)
{
    cs_ahead_clear(&d->ahead);
    cs_drift_fold_clear(&d->fold);
    for (unsigned k = 0; k < d->n_threads; k++)
        cs_frame_clear(&d->frame[k]);
    g_free(d->frame);
    for (size_t b = 0; b < 2; b++)
        for (size_t k = 0; k < BATCH; k++)
            cs_drift_plane_clear(&d->batch[b].plane[k]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Drift, drift_clear)

static bool
prepare_one(size_t k, unsigned worker, void *data, GError **error)
{
    Batch *batch = data;
    Drift *d = batch->drift;
    CsFrame *frame = &d->frame[worker];

    return cs_recording_read(d->recording, batch->first + k, frame, error)
           && cs_drift_fold_prepare(&d->fold, frame, &batch->plane[k], error);
}

static void
prepare_batch(Drift *d, const CsJob *job, size_t first, size_t n_frames)
{
    Batch *batch = &d->batch[first / BATCH % 2];

    batch->drift = d;
    batch->first = first;
    batch->n = MIN((size_t) BATCH, n_frames - first);
    cs_ahead_start(&d->ahead, job, batch->n, prepare_one, batch);
}

static bool
follow_batch(Drift *d, Batch *batch, GError **error)
{
    for (size_t k = 0; k < batch->n; k++)
        if (!cs_drift_fold_push(&d->fold, &batch->plane[k], error))
            return false;
    return true;
}

static bool
follow_all(Drift *d, const CsJob *job, size_t n_frames, GError **error)
{
    prepare_batch(d, job, 0, n_frames);
    for (size_t i = 0; i < n_frames; i += BATCH) {
        cs_job_progress(job, "measuring drift",
                        (double) i / (double) n_frames);
        if (!cs_ahead_wait(&d->ahead, error))
            return false;
        if (i + BATCH < n_frames)
            prepare_batch(d, job, i + BATCH, n_frames);
        if (!follow_batch(d, &d->batch[i / BATCH % 2], error)
            || !cs_job_go_on(job, error))
            return false;
    }
    return true;
}

/* Threads that hold a frame each: no more than memory is meant for. */
static unsigned
n_readers(const CsRecordingInfo *info, const CsJob *job)
{
    size_t bytes = MAX(info->width * info->height * 2, 1);

    return (unsigned) CLAMP(frames_bytes / bytes, 1, cs_job_n_threads(job));
}

static bool
measure(Drift *d, const CsSeeds *seeds, const CsJob *job, CsShifts *shifts,
        GError **error)
{
    static const CsJob usual = CS_JOB_INIT;
    const CsRecordingInfo *info = cs_recording_info(d->recording);
    CsJob own = job != NULL ? *job : usual;

    own.n_threads = d->n_threads;
    if (!cs_drift_fold_init(&d->fold, info->width, info->height, seeds, error)
        || !follow_all(d, &own, info->n_frames, error)
        || !cs_drift_fold_finish(&d->fold, job, shifts, error))
        return false;
    cs_job_progress(job, "measuring drift", 1);
    return true;
}

bool
cs_drift_measure(CsRecording *recording, const CsSeeds *seeds,
                 const CsJob *job, CsShifts *shifts, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_auto(Drift) d = { .recording = recording, .ahead = CS_AHEAD_INIT };

    d.n_threads = n_readers(info, job);
    d.frame = g_new(CsFrame, d.n_threads);
    for (unsigned k = 0; k < d.n_threads; k++)
        d.frame[k] = (CsFrame) CS_FRAME_INIT;
    return measure(&d, seeds, job, shifts, error)
           || cs_blame(error, "drift");
}
