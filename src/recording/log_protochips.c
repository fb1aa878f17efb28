/* Logs of Protochips' Clarity and Fusion: "Time, Notes, Channel A …", whose
 * first rows have "Date (yyyy.mm.dd) = 2014.12.03" and the like as notes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "recording/log_formats.h"

static bool
is_header(char *const *cell, size_t n)
{
    return n > 2 && g_ascii_strcasecmp(cell[0], "time") == 0
           && g_ascii_strcasecmp(cell[1], "notes") == 0;
}

/* What stands behind "name … = " if the note begins with name. */
static const char *
value_of(const char *note, const char *name)
{
    const char *at = strchr(note, '=');

    if (at == NULL
        || g_ascii_strncasecmp(note, name, strlen(name)) != 0)
        return NULL;
    at++;
    return at + strspn(at, " ");
}

static bool
take_factor(const char *value, const char *const *words,
            const double *factors, double *factor)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (g_ascii_strcasecmp(value, words[i]) == 0) {
            *factor = factors[i];
            return true;
        }
    return false;
}

static const char *const word[] = {
    "seconds", "milliseconds", "microseconds", "minutes", "volts",
    "millivolts", "amps", "milliamps", "microamps", "nanoamps", "picoamps",
    NULL };
static const double factor[]
    = { 1, 1e-3, 1e-6, 60, 1, 1e-3, 1, 1e-3, 1e-6, 1e-9, 1e-12 };

static const struct {
    const char *name;
    CsLogRole   role;
} units[] = {
    { "time units", CS_LOG_TIME },
    { "voltage units", CS_LOG_BIAS },
    { "current units", CS_LOG_CURRENT },
};

static bool
take_note(const CsSheet *sheet, const char *note, CsLogPlan *plan,
          GString *date, GString *time)
{
    const char *value = value_of(note, "date");

    (void) sheet;
    if (value != NULL)
        g_string_assign(date, value);
    value = value_of(note, "time (");
    if (value != NULL)
        g_string_assign(time, value);
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        value = value_of(note, units[i].name);
        if (value != NULL
            && !take_factor(value, word, factor,
                            &plan->column[units[i].role].factor))
            return false;
    }
    return true;
}

/* Of two channels alike the first is taken. */
static void
settle_channels(const CsSheet *sheet, CsLogPlan *plan, GPtrArray *notes)
{
    for (int r = CS_LOG_BIAS; r < CS_N_LOG_ROLES; r++) {
        if (!plan->column[r].tied)
            continue;
        plan->column[r].tied = false;
        g_ptr_array_add(notes,
                        g_strdup_printf("of several channels “%s” is taken; "
                                        "--log-%s names another",
                                        sheet->header[plan->column[r].at],
                                        cs_log_role_name((CsLogRole) r)));
    }
}

static bool
plan_protochips(CsSheet *sheet, CsLogPlan *plan, GPtrArray *notes,
                GError **error)
{
    g_autoptr(GString) date = g_string_new(NULL);
    g_autoptr(GString) time = g_string_new(NULL);
    g_autofree char *stamp = NULL;
    CsStamp start;

    plan->notes = 1;
    while (cs_sheet_next(sheet) && cs_sheet_cell(sheet, 1)[0] != '\0')
        if (!take_note(sheet, cs_sheet_cell(sheet, 1), plan, date, time))
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s, line %" G_GSIZE_FORMAT ": “%.60s” has an "
                           "unknown unit", sheet->name, sheet->line,
                           cs_sheet_cell(sheet, 1));
    cs_sheet_rewind(sheet);
    stamp = g_strdup_printf("%s %s", date->str, time->str);
    start = cs_stamp_parse(stamp, CS_DATE_UNKNOWN);
    if (start.kind == CS_STAMP_LOCAL)
        plan->base_local_s = start.value_s;
    settle_channels(sheet, plan, notes);
    return true;
}

const CsLogFormat cs_log_protochips = {
    .title = "Protochips log",
    .is_header = is_header,
    .plan = plan_protochips,
};
