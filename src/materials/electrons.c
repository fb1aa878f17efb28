/* How far electrons go: mean free paths from composition and density.
 *
 * Elastic after Lenz as given by Reimer & Kohl, Transmission Electron
 * Microscopy; inelastic after Iakoubovskii et al., Microsc. Res. Tech. 71,
 * 626 (2008). Energies E in keV, lengths in nm, angles in mrad.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/materials.h"

static const double PLANCK_J_S = 6.62607015e-34;
static const double ELECTRON_KG = 9.1093837015e-31;
static const double CHARGE_C = 1.602176634e-19;
static const double AVOGADRO_PER_MOL = 6.02214076e23;
static const double BOHR_NM = 0.0529177210903;
static const double REST_keV = 510.99895;

double
cs_electron_wavelength_pm(double voltage_kV)
{
    double energy_J = CHARGE_C * voltage_kV * 1e3;
    double momentum2 = 2 * ELECTRON_KG * energy_J
                       * (1 + voltage_kV / (2 * REST_keV));

    return PLANCK_J_S / sqrt(momentum2) * 1e12;
}

double
cs_electron_beta2(double voltage_kV)
{
    double gamma = 1 + voltage_kV / REST_keV;

    return 1 - 1 / (gamma * gamma);
}

/* 2 pi m e lambda / h^2 with the relativistic mass. */
double
cs_electron_interaction(double voltage_kV)
{
    double gamma = 1 + voltage_kV / REST_keV;
    double lambda_m = cs_electron_wavelength_pm(voltage_kV) * 1e-12;

    return 2 * G_PI * gamma * ELECTRON_KG * CHARGE_C * lambda_m
           / (PLANCK_J_S * PLANCK_J_S) * 1e-9;
}

static double
formula_mass_u(const CsMaterial *material)
{
    double sum = 0;

    for (int i = 0; i < CS_MAX_ATOMS && material->atoms[i].z > 0; i++)
        sum += material->atoms[i].n * material->atoms[i].mass_u;
    return sum;
}

static double
formulas_per_nm3(const CsMaterial *material)
{
    return material->density_g_per_cm3 / formula_mass_u(material)
           * AVOGADRO_PER_MOL * 1e-21;
}

/* Sum over atoms of n sigma(> beta), per nm. */
static double
elastic_per_nm(const CsMaterial *material, double voltage_kV, double beta_mrad)
{
    double lambda = cs_electron_wavelength_pm(voltage_kV) * 1e-3;
    double relativity = 1 + voltage_kV / REST_keV;
    double sum = 0;

    for (int i = 0; i < CS_MAX_ATOMS && material->atoms[i].z > 0; i++) {
        double z = material->atoms[i].z;
        double theta0_mrad = 1e3 * lambda * cbrt(z) / (2 * G_PI * BOHR_NM);
        double ratio = beta_mrad / theta0_mrad;
        double all = z * cbrt(z) * lambda * lambda * relativity * relativity
                     / G_PI;

        sum += material->atoms[i].n * all / (1 + ratio * ratio);
    }
    return sum * formulas_per_nm3(material);
}

double
cs_mean_free_path_elastic_nm(const CsMaterial *material, double voltage_kV)
{
    return 1 / elastic_per_nm(material, voltage_kV, 0);
}

double
cs_mean_free_path_inelastic_nm(double density, double voltage_kV,
                               double beta_mrad)
{
    double r = 1 + voltage_kV / 511;
    double f = (1 + voltage_kV / 1022) / (r * r);
    double fe = f * voltage_kV;
    double rho03 = pow(density, 0.3);
    double te2 = pow(5.5 * rho03 / fe, 2);
    double tc2 = 20.0 * 20.0;
    double b2 = beta_mrad * beta_mrad;
    /* a parallel beam: alpha = 0, so that a2 + b2 + |a2 - b2| = 2 b2 */
    double ratio = isinf(beta_mrad)
                       ? tc2 / te2
                       : (b2 + te2) * tc2 / ((b2 + tc2) * te2);

    return 200 * fe / (11 * rho03 * log(ratio));
}

double
cs_mean_free_path_bright_field_nm(const CsMaterial *material,
                                  double voltage_kV, double aperture_mrad)
{
    double density = material->density_g_per_cm3;
    double lost = elastic_per_nm(material, voltage_kV, aperture_mrad);

    lost += 1 / cs_mean_free_path_inelastic_nm(density, voltage_kV, INFINITY);
    lost -= 1 / cs_mean_free_path_inelastic_nm(density, voltage_kV,
                                               aperture_mrad);
    return 1 / lost;
}

double
cs_haadf_strength_per_nm3(const CsMaterial *material, double exponent)
{
    double sum = 0;

    for (int i = 0; i < CS_MAX_ATOMS && material->atoms[i].z > 0; i++)
        sum += material->atoms[i].n * pow(material->atoms[i].z, exponent);
    return sum * formulas_per_nm3(material);
}
