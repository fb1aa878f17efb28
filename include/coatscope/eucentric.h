/* Eucentric height by wobble: what lies on the tilt axis does not move when
 * the holder is tilted; what lies above it by z moves by z sin(tilt) across the
 * axis (SCIENCE 8.1). Grid and needle are measured apart, in the same images.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/eyes.h"
#include "coatscope/motion.h"

G_BEGIN_DECLS

typedef enum {
    CS_EUCENTRIC_GRID,   /* carbon and what lies on it                      */
    CS_EUCENTRIC_NEEDLE, /* what is nearly black                            */
} CsEucentricPart;

typedef struct {
    double height_nm; /* above the axis                                     */
    double sd_nm;     /* of matching alone: the axis' own wandering is not
                         in it                                              */
    double score;     /* of the match, up to 1                              */
} CsEucentricHeight;

/* From two images, at -tilt and +tilt; the axis is along x. Errors:
 * CS_ERROR_ARGUMENT (no tilt, nothing to match, or a match that cannot be
 * trusted). */
bool cs_eucentric_measure(const CsImage *minus, const CsImage *plus,
                          double nm_per_px, double tilt_deg,
                          CsEucentricPart part, CsEucentricHeight *height,
                          GError **error);

typedef struct {
    CsEucentricPart part;
    double within_nm; /* good enough                                        */
    double first_deg; /* tilts of the first and of the last round           */
    double last_deg;
} CsEucentricPlan;

#define CS_EUCENTRIC_PLAN_INIT                                                \
    { .within_nm = 40, .first_deg = 1.5, .last_deg = 12 }

typedef struct {
    CsEucentricHeight first; /* as found                                    */
    CsEucentricHeight last;  /* as left                                     */
    unsigned n_rounds;
} CsEucentricOutcome;

/* Wobbles, puts the height right (the holder for the grid, the needle for the
 * needle), and again with larger tilts. Leaves the tilt at 0. Errors: those of
 * measuring, eyes and motion; CS_ERROR_ARGUMENT where it does not come within
 * what is wanted. */
bool cs_eucentric_find(CsMotion *motion, const CsEyes *eyes,
                       const CsEucentricPlan *plan,
                       CsEucentricOutcome *outcome, GError **error);

G_END_DECLS
