/* Particles in a line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary.h"

#include <math.h>
#include <stdlib.h>

#include "stats/baseline.h"

enum { N_FINAL = 5 };

static int
compare(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

static double
median(double *values, size_t n)
{
    if (n == 0)
        return NAN;
    qsort(values, n, sizeof *values, compare);
    return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

/* The first row after the frames that A0 is from; 0 where nothing grew: then
 * all are of one size. n where they are too few to say so. */
static size_t
after_baseline(const CsMeasure *row, size_t n)
{
    g_autofree double *value = g_new(double, n + 1);
    size_t m = 0, length;

    for (size_t i = 0; i < n; i++)
        if (isfinite(row[i].expansion))
            value[m++] = row[i].expansion;
    length = cs_baseline_length(value, m);
    for (size_t i = 0; i < n && length < m; i++)
        if (isfinite(row[i].expansion) && length-- == 0)
            return i;
    return m < CS_LEAST_FOR_FINAL ? n : 0;
}

void
cs_final_expansion(const CsMeasure *row, size_t n_rows, double *expansion,
                   double *expansion_sd)
{
    double value[N_FINAL], sd[N_FINAL];
    size_t n = 0, n_sd = 0, first = after_baseline(row, n_rows);

    for (size_t i = n_rows; i-- > first && n < N_FINAL;) {
        if (!isfinite(row[i].expansion))
            continue;
        value[n++] = row[i].expansion;
        if (isfinite(row[i].expansion_sd))
            sd[n_sd++] = row[i].expansion_sd;
    }
    *expansion = median(value, n);
    *expansion_sd = median(sd, n_sd);
}

static void
summarise(const CsMeasure *row, CsSummary *s)
{
    for (size_t i = 0; i < s->n_rows; i++) {
        s->n_measured += isfinite(row[i].area_nm2) ? 1 : 0;
        s->n_state[row[i].state]++;
        if (isnan(s->area0_nm2) && row[i].expansion > 0)
            s->area0_nm2 = row[i].area_nm2 / row[i].expansion;
    }
    if (s->n_rows == 1) /* a single picture: the area is all there is */
        s->area0_nm2 = row[0].area_nm2;
    s->diameter0_nm = 2 * sqrt(s->area0_nm2 / G_PI);
    cs_final_expansion(row, s->n_rows, &s->expansion_final,
                       &s->expansion_final_sd);
}

size_t
cs_summarise(const CsMeasures *measures, CsSummary **summaries)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(CsSummary));

    for (size_t i = 0; i < measures->n;) {
        CsSummary s = {
            .particle_id = measures->row[i].particle_id,
            .first = i,
            .area0_nm2 = NAN,
        };

        while (i < measures->n
               && measures->row[i].particle_id == s.particle_id)
            i++;
        s.n_rows = i - s.first;
        summarise(measures->row + s.first, &s);
        g_array_append_val(list, s);
    }
    *summaries = g_memdup2(list->data, list->len * sizeof(CsSummary));
    return list->len;
}
