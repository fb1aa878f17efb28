/* Frames one by one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/follow.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "drift/search.h"

enum {
    N_FIRST = CS_DRIFT_N_FIRST,
    N_ROUNDS = 3,     /* of placing the first frames              */
    REFIT_AT = 64,    /* good frames until the first are placed again */
    FAITH_MEMORY = 64,
    LONGEST_WAIT = 96, /* good frames until facets are made anew */
    FORGIVE = 256,
};

/* A frame with less than this share of the usual mean has no beam on it. */
#define LEAST_LIGHT 0.3

/* Slope that is left, of what others have: of a frame that moved while it was
 * taken, and of one that lies elsewhere. Told only where it is known that
 * well. */
#define BLURRED 0.75
#define UNMATCHED 0.3
#define SLOPE_SD 0.12

/* Faith in facets that is no chance. */
#define LEAST_FAITH 0.1
#define FAITH_SD 4.0

/* What is no support is off by that part of the brightness: about what the
 * edge of a support is when a frame is a pixel off, and when it is not. */
#define FAR_AT_FIRST 0.06
#define FAR_OFF 0.02

/* Facets are made anew when the field has moved by that much. */
#define MOVED_PX 48.0

bool
cs_drift_follower_init(CsDriftFollower *f, const CsDriftField *field,
                       GError **error)
{
    *f = (CsDriftFollower) { .field = field, .faith = 1 };
    return cs_drift_canvas_init(&f->canvas, field, error);
}

static void
clear_first(CsDriftFollower *f)
{
    for (size_t k = 0; k < N_FIRST; k++)
        cs_drift_plane_clear(&f->first[k]);
    f->n_first = 0;
}

void
cs_drift_follower_clear(CsDriftFollower *f)
{
    cs_drift_canvas_clear(&f->canvas);
    for (size_t k = 0; k < 2; k++)
        cs_drift_facets_clear(&f->facets[k]);
    cs_drift_bench_clear(&f->bench);
    clear_first(f);
    cs_image_clear(&f->before);
    g_free(f->at);
}

/* ---- Faith ---------------------------------------------------------------- */

bool
cs_drift_follower_sees(const CsDriftFollower *f)
{
    return f->n_faith > 0 && f->faith > LEAST_FAITH
           && f->faith > FAITH_SD * sqrt(f->faith_var / f->n_faith);
}

static void
add_faith(CsDriftFollower *f, const CsDriftFit *fit)
{
    double share;

    if (!isfinite(fit->slope) || !isfinite(fit->slope_sd))
        return;
    f->n_faith = fmin(f->n_faith + 1, FAITH_MEMORY);
    share = 1 / f->n_faith;
    f->faith += share * (fit->slope - f->faith);
    f->faith_var += share * (fit->slope_sd * fit->slope_sd - f->faith_var);
}

/* ---- The first frames ------------------------------------------------------- */

/* Each among those before it, to about a pixel. */
static bool
search_first(CsDriftFollower *f, GError **error)
{
    cs_drift_canvas_forget(&f->canvas);
    for (size_t k = 0; k < f->n_first; k++) {
        CsDriftAt *at = &f->at[f->first_frame[k]];
        CsDriftFound found[CS_DRIFT_N_PLACES];

        *at = (CsDriftAt) { .sd = INFINITY };
        if (k > 0) {
            const CsDriftAt *last = &f->at[f->first_frame[k - 1]];

            if (!cs_drift_search(&f->canvas, &f->first[k], last->dx, last->dy,
                                 found, error))
                return false;
            at->dx = found[0].dx;
            at->dy = found[0].dy;
        }
        cs_drift_canvas_compare(&f->canvas, &f->first[k], at->dx, at->dy,
                                FAR_AT_FIRST);
        cs_drift_canvas_learn(&f->canvas, &f->first[k], at->dx, at->dy, k % 2);
    }
    return true;
}

/* The canvas anew from where the frames are now. */
static void
relearn_first(CsDriftFollower *f)
{
    cs_drift_canvas_forget(&f->canvas);
    for (size_t k = 0; k < f->n_first; k++) {
        const CsDriftAt *at = &f->at[f->first_frame[k]];

        cs_drift_canvas_compare(&f->canvas, &f->first[k], at->dx, at->dy,
                                FAR_OFF);
        cs_drift_canvas_learn(&f->canvas, &f->first[k], at->dx, at->dy, k % 2);
    }
}

/* Every other frame onto the half that it is not part of: noise that it shares
 * with a mean would hold it where it was. One half after the other: at once,
 * each would take the place that the other had. */
static bool
fit_first(CsDriftFollower *f, size_t half, GError **error)
{
    if (!cs_drift_facets_make(&f->canvas, 1 - half, &f->facets[half], error))
        return false;
    for (size_t k = half; k < f->n_first; k += 2) {
        CsDriftAt *at = &f->at[f->first_frame[k]];
        CsDriftFit fit = { .dx = at->dx, .dy = at->dy };

        if (!cs_drift_fit(&f->canvas, &f->facets[half], &f->first[k], 1,
                          &f->bench, &fit, error))
            return false;
        add_faith(f, &fit);
        at->sd = fit.sd;
        if (isfinite(fit.sd)) {
            at->dx = fit.dx;
            at->dy = fit.dy;
        }
    }
    return true;
}

static bool
make_facets(CsDriftFollower *f, const CsDriftAt *at, GError **error)
{
    f->make_at = f->n_good + MIN(MAX(f->n_good / 3, 4), LONGEST_WAIT);
    f->made_dx = at->dx;
    f->made_dy = at->dy;
    return cs_drift_facets_make(&f->canvas, 2, &f->facets[0], error);
}

static bool
place_first(CsDriftFollower *f, GError **error)
{
    f->is_under_way = true;
    if (!search_first(f, error))
        return false;
    for (int k = 0; k < N_ROUNDS; k++) {
        f->n_faith = 0;
        for (size_t half = 0; half < 2; half++) {
            if (!fit_first(f, half, error))
                return false;
            relearn_first(f);
        }
    }
    for (size_t k = 0; k < f->n_first; k++)
        if (!cs_drift_follower_sees(f))
            f->at[f->first_frame[k]] = (CsDriftAt) { .sd = INFINITY };
    f->n_good = f->n_first;
    cs_drift_facets_clear(&f->facets[1]);
    return f->n_first == 0
           || make_facets(f, &f->at[f->first_frame[f->n_first - 1]], error);
}

/* The first frames once more, now that more is known of the support. What
 * they themselves added to it holds them by no more than its share of noise. */
static bool
refit_first(CsDriftFollower *f, GError **error)
{
    for (size_t k = 0; k < f->n_first && cs_drift_follower_sees(f); k++) {
        CsDriftAt *at = &f->at[f->first_frame[k]];
        CsDriftFit fit = { .dx = at->dx, .dy = at->dy };

        if (!cs_drift_fit(&f->canvas, &f->facets[0], &f->first[k], f->faith,
                          &f->bench, &fit, error))
            return false;
        if (isfinite(fit.sd)) {
            at->dx = fit.dx;
            at->dy = fit.dy;
            at->sd = fit.sd;
        }
    }
    clear_first(f);
    return true;
}

/* ---- The others ----------------------------------------------------------------- */

/* Whether the frame surely shows less than that of what it should. */
static bool
lacks(const CsDriftFollower *f, const CsDriftFit *fit, double share)
{
    double sd = fit->slope_sd / f->faith;

    return !isfinite(fit->sd)
           || (sd < SLOPE_SD && fit->slope / f->faith + 3 * sd < share);
}

static unsigned
flags_of(const CsDriftFollower *f, const CsDriftFit *fit)
{
    if (!isfinite(fit->sd) || lacks(f, fit, UNMATCHED))
        return CS_FRAME_UNMATCHED;
    return lacks(f, fit, BLURRED) ? CS_FRAME_BLURRED : CS_FRAME_OK;
}

/* Tries all places that a search over all shifts finds. */
static bool
search_all(CsDriftFollower *f, const CsDriftPlane *plane, CsDriftFit *fit,
           GError **error)
{
    CsDriftFound found[CS_DRIFT_N_PLACES];

    if (!cs_drift_search(&f->canvas, plane, fit->dx, fit->dy, found, error))
        return false;
    for (size_t k = 0; k < CS_DRIFT_N_PLACES; k++) {
        CsDriftFit one = { .dx = found[k].dx, .dy = found[k].dy };

        if (!isfinite(found[k].score))
            continue;
        if (!cs_drift_fit(&f->canvas, &f->facets[0], plane, f->faith,
                          &f->bench, &one, error))
            return false;
        if (isfinite(one.sd) && !(one.slope <= fit->slope))
            *fit = one;
    }
    return true;
}

static bool
learn(CsDriftFollower *f, const CsDriftPlane *plane, const CsDriftAt *at,
      GError **error)
{
    f->n_good++;
    cs_drift_canvas_compare(&f->canvas, plane, at->dx, at->dy, FAR_OFF);
    cs_drift_canvas_learn(&f->canvas, plane, at->dx, at->dy, f->n_good % 2);
    if (f->n_good % FORGIVE == 0)
        cs_drift_canvas_forgive(&f->canvas);
    if (f->n_good >= f->make_at
        || hypot(at->dx - f->made_dx, at->dy - f->made_dy) > MOVED_PX)
        if (!make_facets(f, at, error))
            return false;
    return f->n_first == 0 || f->n_good < REFIT_AT || refit_first(f, error);
}

static bool
follow_one(CsDriftFollower *f, const CsDriftPlane *plane, CsDriftAt *at,
           GError **error)
{
    CsDriftFit fit = { .dx = at->dx, .dy = at->dy };
    bool sees = cs_drift_follower_sees(f);

    if (!cs_drift_fit(&f->canvas, &f->facets[0], plane, f->faith, &f->bench,
                      &fit, error)
        || (sees && lacks(f, &fit, BLURRED)
            && !search_all(f, plane, &fit, error)))
        return false;
    at->flags = sees ? flags_of(f, &fit) : CS_FRAME_OK;
    if (at->flags != CS_FRAME_UNMATCHED && sees) {
        at->dx = fit.dx;
        at->dy = fit.dy;
        at->sd = fit.sd;
    }
    if (at->flags != CS_FRAME_OK)
        return true;
    add_faith(f, &fit);
    return learn(f, plane, at, error);
}

/* ---- Bad frames ------------------------------------------------------------------- */

static bool
is_double(const CsDriftFollower *f, const CsImage *image)
{
    return f->before.px != NULL && f->before.width == image->width
           && f->before.height == image->height
           && memcmp(f->before.px, image->px,
                     image->width * image->height * sizeof *image->px) == 0;
}

static bool
remember(CsDriftFollower *f, const CsImage *image, GError **error)
{
    if (!cs_image_resize(&f->before, image->width, image->height, error))
        return false;
    memcpy(f->before.px, image->px,
           image->width * image->height * sizeof *image->px);
    return true;
}

/* Where the beam came on only now, all before was without. */
static void
start_anew(CsDriftFollower *f)
{
    for (size_t k = 0; k + 1 < f->n_frames; k++)
        f->at[k] = (CsDriftAt) { .sd = INFINITY, .flags = CS_FRAME_BLACK };
    clear_first(f);
    f->light = 0;
}

static bool
add_frame(CsDriftFollower *f, GError **error)
{
    size_t n = MAX(2 * f->n_allocated, 256);
    CsDriftAt *fresh;

    if (f->n_frames == f->n_allocated) {
        fresh = cs_try_alloc(n, sizeof *fresh, "drift", error);
        if (fresh == NULL)
            return false;
        if (f->n_frames > 0)
            memcpy(fresh, f->at, f->n_frames * sizeof *fresh);
        g_free(f->at);
        f->at = fresh;
        f->n_allocated = n;
    }
    f->at[f->n_frames] = (CsDriftAt) { .sd = INFINITY };
    if (f->n_frames > 0) {
        f->at[f->n_frames].dx = f->at[f->n_frames - 1].dx;
        f->at[f->n_frames].dy = f->at[f->n_frames - 1].dy;
    }
    f->n_frames++;
    return true;
}

static void
take_first(CsDriftFollower *f, CsDriftPlane *plane)
{
    CsDriftPlane keep = f->first[f->n_first];

    f->first[f->n_first] = *plane;
    *plane = keep;
    f->first_frame[f->n_first++] = f->n_frames - 1;
}

bool
cs_drift_follow(CsDriftFollower *f, CsDriftPlane *plane, GError **error)
{
    CsDriftAt *at;

    if (!add_frame(f, error))
        return false;
    at = &f->at[f->n_frames - 1];
    if (f->light > 0 && !f->is_under_way && f->n_first < 3
        && f->light < LEAST_LIGHT * plane->light)
        start_anew(f);
    if (f->light > 0 && plane->light < LEAST_LIGHT * f->light) {
        at->flags = CS_FRAME_BLACK;
        return true;
    }
    if (is_double(f, &plane->image)) {
        at->flags = CS_FRAME_DOUBLED;
        return true;
    }
    if (!remember(f, &plane->image, error))
        return false;
    f->light = f->light > 0 ? f->light + 0.1 * (plane->light - f->light)
                            : plane->light;
    if (f->is_under_way)
        return follow_one(f, plane, at, error);
    take_first(f, plane);
    return f->n_first < N_FIRST || place_first(f, error);
}

bool
cs_drift_follow_end(CsDriftFollower *f, GError **error)
{
    return (f->is_under_way || place_first(f, error)) && refit_first(f, error);
}
