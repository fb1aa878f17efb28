/* Dose: how many electrons, what they may do, and how many it takes.
 *
 * Rates in electrons per square angstrom and second, fluence b in detected
 * electrons per nm2 (DQE times incident). The bounds are those of a perfect
 * fit; real ones are 3 to 10 times worse (SCIENCE 6.5).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Current density, and electrons a pixel and second. */
double cs_dose_rate_A_per_cm2(double rate_e_per_A2_s);
double cs_dose_rate_e_per_px_s(double rate_e_per_A2_s, double nm_per_px);

/* Energy taken up, for a stopping power of so many MeV cm2/g (2.8 for water
 * at 200 kV). */
double cs_dose_MGy(double dose_e_per_A2, double stopping_MeV_cm2_per_g);

/* Most that an electron can hand to a nucleus, 2 E (E + 2 m c^2) / (M c^2). */
double cs_dose_knock_on_eV(double voltage_kV, double mass_u);

/* One time during which the beam was on a place, recorded or not. */
typedef struct {
    double start_s;
    double end_s;
    double rate_e_per_A2_s;
} CsBeam;

/* What has fallen there until then; NAN if a time or rate is not finite. */
double cs_dose_until(const CsBeam *beam, size_t n, double time_s);

/* Doses at which change was reported; few are known, none for LixSi. */
typedef struct {
    const char *material;
    double      dose_e_per_A2;
    double      voltage_kV;
    const char *source;
} CsDoseLimit;

/* Every one, ending with a NULL material; the one of that name, or NULL. */
extern const CsDoseLimit cs_dose_limits[];
const CsDoseLimit *cs_dose_limit_named(const char *material);

/* Rose: fluence at which a patch of that contrast stands k sd out. */
double cs_dose_rose_e_per_nm2(double k, double contrast, double area_nm2);

/* A disc with an edge blurred by sigma_nm (Gaussian). */
typedef struct {
    double radius_nm;
    double sigma_nm;
    double contrast; /* from 0 to 1 */
} CsDisc;

/* Cramer-Rao bounds at fluence b: sd of radius, of position in one direction,
 * and of area over area. */
double cs_dose_radius_sd_nm(const CsDisc *disc, double b_e_per_nm2);
double cs_dose_position_sd_nm(const CsDisc *disc, double b_e_per_nm2);
double cs_dose_area_sd(const CsDisc *disc, double b_e_per_nm2);

/* Fluence at which the bound of area over area is that sd. */
double cs_dose_fluence_for_area_e_per_nm2(const CsDisc *disc, double sd);

/* sd of a slope over n frames in that time, each with that sd. */
double cs_dose_slope_sd_per_s(double sd, size_t n, double duration_s);

/* What a recording is to show. */
typedef struct {
    CsDisc disc;
    double area_sd;      /* of A/A0 a frame, wanted                          */
    double gap_nm2;      /* smallest gap of the rim to be seen; 0: none      */
    double gap_contrast;
    double gap_k;        /* sd it must stand out; 5                          */
    double event_s;      /* time within which events are to be told apart    */
    double duration_s;
    double dqe;          /* from 0 to 1                                      */
    double margin;       /* real sd over bound; 3 to 10                      */
} CsDoseWish;

typedef struct {
    double frame_e_per_nm2;  /* incident, a frame                            */
    bool   gap_decides;      /* the gap asks for more than the area          */
    double interval_s;       /* at most                                      */
    double rate_e_per_A2_s;  /* with the beam on all the time                */
    double total_e_per_A2;
    double nm_per_px;        /* at most                                      */
} CsDosePlan;

/* The least that does it. Errors: CS_ERROR_ARGUMENT for what is not finite
 * or not above 0. */
bool cs_dose_plan(const CsDoseWish *wish, CsDosePlan *plan, GError **error);

G_END_DECLS
