/* Units as microscopes and programs spell them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/reader.h"

static const struct {
    const char *word;
    CsUnitKind  kind;
    double      factor; /* nm, rad or s */
} units[] = {
    { "nm", CS_UNIT_LENGTH, 1 },
    { "n_m", CS_UNIT_LENGTH, 1 },
    { "nanometer", CS_UNIT_LENGTH, 1 },
    { "nanometers", CS_UNIT_LENGTH, 1 },
    { "nanometre", CS_UNIT_LENGTH, 1 },
    { "µm", CS_UNIT_LENGTH, 1e3 }, /* U+00B5, micro sign */
    { "μm", CS_UNIT_LENGTH, 1e3 }, /* U+03BC, Greek mu   */
    { "\\u00B5m", CS_UNIT_LENGTH, 1e3 },
    { "um", CS_UNIT_LENGTH, 1e3 },
    { "u_m", CS_UNIT_LENGTH, 1e3 },
    { "micron", CS_UNIT_LENGTH, 1e3 },
    { "microns", CS_UNIT_LENGTH, 1e3 },
    { "micrometer", CS_UNIT_LENGTH, 1e3 },
    { "picometer", CS_UNIT_LENGTH, 1e-3 },
    { "millimeter", CS_UNIT_LENGTH, 1e6 },
    { "meter", CS_UNIT_LENGTH, 1e9 },
    { "A", CS_UNIT_LENGTH, 0.1 },
    { "Å", CS_UNIT_LENGTH, 0.1 }, /* U+00C5 */
    { "Å", CS_UNIT_LENGTH, 0.1 }, /* U+212B, Angstrom sign */
    { "Angstrom", CS_UNIT_LENGTH, 0.1 },
    { "angstrom", CS_UNIT_LENGTH, 0.1 },
    { "pm", CS_UNIT_LENGTH, 1e-3 },
    { "mm", CS_UNIT_LENGTH, 1e6 },
    { "cm", CS_UNIT_LENGTH, 1e7 },
    { "m", CS_UNIT_LENGTH, 1e9 },
    { "inch", CS_UNIT_LENGTH, 2.54e7 },
    { "rad", CS_UNIT_ANGLE, 1 },
    { "mrad", CS_UNIT_ANGLE, 1e-3 },
    { "s", CS_UNIT_TIME, 1 },
    { "sec", CS_UNIT_TIME, 1 },
    { "second", CS_UNIT_TIME, 1 },
    { "seconds", CS_UNIT_TIME, 1 },
    { "ms", CS_UNIT_TIME, 1e-3 },
    { "msec", CS_UNIT_TIME, 1e-3 },
    { "millisecond", CS_UNIT_TIME, 1e-3 },
    { "microsecond", CS_UNIT_TIME, 1e-6 },
    { "nanosecond", CS_UNIT_TIME, 1e-9 },
    { "minute", CS_UNIT_TIME, 60 },
    { "hour", CS_UNIT_TIME, 3600 },
    { "µs", CS_UNIT_TIME, 1e-6 },
    { "us", CS_UNIT_TIME, 1e-6 },
    { "ns", CS_UNIT_TIME, 1e-9 },
    { "min", CS_UNIT_TIME, 60 },
    { "h", CS_UNIT_TIME, 3600 },
};

static const char *const no_units[]
    = { "", "pixel", "pixels", "px", "none", "<undefined>", "inverted", NULL };

static CsUnitKind
look_up(const char *word, double *factor)
{
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (strcmp(units[i].word, word) == 0) {
            *factor = units[i].factor;
            return units[i].kind;
        }
    return CS_UNIT_OTHER;
}

/* "1/nm", "nm^-1", "/nm": the word behind, or NULL. */
static char *
word_below_one(const char *word)
{
    if (g_str_has_prefix(word, "1/"))
        return g_strdup(word + 2);
    if (g_str_has_prefix(word, "/"))
        return g_strdup(word + 1);
    if (g_str_has_suffix(word, "^-1"))
        return g_strndup(word, strlen(word) - 3);
    if (g_str_has_suffix(word, "-1"))
        return g_strndup(word, strlen(word) - 2);
    return NULL;
}

static char *
bare_word(const char *unit)
{
    char *word = g_strstrip(g_strdup(unit));
    size_t n = strlen(word);

    if (n >= 2 && word[0] == '[' && word[n - 1] == ']') {
        memmove(word, word + 1, n - 2);
        word[n - 2] = '\0';
    }
    return g_strstrip(word);
}

CsUnitKind
cs_unit_kind(const char *unit, double *factor)
{
    g_autofree char *word = bare_word(unit);
    g_autofree char *below = word_below_one(word);
    double ignored, *f = factor != NULL ? factor : &ignored;

    *f = NAN;
    if (g_strv_contains(no_units, word))
        return CS_UNIT_NONE;
    if (below == NULL)
        return look_up(word, f);
    if (look_up(below, f) == CS_UNIT_LENGTH) {
        *f = 1 / *f;
        return CS_UNIT_RECIPROCAL;
    }
    *f = NAN;
    return CS_UNIT_OTHER;
}
