/* Logs of DENSsolutions: the synchronised table of Impulse ("TimeStamp" is
 * the time of the day, "Experiment time" seconds), and .dens files, whose
 * first line has the date.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "recording/log_formats.h"

static bool
is_header(char *const *cell, size_t n)
{
    return (cs_log_find(cell, n, "experiment time") >= 0
            && cs_log_find(cell, n, "timestamp") >= 0)
           || (n > 2 && cs_log_find(cell, n, "sample") == 0
               && cs_log_find(cell, n, "time") == 1);
}

/* "16/04/'15 13:53<tab>…": the software writes the day first. */
static void
take_date(const CsSheet *sheet, CsLogPlan *plan)
{
    for (guint i = 0; i < sheet->preamble->len; i++) {
        g_autofree char *line = g_strdup(sheet->preamble->pdata[i]);
        CsStamp stamp;

        line[strcspn(line, "\t")] = '\0';
        stamp = cs_stamp_parse(line, CS_DATE_DAY_FIRST);
        if (stamp.kind == CS_STAMP_LOCAL) {
            plan->base_day_s = floor(stamp.value_s / 86400) * 86400;
            return;
        }
    }
}

static bool
plan_dens(CsSheet *sheet, CsLogPlan *plan, GPtrArray *notes, GError **error)
{
    (void) notes;
    (void) error;
    take_date(sheet, plan);
    return true;
}

const CsLogFormat cs_log_dens = {
    .title = "DENSsolutions log",
    .is_header = is_header,
    .plan = plan_dens,
};
