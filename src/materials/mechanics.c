/* Mechanics.
 *
 * Beuth, Int. J. Solids Struct. 29, 1657 (1992) and Hutchinson & Suo, Adv.
 * Appl. Mech. 29, 63 (1992) for cracks that run through films.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/mechanics.h"

#include <math.h>

static const double M_PER_NM = 1e-9;
static const double MPa_PER_GPa = 1e3;
static const double Pa_PER_GPa = 1e9;

double
cs_coat_hoop_strain(double expansion)
{
    return sqrt(expansion) - 1;
}

double
cs_coat_log_strain(double expansion)
{
    return log(expansion) / 2;
}

double
cs_coat_biaxial_GPa(double young_GPa, double poisson)
{
    return young_GPa / (1 - poisson);
}

double
cs_coat_plane_strain_GPa(double young_GPa, double poisson)
{
    return young_GPa / (1 - poisson * poisson);
}

double
cs_coat_critical_stress_GPa(double toughness_MPa_m05, double z,
                            double thickness_nm)
{
    return toughness_MPa_m05 / sqrt(z * thickness_nm * M_PER_NM)
           / MPa_PER_GPa;
}

double
cs_coat_critical_strain(double toughness_MPa_m05, double biaxial_GPa,
                        double z, double thickness_nm)
{
    return cs_coat_critical_stress_GPa(toughness_MPa_m05, z, thickness_nm)
           / biaxial_GPa;
}

double
cs_coat_critical_expansion(double toughness_MPa_m05, double biaxial_GPa,
                           double z, double thickness_nm)
{
    double stretch = 1 + cs_coat_critical_strain(toughness_MPa_m05,
                                                 biaxial_GPa, z,
                                                 thickness_nm);

    return stretch * stretch;
}

double
cs_coat_critical_thickness_nm(double energy_J_per_m2,
                              double plane_strain_GPa, double z,
                              double stress_GPa)
{
    return energy_J_per_m2 * plane_strain_GPa
           / (z * stress_GPa * stress_GPa * Pa_PER_GPa) / M_PER_NM;
}

double
cs_coat_energy_J_per_m2(double toughness_MPa_m05, double plane_strain_GPa)
{
    return toughness_MPa_m05 * toughness_MPa_m05 * 1e12
           / (plane_strain_GPa * Pa_PER_GPa);
}

double
cs_coat_toughness_MPa_m05(double energy_J_per_m2, double plane_strain_GPa)
{
    return sqrt(energy_J_per_m2 * plane_strain_GPa * Pa_PER_GPa) * 1e-6;
}

double
cs_coat_pressure_GPa(double stress_GPa, double thickness_nm,
                     double radius_nm)
{
    return 2 * stress_GPa * thickness_nm / radius_nm;
}

double
cs_coat_bearing_thickness_nm(double pressure_GPa, double radius_nm,
                             double flow_stress_GPa)
{
    return pressure_GPa * radius_nm / (2 * flow_stress_GPa);
}

static double
cube(double x)
{
    return x * x * x;
}

/* Of the coat, in units of 4 pi / 3 nm3, after its own swelling. */
static double
coat_volume(const CsCoatedSphere *s)
{
    return s->swelling
           * (cube(s->radius_nm + s->thickness_nm) - cube(s->radius_nm));
}

double
cs_coated_core_volume(const CsCoatedSphere *s, double outer_expansion)
{
    double outer = (s->radius_nm + s->thickness_nm) * sqrt(outer_expansion);

    return (cube(outer) - coat_volume(s)) / cube(s->radius_nm);
}

static double
outer_radius(const CsCoatedSphere *s, double core_expansion)
{
    return cbrt(cube(s->radius_nm * sqrt(core_expansion)) + coat_volume(s));
}

double
cs_coated_outer_expansion(const CsCoatedSphere *s, double core_expansion)
{
    double stretch = outer_radius(s, core_expansion)
                     / (s->radius_nm + s->thickness_nm);

    return stretch * stretch;
}

double
cs_coated_thickness_nm(const CsCoatedSphere *s, double core_expansion)
{
    return outer_radius(s, core_expansion)
           - s->radius_nm * sqrt(core_expansion);
}

double
cs_ions_per_host(double volume_ratio, double v_host_cm3_per_mol,
                 double v_ion_cm3_per_mol)
{
    return v_host_cm3_per_mol / v_ion_cm3_per_mol * (volume_ratio - 1);
}
