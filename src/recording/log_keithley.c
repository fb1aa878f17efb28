/* Reading buffers of Keithley's 2450 and its relatives, saved as CSV.
 *
 * "Reading" with its "Unit" is what was measured, "Value" with the unit after
 * it what was sourced. Times: "Date", "Time" and "Fractional Seconds", or
 * "Relative", "Seconds" with fractions, or "Timestamp", as the instrument was
 * asked (2450 Reference Manual, buffer.save). Its dates have the month first
 * (same manual, bufferVar.timestamps).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "recording/log_formats.h"

static bool
is_header(char *const *cell, size_t n)
{
    int reading = cs_log_find(cell, n, "reading");

    return reading >= 0 && (size_t) reading + 1 < n
           && cs_log_find(cell, n, "unit") >= 0;
}

/* The first of these columns that there is. */
static int
first_of(const CsSheet *sheet, const char *const *names)
{
    for (; *names != NULL; names++) {
        int at = cs_log_find(sheet->header, sheet->n_columns, *names);

        if (at >= 0)
            return at;
    }
    return -1;
}

static void
plan_times(const CsSheet *sheet, CsLogPlan *plan)
{
    static const char *const relative[]
        = { "relative", "relative time", "relative timestamp",
            "relative time (s)", NULL };
    static const char *const seconds[] = { "seconds", NULL };
    static const char *const fraction[] = { "fractional seconds", NULL };
    static const char *const stamp[] = { "timestamp", "time", NULL };
    static const char *const date[] = { "date", NULL };
    CsLogColumn *time = &plan->column[CS_LOG_TIME];
    int at = first_of(sheet, relative);

    if (at < 0 && first_of(sheet, seconds) >= 0)
        at = first_of(sheet, seconds);
    else if (at < 0) {
        at = first_of(sheet, stamp);
        plan->date = first_of(sheet, date);
    }
    plan->fraction = first_of(sheet, fraction);
    *time = (CsLogColumn) { .at = at, .factor = 1 };
}

static bool
plan_keithley(CsSheet *sheet, CsLogPlan *plan, GPtrArray *notes,
              GError **error)
{
    static const char *const value[] = { "value", "source", "source value",
                                         NULL };
    int reading = cs_log_find(sheet->header, sheet->n_columns, "reading");

    (void) error;
    plan_times(sheet, plan);
    plan->order = CS_DATE_MONTH_FIRST;
    plan->column[CS_LOG_CURRENT]
        = (CsLogColumn) { .at = reading, .factor = 1 };
    plan->reading_unit = reading + 1;
    plan->column[CS_LOG_BIAS]
        = (CsLogColumn) { .at = first_of(sheet, value), .factor = 1 };
    if (plan->column[CS_LOG_BIAS].at >= 0)
        g_ptr_array_add(notes, g_strdup("the bias is what the instrument "
                                        "sourced, not a measurement"));
    return true;
}

const CsLogFormat cs_log_keithley = {
    .title = "Keithley reading buffer",
    .is_header = is_header,
    .plan = plan_keithley,
};
