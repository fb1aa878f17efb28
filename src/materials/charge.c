/* Charge.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/charge.h"

#include <math.h>

#include "coatscope/materials.h"

static const double CM3_PER_NM3 = 1e-21;
static const double CM_PER_NM = 1e-7;
static const double PC_PER_C = 1e12;
static const double GAS_J_PER_MOL_K = 8.31446261815324;
static const double UNIT_MASS_KG = 1.66053906660e-27;

double
cs_charge_of_sphere_pC(double diameter_nm, double v_host_cm3_per_mol,
                       double x)
{
    double cm3 = G_PI / 6 * pow(diameter_nm, 3) * CM3_PER_NM3;

    return cm3 / v_host_cm3_per_mol * x * CS_FARADAY_C_PER_MOL * PC_PER_C;
}

double
cs_charge_of_shell_pC(double radius_nm, double thickness_nm,
                      double density_g_per_cm3, double mass_u, double x)
{
    double cm3 = 4 * G_PI / 3 * CM3_PER_NM3
                 * (pow(radius_nm + thickness_nm, 3) - pow(radius_nm, 3));

    return cm3 * density_g_per_cm3 / mass_u * x * CS_FARADAY_C_PER_MOL
           * PC_PER_C;
}

double
cs_rod_ohm(double length_nm, double contact_nm, double S_per_cm)
{
    return length_nm
           / (S_per_cm * G_PI * contact_nm * contact_nm * CM_PER_NM);
}

double
cs_frustum_ohm(double length_nm, double contact_nm, double S_per_cm)
{
    return length_nm / (S_per_cm * G_PI * contact_nm
                        * (contact_nm + length_nm) * CM_PER_NM);
}

double
cs_spreading_ohm(double contact_nm, double S_per_cm)
{
    return 1 / (4 * S_per_cm * contact_nm * CM_PER_NM);
}

double
cs_ion_conductivity_S_per_cm(double diffusion_cm2_per_s, double mol_per_cm3,
                             double kelvin)
{
    return diffusion_cm2_per_s * mol_per_cm3 * CS_FARADAY_C_PER_MOL
           * CS_FARADAY_C_PER_MOL / (GAS_J_PER_MOL_K * kelvin);
}

double
cs_gas_flux_per_cm2_s(double pressure_Pa, double mass_u, double kelvin)
{
    double kT = CS_BOLTZMANN_J_PER_K * kelvin;

    return pressure_Pa / sqrt(2 * G_PI * mass_u * UNIT_MASS_KG * kT) * 1e-4;
}

double
cs_purge_ppm(double start_ppm, double fraction, unsigned n)
{
    return start_ppm * pow(fraction, n);
}
