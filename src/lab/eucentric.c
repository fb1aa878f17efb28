/* Eucentric height by wobble.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/eucentric.h"

#include <math.h>

#include "core/alloc.h"
#include "coatscope/error.h"
#include "lab/shift.h"

enum { MOST_ROUNDS = 12, PAIRS = 3 };

/* Of the median: what lets less through is the needle. */
static const double black = 0.3;
/* A match that is worse is none. */
static const double least_score = 0.3;

/* Where the needle is, and around it. */
static bool
find_black(const CsImage *image, double around_px, CsImage *near,
           GError **error)
{
    size_t n = image->width * image->height;
    float limit = (float) black * cs_image_quantile(image, 0.5);

    if (!cs_image_resize(near, image->width, image->height, error))
        return false;
    for (size_t i = 0; i < n; i++)
        near->px[i] = image->px[i] < limit ? 1 : 0;
    return cs_image_blur(near, around_px, near, error);
}

/* The part's pixels of the first image: of the needle with some surroundings,
 * since its own are all alike; of the grid what the needle hides in neither. */
static bool
choose(const CsImage *minus, const CsImage *plus, CsEucentricPart part,
       guint8 *use, GError **error)
{
    size_t n = minus->width * minus->height;
    bool is_needle = part == CS_EUCENTRIC_NEEDLE;
    g_auto(CsImage) one = CS_IMAGE_INIT, other = CS_IMAGE_INIT;

    if (plus->width != minus->width || plus->height != minus->height)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "two images of different sizes");
    if (!find_black(minus, is_needle ? 2 : 5, &one, error)
        || !find_black(plus, 5, &other, error))
        return false;
    for (size_t i = 0; i < n; i++)
        use[i] = is_needle ? one.px[i] > 0.1f
                           : one.px[i] < 0.005f && other.px[i] < 0.005f;
    return true;
}

bool
cs_eucentric_measure(const CsImage *minus, const CsImage *plus,
                     double nm_per_px, double tilt_deg, CsEucentricPart part,
                     CsEucentricHeight *height, GError **error)
{
    double both = 2 * sin(tilt_deg * G_PI / 180);
    g_autofree guint8 *use = NULL;
    CsShiftPlan plan = { .reach_px = (double) minus->height / 3 };
    CsShiftFound found;

    if (!(tilt_deg > 0 && tilt_deg < 60 && nm_per_px > 0))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "a wobble by %g deg; allowed is above 0 to 60 deg",
                       tilt_deg);
    use = cs_try_alloc(minus->width * minus->height, 1, "a mask", error);
    if (use == NULL || !choose(minus, plus, part, use, error))
        return false;
    plan.use = use;
    if (!cs_shift_find(minus, plus, &plan, &found, error))
        return cs_blame(error, "height of the %s",
                        part == CS_EUCENTRIC_NEEDLE ? "needle" : "grid");
    if (found.score < least_score)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "height of the %s: the images at both tilts match by "
                       "%.2f only, needed is %.1f",
                       part == CS_EUCENTRIC_NEEDLE ? "needle" : "grid",
                       found.score, least_score);
    *height = (CsEucentricHeight) {
        .height_nm = found.dy_px * nm_per_px / both,
        .sd_nm = found.sd_px * nm_per_px / both, .score = found.score,
    };
    return true;
}

/* Several pairs: the axis does not come back to the same place. */
static bool
wobble(CsMotion *motion, const CsEyes *eyes, CsEucentricPart part,
       double tilt_deg, CsEucentricHeight *height, GError **error)
{
    CsEucentricHeight mean = { .score = 1 };

    for (int i = 0; i < PAIRS; i++) {
        g_auto(CsImage) minus = CS_IMAGE_INIT, plus = CS_IMAGE_INIT;
        CsEucentricHeight one;

        if (!cs_motion_tilt(motion, -tilt_deg, error)
            || !eyes->snap(eyes->user, &minus, error)
            || !cs_motion_tilt(motion, tilt_deg, error)
            || !eyes->snap(eyes->user, &plus, error)
            || !cs_eucentric_measure(&minus, &plus, eyes->nm_per_px, tilt_deg,
                                     part, &one, error))
            return false;
        mean.height_nm += one.height_nm / PAIRS;
        mean.sd_nm += one.sd_nm / PAIRS;
        mean.score = MIN(mean.score, one.score);
    }
    mean.sd_nm /= sqrt(PAIRS);
    *height = mean;
    return cs_motion_tilt(motion, 0, error);
}

/* The needle by its slider where that is far, else by its piezo. */
static bool
lift_needle(CsMotion *motion, double by_nm, GError **error)
{
    const CsMotionLimits *l = cs_motion_limits(motion);
    double to = cs_motion_fine_nm(motion, CS_AXIS_Z) + by_nm;

    if (fabs(to) <= 0.6 * l->fine_range_nm)
        return cs_motion_fine(motion, CS_AXIS_Z, to, error);
    return cs_motion_coarse(motion, CS_AXIS_Z,
                            CLAMP((int) lround(by_nm / l->step_typical_nm),
                                  -(int) l->burst_most, (int) l->burst_most),
                            error);
}

/* Larger once even what was found, and not yet put right, would move it by few
 * pixels only: what lies behind the needle is not to be matched instead. */
static double
next_tilt(const CsEucentricPlan *p, double tilt_deg, double height_nm,
          double nm_per_px)
{
    double next = MIN(2.5 * tilt_deg, p->last_deg);
    double moves_nm = fabs(height_nm) * 2 * sin(next * G_PI / 180);

    return moves_nm < 12 * nm_per_px ? next : tilt_deg;
}

static bool
find(CsMotion *motion, const CsEyes *eyes, const CsEucentricPlan *p,
     CsEucentricOutcome *outcome, GError **error)
{
    double tilt = p->first_deg;
    int most = p->part == CS_EUCENTRIC_NEEDLE ? 10 * MOST_ROUNDS
                                              : MOST_ROUNDS;

    for (int i = 0; i < most; i++) {
        CsEucentricHeight h;

        if (!wobble(motion, eyes, p->part, tilt, &h, error))
            return false;
        if (i == 0)
            outcome->first = h;
        outcome->last = h;
        outcome->n_rounds = (unsigned) i + 1;
        if (tilt >= p->last_deg && fabs(h.height_nm) <= p->within_nm)
            return true;
        if (!(p->part == CS_EUCENTRIC_GRID
                  ? cs_motion_height(motion, -h.height_nm, error)
                  : lift_needle(motion, -h.height_nm, error))
            || !eyes->wait(eyes->user, 1, error))
            return false;
        tilt = next_tilt(p, tilt, h.height_nm, eyes->nm_per_px);
    }
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "the height did not come within %g nm in %d rounds; it is "
                   "%.0f nm", p->within_nm, most, outcome->last.height_nm);
}

bool
cs_eucentric_find(CsMotion *motion, const CsEyes *eyes,
                  const CsEucentricPlan *plan, CsEucentricOutcome *outcome,
                  GError **error)
{
    CsEucentricOutcome fresh = { 0 };

    if (!(plan->first_deg > 0 && plan->last_deg >= plan->first_deg
          && plan->within_nm > 0))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "wobbles of %g to %g deg to within %g nm; all must be "
                       "above 0, the last the largest", plan->first_deg,
                       plan->last_deg, plan->within_nm);
    if (!find(motion, eyes, plan, &fresh, error)) {
        cs_motion_tilt(motion, 0, NULL);
        return false;
    }
    *outcome = fresh;
    return true;
}
