/* CsLedger: the electrons that fell on the specimen, recorded or not.
 *
 * The beam counts from before the first frame (searching, focusing: what the
 * user adds) up to the end of each frame's exposure, the time between frames
 * too unless it was blanked there. SCIENCE 6.1, 6.2.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/clock.h"

G_BEGIN_DECLS

/* Beam time that no frame shows. */
typedef struct {
    double duration_s;
    double rate_e_per_A2_s; /* NAN: as during the recording                 */
} CsBeamTime;

/* What the user says of the beam. */
typedef struct {
    double      rate_e_per_A2_s; /* NAN: not told                           */
    double      vacuum_counts;   /* mean of a pixel in vacuum, or NAN       */
    size_t      vacuum_px[4];    /* x, y, width, height of a part of the
                                    frame without specimen; width 0: none   */
    double      counts_per_electron; /* NAN: as in the file                 */
    size_t      n_before;
    CsBeamTime *before;          /* n_before, ours                          */
    bool        is_blanked;      /* between exposures                       */
} CsBeamOptions;

#define CS_BEAM_OPTIONS_INIT                                                  \
    {                                                                         \
        .rate_e_per_A2_s = NAN, .vacuum_counts = NAN,                         \
        .counts_per_electron = NAN                                            \
    }

void cs_beam_options_clear(CsBeamOptions *options);

typedef struct {
    double  rate_e_per_A2_s; /* in vacuum; NAN: unknown, then no dose       */
    double  rate_sd_e_per_A2_s; /* NAN: unknown                             */
    char   *source;          /* of the rate in words; NULL: unknown         */
    double  before_e_per_A2; /* dose before the first frame                 */
    size_t  n_frames;
    double *dose_e_per_A2;   /* n_frames: until the end of each exposure    */
} CsLedger;

#define CS_LEDGER_INIT                                                        \
    {                                                                         \
        .rate_e_per_A2_s = NAN, .rate_sd_e_per_A2_s = NAN,                    \
        .before_e_per_A2 = NAN                                                \
    }

void cs_ledger_clear(CsLedger *ledger);

/* "10", "10 e/A2/s", "1000 e/nm2/s", "0.0016 A/cm2", "50 pA in 200 nm" (a
 * beam of that diameter, evenly filled), also with Å, ², ^2. Errors:
 * CS_ERROR_ARGUMENT with what is allowed. */
bool cs_dose_rate_parse(const char *text, double *rate_e_per_A2_s,
                        GError **error);

/* "90", "60@20, 30": seconds, each with a rate in e/A2/s where it differs.
 * Takes the place of what *before holds. Errors: CS_ERROR_ARGUMENT. */
bool cs_beam_times_parse(const char *text, CsBeamTime **before, size_t *n,
                         GError **error);

/* Rate from the mean counts of a pixel in vacuum: counts / (counts an
 * electron * exposure * area of the pixel). */
double cs_dose_rate_from_counts(double counts, double counts_per_electron,
                                double exposure_s, double nm2_per_px);

/* Fills before and dose from the rate, which is set; NAN for frames without
 * a time. Errors: CS_ERROR_LIMIT. */
bool cs_ledger_fill(CsLedger *ledger, const CsBeamOptions *options,
                    const CsClock *clock, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsBeamOptions, cs_beam_options_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsLedger, cs_ledger_clear)

G_END_DECLS
