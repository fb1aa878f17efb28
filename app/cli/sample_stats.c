/* Statistics of samples.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sample_stats.h"

#include <complex.h>
#include <math.h>

#include "coatscope/error.h"

/* Samples whose sums are taken together, so that rounding stays small. */
enum { BLOCK = 4096 };

typedef struct {
    CsRecording   *recording;
    const CsJob   *job;
    CsFrame       *frame;  /* one a worker */
    CsSampleStats *of;     /* one a frame; std is the sum of squares here */
    size_t         n_frames;
    gint           n_done; /* atomic */
} Loop;

static const CsSampleStats none
    = { .min = INFINITY, .max = -INFINITY, .mean = 0, .std = 0 };

/* Joins two means and sums of squared deviations (Chan, Golub and LeVeque,
 * 1979). */
static void
merge(CsSampleStats *into, const CsSampleStats *more)
{
    double n = (double) (into->n + more->n);
    double step = more->mean - into->mean;

    into->n_not += more->n_not;
    if (more->n == 0)
        return;
    into->mean += step * (double) more->n / n;
    into->std += more->std
                 + step * step * (double) into->n * (double) more->n / n;
    into->n += more->n;
    into->min = fmin(into->min, more->min);
    into->max = fmax(into->max, more->max);
}

static void
add_block(const double *value, size_t n, CsSampleStats *stats)
{
    CsSampleStats block = none;
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isfinite(value[i])) {
            block.n_not++;
            continue;
        }
        block.n++;
        sum += value[i];
        block.min = value[i] < block.min ? value[i] : block.min;
        block.max = value[i] > block.max ? value[i] : block.max;
    }
    block.mean = block.n > 0 ? sum / (double) block.n : 0;
    for (size_t i = 0; i < n; i++) {
        double off = value[i] - block.mean;

        squares += isfinite(off) ? off * off : 0;
    }
    block.std = squares;
    merge(stats, &block);
}

#define COPY(TYPE, VALUE)                                                     \
    for (size_t i = 0; i < n; i++) {                                          \
        TYPE s = ((const TYPE *) px)[from + i];                               \
        value[i] = (double) (VALUE);                                          \
    }                                                                         \
    break

static void
copy_block(const CsFrame *frame, size_t from, size_t n, double *value)
{
    const void *px = frame->px;

    switch (frame->type) {
    case CS_PIXEL_U8: COPY(guint8, s);
    case CS_PIXEL_I8: COPY(gint8, s);
    case CS_PIXEL_U16: COPY(guint16, s);
    case CS_PIXEL_I16: COPY(gint16, s);
    case CS_PIXEL_U32: COPY(guint32, s);
    case CS_PIXEL_I32: COPY(gint32, s);
    case CS_PIXEL_F32: COPY(float, s);
    case CS_PIXEL_F64: COPY(double, s);
    case CS_PIXEL_C64: COPY(float complex, cabsf(s));
    case CS_PIXEL_C128: COPY(double complex, cabs(s));
    case CS_N_PIXEL_TYPES: break;
    }
}

static bool
sum_frame(size_t i, unsigned worker, void *data, GError **error)
{
    Loop *loop = data;
    CsFrame *frame = &loop->frame[worker];
    double value[BLOCK];
    size_t n;

    if (!cs_recording_read(loop->recording, i, frame, error))
        return false;
    n = frame->width * frame->height * frame->n_channels;
    loop->of[i] = none;
    for (size_t from = 0; from < n; from += BLOCK) {
        copy_block(frame, from, MIN(BLOCK, n - from), value);
        add_block(value, MIN(BLOCK, n - from), &loop->of[i]);
    }
    n = (size_t) g_atomic_int_add(&loop->n_done, 1);
    if (worker == 0)
        cs_job_progress(loop->job, "reading frames",
                        (double) n / (double) loop->n_frames);
    return true;
}

static CsSampleStats
total(const Loop *loop)
{
    CsSampleStats all = none;

    for (size_t i = 0; i < loop->n_frames; i++)
        merge(&all, &loop->of[i]);
    if (all.n == 0)
        return (CsSampleStats) { .n_not = all.n_not, .min = NAN, .max = NAN,
                                 .mean = NAN, .std = NAN };
    all.std = sqrt(all.std / (double) all.n);
    return all;
}

bool
cs_sample_stats(CsRecording *recording, const CsJob *job,
                CsSampleStats *stats, GError **error)
{
    size_t n_frames = cs_recording_info(recording)->n_frames;
    unsigned n_workers = cs_job_n_threads(job);
    g_autofree CsFrame *frame = g_new0(CsFrame, n_workers);
    g_autofree CsSampleStats *of = g_try_new0(CsSampleStats, n_frames);
    Loop loop = { .recording = recording, .job = job, .frame = frame,
                  .of = of, .n_frames = n_frames };
    bool ok = of != NULL;

    for (unsigned w = 0; w < n_workers; w++)
        frame[w] = (CsFrame) CS_FRAME_INIT;
    if (!ok)
        cs_fail(error, CS_ERROR_LIMIT, "no memory for %zu frames", n_frames);
    ok = ok && cs_parallel_for(job, n_frames, sum_frame, &loop, error);
    if (ok)
        *stats = total(&loop);
    for (unsigned w = 0; w < n_workers; w++)
        cs_frame_clear(&frame[w]);
    return ok;
}
