/* The simulated stage: a particle on carbon, a needle that is moved to it, a
 * camera that shows both; with drift, creep, uneven steps of the slider and a
 * tilt axis that neither lies on. Carbon, particle and needle are drawn by the
 * simulator; where they are, and whether they touch, is reckoned here in three
 * dimensions, so that overlap in the image is not contact.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <math.h>

#include "coatscope/eyes.h"
#include "coatscope/job.h"
#include "coatscope/lab_clock.h"

G_BEGIN_DECLS

/* What can be seen, to be drawn once for many benches. */
typedef struct CsStageScene CsStageScene;
CsStageScene *cs_stage_scene_new(guint32 seed, const CsJob *job,
                                 GError **error);
CsStageScene *cs_stage_scene_ref(CsStageScene *scene);
void          cs_stage_scene_unref(CsStageScene *scene); /* takes NULL */

typedef struct {
    guint32 seed;
    double  grid_height_nm;   /* of the particle above the tilt axis        */
    double  needle_height_nm;
    double  start_gap_nm;     /* in the image, at the start                 */
    double  start_side_nm;    /* needle's axis beside the particle's centre */
    double  drift_nm_per_s;   /* of the grid, and of the needle on it       */
    double  creep;            /* share of a piezo's step a decade of time   */
    double  step_nm;          /* of the slider, and its spread (relative)   */
    double  step_spread;
    double  axis_wander_nm;   /* of the image, at each tilt                 */
    double  coupling;         /* share of the needle's way that the particle
                                 follows once they touch                    */
    double  contact_A;        /* current through the contact                */
    double  noise_A;
    double  rate_e_per_A2_s;
    double  jump_at_s;        /* the specimen jumps so long after the start … */
    double  jump_nm;          /* … by so much; NAN: never                   */
} CsStageBenchSetting;

#define CS_STAGE_BENCH_SETTING_INIT                                           \
    {                                                                         \
        .seed = 1, .grid_height_nm = 4000, .needle_height_nm = 4300,          \
        .start_gap_nm = 900, .drift_nm_per_s = 0.05, .creep = 0.02,           \
        .step_nm = 40, .step_spread = 0.1, .axis_wander_nm = 8,              \
        .coupling = 0.9, .contact_A = 5e-12, .noise_A = 2e-13,                \
        .rate_e_per_A2_s = 10, .jump_at_s = NAN                               \
    }

typedef struct CsStageBench CsStageBench; /* opaque; one thread at a time */

/* The clock is lent. */
CsStageBench *cs_stage_bench_new(CsStageScene *scene,
                                 const CsStageBenchSetting *setting,
                                 CsLabClock *clock);
void cs_stage_bench_free(CsStageBench *bench); /* takes NULL */

/* What to see it with: the field about the particle, or (wide) several µm. The
 * bench must outlive it. */
CsEyes cs_stage_bench_eyes(CsStageBench *bench, bool is_wide);

/* Sets how strong the beam is. */
void cs_stage_bench_set_rate(CsStageBench *bench, double rate_e_per_A2_s);

/* What is true. */
typedef struct {
    bool   touches;       /* now                                            */
    bool   touched;       /* ever                                           */
    double gap_nm;        /* between the surfaces, below 0: pressed in      */
    double overtravel_nm; /* farthest way of the needle beyond first touch  */
    double grid_height_nm;
    double needle_height_nm;
    double target_x_px;   /* of the particle in the near view               */
    double target_y_px;
} CsStageTruth;
CsStageTruth cs_stage_bench_truth(CsStageBench *bench);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsStageScene, cs_stage_scene_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsStageBench, cs_stage_bench_free)

G_END_DECLS
