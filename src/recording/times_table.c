/* The user's table of times.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/times_table.h"

#include "coatscope/error.h"
#include "core/csv.h"

typedef struct {
    const CsCsv *csv;
    int          frame;
    int          time;
} Columns;

/* Row r must be of frame r and later than the row before. */
static bool
take_row(const Columns *columns, size_t r, CsClock *clock, GError **error)
{
    const CsCsv *csv = columns->csv;
    double frame, time_s;

    if (!cs_csv_number(csv, r, columns->frame, &frame, error)
        || !cs_csv_number(csv, r, columns->time, &time_s, error))
        return false;
    if (!(frame >= (double) r && frame <= (double) r))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s, line %zu: frame %zu is expected here, not “%s”; "
                       "frames count from 0 and all must be there, in order",
                       csv->name, csv->line[r], r,
                       cs_csv_text(csv, r, columns->frame));
    if (!isfinite(time_s))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s, line %zu: the time of frame %zu is missing",
                       csv->name, csv->line[r], r);
    if (r > 0 && !(time_s > clock->start_s[r - 1]))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s, line %zu: the time %.9g s of frame %zu is not "
                       "after that of the frame before, %.9g s",
                       csv->name, csv->line[r], time_s, r,
                       clock->start_s[r - 1]);
    clock->start_s[r] = time_s;
    clock->source[r] = CS_TIME_MEASURED;
    return true;
}

bool
cs_times_table_read(const char *path, CsClock *clock, double *first_s,
                    GError **error)
{
    g_auto(CsCsv) csv = CS_CSV_INIT;
    Columns columns = { .csv = &csv };

    if (!cs_csv_read(path, &csv, error)
        || !cs_csv_need_column(&csv, "frame", &columns.frame, error)
        || !cs_csv_need_column(&csv, "time_s", &columns.time, error))
        return false;
    for (size_t r = 0; r < MIN(csv.n_rows, clock->n_frames); r++)
        if (!take_row(&columns, r, clock, error))
            return false;
    if (csv.n_rows != clock->n_frames)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s: has times for %zu frames, but the recording has "
                       "%zu", path, csv.n_rows, clock->n_frames);
    *first_s = clock->n_frames > 0 ? clock->start_s[0] : 0;
    for (size_t i = 0; i < clock->n_frames; i++)
        clock->start_s[i] -= *first_s;
    return true;
}
