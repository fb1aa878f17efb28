/* Charge: what a particle takes up, and what it must pass through.
 *
 * The current of one particle (about 50 fA) cannot be measured; these numbers
 * say what to expect (SCIENCE 2, 5).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* Charge of x ions per host atom in a sphere of that diameter. */
double cs_charge_of_sphere_pC(double diameter_nm, double v_host_cm3_per_mol,
                              double x);

/* Charge of x ions per formula unit in a shell on a core of that radius. */
double cs_charge_of_shell_pC(double radius_nm, double thickness_nm,
                             double density_g_per_cm3, double mass_u,
                             double x);

/* Resistance of an ion conductor of length L over a contact of radius a:
 * a rod, a cone that opens by 45 degrees, and the spreading of a contact on a
 * half space alone. */
double cs_rod_ohm(double length_nm, double contact_nm, double S_per_cm);
double cs_frustum_ohm(double length_nm, double contact_nm, double S_per_cm);
double cs_spreading_ohm(double contact_nm, double S_per_cm);

/* Nernst-Einstein: conductivity of single charges that diffuse. */
double cs_ion_conductivity_S_per_cm(double diffusion_cm2_per_s,
                                    double mol_per_cm3, double kelvin);

/* Molecules of mass M that hit a surface (Hertz and Knudsen). */
double cs_gas_flux_per_cm2_s(double pressure_Pa, double mass_u,
                             double kelvin);

/* What is left of a gas after n purges that each leave a fraction. */
double cs_purge_ppm(double start_ppm, double fraction, unsigned n);

G_END_DECLS
