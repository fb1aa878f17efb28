/* Facts about a recording as key and value.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/facts.h"

#include <string.h>

#include "core/text.h"

enum { MAX_SOURCES = 1 << 24 }; /* bytes of their list */

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

char *
cs_facts_list_sources(const CsClock *clock)
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

static bool
source_named(const char *name, size_t n, CsTimeSource *source)
{
    for (int k = CS_TIME_NONE; k <= CS_TIME_MEASURED; k++) {
        const char *known = cs_time_source_name((CsTimeSource) k);

        if (strlen(known) == n && strncmp(known, name, n) == 0) {
            *source = (CsTimeSource) k;
            return true;
        }
    }
    return false;
}

/* "measured 100" or, for all, "measured": the frames from *i on. */
static bool
take_run(const char *run, size_t n_frames, CsTimeSource *to, size_t *i)
{
    const char *count = strchr(run, ' ');
    guint64 n = n_frames;
    CsTimeSource source;

    if (!source_named(run, count != NULL ? (size_t) (count - run)
                                         : strlen(run), &source)
        || (count != NULL
            && !g_ascii_string_to_unsigned(count + 1, 10, 1, G_MAXINT64, &n,
                                           NULL))
        || n > n_frames - *i)
        return false;
    for (; n > 0; n--)
        to[(*i)++] = source;
    return true;
}

/* NULL, too, where the text is not one of ours. */
static CsTimeSource *
parse_sources(const char *text, size_t n_frames)
{
    g_auto(GStrv) runs = g_strsplit(text, ", ", -1);
    g_autofree CsTimeSource *source = g_try_new(CsTimeSource, n_frames + 1);
    size_t i = 0;

    if (source == NULL)
        return NULL;
    for (char **run = runs; *run != NULL; run++)
        if (!take_run(*run, n_frames, source, &i))
            return NULL;
    return i == n_frames ? g_steal_pointer(&source) : NULL;
}

bool
cs_facts_take_sources(CsSeriesInfo *info, const char *text, GError **error)
{
    CsClock *clock = &info->clock;
    g_autofree CsTimeSource *source
        = text != NULL && strlen(text) <= MAX_SOURCES
              ? parse_sources(text, info->n_frames) : NULL;

    if (source == NULL || (clock->n_frames == 0 && !(info->interval_s > 0)))
        return true;
    if (clock->n_frames == 0) {
        if (!cs_clock_resize(clock, info->n_frames, error))
            return false;
        cs_clock_fill(clock, info->interval_s, info->exposure_s,
                      CS_TIME_NONE);
    }
    memcpy(clock->source, source, clock->n_frames * sizeof *source);
    return true;
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
        g_autofree char *sources = cs_facts_list_sources(clock);

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

const char *
cs_facts_key(size_t i)
{
    return i < G_N_ELEMENTS(facts) ? facts[i].key : NULL;
}
