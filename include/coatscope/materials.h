/* Materials: what swells, what moves in, what coats, and how electrons pass.
 *
 * Tables with ranges and sources, from a file that is compiled in and files
 * of the user's (docs/howto/materials.md), and the mean free paths that
 * follow from composition, density, voltage and aperture. Nothing here is
 * certain to better than the sources say.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define CS_FARADAY_C_PER_MOL 96485.33212
#define CS_BOLTZMANN_J_PER_K 1.380649e-23

G_BEGIN_DECLS

/* Where a value comes from. */
typedef struct {
    double      low, high; /* what the literature spans; NAN: not told      */
    const char *source;
} CsOrigin;

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
    CsOrigin    density_origin;
    CsAtoms     atoms[CS_MAX_ATOMS];
} CsMaterial;

/* A host that takes up an ion. Volumes are per mol of host atoms. */
typedef struct {
    const char *host;             /* "Si": also the name of a material       */
    const char *ion;              /* "Li"                                    */
    const char *product;          /* final phase, the name of a material     */
    double      x_full;           /* ions a host formula unit                */
    double      v_host_cm3_per_mol;
    CsOrigin    v_host_origin;
    double      volume_ratio;     /* final over initial volume               */
    CsOrigin    ratio_origin;
} CsHost;

/* What a coating is made of, mechanically. NAN where nobody knows. */
typedef struct {
    const char *name;        /* also the name of a material                  */
    double      young_GPa;
    double      poisson;
    double      toughness_MPa_m05; /* K_IC                                   */
    double      swelling;    /* volume ratio after lithiation: 1.04          */
    CsOrigin    young_origin, poisson_origin, toughness_origin,
        swelling_origin;
} CsCoatMaterial;

/* All that is known: what is compiled in, and what a user's file adds. */
typedef struct CsMaterials CsMaterials;

/* What is compiled in; lent, for ever. */
const CsMaterials *cs_materials_builtin(void);

/* The same with what a file of the same form adds, or says otherwise: an
 * entry takes the place of one of its name as a whole. A file has at most
 * 1 MiB. Errors: CS_ERROR_IO; CS_ERROR_LIMIT; CS_ERROR_ARGUMENT with file and
 * line: not YAML, an unknown key (with those there are), a value out of
 * range, an unknown element, a host, product or coat that is no material. */
CsMaterials *cs_materials_read(const char *path, GError **error);
void         cs_materials_free(CsMaterials *materials); /* takes NULL */

/* The entry of that name, or NULL; lent. */
const CsMaterial *cs_materials_material(const CsMaterials *materials,
                                        const char *name);
const CsHost *cs_materials_host(const CsMaterials *materials,
                                const char *host, const char *ion);
const CsCoatMaterial *cs_materials_coat(const CsMaterials *materials,
                                        const char *name);

/* All entries in order; *n is how many. */
const CsMaterial *cs_materials_materials(const CsMaterials *materials,
                                         size_t *n);
const CsHost *cs_materials_hosts(const CsMaterials *materials, size_t *n);
const CsCoatMaterial *cs_materials_coats(const CsMaterials *materials,
                                         size_t *n);

/* The same of what is compiled in. */
const CsMaterial *cs_material_named(const char *name);
const CsHost *cs_host_named(const char *host, const char *ion);
const CsCoatMaterial *cs_coat_material_named(const char *name);

/* Final over initial volume: 3.767 for silicon and lithium. */
double cs_host_swelling(const CsHost *host);

/* A/A0 of a coated ball that nothing hinders: core and coat take their final
 * volumes and the shape stays a ball, (f Z + (1 - f) z)^(2/3) with f the
 * core's share of the volume. coat may be NULL (then z is 1); thickness 0 or
 * NAN is no coat. NAN where the coat is thicker than the particle. */
double cs_free_expansion(const CsHost *host, const CsCoatMaterial *coat,
                         double diameter_nm, double thickness_nm);

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

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsMaterials, cs_materials_free)

G_END_DECLS
