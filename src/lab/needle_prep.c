/* What is reckoned on the way to a needle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/needle_prep.h"

#include <math.h>

#include "coatscope/error.h"

static const double kelvin = 273.15, gas_J_per_mol_K = 8.314462618;
/* The two cures of the protocol. */
static const double cold_C = 23, cold_s = 4 * 3600.0, hot_C = 100,
                    hot_s = 600;
/* Beyond these nobody has said anything. */
static const double least_C = 15, most_C = 120;

static double
activation_J_per_mol(void)
{
    return gas_J_per_mol_K * log(cold_s / hot_s)
           / (1 / (cold_C + kelvin) - 1 / (hot_C + kelvin));
}

double
cs_cure_time_s(double celsius)
{
    if (!(celsius >= least_C && celsius <= most_C))
        return NAN;
    return cold_s * exp(activation_J_per_mol() / gas_J_per_mol_K
                        * (1 / (celsius + kelvin) - 1 / (cold_C + kelvin)));
}

double
cs_cure_share(double celsius, double seconds)
{
    return seconds / cs_cure_time_s(celsius);
}

double
cs_etched_mm(double charge_C, double wire_mm)
{
    const double faraday_C_per_mol = 96485.33212, electrons = 6;
    const double mol_per_mm3 = 19.25e-3 / 183.84; /* density over molar mass */
    double mm3 = charge_C / (electrons * faraday_C_per_mol * mol_per_mm3);

    return mm3 / (G_PI / 4 * wire_mm * wire_mm);
}

double
cs_purged_ppm(double share_left, unsigned n)
{
    return 209000 * pow(share_left, n);
}

/* ---- Oxide ------------------------------------------------------------------ */

static const double native_least_nm = 5, native_most_nm = 30;
/* Unit sticking, a Langmuir being 1e-6 Torr s; 1 ppm of an atmosphere. */
static const double nm_per_langmuir = 0.178, ppm_torr = 760e-6;
/* Room air, of about 14000 ppm of water. */
static const double air_nm_per_s = 24 / 60.0, air_ppm = 14000;

/* What strikes the surface is far more than what was seen to grow at high
 * pressure, so the lesser of both is the bound. */
static double
most_grown(const CsExposure *e, bool *is_limited)
{
    double ppm = MAX(e->o2_ppm, 0) + MAX(e->h2o_ppm, 0);
    double struck = ppm * ppm_torr * 1e6 * e->seconds * nm_per_langmuir;
    double seen = air_nm_per_s * MIN(ppm / air_ppm, 1) * e->seconds;

    *is_limited |= struck < seen;
    return MIN(struck, seen);
}

CsLithiumOxide
cs_lithium_oxide(const CsExposure *exposure, size_t n)
{
    CsLithiumOxide o = { .least_nm = native_least_nm,
                         .most_nm = native_most_nm };

    for (size_t i = 0; i < n; i++) {
        const CsExposure *e = &exposure[i];

        if (!(e->seconds > 0))
            continue;
        o.most_nm += most_grown(e, &o.is_limited);
        o.ppm_hours += (MAX(e->o2_ppm, 0) + MAX(e->h2o_ppm, 0)) * e->seconds
                       / 3600;
    }
    return o;
}
