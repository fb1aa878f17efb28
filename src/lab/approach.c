/* The needle to the particle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/approach.h"

#include <math.h>

#include "coatscope/error.h"
#include "lab/sight.h"

enum { CLEAR_IMAGES = 4, MOST_BURSTS = 400, MOST_STEPS = 400, MOST_TRIES = 4,
       MOST_HEIGHTS = 6, DITHERS = 2, INSIDE_PX = 40 };

/* Below this the height is right: half of it is lost against a radius. */
static const double height_ok_nm = 6;
/* The piezo begins here; creep is waited out here. */
static const double last_way_nm = 50;

typedef struct {
    CsMotion             *motion;
    const CsEyes         *eyes;
    const CsApproachPlan *plan;
    void (*tell)(const char *what, void *user);
    void                 *user;
    CsSight               sight;
    CsSeen                seen;
    double                rest_A, rest_sd_A; /* current before               */
    double                dark0;             /* darkening before             */
    CsApproachOutcome     outcome;
} Way;

static void G_GNUC_PRINTF(2, 3)
say(Way *w, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    if (w->tell == NULL)
        return;
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    w->tell(text, w->user);
}

static double
nm(const Way *w, double px)
{
    return px * w->eyes->nm_per_px;
}

static bool
look(Way *w, GError **error)
{
    g_auto(CsImage) image = CS_IMAGE_INIT;

    w->outcome.n_looks++;
    return w->eyes->snap(w->eyes->user, &image, error)
           && cs_sight_look(&w->sight, &image, &w->seen, error);
}

/* The particle's centre in the image as it is now. */
static double
target_y(const Way *w)
{
    return w->sight.y_px + w->seen.grid_y_px
           + (isfinite(w->seen.step_y_px) ? w->seen.step_y_px : 0);
}

/* The gap, or where no needle is seen how far its end is at least. */
static double
gap_nm(const Way *w)
{
    if (w->seen.has_needle)
        return nm(w, w->seen.gap_px);
    return nm(w, w->sight.x_px + w->seen.grid_x_px - w->sight.mean_r_px);
}

/* ---- Before --------------------------------------------------------------- */

static bool
add_image(Way *w, CsImage *sum, GError **error)
{
    g_auto(CsImage) one = CS_IMAGE_INIT;

    if (!w->eyes->snap(w->eyes->user, &one, error))
        return false;
    if (sum->width == 0) {
        if (!cs_image_resize(sum, one.width, one.height, error))
            return false;
        for (size_t i = 0; i < sum->width * sum->height; i++)
            sum->px[i] = 0;
    }
    if (one.width != sum->width || one.height != sum->height)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "the camera's images changed their size");
    for (size_t i = 0; i < sum->width * sum->height; i++)
        sum->px[i] += one.px[i] / CLEAR_IMAGES;
    return true;
}

static bool
rest_current(Way *w, GError **error)
{
    double sum = 0, sum2 = 0, a;

    w->rest_A = w->rest_sd_A = NAN;
    if (w->eyes->current == NULL)
        return true;
    for (int i = 0; i < 10; i++) {
        if (!w->eyes->current(w->eyes->user, &a, error))
            return false;
        sum += a;
        sum2 += a * a;
    }
    w->rest_A = sum / 10;
    w->rest_sd_A = sqrt(MAX(sum2 / 10 - w->rest_A * w->rest_A, 0) * 10 / 9);
    return true;
}

static bool
begin(Way *w, GError **error)
{
    const CsApproachPlan *p = w->plan;
    g_auto(CsImage) clear = CS_IMAGE_INIT;

    if (!(p->dither_nm > 0 && p->fine_step_nm > 0 && p->creep_wait_s >= 0
          && p->overlap_most_nm >= 0 && p->parallax_deg > 0))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "an approach with a step of %g nm and a dither of %g nm;"
                       " both must be above 0, as the tilt for the height",
                       p->fine_step_nm, p->dither_nm);
    for (int i = 0; i < CLEAR_IMAGES; i++)
        if (!add_image(w, &clear, error))
            return false;
    if (!cs_sight_begin(&clear, p->target_x_px, p->target_y_px, &w->sight,
                        error)
        || !rest_current(w, error) || !look(w, error))
        return false;
    w->outcome.particle_diameter_nm = 2 * nm(w, w->sight.mean_r_px);
    w->dark0 = isfinite(w->seen.darkening) ? w->seen.darkening : 0;
    return true;
}

/* ---- Far ------------------------------------------------------------------- */

/* Never a burst that could end nearer than three of the longest steps. */
static bool
go_coarse(Way *w, GError **error)
{
    const CsMotionLimits *l = cs_motion_limits(w->motion);

    for (int i = 0; i < MOST_BURSTS; i++) {
        double free_nm = gap_nm(w) - 3 * l->step_most_nm;
        int n = (int) MIN(free_nm / l->step_most_nm, l->burst_most);

        if (n < 1) {
            w->outcome.coarse_end_nm = gap_nm(w);
            say(w, "Slider done: gap %.0f nm after %u bursts", gap_nm(w),
                w->outcome.n_bursts);
            return true;
        }
        if (!cs_motion_coarse(w->motion, CS_AXIS_X, n, error)
            || !w->eyes->wait(w->eyes->user, 1, error) || !look(w, error))
            return false;
        w->outcome.n_bursts++;
    }
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "the slider was moved %d times and no needle came into "
                   "view", MOST_BURSTS);
}

static bool
fine_by(Way *w, CsMotionAxis axis, double by_nm, double wait_s,
        GError **error)
{
    return cs_motion_fine(w->motion, axis,
                          cs_motion_fine_nm(w->motion, axis) + by_nm, error)
           && w->eyes->wait(w->eyes->user, wait_s, error);
}

/* Far to the side the slider, else the piezo. */
static bool
go_beside(Way *w, double off_nm, GError **error)
{
    const CsMotionLimits *l = cs_motion_limits(w->motion);
    int n = (int) lround(-off_nm / l->step_typical_nm);

    if (fabs(off_nm) > 3 * l->step_most_nm)
        return cs_motion_coarse(w->motion, CS_AXIS_Y,
                                CLAMP(n, -(int) l->burst_most,
                                      (int) l->burst_most), error);
    return fine_by(w, CS_AXIS_Y, -off_nm, l->settle_s, error);
}

static bool
align(Way *w, double within_nm, GError **error)
{
    for (int i = 0; i < 8; i++) {
        double off = nm(w, w->seen.tip_y_px - target_y(w));

        if (!w->seen.has_needle || fabs(off) <= within_nm)
            return true;
        if (!go_beside(w, off, error) || !look(w, error))
            return false;
    }
    return true;
}

/* The needle comes into view with the piezo where bursts would be too much, and
 * so far that it does not leave it again when tilted. */
static bool
come_into_view(Way *w, GError **error)
{
    for (int i = 0; i < MOST_BURSTS; i++)
        if (w->seen.has_needle
            && (w->seen.tip_x_px > INSIDE_PX || gap_nm(w) < 4 * last_way_nm))
            return true;
        else if (!fine_by(w, CS_AXIS_X, 60, 1, error) || !look(w, error))
            return false;
    return true;
}

/* ---- Height ----------------------------------------------------------------- */

/* How far the needle is from the particle across the view, at a tilt. */
static bool
across(Way *w, double tilt_deg, double *nm_across, GError **error)
{
    if (!cs_motion_tilt(w->motion, tilt_deg, error) || !look(w, error))
        return false;
    if (!w->seen.has_needle)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "the needle left the view at a tilt of %g deg: set the "
                       "heights first", tilt_deg);
    *nm_across = nm(w, w->seen.tip_y_px - w->sight.y_px - w->seen.grid_y_px);
    return true;
}

/* Parallax: what is higher moves further (SCIENCE 8.2). */
static bool
measure_height(Way *w, double *height_nm, GError **error)
{
    double plus = NAN, minus = NAN, deg = w->plan->parallax_deg;

    if (!across(w, deg, &plus, error) || !across(w, -deg, &minus, error)
        || !cs_motion_tilt(w->motion, 0, error))
        return false;
    *height_nm = (plus - minus) / (2 * sin(deg * G_PI / 180));
    return look(w, error);
}

static bool
set_height(Way *w, GError **error)
{
    const CsMotionLimits *l = cs_motion_limits(w->motion);
    double h = 0;

    for (int i = 0; i < MOST_HEIGHTS; i++) {
        double now = cs_motion_fine_nm(w->motion, CS_AXIS_Z);

        if (!measure_height(w, &h, error))
            return false;
        if (i == 0)
            w->outcome.height_nm = h;
        if (fabs(h) < height_ok_nm)
            break;
        if (fabs(now - h) <= l->fine_range_nm) {
            if (!fine_by(w, CS_AXIS_Z, -h, 4 * l->settle_s, error))
                return false;
        } else if (!cs_motion_coarse(w->motion, CS_AXIS_Z,
                                     CLAMP((int) lround(-h
                                               / l->step_typical_nm),
                                           -(int) l->burst_most,
                                           (int) l->burst_most), error)) {
            return false;
        }
    }
    w->outcome.n_tries++;
    say(w, "Needle %.0f nm %s the particle: put right to %.0f nm",
        fabs(w->outcome.height_nm),
        w->outcome.height_nm > 0 ? "above" : "below", h);
    return look(w, error);
}

/* ---- Near -------------------------------------------------------------------- */

static bool
gather(Way *w, CsContactEvidence *e, GError **error)
{
    const CsSeen *s = &w->seen;
    double a;

    *e = (CsContactEvidence) CS_CONTACT_EVIDENCE_INIT;
    e->gap_nm = nm(w, s->gap_px);
    e->gap_sd_nm = nm(w, 0.5);
    e->darkening = s->darkening - w->dark0;
    e->darkening_sd = s->darkening_sd;
    e->step_nm = nm(w, hypot(s->step_x_px, s->step_y_px));
    e->step_sd_nm = nm(w, s->step_sd_px);
    if (w->eyes->current == NULL)
        return true;
    if (!w->eyes->current(w->eyes->user, &a, error))
        return false;
    e->current_A = a - w->rest_A;
    e->current_sd_A = w->rest_sd_A;
    return true;
}

/* Across the way, twice to each side: does the particle follow? */
static bool
dither(Way *w, CsContactEvidence *e, GError **error)
{
    double at[2] = { 0, 0 }, var = 0, amplitude = w->plan->dither_nm;

    w->outcome.n_dithers++;
    for (int i = 0; i < 2 * DITHERS; i++) {
        double by = (i % 2 == 0 ? 1 : -1) * (i == 0 ? 1 : 2) * amplitude;

        if (!fine_by(w, CS_AXIS_Y, by, 0.5, error) || !look(w, error))
            return false;
        if (!isfinite(w->seen.step_y_px))
            return true; /* hidden: no answer */
        at[i % 2] += nm(w, w->seen.step_y_px) / DITHERS;
        var += pow(nm(w, w->seen.step_sd_px), 2);
    }
    e->coupling = (at[0] - at[1]) / (2 * amplitude);
    e->coupling_sd = sqrt(var) / DITHERS / (2 * amplitude);
    return fine_by(w, CS_AXIS_Y, amplitude, 0.5, error);
}

static bool
judge(Way *w, CsContactVerdict *verdict, GError **error)
{
    CsContactEvidence e;

    if (!gather(w, &e, error))
        return false;
    *verdict = cs_contact_judge(&e);
    /* a second sign is cheap: yes is always tried, too */
    if (*verdict != CS_CONTACT_NO) {
        if (!dither(w, &e, error))
            return false;
        *verdict = cs_contact_judge(&e);
    }
    w->outcome.evidence = e;
    return true;
}

static double
next_step(const Way *w, double gap)
{
    double step = w->plan->fine_step_nm;

    if (gap > 2 * last_way_nm)
        return MIN((gap - last_way_nm) / 2, 60);
    if (gap > last_way_nm + 5)
        return (gap - last_way_nm) / 2 + 2;
    return gap > 12 ? MAX(gap / 3, step) : step;
}

typedef enum { TOUCHES, OVERLAPS, NOWHERE } End;

/* One step of the piezo. *out: it can go no further. */
static bool
step_fine(Way *w, double gap, bool *out, GError **error)
{
    const CsMotionLimits *l = cs_motion_limits(w->motion);

    if (gap > 20 && !align(w, 5, error))
        return false;
    *out = cs_motion_fine_nm(w->motion, CS_AXIS_X) + next_step(w, gap)
           > l->fine_range_nm;
    return *out
           || (fine_by(w, CS_AXIS_X, next_step(w, gap),
                       gap > last_way_nm ? l->settle_s : 1, error)
               && look(w, error));
}

static bool
go_fine(Way *w, End *end, GError **error)
{
    bool rested = false, out = false;

    for (int i = 0; i < MOST_STEPS && !out; i++) {
        CsContactVerdict verdict = CS_CONTACT_NO;
        double gap = gap_nm(w);

        if (gap < 2 * last_way_nm && !judge(w, &verdict, error))
            return false;
        *end = verdict == CS_CONTACT_YES ? TOUCHES
               : gap < -w->plan->overlap_most_nm ? OVERLAPS : NOWHERE;
        if (*end != NOWHERE)
            return true;
        if (!rested && gap < last_way_nm + 10) {
            rested = true;
            if (!w->eyes->wait(w->eyes->user, w->plan->creep_wait_s, error)
                || !look(w, error))
                return false;
        } else if (!step_fine(w, gap, &out, error)) {
            return false;
        }
    }
    return true;
}

/* Over or under it: back, and the height again. */
static bool
back_off(Way *w, GError **error)
{
    say(w, "They overlap without touching: back, and the height again");
    return fine_by(w, CS_AXIS_X, -150, 30, error) && look(w, error);
}

static bool
run(Way *w, GError **error)
{
    End end = NOWHERE;

    if (!begin(w, error) || !go_coarse(w, error)
        || !come_into_view(w, error) || !align(w, 10, error))
        return false;
    for (int i = 0; i < MOST_TRIES; i++) {
        if (!set_height(w, error) || !align(w, 5, error)
            || !go_fine(w, &end, error))
            return false;
        if (end == TOUCHES) {
            w->outcome.touches = true;
            return true;
        }
        if (end == NOWHERE)
            break;
        if (!back_off(w, error))
            return false;
    }
    return cs_motion_make_safe(w->motion, error);
}

bool
cs_approach_run(CsMotion *motion, const CsEyes *eyes,
                const CsApproachPlan *plan,
                void (*tell)(const char *what, void *user), void *user,
                CsApproachOutcome *outcome, GError **error)
{
    Way w = { .motion = motion, .eyes = eyes, .plan = plan, .tell = tell,
              .user = user, .sight = CS_SIGHT_INIT };
    bool ok;

    w.outcome.evidence = (CsContactEvidence) CS_CONTACT_EVIDENCE_INIT;
    ok = run(&w, error);
    cs_sight_clear(&w.sight);
    if (ok)
        *outcome = w.outcome;
    return ok;
}
