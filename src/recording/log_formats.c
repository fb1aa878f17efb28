/* Which kinds of logs there are; the plain table.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/log_formats.h"

#include <string.h>

const CsLogFormat *const cs_log_formats[] = {
    &cs_log_keithley,
    &cs_log_protochips,
    &cs_log_dens,
    &cs_log_table,
    NULL,
};

int
cs_log_find(char *const *cell, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (g_ascii_strcasecmp(cell[i], name) == 0)
            return (int) i;
    return -1;
}

/* A date may stand in a column of its own. */
static bool
plan_table(CsSheet *sheet, CsLogPlan *plan, GPtrArray *notes, GError **error)
{
    int date = cs_log_find(sheet->header, sheet->n_columns, "date");
    g_autofree char *time = NULL;

    (void) notes;
    (void) error;
    if (plan->column[CS_LOG_TIME].at < 0)
        return true;
    if (date >= 0 && date != plan->column[CS_LOG_TIME].at)
        plan->date = date;
    time = cs_log_column_name(sheet->header[plan->column[CS_LOG_TIME].at]);
    plan->is_elapsed = strstr(time, "elapsed") != NULL
                       || strstr(time, "relative") != NULL
                       || strstr(time, "experiment") != NULL
                       || strstr(time, "duration") != NULL;
    return true;
}

static bool
is_any(char *const *cell, size_t n)
{
    (void) cell;
    (void) n;
    return true;
}

const CsLogFormat cs_log_table = {
    .title = "table of bias and current",
    .is_header = is_any,
    .plan = plan_table,
};
