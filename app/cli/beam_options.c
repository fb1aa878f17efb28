/* --dose-rate and what else is said of the beam.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static CsBeamOptions *
beam_of(gpointer user)
{
    CsCliRecording *recording = user;

    recording->options.beam = &recording->beam;
    return &recording->beam;
}

/* Messages of the library become those of an option. */
static gboolean
as_option(bool ok, const char *option, GError *cause, GError **error)
{
    if (!ok) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: %s",
                    option, cause->message);
        g_error_free(cause);
    }
    return ok;
}

static gboolean
take_rate(const char *option, const char *text, gpointer user, GError **error)
{
    GError *cause = NULL;
    bool ok = cs_dose_rate_parse(text, &beam_of(user)->rate_e_per_A2_s,
                                 &cause);

    return as_option(ok, option, cause, error);
}

static gboolean
take_before(const char *option, const char *text, gpointer user,
            GError **error)
{
    CsBeamOptions *beam = beam_of(user);
    GError *cause = NULL;
    bool ok = cs_beam_times_parse(text, &beam->before, &beam->n_before,
                                  &cause);

    return as_option(ok, option, cause, error);
}

static gboolean
take_number(const char *option, const char *text, gpointer user,
            GError **error)
{
    CsBeamOptions *beam = beam_of(user);

    return cs_cli_positive(option, text,
                           strcmp(option, "--vacuum-counts") == 0
                               ? &beam->vacuum_counts
                               : &beam->counts_per_electron,
                           error);
}

static gboolean
take_vacuum(const char *option, const char *text, gpointer user,
            GError **error)
{
    CsBeamOptions *beam = beam_of(user);
    g_auto(GStrv) part = g_strsplit(text, ",", 5);
    bool ok = g_strv_length(part) == 4;

    for (size_t i = 0; ok && i < 4; i++) {
        guint64 value;

        ok = g_ascii_string_to_unsigned(g_strstrip(part[i]), 10, i < 2 ? 0 : 1,
                                        1000000, &value, NULL);
        beam->vacuum_px[i] = ok ? (size_t) value : 0;
    }
    if (!ok)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s takes X,Y,WIDTH,HEIGHT in pixels, not “%s”", option,
                    text);
    return ok;
}

static gboolean
take_blanked(const char *option, const char *text, gpointer user,
             GError **error)
{
    (void) option;
    (void) text;
    (void) error;
    beam_of(user)->is_blanked = true;
    return TRUE;
}

void
cs_cli_beam_options(GOptionGroup *group)
{
    static const GOptionEntry entries[] = {
        { "dose-rate", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_rate,
          "Dose rate: 10, 1000 e/nm2/s, 0.0016 A/cm2, 50 pA in 200 nm",
          "RATE" },
        { "vacuum", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_vacuum,
          "Where frames show vacuum, in px: dose rate from counts there",
          "X,Y,W,H" },
        { "vacuum-counts", 0, 0, G_OPTION_ARG_CALLBACK,
          (gpointer) take_number, "Mean counts of a pixel in vacuum",
          "COUNTS" },
        { "counts-per-electron", 0, 0, G_OPTION_ARG_CALLBACK,
          (gpointer) take_number, "Gain of the camera", "COUNTS" },
        { "unrecorded-beam-s", 0, 0, G_OPTION_ARG_CALLBACK,
          (gpointer) take_before,
          "Beam time before the first frame: 90, or 60@20,30 (at 20 e/A2/s)",
          "LIST" },
        { "beam-blanked", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK,
          (gpointer) take_blanked, "No beam between exposures", NULL },
        { 0 },
    };

    g_option_group_add_entries(group, entries);
}
