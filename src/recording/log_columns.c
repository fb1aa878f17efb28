/* Columns of logs.
 *
 * A name is cut into words; each word speaks for a role or against the
 * column. Units speak too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/log_columns.h"

#include <string.h>

#include "coatscope/error.h"

typedef struct {
    const char *word;
    CsLogRole   role;
    int         weight;
} Word;

static const Word words[] = {
    { "timestamp", CS_LOG_TIME, 9 },  { "datetime", CS_LOG_TIME, 9 },
    { "time", CS_LOG_TIME, 7 },       { "date", CS_LOG_TIME, 4 },
    { "t", CS_LOG_TIME, 4 },          { "seconds", CS_LOG_TIME, 4 },
    { "zeit", CS_LOG_TIME, 6 },       { "elapsed", CS_LOG_TIME, 2 },
    { "stamp", CS_LOG_TIME, 2 },      { "utc", CS_LOG_TIME, 2 },
    { "bias", CS_LOG_BIAS, 7 },       { "voltage", CS_LOG_BIAS, 7 },
    { "volt", CS_LOG_BIAS, 5 },       { "volts", CS_LOG_BIAS, 5 },
    { "potential", CS_LOG_BIAS, 5 },  { "spannung", CS_LOG_BIAS, 6 },
    { "u", CS_LOG_BIAS, 3 },          { "v", CS_LOG_BIAS, 3 },
    { "vmeas", CS_LOG_BIAS, 6 },      { "umeas", CS_LOG_BIAS, 6 },
    { "vbias", CS_LOG_BIAS, 7 },      { "current", CS_LOG_CURRENT, 8 },
    { "amps", CS_LOG_CURRENT, 5 },    { "i", CS_LOG_CURRENT, 3 },
    { "imeas", CS_LOG_CURRENT, 6 },   { "ibias", CS_LOG_CURRENT, 7 },
    { "strom", CS_LOG_CURRENT, 6 },
};

/* A current of the bias circuit is one of the particle's; of a heater or a
 * gun it is not. */
static const char *const foreign[] = {
    "heat", "heater", "heating", "temperature", "temp", "gun", "emission",
    "lens", "objective", "filament", "screen", "beam", "resistance", "power",
    "accelerating", "pressure", "charge", "capacity", "density", "exposure",
    "integration", "gas", "zone", "status", "limit", "compliance", "range",
    "error", "sd", "std",
};

static const struct {
    const char *word;
    int         weight;
} shades[] = {
    { "measured", 2 }, { "meas", 2 }, { "readback", 2 }, { "actual", 2 },
    { "set", -2 }, { "setpoint", -2 }, { "nominal", -2 }, { "target", -2 },
    { "min", -2 }, { "max", -2 }, { "mean", -1 },
};

static const struct {
    const char *word;
    CsLogRole   role;
    double      factor;
} units[] = {
    { "s", CS_LOG_TIME, 1 },        { "sec", CS_LOG_TIME, 1 },
    { "seconds", CS_LOG_TIME, 1 },  { "ms", CS_LOG_TIME, 1e-3 },
    { "us", CS_LOG_TIME, 1e-6 },    { "min", CS_LOG_TIME, 60 },
    { "h", CS_LOG_TIME, 3600 },     { "hours", CS_LOG_TIME, 3600 },
    { "minutes", CS_LOG_TIME, 60 }, { "milliseconds", CS_LOG_TIME, 1e-3 },
    { "v", CS_LOG_BIAS, 1 },        { "mv", CS_LOG_BIAS, 1e-3 },
    { "uv", CS_LOG_BIAS, 1e-6 },    { "kv", CS_LOG_BIAS, 1e3 },
    { "volt", CS_LOG_BIAS, 1 },     { "volts", CS_LOG_BIAS, 1 },
    { "a", CS_LOG_CURRENT, 1 },     { "ma", CS_LOG_CURRENT, 1e-3 },
    { "ua", CS_LOG_CURRENT, 1e-6 }, { "na", CS_LOG_CURRENT, 1e-9 },
    { "pa", CS_LOG_CURRENT, 1e-12 }, { "fa", CS_LOG_CURRENT, 1e-15 },
    { "amp", CS_LOG_CURRENT, 1 },   { "amps", CS_LOG_CURRENT, 1 },
};

const char *
cs_log_role_name(CsLogRole role)
{
    static const char *const names[] = { "time", "bias", "current" };

    return names[role];
}

/* ---- One name -------------------------------------------------------------- */

/* Lower case, with u for both micro signs. */
static char *
lower_of(const char *header)
{
    g_autofree char *lower = g_utf8_strdown(header, -1);
    g_auto(GStrv) parts = g_strsplit(lower, "\xce\xbc", -1);
    g_autofree char *greek = g_strjoinv("u", parts);
    g_auto(GStrv) others = g_strsplit(greek, "\xc2\xb5", -1);

    return g_strjoinv("u", others);
}

/* Index into units, or -1; of "(nA)", "[V]", "_s", "/ A" at the end. *length
 * is what stands before it. */
static int
unit_of(const char *lower, size_t *length)
{
    size_t n = strlen(lower), end = n, begin;

    if (n > 0 && (lower[n - 1] == ')' || lower[n - 1] == ']'))
        end--;
    begin = end;
    while (begin > 0 && g_ascii_isalpha(lower[begin - 1]))
        begin--;
    if (begin == 0 || strchr("([_/ ", lower[begin - 1]) == NULL)
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (strlen(units[i].word) == end - begin
            && strncmp(lower + begin, units[i].word, end - begin) == 0) {
            *length = begin - 1;
            return (int) i;
        }
    return -1;
}

char *
cs_log_column_name(const char *header)
{
    g_autofree char *lower = lower_of(header);
    size_t n = strlen(lower);

    unit_of(lower, &n);
    return g_strstrip(g_strndup(lower, n));
}

static bool
is_foreign(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++)
        if (strcmp(word, foreign[i]) == 0)
            return true;
    return false;
}

static void
weigh(const char *word, int weight[CS_N_LOG_ROLES], int *shade)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(word, words[i].word) == 0)
            weight[words[i].role] += words[i].weight;
    for (size_t i = 0; i < G_N_ELEMENTS(shades); i++)
        if (strcmp(word, shades[i].word) == 0)
            *shade += shades[i].weight;
}

/* How much a column is of each role; 0 is not at all. */
static void
judge(const char *header, int weight[CS_N_LOG_ROLES], double *factor)
{
    g_autofree char *lower = lower_of(header);
    size_t n = strlen(lower);
    int unit = unit_of(lower, &n), shade = 0;
    g_autofree char *name = g_strndup(lower, n);
    g_auto(GStrv) word
        = g_strsplit_set(name, " \t_-/()[]{}.:,;#\"'", -1);

    memset(weight, 0, CS_N_LOG_ROLES * sizeof *weight);
    *factor = unit >= 0 ? units[unit].factor : NAN;
    for (char **w = word; *w != NULL; w++) {
        if (is_foreign(*w)) {
            memset(weight, 0, CS_N_LOG_ROLES * sizeof *weight);
            return;
        }
        weigh(*w, weight, &shade);
    }
    for (int r = 0; r < CS_N_LOG_ROLES; r++) {
        if (unit >= 0 && (int) units[unit].role == r)
            weight[r] += r == CS_LOG_TIME ? 1 : 4;
        else if (unit >= 0)
            weight[r] = 0; /* a "bias current (A)" is no bias */
        if (weight[r] > 0)
            weight[r] = MAX(weight[r] + shade, 1);
    }
}

bool
cs_log_columns_find(char *const *header, size_t n,
                    CsLogColumn columns[CS_N_LOG_ROLES])
{
    int best[CS_N_LOG_ROLES] = { 0 };

    for (int r = 0; r < CS_N_LOG_ROLES; r++)
        columns[r] = (CsLogColumn) { .at = -1, .factor = NAN };
    for (size_t i = 0; i < n; i++) {
        int weight[CS_N_LOG_ROLES], most = 0;
        double factor;

        judge(header[i], weight, &factor);
        for (int r = 1; r < CS_N_LOG_ROLES; r++)
            most = weight[r] >= weight[most] ? r : most;
        if (weight[most] > 0 && weight[most] == best[most])
            columns[most].tied = true;
        if (weight[most] > best[most]) {
            best[most] = weight[most];
            columns[most] = (CsLogColumn) { (int) i, factor, false };
        }
    }
    return columns[CS_LOG_TIME].at >= 0
           && (columns[CS_LOG_BIAS].at >= 0 || columns[CS_LOG_CURRENT].at >= 0);
}

/* ---- What the user names ------------------------------------------------------ */

static const char *
wanted(const CsLogOptions *options, int role)
{
    return role == CS_LOG_TIME   ? options->time_column
           : role == CS_LOG_BIAS ? options->bias_column
                                 : options->current_column;
}

static int
column_called(char *const *cell, size_t n, const char *name)
{
    g_autofree char *lower = lower_of(name);

    for (size_t i = 0; i < n; i++)
        if (strcmp(cell[i], name) == 0)
            return (int) i;
    for (size_t i = 0; i < n; i++) {
        g_autofree char *whole = lower_of(cell[i]);
        g_autofree char *bare = cs_log_column_name(cell[i]);

        if (strcmp(whole, lower) == 0 || strcmp(bare, lower) == 0)
            return (int) i;
    }
    return -1;
}

bool
cs_log_columns_named(const CsLogOptions *options, char *const *cell, size_t n)
{
    for (int r = 0; r < CS_N_LOG_ROLES; r++)
        if (n > 1 && wanted(options, r) != NULL
            && column_called(cell, n, wanted(options, r)) >= 0)
            return true;
    return false;
}

bool
cs_log_columns_take(const CsLogOptions *options, char *const *header,
                    size_t n, CsLogColumn columns[CS_N_LOG_ROLES],
                    GError **error)
{
    for (int r = 0; r < CS_N_LOG_ROLES; r++) {
        const char *name = wanted(options, r);
        int weight[CS_N_LOG_ROLES];
        g_autofree char *all = NULL;

        if (name == NULL)
            continue;
        columns[r] = (CsLogColumn) { column_called(header, n, name), NAN,
                                     false };
        if (columns[r].at >= 0) {
            judge(header[columns[r].at], weight, &columns[r].factor);
            continue;
        }
        all = g_strjoinv(", ", (char **) header);
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s: the %s column is to be %s, but there are only "
                       "%.400s", options->path, cs_log_role_name(
                           (CsLogRole) r), name, all);
    }
    return true;
}
