/* Facts about a recording as key and value.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/facts.h"

#include <string.h>

#include "core/text.h"

#define NUMBER(field) { #field, G_STRUCT_OFFSET(CsSeriesInfo, field), false }
#define TEXT(field) { #field, G_STRUCT_OFFSET(CsSeriesInfo, field), true }

static const struct {
    const char *key;
    glong       at; /* in CsSeriesInfo */
    bool        is_text;
} facts[] = {
    NUMBER(start_unix_s),
    TEXT(date),
    NUMBER(exposure_s),
    NUMBER(voltage_kV),
    NUMBER(magnification),
    NUMBER(dose_rate_e_per_A2_s),
    NUMBER(counts_per_electron),
    TEXT(camera),
    TEXT(microscope),
    TEXT(title),
};

static void
tell_number(const char *key, double value, CsFactFunc tell, void *user)
{
    g_autoptr(GString) text = g_string_new(NULL);

    cs_text_add_double(text, value);
    if (text->len > 0)
        tell(key, text->str, user);
}

/* Text on one line, as a value must be. */
static void
tell_text(const char *key, const char *value, CsFactFunc tell, void *user)
{
    g_autofree char *line = NULL;

    if (value == NULL || value[0] == '\0')
        return;
    line = g_strdelimit(g_strdup(value), "\r\n", ' ');
    tell(key, line, user);
}

/* "measured", or runs of frames with the same source: "measured 100, assumed
 * 3". */
static char *
list_time_sources(const CsClock *clock)
{
    GString *text = g_string_new(NULL);
    size_t run = 1;

    for (size_t i = 0; i < clock->n_frames; i += run) {
        CsTimeSource source = clock->source[i];

        for (run = 1; i + run < clock->n_frames; run++)
            if (clock->source[i + run] != source)
                break;
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               cs_time_source_name(source));
        if (run < clock->n_frames)
            g_string_append_printf(text, " %" G_GSIZE_FORMAT, run);
    }
    return g_string_free(text, FALSE);
}

static void
tell_of_series(const CsSeriesInfo *info, CsFactFunc tell, void *user)
{
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++)
        if (facts[i].is_text)
            tell_text(facts[i].key,
                      G_STRUCT_MEMBER(const char *, info, facts[i].at), tell,
                      user);
        else
            tell_number(facts[i].key,
                        G_STRUCT_MEMBER(double, info, facts[i].at), tell,
                        user);
}

void
cs_facts_tell(const CsWriterInfo *info, CsFactFunc tell, void *user)
{
    const CsClock *clock = info->clock;

    if (info->value_offset < 0 || info->value_offset > 0
        || info->value_gain < 1 || info->value_gain > 1) {
        tell_number("value_offset", info->value_offset, tell, user);
        tell_number("value_gain", info->value_gain, tell, user);
    }
    if (clock != NULL) {
        g_autofree char *sources = list_time_sources(clock);

        tell("time_source", sources, user);
    }
    if (clock != NULL
        && (info->facts == NULL || isnan(info->facts->start_unix_s)))
        tell_number("start_unix_s", clock->start_unix_s, tell, user);
    if (info->facts != NULL)
        tell_of_series(info->facts, tell, user);
}

bool
cs_facts_take(CsSeriesInfo *info, const char *key, const char *value)
{
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
        double *number = G_STRUCT_MEMBER_P(info, facts[i].at);
        char **text = G_STRUCT_MEMBER_P(info, facts[i].at);

        if (strcmp(key, facts[i].key) != 0)
            continue;
        if (facts[i].is_text && *text == NULL)
            *text = g_strdup(value);
        else if (!facts[i].is_text && isnan(*number))
            cs_text_to_double(value, number);
        return true;
    }
    return false;
}
