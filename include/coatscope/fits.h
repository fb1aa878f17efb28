/* CsFits: what a particle's curve of areas says; the kinetic columns of
 * particles.csv.
 *
 * Everything is by the frozen definitions of docs/methods/kinetics.md and of
 * the outer contour: A/A0 as in CsMeasures. NAN where there is nothing to say.
 * In a recording that is measured in pixels, all that needs a time is NAN and
 * diameter0_nm holds pixels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Why a particle says nothing of its coating; bits of CsFit.quality. */
typedef enum {
    CS_RUN_FEW_OK = 1,   /* fewer than CS_RUN_LEAST_OK frames are ok         */
    CS_RUN_LOST = 2,     /* in more than half of its frames it is lost, …    */
    CS_RUN_EDGE = 4,     /* … cut by the edge of the field, …                */
    CS_RUN_OVERLAP = 8,  /* … overlapped or behind the needle                */
    CS_RUN_UNSTEADY = 16, /* its area jumps by 15 % between frames           */
} CsRunQuality;

enum { CS_RUN_LEAST_OK = 10, CS_N_RUN_QUALITIES = 5 };

/* "few-ok", "mostly-lost", "mostly-edge", "mostly-overlap", "unsteady" for
 * bit i, as in the flags of particles.csv. */
const char *cs_run_quality_name(unsigned bit);

typedef struct {
    int    particle_id;
    size_t n_frames;     /* that had an area and a time */
    size_t n_ok;         /* measured whole */
    unsigned quality;    /* 0: it counts for its coating */
    double diameter0_nm; /* of the circle with the area A0 */

    /* The hinge between flat and rising, not the first crossing, averaged
     * over the laws by AICc; with its 95 % interval. NAN, as all rates and
     * times, where the curve is not told from a flat one. */
    double onset_s;
    double onset_lo_s;
    double onset_hi_s;
    double contact_s; /* told from outside; NAN after cs_kinetics_fit() */

    double expansion_final; /* A/A0 at the end of the recording */
    double expansion_final_sd;
    double rate_per_s; /* slope from 20 to 80 % of the particle's own change */
    double rate_sd_per_s;
    double initial_rate_per_s;   /* mean slope from onset to 20 % */
    double front_speed_nm_per_s; /* of a spherical front, over the same part */
    double t50_s;      /* half of the particle's own change was reached */
    double t50_full_s; /* half of full conversion's; NAN: not reached */

    /* Points into the program: a name of cs_models, or "not identifiable"
     * where another law does as well, or "" where nothing was fitted. */
    const char *model;
    double      model_weight; /* of best_model: share of exp(-Delta AICc/2) */
    const char *best_model;   /* with the smallest AICc, told apart or not */
    double      delta_aicc;   /* of the next best */
    double      residual_sd;  /* of A/A0 about best_model */
    double      rho1;         /* autocorrelation of those residuals */

    /* A/A0 if nothing hindered it (cs_free_expansion); told from outside, 0
     * or NAN where host or coat are not known. */
    double expansion_free;
} CsFit;

typedef struct {
    char  *recording;
    char  *coating; /* "" where not told */
    size_t n;
    CsFit *fit; /* one per particle, sorted by particle_id */
} CsFits;

#define CS_FITS_INIT { 0 }

void cs_fits_clear(CsFits *fits);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsFits, cs_fits_clear)

G_END_DECLS
