/* CsMotion: what moves the needle and the holder.
 *
 * A needle has an inertial slider for far ways, whose steps are uneven, and a
 * piezo for the last micrometre, which creeps (SCIENCE 8.3, 8.4). x points
 * along the holder, which is the tilt axis, from the needle's side; y across it
 * in the image plane; z along the beam, up.
 *
 * A driver is one file in src/lab and one line in the table of
 * src/lab/motions.c; one conformance suite runs over all of them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef enum { CS_AXIS_X, CS_AXIS_Y, CS_AXIS_Z, CS_N_AXES } CsMotionAxis;

/* What it can do, from its data sheet or measured on the day. */
typedef struct {
    double   step_typical_nm;  /* of the slider                             */
    double   step_most_nm;     /* no step is longer                         */
    unsigned burst_most;       /* steps in one go                           */
    double   fine_range_nm;    /* the piezo goes from - to + this           */
    double   tilt_most_deg;    /* to either side                            */
    double   settle_s;         /* after a fine step, until creep is below a
                                  hundredth of the step in ten seconds      */
} CsMotionLimits;

typedef struct CsMotion CsMotion; /* opaque */

/* How a driver does it. Every call blocks until the move is made. */
typedef struct {
    const char *name; /* "simulated"; unique                                */
    bool (*coarse)(void *state, CsMotionAxis axis, int steps, GError **error);
    bool (*fine)(void *state, CsMotionAxis axis, double to_nm, GError **error);
    bool (*tilt)(void *state, double to_deg, GError **error);
    /* The whole holder along the beam. */
    bool (*height)(void *state, double by_nm, GError **error);
    /* The needle to where it can hurt nothing. */
    bool (*retract)(void *state, GError **error);
    void (*close)(void *state); /* may be NULL */
} CsMotionDriver;

/* The drivers' names, NULL at the end. */
const char *const *cs_motion_drivers(void);

/* Asks a person for a move, and returns when it is done. */
typedef bool (*CsMotionAsk)(const char *what, void *user, GError **error);

/* Opens the driver called name. `with` is what it moves: a CsStageBench for
 * "simulated", nothing for "by-hand", which asks. Errors: CS_ERROR_ARGUMENT
 * (no such driver, with those there are). */
typedef struct {
    void       *with;
    CsMotionAsk ask; /* needed by "by-hand"                                 */
    void       *user;
} CsMotionSetting;
CsMotion *cs_motion_open(const char *name, const CsMotionSetting *setting,
                         GError **error);
void      cs_motion_free(CsMotion *motion); /* takes NULL */

/* What it can do; lives as long as the motion. */
const CsMotionLimits *cs_motion_limits(const CsMotion *motion);
/* The driver's name, from cs_motion_drivers. */
const char           *cs_motion_driver(const CsMotion *motion);

/* Moves of the needle: `steps` of the slider (negative: back), the piezo to a
 * place. Errors: CS_ERROR_ARGUMENT beyond the limits, said with them; those of
 * the driver. */
bool cs_motion_coarse(CsMotion *motion, CsMotionAxis axis, int steps,
                      GError **error);
bool cs_motion_fine(CsMotion *motion, CsMotionAxis axis, double to_nm,
                    GError **error);
/* Where the piezo was told to be. */
double cs_motion_fine_nm(const CsMotion *motion, CsMotionAxis axis);

/* Moves of the holder. */
bool   cs_motion_tilt(CsMotion *motion, double to_deg, GError **error);
double cs_motion_tilt_deg(const CsMotion *motion);
bool   cs_motion_height(CsMotion *motion, double by_nm, GError **error);

/* The safe state: the needle back, whatever it takes (three tries). After it
 * nothing moves but by cs_motion_ready. */
bool cs_motion_make_safe(CsMotion *motion, GError **error);
bool cs_motion_is_safe(const CsMotion *motion);
void cs_motion_ready(CsMotion *motion);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsMotion, cs_motion_free)

G_END_DECLS
