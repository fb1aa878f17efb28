/* Drift in two passes. First each frame is found among those before it, to
 * about a pixel. Then two templates of the support are made, each of every
 * other one of some frames, and those frames moved to where they fit the
 * template they are not part of: noise that a frame shares with a template
 * would hold it where it was. At last every frame is fitted.
 *
 * All frames of a pass but the search run on all threads; each is fitted by
 * itself, so the result does not depend on their number.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/drift.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "drift/coarse.h"
#include "drift/plane.h"
#include "drift/refine.h"

enum {
    BATCH = 16,
    MAX_KEYS = 48, /* frames that templates are made of */
    N_ROUNDS = 3,  /* of moving them                    */
};

/* A frame with less than this share of the usual mean has no beam on it. */
#define LEAST_LIGHT 0.3

/* A move is a jump if it is that many times the usual one, and pixels. */
#define JUMP_RATIO 8.0
#define LEAST_JUMP_PX 3.0

/* Texture that is left: of a frame that moved while it was taken, and of one
 * that lies elsewhere. Told only where it is known that well. */
#define BLURRED 0.75
#define UNMATCHED 0.3
#define SHARPNESS_SD 0.12

typedef struct {
    CsRecording     *recording;
    const CsJob     *job;
    CsDriftField     field;
    CsImage          plane[BATCH];
    double           light[BATCH];
    CsShifts        *shifts;
    CsDriftFit      *fit;      /* of each frame, in binned pixels          */
    CsDriftKey      *keys;
    size_t          *key_frame;
    size_t           n_keys;
    CsDriftTemplate  template[2];
} Drift;

static void
drift_clear(Drift *d)
{
    cs_drift_field_clear(&d->field);
    for (size_t k = 0; k < BATCH; k++)
        cs_image_clear(&d->plane[k]);
    for (size_t k = 0; k < 2; k++)
        cs_image_clear(&d->template[k].image);
    for (size_t k = 0; k < d->n_keys; k++) {
        cs_image_clear(&d->keys[k].plane);
        cs_image_clear(&d->keys[k].far);
    }
    g_free(d->keys);
    g_free(d->key_frame);
    g_free(d->fit);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Drift, drift_clear)

static bool
read_plane(Drift *d, size_t frame, CsImage *plane, double *light,
           GError **error)
{
    g_auto(CsFrame) pixels = CS_FRAME_INIT;

    return cs_recording_read(d->recording, frame, &pixels, error)
           && cs_drift_plane(&d->field, &pixels, plane, light, error);
}

/* ---- First pass ------------------------------------------------------------ */

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
    return read_plane(d, batch->first + k, &d->plane[k], &d->light[k], error);
}

typedef struct {
    CsCoarse *coarse;
    CsImage   before;  /* the last plane, to see doubles      */
    double    light;   /* usual mean of a frame; 0 at first   */
    size_t    n_taken;
} Search;

static bool
is_double(const CsImage *a, const CsImage *b)
{
    return a->px != NULL && a->width == b->width && a->height == b->height
           && memcmp(a->px, b->px, a->width * a->height * sizeof *a->px) == 0;
}

/* Where the beam came on only now, all before was without. */
static bool
start_anew(Drift *d, Search *s, size_t frame, GError **error)
{
    for (size_t k = 0; k < frame; k++)
        d->shifts->shift[k].flags = CS_FRAME_BLACK;
    s->light = 0;
    s->n_taken = 0;
    cs_coarse_free(s->coarse);
    s->coarse = cs_coarse_new(&d->field, error);
    return s->coarse != NULL;
}

static bool
search_frame(Drift *d, Search *s, size_t frame, size_t k, GError **error)
{
    const CsImage *plane = &d->plane[k];
    CsShift *shift = &d->shifts->shift[frame];
    double light = d->light[k];

    if (s->light > 0 && s->n_taken < 3 && s->light < LEAST_LIGHT * light
        && !start_anew(d, s, frame, error))
        return false;
    if (s->light > 0 && light < LEAST_LIGHT * s->light) {
        shift->flags = CS_FRAME_BLACK;
        return true;
    }
    if (is_double(&s->before, plane)) {
        shift->flags = CS_FRAME_DOUBLED;
        return true;
    }
    if (!cs_image_resize(&s->before, plane->width, plane->height, error))
        return false;
    cs_coarse_follow(s->coarse, plane, &d->fit[frame].dx, &d->fit[frame].dy);
    memcpy(s->before.px, plane->px,
           plane->width * plane->height * sizeof *plane->px);
    s->light = s->light > 0 ? s->light + 0.1 * (light - s->light) : light;
    s->n_taken++;
    return true;
}

static bool
search_all(Drift *d, Search *s, GError **error)
{
    size_t n_frames = d->shifts->n_frames;

    s->coarse = cs_coarse_new(&d->field, error);
    if (s->coarse == NULL)
        return false;
    for (size_t i = 0; i < n_frames; i += BATCH) {
        Batch batch = { d, i };
        size_t n = MIN((size_t) BATCH, n_frames - i);

        cs_job_progress(d->job, "measuring drift",
                        0.5 * (double) i / (double) n_frames);
        if (!cs_parallel_for(d->job, n, read_one, &batch, error))
            return false;
        for (size_t k = 0; k < n; k++)
            if (!search_frame(d, s, i + k, k, error))
                return false;
    }
    return true;
}

static bool
search(Drift *d, GError **error)
{
    Search s = { 0 };
    bool ok = search_all(d, &s, error);

    cs_coarse_free(s.coarse);
    cs_image_clear(&s.before);
    return ok;
}

/* ---- Templates -------------------------------------------------------------- */

static bool
read_key(size_t k, unsigned worker, void *data, GError **error)
{
    Drift *d = data;
    CsDriftKey *key = &d->keys[k];
    double light;

    (void) worker;
    key->dx = d->fit[d->key_frame[k]].dx;
    key->dy = d->fit[d->key_frame[k]].dy;
    return read_plane(d, d->key_frame[k], &key->plane, &light, error);
}

/* Good frames at even distances, as many as a quarter of the memory holds. */
static bool
choose_keys(Drift *d, GError **error)
{
    size_t bytes = d->field.width * d->field.height * sizeof(float);
    size_t most = CLAMP(cs_job_memory_limit(d->job) / 4 / bytes, 2, MAX_KEYS);
    size_t n_good = 0, n = 0, seen = 0;

    for (size_t f = 0; f < d->shifts->n_frames; f++)
        n_good += d->shifts->shift[f].flags == 0;
    n = MIN(most, n_good);
    d->keys = g_new0(CsDriftKey, n + 1);
    d->key_frame = g_new0(size_t, n + 1);
    for (size_t f = 0; f < d->shifts->n_frames && d->n_keys < n; f++) {
        if (d->shifts->shift[f].flags != 0)
            continue;
        if (seen++ * n >= d->n_keys * n_good)
            d->key_frame[d->n_keys++] = f;
    }
    return cs_parallel_for(d->job, d->n_keys, read_key, d, error);
}

/* Both templates cover what keys show, up to three times the field. */
static bool
place_templates(Drift *d, GError **error)
{
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    double w = (double) d->field.width, h = (double) d->field.height;

    for (size_t k = 0; k < d->n_keys; k++) {
        x0 = fmin(x0, d->keys[k].dx);
        x1 = fmax(x1, d->keys[k].dx);
        y0 = fmin(y0, d->keys[k].dy);
        y1 = fmax(y1, d->keys[k].dy);
    }
    x0 = floor(CLAMP(x0, -w, 0));
    y0 = floor(CLAMP(y0, -h, 0));
    x1 = ceil(CLAMP(x1, 0, w));
    y1 = ceil(CLAMP(y1, 0, h));
    for (size_t k = 0; k < 2; k++) {
        CsDriftTemplate *t = &d->template[k];

        t->x0 = (ptrdiff_t) x0;
        t->y0 = (ptrdiff_t) y0;
        if (!cs_image_resize(&t->image, (size_t) (x1 - x0 + w),
                             (size_t) (y1 - y0 + h), error))
            return false;
    }
    return true;
}

typedef struct {
    Drift *drift;
    size_t parity;
} Round;

static bool
move_key(size_t i, unsigned worker, void *data, GError **error)
{
    const Round *round = data;
    Drift *d = round->drift;
    CsDriftKey *key = &d->keys[2 * i + round->parity];
    CsDriftFit fit = { .dx = key->dx, .dy = key->dy };

    (void) worker;
    if (!cs_drift_refine(&key->plane, &d->template[1 - round->parity],
                         &d->template[round->parity], &fit, &key->far,
                         error))
        return false;
    if (isfinite(fit.sd)) {
        key->moved_x += fit.dx - key->dx;
        key->moved_y += fit.dy - key->dy;
        key->dx = fit.dx;
        key->dy = fit.dy;
    }
    return true;
}

/* Half of the keys onto the other half's template; then theirs anew. One half
 * after the other: at once, each would take the place the other had. */
static bool
move_keys(Drift *d, size_t parity, GError **error)
{
    Round round = { d, parity };
    size_t n = (d->n_keys + 1 - parity) / 2;

    return cs_parallel_for(d->job, n, move_key, &round, error)
           && cs_drift_template_build(&d->field, d->keys, d->n_keys, parity,
                                      d->job, &d->template[parity], error);
}

static bool
make_templates(Drift *d, GError **error)
{
    if (!choose_keys(d, error) || !place_templates(d, error))
        return false;
    for (size_t parity = 0; parity < 2; parity++)
        if (!cs_drift_template_build(&d->field, d->keys, d->n_keys, parity,
                                     d->job, &d->template[parity], error))
            return false;
    for (int k = 0; k < N_ROUNDS; k++) {
        cs_job_progress(d->job, "measuring drift", 0.5 + 0.1 * k);
        if (!move_keys(d, 0, error) || !move_keys(d, 1, error))
            return false;
    }
    return true;
}

/* ---- Last pass ----------------------------------------------------------------- */

/* The last key up to the frame, or the first. */
static size_t
key_before(const Drift *d, size_t frame)
{
    size_t k = 0;

    while (k + 1 < d->n_keys && d->key_frame[k + 1] <= frame)
        k++;
    return k;
}

/* Fits the frame from where the key before it says that it lies. Those that
 * are no key belong to neither template. */
static bool
fit_frame(size_t frame, unsigned worker, void *data, GError **error)
{
    Drift *d = data;
    size_t k = key_before(d, frame);
    size_t parity = d->key_frame[k] == frame ? k % 2 : frame % 2;
    CsDriftFit *fit = &d->fit[frame];
    g_auto(CsImage) plane = CS_IMAGE_INIT;
    double light;

    (void) worker;
    if (d->shifts->shift[frame].flags != 0)
        return true;
    fit->dx += d->keys[k].moved_x;
    fit->dy += d->keys[k].moved_y;
    return read_plane(d, frame, &plane, &light, error)
           && cs_drift_refine(&plane, &d->template[1 - parity],
                              &d->template[parity], fit, NULL, error);
}

static bool
fit_all(Drift *d, GError **error)
{
    if (d->n_keys < 2) {
        for (size_t f = 0; f < d->shifts->n_frames; f++)
            d->fit[f].sd = INFINITY;
        return true;
    }
    return cs_parallel_for(d->job, d->shifts->n_frames, fit_frame, d, error);
}

/* ---- What it says ----------------------------------------------------------------- */

static unsigned
flags_of(const CsDriftFit *fit)
{
    if (!(fit->sharpness_sd < SHARPNESS_SD))
        return CS_FRAME_OK;
    if (fit->sharpness + 3 * fit->sharpness_sd < UNMATCHED)
        return CS_FRAME_UNMATCHED;
    return fit->sharpness + 3 * fit->sharpness_sd < BLURRED
               ? CS_FRAME_BLURRED
               : CS_FRAME_OK;
}

/* Whether the move from one to the next is sudden; keeps the usual one up. */
static bool
is_jump(const CsShift *from, const CsShift *to, double *usual_px)
{
    double move = hypot(to->dx_px - from->dx_px, to->dy_px - from->dy_px);
    bool is = move > LEAST_JUMP_PX && move > JUMP_RATIO * *usual_px;

    if (!is)
        *usual_px += 0.1 * (move - *usual_px);
    return is;
}

static void
tell_frame(const Drift *d, size_t frame, const CsDriftFit *origin,
           CsShift *shift)
{
    const CsDriftFit *fit = &d->fit[frame];
    double bin = (double) d->field.bin;

    shift->flags = flags_of(fit);
    shift->dx_px = bin * (fit->dx - origin->dx);
    shift->dy_px = bin * (fit->dy - origin->dy);
    shift->sd_px = fit == origin ? 0 : bin * hypot(fit->sd, origin->sd);
    if (!isfinite(shift->sd_px) || shift->flags != 0)
        shift->sd_px = NAN;
}

/* Frames that were not fitted keep the last place. */
static void
tell(Drift *d)
{
    const CsDriftFit *origin = NULL;
    CsShift last = { 0 };
    double usual_px = 0;
    size_t n_unknown = 0;

    for (size_t f = 0; f < d->shifts->n_frames; f++) {
        CsShift *shift = &d->shifts->shift[f];
        unsigned flags = shift->flags;

        if (flags == 0) {
            origin = origin != NULL ? origin : &d->fit[f];
            tell_frame(d, f, origin, shift);
            flags = shift->flags;
        }
        if ((flags & (CS_FRAME_BLACK | CS_FRAME_DOUBLED
                      | CS_FRAME_UNMATCHED)) != 0) {
            *shift = last;
            shift->flags = flags;
            shift->jump = false;
            if (flags != CS_FRAME_DOUBLED)
                shift->sd_px = NAN;
            continue;
        }
        n_unknown += flags == 0 && isnan(shift->sd_px);
        shift->jump = f > 0 && is_jump(&last, shift, &usual_px);
        last = *shift;
    }
    if (n_unknown > 1)
        cs_job_warn(d->job, "drift is not known in %zu of %zu frames: the "
                    "support shows too little", n_unknown,
                    d->shifts->n_frames);
}

static bool
measure(Drift *d, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(d->recording);

    d->fit = cs_try_alloc(info->n_frames, sizeof *d->fit, "drift", error);
    if (d->fit == NULL || !search(d, error) || !make_templates(d, error)
        || !fit_all(d, error))
        return false;
    tell(d);
    cs_job_progress(d->job, "measuring drift", 1);
    return true;
}

bool
cs_drift_measure(CsRecording *recording, const CsSeeds *seeds,
                 const CsJob *job, CsShifts *shifts, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_auto(CsShifts) fresh = CS_SHIFTS_INIT;
    g_auto(Drift) d = { .recording = recording, .job = job, .shifts = &fresh };
    CsShifts old = *shifts;

    if (!cs_shifts_resize(&fresh, info->n_frames, error)
        || !cs_drift_field_init(&d.field, info->width, info->height, seeds,
                                error)
        || !measure(&d, error))
        return cs_blame(error, "drift");
    *shifts = fresh;
    fresh = old;
    return true;
}
