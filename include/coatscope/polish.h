/* Electropolishing: a tungsten wire dissolves at the meniscus until it parts;
 * the output must go off at once, or the tip is dulled. The moment is told by
 * the drop of the current, not by its level (SCIENCE 8.6).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/supply.h"

G_BEGIN_DECLS

typedef struct {
    double voltage_V;
    double current_limit_A;
    double drop_ratio; /* of the last second's median, below which it is cut:
                          a dip of 2 to 4 mm alone may halve the current     */
    double window_s;
    double least_A;    /* no cut is told before that much has flowed         */
    double longest_s;  /* then off, cut or not                               */
} CsPolishPlan;

#define CS_POLISH_PLAN_INIT                                                   \
    {                                                                         \
        .voltage_V = 4, .current_limit_A = 0.5, .drop_ratio = 0.4,            \
        .window_s = 1, .least_A = 2e-3, .longest_s = 600                      \
    }

/* ---- The drop, as readings come ------------------------------------------- */

enum { CS_POLISH_WINDOW = 256 };

typedef struct {
    size_t n; /* readings kept, the last ones                               */
    double time_s[CS_POLISH_WINDOW];
    double current_A[CS_POLISH_WINDOW];
    unsigned n_low;   /* in a row                                           */
    double median_A;  /* what the last one was held against                 */
} CsPolishWatch;

#define CS_POLISH_WATCH_INIT { .n = 0 }

/* Takes a reading; true once two in a row are below drop_ratio times the
 * median of window_s before them. One alone may be a bubble. */
bool cs_polish_watch(CsPolishWatch *watch, const CsPolishPlan *plan,
                     double time_s, double current_A);

/* ---- The whole -------------------------------------------------------------- */

typedef enum {
    CS_POLISH_DROPPED,  /* cut, or taken out                                */
    CS_POLISH_TIMEOUT,
    CS_POLISH_CANCELLED,
} CsPolishEnd;

typedef struct {
    CsPolishEnd end;
    size_t n_readings;
    double duration_s;
    double charge_C;      /* all that flowed                                */
    double overshoot_C;   /* of it, after the last good reading: at most, as
                             if the current had stayed till then             */
    double latency_s;     /* from the last good reading to confirmed off    */
    double before_A;      /* median before the drop                         */
    double after_A;       /* the reading that told it                       */
} CsPolishOutcome;

/* One dip: on, watch, off. Each reading goes to keep. However it ends the
 * output is off, or the error says it could not be confirmed. Errors: those
 * of the supply and of keep; CS_ERROR_ARGUMENT (plan). */
bool cs_polish_run(CsSupply *supply, const CsPolishPlan *plan,
                   GCancellable *cancellable,
                   bool (*keep)(const CsSupplyReading *reading, void *user,
                                GError **error),
                   void *user, CsPolishOutcome *outcome, GError **error);

G_END_DECLS
