/* The frames before the onset.
 *
 * A flat piece followed by a slope is fitted to the values from the start up
 * to where they have changed by half of their final change: the shape of the
 * curve later on must not move the hinge. Values are smoothed by running
 * medians first, so that single bad frames do not matter.
 *
 * Where growth begins at once there are few frames before it, and few it is:
 * a median that reaches into the growth would call a swollen particle its A0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/baseline.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum {
    ENOUGH = 10,     /* frames for a baseline, where there are as many */
    LEAST_TO_FIT = 4,
    MOST_HINGES = 400,
};

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

static double
median(const double *value, size_t n)
{
    g_autofree double *sorted = g_memdup2(value, n * sizeof *value);

    if (n == 0)
        return NAN;
    qsort(sorted, n, sizeof *sorted, by_value);
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static double *
running_median(const double *value, size_t n, size_t half)
{
    double *smooth = g_new(double, n);

    for (size_t i = 0; i < n; i++) {
        size_t reach = MIN(half, MIN(i, n - 1 - i));

        smooth[i] = median(value + i - reach, 2 * reach + 1);
    }
    return smooth;
}

/* Least squares of level + slope * (i - hinge)₊ over n values; the sum of the
 * squared residuals. Sums over the flat and the sloping part are enough. */
static double
misfit(const double *y, size_t n, size_t hinge)
{
    double su = 0, suu = 0, sy = 0, suy = 0, syy = 0, m = (double) n;
    double determinant, level, slope;

    for (size_t i = 0; i < n; i++) {
        double u = i > hinge ? (double) (i - hinge) : 0;

        su += u;
        suu += u * u;
        sy += y[i];
        suy += u * y[i];
        syy += y[i] * y[i];
    }
    determinant = m * suu - su * su;
    if (determinant <= 0)
        return syy - sy * sy / m;
    slope = (m * suy - su * sy) / determinant;
    level = (sy - slope * su) / m;
    return syy - level * sy - slope * suy;
}

/* The end of the part in which at most half of the final change is reached. */
static size_t
early_part(const double *smooth, size_t n)
{
    size_t tail = MAX(n / 10, 1);
    double first = median(smooth, MIN((size_t) ENOUGH, n / 4 + 1));
    double change = median(smooth + n - tail, tail) - first;

    for (size_t i = n; i > 0; i--)
        if ((smooth[i - 1] - first) * (change < 0 ? -1 : 1)
            < fabs(change) / 2)
            return i;
    return n;
}

/* The hinge with the least misfit in the first `end` values, and that misfit. */
static size_t
best_hinge(const double *smooth, size_t end, double *least)
{
    size_t stride = MAX(end / MOST_HINGES, 1), best = end;

    *least = INFINITY;
    for (size_t hinge = 0; hinge + 2 < end; hinge += stride) {
        double sum = misfit(smooth, end, hinge);

        if (sum < *least) {
            *least = sum;
            best = hinge + 1;
        }
    }
    return best;
}

size_t
cs_baseline_length(const double *value, size_t n)
{
    g_autofree double *smooth = NULL;
    double least, flat, independent;
    size_t end, best;

    if (n < LEAST_TO_FIT)
        return MIN(n, 1);
    /* Running medians would round the corner of a short series. */
    smooth = running_median(value, n, n < 2 * ENOUGH ? 0 : 2);
    end = MIN(MAX(early_part(smooth, n), ENOUGH + 1), n);
    best = best_hinge(smooth, end, &least);
    flat = misfit(smooth, end, end);
    /* Two more parameters must earn their keep (BIC; of values smoothed over
     * five about a third are independent). */
    independent = n < 2 * ENOUGH ? (double) end : (double) end / 3;
    if (!(independent * log(flat / MAX(least, 1e-300))
          > 2 * log((double) end)))
        return n;
    return CLAMP(best, 1, n);
}

double
cs_baseline_median(const double *value, size_t n, double *sd)
{
    g_autofree double *off = g_new(double, MAX(n, 1));
    double middle = median(value, n);

    for (size_t i = 0; i < n; i++)
        off[i] = fabs(value[i] - middle);
    /* sd of a median is 1.2533 sd / sqrt(n); sd is 1.4826 MAD */
    *sd = n > 1 ? 1.2533 * 1.4826 * median(off, n) / sqrt((double) n) : 0;
    return middle;
}
