/* Models: laws of growth as A/A0 of the core over the time since onset.
 *
 * Carter, J. Chem. Phys. 34, 2010 (1961) for diffusion through a product that
 * swells; Deal & Grove, J. Appl. Phys. 36, 3770 (1965) for the plane.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/kinetics.h"

static double
area_of_share(double share, double z)
{
    double root = cbrt(1 + (z - 1) * CLAMP(share, 0, 1));

    return root * root;
}

/* ---- Laws given as share of time ------------------------------------------ */

static void
none(const CsLaw *law, const double *s, size_t n, double *a)
{
    (void) law;
    (void) s;
    for (size_t i = 0; i < n; i++)
        a[i] = 1;
}

static void
hinge(const CsLaw *law, const double *s, size_t n, double *a)
{
    for (size_t i = 0; i < n; i++)
        a[i] = 1 + MAX(s[i], 0) / law->tau_s;
}

static void
exponential(const CsLaw *law, const double *s, size_t n, double *a)
{
    double final = cbrt(law->z * law->z);

    for (size_t i = 0; i < n; i++)
        a[i] = 1 - (final - 1) * expm1(-MAX(s[i], 0) / law->tau_s);
}

static void
current(const CsLaw *law, const double *s, size_t n, double *a)
{
    for (size_t i = 0; i < n; i++)
        a[i] = area_of_share(s[i] / law->tau_s, law->z);
}

static void
rc(const CsLaw *law, const double *s, size_t n, double *a)
{
    for (size_t i = 0; i < n; i++)
        a[i] = area_of_share(-expm1(-MAX(s[i], 0) / law->tau_s), law->z);
}

static void
interface(const CsLaw *law, const double *s, size_t n, double *a)
{
    for (size_t i = 0; i < n; i++) {
        double left = 1 - CLAMP(s[i] / law->tau_s, 0, 1);

        a[i] = area_of_share(1 - left * left * left, law->z);
    }
}

/* A coat that stretches thins as 1/R^2 and has a surface of R^2, so that
 * dw/ds = (z - 1) w^(4/3) / tau for w = V/V0. */
static void
permeation(const CsLaw *law, const double *s, size_t n, double *a)
{
    double least = 1 / cbrt(law->z);

    for (size_t i = 0; i < n; i++) {
        double root = 1 - (law->z - 1) * MAX(s[i], 0) / (3 * law->tau_s);

        root = MAX(root, least);
        a[i] = 1 / (root * root);
    }
}

/* ---- Laws given as time of share ------------------------------------------ */

double
cs_carter_valensi(double share, double z)
{
    double left = cbrt(1 - share), swollen = cbrt(1 + (z - 1) * share);

    if (fabs(z - 1) < 1e-6)
        return 1 - 2 * share / 3 - left * left;
    return (z - (z - 1) * left * left - swollen * swollen) / (z - 1);
}

static double
time_of(const CsLaw *law, double g1, double share)
{
    return (law->tau_s + law->tau_coat_s) * share
           + law->tau_interface_s * (1 - cbrt(1 - share))
           + law->tau_diffusion_s * cs_carter_valensi(share, law->z) / g1;
}

static double
slope_of_time(const CsLaw *law, double g1, double share)
{
    double left = cbrt(1 - share), swollen = cbrt(1 + (law->z - 1) * share);

    return law->tau_s + law->tau_coat_s
           + law->tau_interface_s / (3 * left * left)
           + law->tau_diffusion_s * 2 / 3 * (1 / left - 1 / swollen) / g1;
}

/* Newton's steps, kept between what is too early and what is too late. */
static double
share_at(const CsLaw *law, double g1, double s, double from)
{
    double low = from, high = 1, share = (from + 1) / 2;

    for (int i = 0; i < 100 && high - low > 1e-15; i++) {
        double off = time_of(law, g1, share) - s, step;

        if (off < 0)
            low = share;
        else
            high = share;
        step = off / slope_of_time(law, g1, share);
        if (fabs(step) < 1e-13)
            break;
        share -= step;
        if (!(share > low && share < high))
            share = (low + high) / 2;
    }
    return share;
}

static void
series(const CsLaw *law, const double *s, size_t n, double *a)
{
    double g1 = cs_carter_valensi(1, law->z), share = 0;
    double end = time_of(law, g1, 1);

    for (size_t i = 0; i < n; i++) {
        if (s[i] >= end)
            share = 1;
        else if (s[i] > 0)
            share = share_at(law, g1, s[i], share);
        a[i] = area_of_share(share, law->z);
    }
}

static void
diffusion(const CsLaw *law, const double *s, size_t n, double *a)
{
    CsLaw only = { .z = law->z, .tau_diffusion_s = law->tau_s };

    series(&only, s, n, a);
}

/* ---- Stress --------------------------------------------------------------- */

static const double least_front = 0.01; /* of R0; the rest does not show */

/* d(r/R0)/d(s/tau): the pressure 2 sigma_y ln(R/r) of a plastic shell slows
 * the front by (r/R)^m. */
static double
front_slope(const CsLaw *law, double r)
{
    double outer = cbrt(1 + (law->z - 1) * (1 - r * r * r));

    return r > 0 ? -pow(r / outer, law->exponent) : 0;
}

static double
front_step(const CsLaw *law, double r, double h)
{
    double a = front_slope(law, r);
    double b = front_slope(law, r + h / 2 * a);
    double c = front_slope(law, r + h / 2 * b);
    double d = front_slope(law, r + h * c);

    return r + h / 6 * (a + 2 * b + 2 * c + d);
}

/* Runge-Kutta, in steps in which the front moves by a fiftieth of what is
 * left. */
static void
stress(const CsLaw *law, const double *s, size_t n, double *a)
{
    double r = 1, u = 0;

    for (size_t i = 0; i < n; i++) {
        double until = s[i] / law->tau_s;

        while (u < until && r > least_front) {
            double h = MIN(0.02 * r / -front_slope(law, r), until - u);

            r = MAX(front_step(law, r, h), least_front);
            u = h < until - u ? u + h : until;
        }
        a[i] = area_of_share(r > least_front ? 1 - r * r * r : 1, law->z);
    }
}

/* ---- The table ------------------------------------------------------------ */

const CsModel cs_models[] = {
    { "none", "no growth", 1, true, none },
    { "hinge", "flat, then straight", 3, true, hinge },
    { "exponential", "A/A0 nears its end exponentially", 4, true,
      exponential },
    { "current", "constant current", 4, true, current },
    { "rc", "current through a resistance, which dies away", 4, true, rc },
    { "interface", "reaction at the front", 4, true, interface },
    { "diffusion", "diffusion through the product (Carter-Valensi)", 4, true,
      diffusion },
    { "permeation", "through a coat that stretches", 4, true, permeation },
    { "stress", "front slowed by the pressure of its shell", 5, true,
      stress },
    { "series", "resistances in series: their times add", 7, false, series },
    { 0 },
};

const CsModel *
cs_model_named(const char *name)
{
    for (const CsModel *m = cs_models; m->name != NULL; m++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

double
cs_deal_grove_nm(double a_nm, double b_nm2_per_s, double s)
{
    return a_nm / 2 * (sqrt(1 + 4 * b_nm2_per_s * s / (a_nm * a_nm)) - 1);
}

double
cs_front_speed_nm_per_s(double radius0_nm, double share, double share_per_s)
{
    return radius0_nm / 3 * pow(1 - share, -2 / 3.0) * share_per_s;
}
