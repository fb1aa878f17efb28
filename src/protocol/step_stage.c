/* Steps at the microscope before recording: heights, approach, dose rate.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/approach.h"
#include "coatscope/error.h"
#include "coatscope/eucentric.h"
#include "coatscope/ledger.h"
#include "protocol/run.h"

bool
cs_step_height(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    CsEucentricPlan plan = CS_EUCENTRIC_PLAN_INIT;
    CsEucentricOutcome o;
    CsEyes eyes;
    bool has, is_needle = strcmp(cs_step_text(s, "part"), "needle") == 0;

    if (!is_needle && strcmp(cs_step_text(s, "part"), "grid") != 0)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "part is \"%.40s\", allowed are grid and needle",
                       cs_step_text(s, "part"));
    if (!cs_run_open_stage(x, &has, error))
        return false;
    if (!has)
        return cs_step_person(x, s, error);
    cs_motion_ready(x->motion);
    eyes = cs_stage_bench_eyes(x->stage, true);
    plan.part = is_needle ? CS_EUCENTRIC_NEEDLE : CS_EUCENTRIC_GRID;
    plan.within_nm = cs_step_number(s, "within");
    plan.last_deg = cs_step_number(s, "tilt");
    plan.first_deg = MIN(plan.first_deg, plan.last_deg);
    if (!cs_eucentric_find(x->motion, &eyes, &plan, &o, error))
        return false;
    cs_run_tell(x, "  The %s was %.0f nm from the tilt axis, is %.0f ± %.0f "
                "nm after %u rounds", is_needle ? "needle" : "grid",
                o.first.height_nm, o.last.height_nm, o.last.sd_nm, o.n_rounds);
    return cs_run_value(x, s, "found", o.first.height_nm, "nm", error)
           && cs_run_value(x, s, "left", o.last.height_nm, "nm", error)
           && cs_run_value(x, s, "left_sd", o.last.sd_nm, "nm", error);
}

/* ---- Approach ----------------------------------------------------------- */

static void
tell_indented(const char *what, void *user)
{
    cs_run_tell(user, "  %s", what);
}

static bool
keep_evidence(CsExperiment *x, const CsProtocolStep *s,
              const CsApproachOutcome *o, GError **error)
{
    const CsContactEvidence *e = &o->evidence;
    const struct { const char *name; double value; const char *unit; } all[]
        = {
        { "looks", o->n_looks, "" },
        { "bursts", o->n_bursts, "" },
        { "slider_left_at", o->coarse_end_nm, "nm" },
        { "height_found", o->height_nm, "nm" },
        { "particle_diameter", o->particle_diameter_nm, "nm" },
        { "dithers", o->n_dithers, "" },
        { "gap", e->gap_nm, "nm" },
        { "particle_step", e->step_nm, "nm" },
        { "darkening", 100 * e->darkening, "%" },
        { "current", e->current_A, "A" },
        { "coupling", e->coupling, "" },
        { "coupling_sd", e->coupling_sd, "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        if (isfinite(all[i].value)
            && !cs_run_value(x, s, all[i].name, all[i].value, all[i].unit,
                             error))
            return false;
    return true;
}

/* Without eyes the person looks: what contact is, is asked sign by sign. */
static bool
approach_by_hand(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    bool follows = false;

    if (!cs_step_person(x, s, error)
        || !cs_run_confirm(x, "Move the needle by 10 nm across the way and "
                           "back, twice: does the particle follow?", &follows,
                           error))
        return false;
    return follows
               ? cs_run_text(x, s, "contact", "the particle follows the "
                             "needle", error)
               : cs_fail(error, CS_ERROR_ARGUMENT,
                         "a particle that does not follow the needle is not "
                         "in contact, whatever the image shows");
}

bool
cs_step_approach(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    CsApproachPlan plan = CS_APPROACH_PLAN_INIT;
    CsApproachOutcome o;
    CsStageTruth truth;
    CsEyes eyes;
    bool has;

    if (!cs_run_open_stage(x, &has, error))
        return false;
    if (!has)
        return approach_by_hand(x, s, error);
    cs_motion_ready(x->motion);
    eyes = cs_stage_bench_eyes(x->stage, false);
    truth = cs_stage_bench_truth(x->stage);
    plan.target_x_px = truth.target_x_px; /* where a person would point */
    plan.target_y_px = truth.target_y_px;
    plan.dither_nm = cs_step_number(s, "dither");
    plan.fine_step_nm = cs_step_number(s, "step");
    plan.creep_wait_s = cs_step_number(s, "creep_wait");
    plan.overlap_most_nm = cs_step_number(s, "overlap_most");
    if (!cs_approach_run(x->motion, &eyes, &plan, tell_indented, x, &o, error)
        || !keep_evidence(x, s, &o, error))
        return false;
    if (!o.touches)
        return cs_fail(error, CS_ERROR_IO,
                       "no contact was found; the needle is back");
    cs_run_tell(x, "  Contact: the particle follows the needle by %.0f ± %.0f "
                "%%", 100 * o.evidence.coupling,
                100 * o.evidence.coupling_sd);
    return true;
}

/* ---- Dose rate ---------------------------------------------------------- */

/* Vacuum: the brightest fiftieth of a field that has some. */
static bool
measure_rate(CsExperiment *x, const CsProtocolStep *s, double *rate,
             GError **error)
{
    g_auto(CsImage) image = CS_IMAGE_INIT;
    CsEyes eyes = cs_stage_bench_eyes(x->stage, true);

    if (!eyes.snap(eyes.user, &image, error)
        || !cs_image_blur(&image, 6, &image, error))
        return false;
    *rate = cs_dose_rate_from_counts(
        cs_image_quantile(&image, 0.98),
        cs_step_number(s, "counts_per_electron"), 1,
        eyes.nm_per_px * eyes.nm_per_px);
    return true;
}

static bool
rate_by_hand(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    return cs_run_number(x, s, cs_step_parameter(s, "rate"),
                         &(double) { 0 }, error);
}

bool
cs_step_dose(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    double wanted = cs_step_number(s, "rate"), rate = NAN, off;
    bool has;

    if (!cs_run_open_stage(x, &has, error))
        return false;
    if (!has)
        return rate_by_hand(x, s, error);
    cs_stage_bench_set_rate(x->stage, wanted);
    if (!measure_rate(x, s, &rate, error)
        || !cs_run_value(x, s, "measured", rate, "e/A2/s", error))
        return false;
    off = fabs(rate / wanted - 1);
    cs_run_tell(x, "  %.2f e/A2/s in vacuum, wanted are %g", rate, wanted);
    return off <= cs_step_number(s, "tolerance")
           || cs_fail(error, CS_ERROR_ARGUMENT,
                      "the dose rate is %.3g e/A2/s, wanted is %g within %.0f "
                      "%%", rate, wanted,
                      100 * cs_step_number(s, "tolerance"));
}

bool
cs_step_retract(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    if (x->motion == NULL && !x->options->is_simulated)
        return cs_step_person(x, s, error);
    return cs_run_make_safe(x, error);
}
