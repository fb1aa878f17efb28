/* Materials: what swells, what moves in, what coats, and how electrons pass.
 *
 * Tables with sources, and the mean free paths that follow from composition,
 * density, voltage and aperture. Nothing here is certain to better than the
 * sources say; every number may be overridden by a recipe or a campaign.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define CS_FARADAY_C_PER_MOL 96485.33212
#define CS_BOLTZMANN_J_PER_K 1.380649e-23

G_BEGIN_DECLS

/* One element of a compound. */
typedef struct {
    int    z;        /* atomic number; 0 ends a list  */
    double mass_u;
    double n;        /* atoms a formula unit          */
} CsAtoms;

enum { CS_MAX_ATOMS = 5 };

/* A stuff that electrons pass: host, product, coating, support, needle. */
typedef struct {
    const char *name;          /* "Si", "Li15Si4", "TiO2", "C"; unique       */
    double      density_g_per_cm3;
    CsAtoms     atoms[CS_MAX_ATOMS];
    const char *source;
} CsMaterial;

/* Every material, ending with a NULL name. */
extern const CsMaterial cs_materials[];
const CsMaterial *cs_material_named(const char *name);

/* A host that takes up an ion. Volumes are per mol of host atoms. */
typedef struct {
    const char *host;             /* "Si": also the name of a material       */
    const char *ion;              /* "Li"                                    */
    double      v_host_cm3_per_mol;
    double      v_full_cm3_per_mol; /* of the final phase                    */
    double      x_full;           /* ions a host formula unit                */
    const char *product;          /* final phase, the name of a material     */
    const char *source;
} CsHost;

/* Every pair, ending with a NULL host. */
extern const CsHost cs_hosts[];
const CsHost *cs_host_named(const char *host, const char *ion);

/* Final over initial volume: 3.767 for silicon and lithium. */
double cs_host_swelling(const CsHost *host);

/* What a coating is made of, mechanically. NAN where nobody knows. */
typedef struct {
    const char *name;        /* also the name of a material                  */
    double      young_GPa;
    double      poisson;
    double      toughness_MPa_m05; /* K_IC                                   */
    double      swelling;    /* volume ratio after lithiation: 1.04          */
    const char *source;
} CsCoatMaterial;

/* Every one, ending with a NULL name. */
extern const CsCoatMaterial cs_coat_materials[];

/* The coat material of that name, or NULL. */
const CsCoatMaterial *cs_coat_material_named(const char *name);

/* ---- Electrons ----------------------------------------------------------- */

/* Relativistic wavelength. */
double cs_electron_wavelength_pm(double voltage_kV);

/* Squared speed over that of light. */
double cs_electron_beta2(double voltage_kV);

/* Phase shift in rad per volt and nm. */
double cs_electron_interaction(double voltage_kV);

/* Elastic mean free path after Lenz, all angles. */
double cs_mean_free_path_elastic_nm(const CsMaterial *material,
                                    double voltage_kV);

/* Inelastic mean free path after Iakoubovskii et al. (2008) for scattering
 * into a collector of half angle beta_mrad; INFINITY for all of it. */
double cs_mean_free_path_inelastic_nm(double density_g_per_cm3,
                                      double voltage_kV, double beta_mrad);

/* Bright field: the depth in which 1 - 1/e of the beam is lost to outside an
 * objective aperture of that half angle, unfiltered (SCIENCE 7.1; +-30 %). */
double cs_mean_free_path_bright_field_nm(const CsMaterial *material,
                                         double voltage_kV,
                                         double aperture_mrad);

/* HAADF: sum of n_i Z_i^exponent per nm3. */
double cs_haadf_strength_per_nm3(const CsMaterial *material, double exponent);

G_END_DECLS
