/* Drift: each frame against the mean of those before it. Binning runs on all
 * threads, a batch of frames at a time; matching goes frame by frame, so the
 * result does not depend on the number of threads.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/drift.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/image.h"
#include "core/alloc.h"
#include "drift/correlate.h"
#include "drift/texture.h"

enum {
    BATCH = 16,
    MEMORY = 50, /* frames the usual texture is the mean of */
};

/* A frame with less than this share of the usual mean has no beam on it. */
#define LEAST_LIGHT 0.3

/* A peak that stands out less does not tell a shift. */
#define LEAST_STRENGTH 6.0

/* A move is a jump if it is that many times the usual one, and pixels. */
#define JUMP_RATIO 8.0
#define LEAST_JUMP_PX 3.0

/* The mask of growing things is placed by the last shift: it is placed anew
 * where the frame turns out to lie farther off, in binned pixels. */
#define REPLACE_MASK_PX 2.0

typedef struct {
    CsRecording  *recording;
    const CsJob  *job;
    CsDriftField  field;
    CsCorrelator *correlator;
    CsImage       binned[BATCH];
    CsImage       relative;  /* texture of the frame in hand …              */
    CsImage       weight;    /* … and where it counts                       */
    CsImage       texture;   /* their product                               */
    CsImage       mean;      /* usual texture on the first frame            */
    size_t        n_learned;
    CsImage       before;    /* the last binned frame, to see doubles        */
    double        light;     /* usual mean of a frame; 0 before the first    */
    double        usual_px;  /* usual move, running mean                     */
    CsShift       last;
} Fold;

static void
fold_clear(Fold *f)
{
    cs_drift_field_clear(&f->field);
    cs_correlator_free(f->correlator);
    for (size_t k = 0; k < BATCH; k++)
        cs_image_clear(&f->binned[k]);
    cs_image_clear(&f->relative);
    cs_image_clear(&f->weight);
    cs_image_clear(&f->texture);
    cs_image_clear(&f->mean);
    cs_image_clear(&f->before);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fold, fold_clear)

/* ---- One frame -------------------------------------------------------------------- */

static double
mean_of(const CsImage *image)
{
    double sum = 0;

    for (size_t i = 0; i < image->width * image->height; i++)
        sum += (double) image->px[i];
    return sum / (double) (image->width * image->height);
}

static bool
is_double(const CsImage *a, const CsImage *b)
{
    return a->px != NULL && a->width == b->width && a->height == b->height
           && memcmp(a->px, b->px, a->width * a->height * sizeof *a->px) == 0;
}

static bool
remember(Fold *f, const CsImage *binned, GError **error)
{
    if (!cs_image_resize(&f->before, binned->width, binned->height, error))
        return false;
    memcpy(f->before.px, binned->px,
           binned->width * binned->height * sizeof *binned->px);
    return true;
}

/* Matches the frame, taken to lie near (dx, dy); changes against the usual
 * texture are left out if `masks_changes`. */
static bool
match_at(Fold *f, const CsImage *binned, double dx, double dy,
         bool masks_changes, CsMatch *match, GError **error)
{
    if (!cs_drift_texture(&f->field, binned, dx, dy, &f->relative, &f->weight,
                          error)
        || !cs_drift_mask_outliers(&f->relative, &f->weight, error)
        || !cs_image_resize(&f->texture, f->field.width, f->field.height,
                            error)
        || (masks_changes
            && !cs_drift_mask_changes(&f->field, &f->mean, &f->relative, dx,
                                      dy, &f->weight, error)))
        return false;
    for (size_t i = 0; i < f->field.width * f->field.height; i++)
        f->texture.px[i] = f->weight.px[i] * f->relative.px[i];
    cs_correlator_match(f->correlator, &f->texture, match);
    return true;
}

/* Matches near the last frame; where the frame turns out to lie elsewhere,
 * once more there. After a jump all looks changed, so that if nothing fits,
 * changes are let in to find out where the frame is. */
static bool
match_frame(Fold *f, const CsImage *binned, CsMatch *match, GError **error)
{
    double bin = (double) f->field.bin;
    double dx = f->last.dx_px / bin, dy = f->last.dy_px / bin;

    if (!match_at(f, binned, dx, dy, true, match, error))
        return false;
    if (match->strength >= LEAST_STRENGTH
        && hypot(match->dx - dx, match->dy - dy) <= REPLACE_MASK_PX)
        return true;
    if (!match_at(f, binned, dx, dy, false, match, error))
        return false;
    if (!(match->strength >= LEAST_STRENGTH))
        return true;
    return match_at(f, binned, match->dx, match->dy, true, match, error);
}

static void
learn(Fold *f, const CsMatch *match)
{
    float share = 1 / (float) MIN(++f->n_learned, (size_t) MEMORY);

    cs_correlator_learn(f->correlator, match->dx, match->dy);
    cs_drift_learn(&f->field, &f->relative, &f->weight, match->dx, match->dy,
                   share, &f->mean);
}

/* Whether the move from the last frame is sudden; keeps the usual one up. */
static bool
is_jump(Fold *f, const CsShift *shift)
{
    double move = hypot(shift->dx_px - f->last.dx_px,
                        shift->dy_px - f->last.dy_px);
    bool is = move > LEAST_JUMP_PX && move > JUMP_RATIO * f->usual_px;

    if (!is)
        f->usual_px += 0.1 * (move - f->usual_px);
    return is;
}

static bool
take_frame(Fold *f, const CsImage *binned, CsShift *shift, GError **error)
{
    double bin = (double) f->field.bin, light = mean_of(binned);
    CsMatch match;

    *shift = f->last;
    shift->jump = false;
    shift->flags = CS_FRAME_OK;
    if (f->light > 0 && light < LEAST_LIGHT * f->light) {
        shift->flags = CS_FRAME_BLACK;
        shift->sd_px = NAN;
        return true;
    }
    if (is_double(&f->before, binned)) {
        shift->flags = CS_FRAME_DOUBLED;
        return true;
    }
    if (!remember(f, binned, error) || !match_frame(f, binned, &match, error))
        return false;
    f->light = f->light > 0 ? f->light + 0.1 * (light - f->light) : light;
    if (!(match.strength >= LEAST_STRENGTH)) {
        shift->sd_px = NAN; /* no texture to go by: not known */
        return true;
    }
    shift->dx_px = match.dx * bin;
    shift->dy_px = match.dy * bin;
    shift->sd_px = match.sd * bin;
    shift->jump = is_jump(f, shift);
    learn(f, &match);
    f->last = *shift;
    return true;
}

/* ---- All frames -------------------------------------------------------------------- */

typedef struct {
    Fold  *fold;
    size_t first;
} Batch;

static bool
bin_frame(size_t k, unsigned worker, void *data, GError **error)
{
    Batch *batch = data;
    Fold *f = batch->fold;
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    (void) worker;
    return cs_recording_read(f->recording, batch->first + k, &frame, error)
           && cs_image_bin(&frame, f->field.bin, &f->binned[k], error);
}

static bool
take_batch(Fold *f, size_t first, size_t n, CsShifts *shifts, GError **error)
{
    Batch batch = { f, first };

    if (!cs_parallel_for(f->job, n, bin_frame, &batch, error))
        return false;
    for (size_t k = 0; k < n; k++)
        if (!take_frame(f, &f->binned[k], &shifts->shift[first + k], error))
            return false;
    return true;
}

bool
cs_drift_measure(CsRecording *recording, const CsSeeds *seeds,
                 const CsJob *job, CsShifts *shifts, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_auto(Fold) f = { .recording = recording, .job = job };
    g_auto(CsShifts) fresh = CS_SHIFTS_INIT;
    CsShifts old = *shifts;

    if (!cs_shifts_resize(&fresh, info->n_frames, error)
        || !cs_drift_field_init(&f.field, info->width, info->height, seeds,
                                error))
        return cs_blame(error, "drift");
    if (!cs_image_resize(&f.mean, f.field.width, f.field.height, error))
        return cs_blame(error, "drift");
    for (size_t i = 0; i < f.field.width * f.field.height; i++)
        f.mean.px[i] = NAN;
    f.correlator = cs_correlator_new(f.field.width, f.field.height, error);
    if (f.correlator == NULL)
        return cs_blame(error, "drift");
    for (size_t i = 0; i < info->n_frames; i += BATCH) {
        size_t n = MIN((size_t) BATCH, info->n_frames - i);

        cs_job_progress(job, "measuring drift",
                        (double) i / (double) info->n_frames);
        if (!take_batch(&f, i, n, &fresh, error))
            return cs_blame(error, "drift");
    }
    cs_job_progress(job, "measuring drift", 1);
    *shifts = fresh;
    fresh = old;
    return true;
}
