/* Dose.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/dose.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"

static const double CHARGE_C = 1.602176634e-19;
static const double REST_keV = 510.99895;
static const double UNIT_MASS_keV = 931494.10242;
static const double A2_PER_CM2 = 1e16;
static const double A2_PER_NM2 = 100;

const CsDoseLimit cs_dose_limits[] = {
    { "Li2CO3", 750, 200, "at 100 e/A2/s, PMC4100024" },
    { 0 },
};

const CsDoseLimit *
cs_dose_limit_named(const char *material)
{
    for (const CsDoseLimit *l = cs_dose_limits; l->material != NULL; l++)
        if (strcmp(l->material, material) == 0)
            return l;
    return NULL;
}

double
cs_dose_rate_A_per_cm2(double rate_e_per_A2_s)
{
    return rate_e_per_A2_s * A2_PER_CM2 * CHARGE_C;
}

double
cs_dose_rate_e_per_px_s(double rate_e_per_A2_s, double nm_per_px)
{
    return rate_e_per_A2_s * A2_PER_NM2 * nm_per_px * nm_per_px;
}

/* MeV/g per e/A2 to J/kg. */
double
cs_dose_MGy(double dose_e_per_A2, double stopping_MeV_cm2_per_g)
{
    double MeV_per_g = dose_e_per_A2 * A2_PER_CM2 * stopping_MeV_cm2_per_g;

    return MeV_per_g * 1e6 * CHARGE_C * 1e3 * 1e-6;
}

double
cs_dose_knock_on_eV(double voltage_kV, double mass_u)
{
    return 2e3 * voltage_kV * (voltage_kV + 2 * REST_keV)
           / (mass_u * UNIT_MASS_keV);
}

double
cs_dose_until(const CsBeam *beam, size_t n, double time_s)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double on = MIN(beam[i].end_s, time_s) - beam[i].start_s;

        if (!isfinite(beam[i].start_s) || !isfinite(beam[i].end_s)
            || !isfinite(beam[i].rate_e_per_A2_s))
            return NAN;
        sum += MAX(on, 0) * beam[i].rate_e_per_A2_s;
    }
    return isnan(time_s) ? NAN : sum;
}

double
cs_dose_rose_e_per_nm2(double k, double contrast, double area_nm2)
{
    return k * k / (contrast * contrast * area_nm2);
}

double
cs_dose_radius_sd_nm(const CsDisc *d, double b)
{
    return sqrt(d->sigma_nm * (1 - d->contrast / 2)
                / (sqrt(G_PI) * d->radius_nm * b * d->contrast
                   * d->contrast));
}

double
cs_dose_position_sd_nm(const CsDisc *disc, double b)
{
    return G_SQRT2 * cs_dose_radius_sd_nm(disc, b);
}

double
cs_dose_area_sd(const CsDisc *disc, double b)
{
    return 2 * cs_dose_radius_sd_nm(disc, b) / disc->radius_nm;
}

double
cs_dose_fluence_for_area_e_per_nm2(const CsDisc *disc, double sd)
{
    double at_1 = cs_dose_area_sd(disc, 1);

    return at_1 * at_1 / (sd * sd);
}

double
cs_dose_slope_sd_per_s(double sd, size_t n, double duration_s)
{
    return sd * sqrt(12 / (double) n) / duration_s;
}

static bool
check(const CsDoseWish *w, GError **error)
{
    const struct {
        const char *what;
        double      value;
    } all[] = {
        { "radius", w->disc.radius_nm }, { "blur", w->disc.sigma_nm },
        { "contrast", w->disc.contrast }, { "sd of area", w->area_sd },
        { "time between events", w->event_s }, { "duration", w->duration_s },
        { "DQE", w->dqe }, { "margin", w->margin },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        if (!(all[i].value > 0) || isinf(all[i].value))
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "%s is %g; must be above 0", all[i].what,
                           all[i].value);
    if (w->dqe > 1 || w->disc.contrast > 1)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "DQE is %g and contrast %g; both must be at most 1",
                       w->dqe, w->disc.contrast);
    if (w->gap_nm2 > 0 && (!(w->gap_contrast > 0) || !(w->gap_k > 0)))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "contrast of the gap is %g and k %g; both must be "
                       "above 0", w->gap_contrast, w->gap_k);
    return true;
}

bool
cs_dose_plan(const CsDoseWish *w, CsDosePlan *plan, GError **error)
{
    double area, gap = 0, pixel;

    if (!check(w, error))
        return false;
    area = cs_dose_fluence_for_area_e_per_nm2(&w->disc, w->area_sd)
           * w->margin * w->margin;
    if (w->gap_nm2 > 0)
        gap = cs_dose_rose_e_per_nm2(w->gap_k, w->gap_contrast, w->gap_nm2);
    pixel = MIN(w->disc.sigma_nm, 2 * w->disc.radius_nm / 150);
    *plan = (CsDosePlan) {
        .frame_e_per_nm2 = MAX(area, gap) / w->dqe,
        .gap_decides = gap > area,
        .interval_s = w->event_s / 2,
        .nm_per_px = pixel,
    };
    plan->rate_e_per_A2_s
        = plan->frame_e_per_nm2 / A2_PER_NM2 / plan->interval_s;
    plan->total_e_per_A2 = plan->rate_e_per_A2_s * w->duration_s;
    return true;
}
