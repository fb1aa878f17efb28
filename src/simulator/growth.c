/* Growth laws.
 *
 * Interface control, Carter-Valensi diffusion, permeation of a stretching
 * coat, resistances in series and stress-retarded fronts as in SCIENCE 3.1 to
 * 3.7.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/growth.h"

#include <math.h>

enum { N_STEPS = 8192 };

double
cs_growth_carter(double share, double z)
{
    double rest = pow(1 - share, 2 / 3.0);

    if (fabs(z - 1) < 1e-6)
        return 1 - 2 * share / 3 - rest;
    return (z - (z - 1) * rest - pow(1 + (z - 1) * share, 2 / 3.0)) / (z - 1);
}

/* ---- Stress ----------------------------------------------------------- */

/* d(r/R0) / d(s/tau) for a front at r: -(r_c/R)^m, R the outer radius of the
 * core, so that pressure of a plastic shell slows the front. */
static double
front_slope(double r, double z, double m)
{
    double outer = cbrt(1 + (z - 1) * (1 - r * r * r));

    return r > 0.01 ? -pow(r / outer, m) : 0;
}

static void
integrate_front(CsGrowth *g, double until_s)
{
    double r = 1, h;

    g->n_table = N_STEPS + 1;
    g->step_s = MAX(until_s, 1e-9) / N_STEPS;
    g->table = g_new(double, g->n_table);
    h = g->step_s / g->tau_s;
    for (size_t i = 0; i < g->n_table; i++) {
        double a, b, c, d;

        g->table[i] = r;
        a = front_slope(r, g->z, g->exponent);
        b = front_slope(r + h / 2 * a, g->z, g->exponent);
        c = front_slope(r + h / 2 * b, g->z, g->exponent);
        d = front_slope(r + h * c, g->z, g->exponent);
        r = MAX(r + h / 6 * (a + 2 * b + 2 * c + d), 0.01);
    }
}

/* Cubic Hermite between steps. */
static double
front_at(const CsGrowth *g, double s)
{
    double at = CLAMP(s / g->step_s, 0, (double) g->n_table - 1.000001);
    size_t i = (size_t) at;
    double u = at - (double) i, h = g->step_s / g->tau_s;
    double p = g->table[i], q = g->table[i + 1];
    double m = h * front_slope(p, g->z, g->exponent);
    double n = h * front_slope(q, g->z, g->exponent);

    return (1 + 2 * u) * (1 - u) * (1 - u) * p + u * (1 - u) * (1 - u) * m
           + u * u * (3 - 2 * u) * q + u * u * (u - 1) * n;
}

/* ---- Laws given as time of share -------------------------------------- */

static double
time_of(const CsGrowth *g, double share)
{
    double g1 = cs_growth_carter(1, g->z);
    double diffusion = cs_growth_carter(share, g->z) / g1;

    if (g->law == CS_LAW_DIFFUSION)
        return g->tau_s * diffusion;
    return (g->tau_s + g->tau_coat_s) * share
           + g->tau_interface_s * (1 - cbrt(1 - share))
           + g->tau_diffusion_s * diffusion;
}

static double
invert_time(const CsGrowth *g, double s)
{
    double low = 0, high = 1;

    if (s >= time_of(g, 1))
        return 1;
    for (int i = 0; i < 60; i++) {
        double mid = (low + high) / 2;

        if (time_of(g, mid) < s)
            low = mid;
        else
            high = mid;
    }
    return (low + high) / 2;
}

/* ---- Laws ------------------------------------------------------------- */

/* dw/ds = (z-1) w^(4/3) / tau for w = V/V0: thin coats let more through. */
static double
permeation(double z, double u)
{
    double root = 1 - (z - 1) * u / 3;

    if (z <= 1)
        return u;
    return root <= cbrt(1 / z) ? 1 : (1 / (root * root * root) - 1) / (z - 1);
}

/* From A/A0 = 1 + (z^(1/q) - 1) y to the share converted. */
static double
share_of_area(const CsGrowth *g, double y)
{
    double area = 1 + (pow(g->z, 1 / g->q) - 1) * y;

    return (pow(area, g->q) - 1) / (g->z - 1);
}

static double
logistic(double k, double u)
{
    double at0 = 1 / (1 + exp(k)), at = 1 / (1 + exp(k * (1 - 2 * u)));

    return (at - at0) / (1 - at0);
}

double
cs_growth_share(const CsGrowth *g, double s)
{
    double u = s / g->tau_s, share = 0;

    if (!(s > 0))
        return 0;
    switch (g->law) {
    case CS_LAW_NONE: break;
    case CS_LAW_CURRENT: share = u; break;
    case CS_LAW_RC: share = 1 - exp(-u); break;
    case CS_LAW_INTERFACE: share = u < 1 ? 1 - pow(1 - u, 3) : 1; break;
    case CS_LAW_DIFFUSION:
    case CS_LAW_SERIES: share = invert_time(g, s); break;
    case CS_LAW_PERMEATION: share = permeation(g->z, u); break;
    case CS_LAW_STRESS: share = 1 - pow(front_at(g, s), 3); break;
    case CS_LAW_EXPONENTIAL: share = share_of_area(g, 1 - exp(-u)); break;
    case CS_LAW_AVRAMI: share = 1 - exp(-pow(u, g->exponent)); break;
    case CS_LAW_LOGISTIC: share = logistic(g->exponent, u); break;
    }
    return CLAMP(share, 0, 1);
}

void
cs_growth_init(CsGrowth *growth, const CsParticleRecipe *p, double z,
               double until_s)
{
    *growth = (CsGrowth) {
        .law = (CsRecipeLaw) p->law, .tau_s = p->tau_s,
        .tau_coat_s = p->tau_coat_s, .tau_interface_s = p->tau_interface_s,
        .tau_diffusion_s = p->tau_diffusion_s, .exponent = p->exponent,
        .z = z, .q = p->swelling_exponent,
    };
    if (growth->law == CS_LAW_STRESS)
        integrate_front(growth, until_s);
}

void
cs_growth_clear(CsGrowth *growth)
{
    g_free(growth->table);
    *growth = (CsGrowth) { 0 };
}
