/* Curve: A/A0 of one particle against time, and what is read from it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/kinetics.h"

typedef struct {
    size_t  n;
    double *time_s; /* rising */
    double *value;
    double *weight; /* 1 / sd, in units of its median */
    double  full;   /* A/A0 of full conversion; NAN: not known */
} CsCurve;

enum { CS_CURVE_LEAST = 8, CS_CURVE_MOST = 400 };

typedef enum {
    CS_READ_FINAL,
    CS_READ_ONSET,
    CS_READ_RATE,
    CS_READ_FIRST_RATE, /* from onset to t20 */
    CS_READ_T20,
    CS_READ_T50,
    CS_READ_T80,
    CS_READ_T50_FULL,
    CS_N_READINGS,
} CsReading;

/* What the laws make of a curve, averaged by their AICc. */
typedef struct {
    const CsModel *best;
    double weight;      /* of best */
    double delta_aicc;  /* of the next best */
    bool   grows;       /* "none" is worse by 4 or more */
    double rho;
    double residual_sd;
    double value[CS_N_READINGS];
    double sd[CS_N_READINGS];
} CsCurveFit;

/* Errors: CS_ERROR_LIMIT. */
bool cs_curve_fit(const CsCurve *curve, CsCurveFit *fit, GError **error);
