/* Summaries of errors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "score/summary.h"

#include <math.h>
#include <stdlib.h>

/* Below this range of A/A0 a slope would only be noise. */
#define LEAST_RANGE_FOR_SLOPE 0.1

enum { N_LISTS = sizeof(CsErrorLists) / sizeof(GArray *) };

/* The lists one after the other: the struct holds nothing else. */
static GArray **
first_list(const CsErrorLists *lists)
{
    return (GArray **) &((CsErrorLists *) lists)->area;
}

void
cs_error_lists_init(CsErrorLists *lists)
{
    for (size_t i = 0; i < N_LISTS; i++)
        first_list(lists)[i] = g_array_new(FALSE, FALSE, sizeof(double));
}

void
cs_error_lists_clear(CsErrorLists *lists)
{
    for (size_t i = 0; i < N_LISTS; i++)
        g_clear_pointer(&first_list(lists)[i], g_array_unref);
}

void
cs_error_lists_add(CsErrorLists *lists, const CsErrorLists *from)
{
    for (size_t i = 0; i < N_LISTS; i++)
        g_array_append_vals(first_list(lists)[i], first_list(from)[i]->data,
                            first_list(from)[i]->len);
}

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

/* The value below which `fraction` of n sorted values lie, by linear
 * interpolation between order statistics. */
static double
quantile(const double *sorted, size_t n, double fraction)
{
    double at = fraction * (double) (n - 1);
    size_t i = (size_t) at;
    double part = at - (double) i;

    return i + 1 < n ? (1 - part) * sorted[i] + part * sorted[i + 1]
                     : sorted[n - 1];
}

static CsErrorSummary
sum_up(const GArray *list)
{
    CsErrorSummary sum = { list->len, NAN, NAN, NAN };
    g_autofree double *sorted = NULL;

    if (list->len == 0)
        return sum;
    sorted = g_memdup2(list->data, list->len * sizeof *sorted);
    qsort(sorted, list->len, sizeof *sorted, by_value);
    sum.bias = quantile(sorted, list->len, 0.5);
    for (size_t i = 0; i < list->len; i++)
        sorted[i] = fabs(sorted[i]);
    qsort(sorted, list->len, sizeof *sorted, by_value);
    sum.median_abs = quantile(sorted, list->len, 0.5);
    sum.p95_abs = quantile(sorted, list->len, 0.95);
    return sum;
}

/* Least squares slope of y over x, pairs with NAN left out. */
static double
slope(const GArray *x, const GArray *y)
{
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    double least = INFINITY, greatest = -INFINITY;

    for (guint i = 0; i < x->len; i++) {
        double u = g_array_index(x, double, i);
        double v = g_array_index(y, double, i);

        if (!isfinite(u) || !isfinite(v))
            continue;
        n += 1;
        sx += u;
        sy += v;
        sxx += u * u;
        sxy += u * v;
        least = fmin(least, u);
        greatest = fmax(greatest, u);
    }
    if (n < 3 || greatest - least < LEAST_RANGE_FOR_SLOPE)
        return NAN;
    return (sxy - sx * sy / n) / (sxx - sx * sx / n);
}

static double
root_mean_square(const GArray *list)
{
    double sum = 0;

    for (guint i = 0; i < list->len; i++)
        sum += pow(g_array_index(list, double, i), 2);
    return list->len > 0 ? sqrt(sum / list->len) : NAN;
}

void
cs_error_lists_sum_up(const CsErrorLists *lists, CsScore *score)
{
    score->area = sum_up(lists->area);
    score->area_hidden = sum_up(lists->area_hidden);
    score->area_slope = slope(lists->expansion_true, lists->area);
    score->core_area = sum_up(lists->core_area);
    score->thickness_nm = sum_up(lists->thickness_nm);
    score->iou = sum_up(lists->iou);
    score->expansion = sum_up(lists->expansion);
    score->rate = sum_up(lists->rate);
    score->onset_s = sum_up(lists->onset_s);
    score->break_s = sum_up(lists->break_s);
    score->drift_rms_px = root_mean_square(lists->drift_px);
}
