/* Bias: holds a voltage between needle and particle, logs the current, and
 * opens the circuit when something is wrong. Physics: SCIENCE 5.4.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/supply.h"

G_BEGIN_DECLS

typedef struct {
    double voltage_V;
    double current_limit_A; /* what the instrument itself holds             */
    double trip_A;          /* |current| above it is a short circuit        */
    double ramp_V_per_s;    /* 0: at once                                   */
    double hold_s;          /* from full voltage on; 0: until cancelled     */
    double interval_s;      /* from reading to reading; 0: as fast as it can */
    double nplc;
} CsBiasPlan;

/* 2 V, 1 µA, trip at 1 nA, 1 V/s, a reading every 0.1 s: the protocol's bias. */
#define CS_BIAS_PLAN_INIT { .voltage_V = 2, .current_limit_A = 1e-6, \
    .trip_A = 1e-9, .ramp_V_per_s = 1, .interval_s = 0.1, .nplc = 1 }

typedef enum {
    CS_BIAS_DONE,      /* held as long as wanted                            */
    CS_BIAS_SHORT,     /* more current than trip_A, or the limit held it    */
    CS_BIAS_CANCELLED,
} CsBiasEnd;

typedef struct {
    CsBiasEnd end;
    size_t    n_readings;
    double    open_latency_s; /* from the reading that tripped it (its end) to
                                 the command that opens; NAN if not tripped */
    double    confirmed_s;    /* from there to the instrument saying "off"  */
} CsBiasOutcome;

/* Is this a short circuit? */
bool cs_bias_is_short(const CsBiasPlan *plan, const CsSupplyReading *reading);

/* Runs the plan; each reading goes to keep (which may stop the run by false
 * with the error set, as when the disk is full). However it ends, the output is
 * off at the end, or the error says that it could not be confirmed.
 *
 * Errors: CS_ERROR_ARGUMENT (plan), those of the supply and of keep.
 * Cancelling is an end, not an error. */
bool cs_bias_run(CsSupply *supply, const CsBiasPlan *plan,
                 GCancellable *cancellable,
                 bool (*keep)(const CsSupplyReading *reading, void *user,
                              GError **error),
                 void *user, CsBiasOutcome *outcome, GError **error);

G_END_DECLS
