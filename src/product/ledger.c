/* The ledger of the beam.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/ledger.h"

#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"

enum { MAX_BEFORE = 1000 };

static const double CHARGE_C = 1.602176634e-19;
static const double A2_PER_CM2 = 1e16;
static const double A2_PER_NM2 = 100;

void
cs_beam_options_clear(CsBeamOptions *options)
{
    g_free(options->before);
    *options = (CsBeamOptions) CS_BEAM_OPTIONS_INIT;
}

void
cs_ledger_clear(CsLedger *ledger)
{
    g_free(ledger->source);
    g_free(ledger->dose_e_per_A2);
    *ledger = (CsLedger) CS_LEDGER_INIT;
}

/* ---- Rates in words -------------------------------------------------------- */

/* Without blanks and ^, A for Å, 2 for ². */
static char *
plain(const char *text)
{
    static const struct {
        const char *from, *to;
    } words[] = {
        { " ", "" }, { "\t", "" }, { "^", "" },
        { "\xc3\x85", "A" }, { "\xe2\x84\xab", "A" }, { "\xc2\xb2", "2" },
        { "\xc2\xb5", "u" }, { "\xce\xbc", "u" },
    };
    char *s = g_strdup(text);

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        g_auto(GStrv) parts = g_strsplit(s, words[i].from, -1);

        g_free(s);
        s = g_strjoinv(words[i].to, parts);
    }
    return s;
}

/* A number above 0 (or from 0), and where it ends. */
static bool
take_number(const char **at, double least, double *value)
{
    char *end = NULL;
    double number = g_ascii_strtod(*at, &end);

    if (end == *at || !isfinite(number) || number < least)
        return false;
    *value = number;
    *at = end;
    return true;
}

typedef struct {
    const char *word;
    double      factor;
} Unit;

static bool
take_unit(const char **at, const Unit *units, double *factor)
{
    for (; units->word != NULL; units++)
        if (g_str_has_prefix(*at, units->word)) {
            *at += strlen(units->word);
            *factor = units->factor;
            return true;
        }
    return false;
}

/* "50pAin200nm": a current evenly over a disc. */
static bool
parse_beam(const char *at, double number, double *rate)
{
    static const Unit currents[] = {
        { "fA", 1e-15 }, { "pA", 1e-12 }, { "nA", 1e-9 }, { "uA", 1e-6 },
        { 0 } };
    static const Unit lengths[] = { { "nm", 1 }, { "um", 1e3 }, { 0 } };
    double amperes, diameter, nm;

    if (!take_unit(&at, currents, &amperes) || !g_str_has_prefix(at, "in"))
        return false;
    at += strlen("in");
    if (!take_number(&at, 0, &diameter) || !(diameter > 0)
        || !take_unit(&at, lengths, &nm) || *at != '\0')
        return false;
    nm *= diameter;
    *rate = number * amperes / CHARGE_C
            / (G_PI / 4 * nm * nm * A2_PER_NM2);
    return true;
}

static bool
parse_density(const char *at, double number, double *rate)
{
    const Unit units[] = {
        { "e/A2/s", 1 },        { "e/A2s", 1 },
        { "e/nm2/s", 1 / A2_PER_NM2 },
        { "A/cm2", 1 / CHARGE_C / A2_PER_CM2 },
        { "pA/um2", 1e-12 / CHARGE_C / (1e6 * A2_PER_NM2) },
        { 0 } };
    double factor = 1;

    if (*at != '\0' && (!take_unit(&at, units, &factor) || *at != '\0'))
        return false;
    *rate = number * factor;
    return true;
}

bool
cs_dose_rate_parse(const char *text, double *rate_e_per_A2_s, GError **error)
{
    g_autofree char *words = plain(text);
    const char *at = words;
    double number, rate;

    if (take_number(&at, 0, &number)
        && (parse_density(at, number, &rate)
            || parse_beam(at, number, &rate))) {
        *rate_e_per_A2_s = rate;
        return true;
    }
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "the dose rate is “%.60s”, allowed is a number from 0 with "
                   "e/A2/s, e/nm2/s, A/cm2 or pA/um2, or as “50 pA in 200 nm”",
                   text);
}

bool
cs_beam_times_parse(const char *text, CsBeamTime **before, size_t *n,
                    GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", MAX_BEFORE + 1);
    size_t n_parts = g_strv_length(parts);
    g_autofree CsBeamTime *made = g_new0(CsBeamTime, n_parts + 1);
    bool ok = n_parts > 0 && n_parts <= MAX_BEFORE;

    for (size_t i = 0; ok && i < n_parts; i++) {
        g_autofree char *words = plain(parts[i]);
        const char *at = words;

        made[i].rate_e_per_A2_s = NAN;
        ok = take_number(&at, 0, &made[i].duration_s);
        if (ok && *at == '@') {
            at++;
            ok = take_number(&at, 0, &made[i].rate_e_per_A2_s);
        }
        ok = ok && (*at == '\0' || strcmp(at, "e/A2/s") == 0);
    }
    if (!ok)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "the unrecorded beam time is “%.60s”, allowed are "
                       "seconds, each with its rate in e/A2/s where it "
                       "differs, as “90” or “60@20, 30”", text);
    g_free(*before);
    *before = g_steal_pointer(&made);
    *n = n_parts;
    return true;
}

double
cs_dose_rate_from_counts(double counts, double counts_per_electron,
                         double exposure_s, double nm2_per_px)
{
    return counts / counts_per_electron / exposure_s
           / (nm2_per_px * A2_PER_NM2);
}

/* ---- Doses ------------------------------------------------------------------ */

static double
dose_before(const CsLedger *ledger, const CsBeamOptions *options)
{
    double sum = 0;

    for (size_t i = 0; options != NULL && i < options->n_before; i++) {
        const CsBeamTime *b = &options->before[i];

        sum += b->duration_s
               * (isnan(b->rate_e_per_A2_s) ? ledger->rate_e_per_A2_s
                                            : b->rate_e_per_A2_s);
    }
    return sum;
}

/* Seconds with the beam on until the end of a frame's exposure. With a
 * blanker these are the exposures so far, of which none is longer than the
 * time to the next frame. */
static double
time_on(const CsClock *clock, bool is_blanked, size_t frame, double so_far_s)
{
    double exposure_s = clock->duration_s[frame];

    if (isnan(exposure_s))
        return is_blanked ? NAN : clock->start_s[frame];
    return (is_blanked ? so_far_s : clock->start_s[frame]) + exposure_s;
}

bool
cs_ledger_fill(CsLedger *ledger, const CsBeamOptions *options,
               const CsClock *clock, GError **error)
{
    bool is_blanked = options != NULL && options->is_blanked;
    double *dose = cs_try_alloc(clock->n_frames, sizeof *dose, "the doses",
                                error);
    double so_far_s = 0;

    if (dose == NULL)
        return false;
    ledger->before_e_per_A2 = dose_before(ledger, options);
    for (size_t i = 0; i < clock->n_frames; i++) {
        double on_s = time_on(clock, is_blanked, i, so_far_s);

        so_far_s = on_s;
        dose[i] = ledger->before_e_per_A2 + ledger->rate_e_per_A2_s * on_s;
    }
    g_free(ledger->dose_e_per_A2);
    ledger->dose_e_per_A2 = dose;
    ledger->n_frames = clock->n_frames;
    return true;
}
