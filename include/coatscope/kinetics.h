/* Kinetics: how a particle grew, from its curve of areas.
 *
 * Laws of growth, and fits of them to A/A0. Conversion runs from 0 to 1 while
 * the volume of the core goes from 1 to z, its area to z^(2/3); s is the time
 * since onset. What is meant by onset, rate and final expansion is in
 * docs/methods/kinetics.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/fits.h"
#include "coatscope/job.h"
#include "coatscope/measures.h"

G_BEGIN_DECLS

/* What a law may depend on; each uses some of it. */
typedef struct {
    double z;        /* final over initial volume, above 1                   */
    double tau_s;    /* time constant, above 0                               */
    double exponent; /* stress: 2 sigma_y dV / kT, from 0                    */
    /* series only, besides tau_s, which is the ohmic part; from 0 */
    double tau_coat_s;
    double tau_interface_s;
    double tau_diffusion_s;
} CsLaw;

typedef struct {
    const char *name; /* as the simulator's recipes call it                  */
    const char *what; /* one line for the user                               */
    unsigned    n_params; /* that a fit has: level, onset, tau, final, exponent */
    bool        fitted;   /* takes part in cs_kinetics_fit()                 */

    /* Fills a with A/A0 of the core at n times s, which must not fall.
     * 1 at s <= 0; never shrinks; at most z^(2/3), but for "hinge". */
    void (*expansion)(const CsLaw *law, const double *s, size_t n, double *a);
} CsModel;

/* Every one, ending with a NULL name. */
extern const CsModel cs_models[];

/* The model of that name, or NULL. */
const CsModel *cs_model_named(const char *name);

/* Carter-Valensi: the time of diffusion through the product, in units of
 * R0^2 / 2K, until `share` (0 to 1) is converted; z = 1 gives Ginstling and
 * Brounshtein's. */
double cs_carter_valensi(double share, double z);

/* Deal-Grove: thickness at s of a layer that grows by X^2 + a X = b s. */
double cs_deal_grove_nm(double a_nm, double b_nm2_per_s, double s);

/* Front speed (R0/3)(1 - share)^(-2/3) d share/ds of a sphere. */
double cs_front_speed_nm_per_s(double radius0_nm, double share,
                               double share_per_s);

/* Fits every particle of the measures: A/A0 of the outer contour over the
 * recording's clock. Frames that were measured whole (state ok) count, all
 * that were measured where fewer than 10 are whole. A particle with fewer than
 * 8 such frames has an empty fit. `swelling` is the host's final over initial
 * volume, which front speed and t50_full_s need; NAN where not known. Particles
 * are fitted in parallel; nothing is random. Errors: CS_ERROR_LIMIT,
 * CS_ERROR_CANCELLED. */
bool cs_kinetics_fit_host(const CsMeasures *measures, double swelling,
                          const CsJob *job, CsFits *fits, GError **error);

/* The same with a host that is not known. */
bool cs_kinetics_fit(const CsMeasures *measures, const CsJob *job,
                     CsFits *fits, GError **error);

G_END_DECLS
