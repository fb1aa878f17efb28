/* Mechanics: what swelling does to a coat on a sphere.
 *
 * Thin-shell and steady-state fracture mechanics; good for scale, not for a
 * verdict, since toughness and flow stress of lithiated coats are not known
 * (SCIENCE 4, 13). Lengths in nm, stresses in GPa, toughness in MPa m^(1/2).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Beuth's factor of a channel crack where coat and core are alike, pi/2 times
 * 1.258; larger on a soft core. */
#define CS_CHANNEL_CRACK 1.976

/* Hoop strain for A/A0 of the coat's middle: of length, and its logarithm. */
double cs_coat_hoop_strain(double expansion);
double cs_coat_log_strain(double expansion);

/* E / (1 - nu) and E / (1 - nu^2). */
double cs_coat_biaxial_GPa(double young_GPa, double poisson);
double cs_coat_plane_strain_GPa(double young_GPa, double poisson);

/* Stress and strain at which a crack runs through a coat of that thickness,
 * for the factor z of the crack's kind, and A/A0 there. */
double cs_coat_critical_stress_GPa(double toughness_MPa_m05, double z,
                                   double thickness_nm);
double cs_coat_critical_strain(double toughness_MPa_m05, double biaxial_GPa,
                               double z, double thickness_nm);
double cs_coat_critical_expansion(double toughness_MPa_m05,
                                  double biaxial_GPa, double z,
                                  double thickness_nm);

/* Thickness below which no crack runs at that stress, for an energy of
 * fracture in J/m^2. */
double cs_coat_critical_thickness_nm(double energy_J_per_m2,
                                     double plane_strain_GPa, double z,
                                     double stress_GPa);

/* K^2 / E' and the square root of its inverse. */
double cs_coat_energy_J_per_m2(double toughness_MPa_m05,
                               double plane_strain_GPa);
double cs_coat_toughness_MPa_m05(double energy_J_per_m2,
                                 double plane_strain_GPa);

/* Pressure on the core under a coat at that stress, 2 sigma t / R; and the
 * thickness that bears the pressure at which the core stalls. */
double cs_coat_pressure_GPa(double stress_GPa, double thickness_nm,
                            double radius_nm);
double cs_coat_bearing_thickness_nm(double pressure_GPa, double radius_nm,
                                    double flow_stress_GPa);

/* A coated sphere whose coat keeps its volume, times `swelling` of its own
 * (SCIENCE 1.4). Not valid once the coat is broken. */
typedef struct {
    double radius_nm;    /* of the core, before */
    double thickness_nm; /* of the coat, before */
    double swelling;     /* 1, or 1.04 for TiO2 */
} CsCoatedSphere;

/* V/V0 of the core from A/A0 of the whole; A/A0 of the whole and thickness
 * from A/A0 of the core. */
double cs_coated_core_volume(const CsCoatedSphere *sphere,
                             double outer_expansion);
double cs_coated_outer_expansion(const CsCoatedSphere *sphere,
                                 double core_expansion);
double cs_coated_thickness_nm(const CsCoatedSphere *sphere,
                              double core_expansion);

/* Ions per host atom from V/V0 of the core: V_host / v_ion (V/V0 - 1). */
double cs_ions_per_host(double volume_ratio, double v_host_cm3_per_mol,
                        double v_ion_cm3_per_mol);

G_END_DECLS
