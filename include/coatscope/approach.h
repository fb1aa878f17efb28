/* Approach: the needle to the particle until they touch, by images alone, and
 * what contact is. SCIENCE 8.2 to 8.5.
 *
 * Overlap in projection is not contact: contact is judged from several signs
 * together, of which one that only touching gives is always among them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <math.h>

#include "coatscope/eyes.h"
#include "coatscope/motion.h"

G_BEGIN_DECLS

/* ---- Contact ------------------------------------------------------------- */

/* Each sign with its standard deviation; NAN where it was not looked for. */
typedef struct {
    double gap_nm;      /* between needle and particle in the image; below 0
                           they overlap                                     */
    double gap_sd_nm;
    double darkening;   /* of the particle, ln, since it was alone          */
    double darkening_sd;
    double step_nm;     /* of the particle on the carbon since it was alone */
    double step_sd_nm;
    double current_A;   /* more than before                                 */
    double current_sd_A;
    double coupling;    /* share of the needle's dither that it follows     */
    double coupling_sd;
} CsContactEvidence;

#define CS_CONTACT_EVIDENCE_INIT                                              \
    {                                                                         \
        NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN                      \
    }

typedef enum {
    CS_CONTACT_NO,
    CS_CONTACT_ASK, /* a sign is there: dither and judge again              */
    CS_CONTACT_YES,
} CsContactVerdict;

/* "no", "ask", "yes". */
const char *cs_contact_verdict_name(CsContactVerdict verdict);

/* Yes: the particle follows the dither by more than half (and 5 sd); or, where
 * that was not tried, it has stepped and current flows and the gap is closed.
 * Where it does not follow, it is no contact, whatever else is seen. */
CsContactVerdict cs_contact_judge(const CsContactEvidence *evidence);

/* ---- Approach ------------------------------------------------------------ */

typedef struct {
    double target_x_px;   /* the particle in the view                       */
    double target_y_px;
    double dither_nm;     /* amplitude across the way                       */
    double fine_step_nm;  /* of the last way; what overtravel comes from    */
    double creep_wait_s;  /* before the last 50 nm                          */
    double overlap_most_nm; /* in the image without contact, then the height
                               is measured again                            */
    double parallax_deg;
} CsApproachPlan;

#define CS_APPROACH_PLAN_INIT                                                 \
    {                                                                         \
        .target_x_px = NAN, .target_y_px = NAN, .dither_nm = 8,               \
        .fine_step_nm = 2, .creep_wait_s = 60, .overlap_most_nm = 15,         \
        .parallax_deg = 6                                                     \
    }

typedef struct {
    bool     touches;      /* false: given up, and the needle is back        */
    unsigned n_looks;
    unsigned n_bursts;
    unsigned n_dithers;    /* tests, of which all but the last said no       */
    unsigned n_tries;      /* measurements of height that were needed        */
    double   height_nm;    /* of the needle above the particle, before the
                              last one was put right                         */
    double   coarse_end_nm; /* gap at which the slider was left              */
    double   particle_diameter_nm; /* as seen                                */
    CsContactEvidence evidence; /* of the last judgement                     */
} CsApproachOutcome;

/* Brings the needle in from outside the view. The slider moves only while the
 * gap is more than three of its longest steps beyond what it could go; then
 * height by parallax, then the piezo, with creep waited out. What is not found
 * ends with the needle back.
 *
 * `tell` (may be NULL) is called with what is done.
 *
 * Errors: CS_ERROR_ARGUMENT where no particle is at the target; those of eyes
 * and motion. The caller then has to make safe. */
bool cs_approach_run(CsMotion *motion, const CsEyes *eyes,
                     const CsApproachPlan *plan,
                     void (*tell)(const char *what, void *user), void *user,
                     CsApproachOutcome *outcome, GError **error);

G_END_DECLS
