/* Motion of the simulated stage.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/error.h"
#include "lab/bench_stage.h"
#include "lab/motion_driver.h"

static bool
open_stage(const CsMotionSetting *setting, void **state,
           CsMotionLimits *limits, GError **error)
{
    const CsStageBenchSetting *s;

    if (setting->with == NULL)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "simulated motion needs a simulated stage");
    s = cs_stage_bench_setting(setting->with);
    *state = setting->with;
    *limits = (CsMotionLimits) {
        .step_typical_nm = s->step_nm,
        .step_most_nm = s->step_nm * (1 + 2.5 * s->step_spread) * 1.2,
        .burst_most = 20, .fine_range_nm = 1500, .tilt_most_deg = 20,
        .settle_s = 5,
    };
    return true;
}

static bool
coarse(void *state, CsMotionAxis axis, int steps, GError **error)
{
    (void) error;
    cs_stage_bench_coarse(state, axis, steps);
    return true;
}

static bool
fine(void *state, CsMotionAxis axis, double to_nm, GError **error)
{
    (void) error;
    cs_stage_bench_fine(state, axis, to_nm);
    return true;
}

static bool
tilt(void *state, double to_deg, GError **error)
{
    (void) error;
    cs_stage_bench_tilt(state, to_deg);
    return true;
}

static bool
height(void *state, double by_nm, GError **error)
{
    (void) error;
    cs_stage_bench_height(state, by_nm);
    return true;
}

static bool
retract(void *state, GError **error)
{
    (void) error;
    cs_stage_bench_retract(state);
    return true;
}

const CsMotionEntry cs_motion_simulated = {
    .driver = {
        .name = "simulated", .coarse = coarse, .fine = fine, .tilt = tilt,
        .height = height, .retract = retract,
    },
    .open = open_stage,
};
