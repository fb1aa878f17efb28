/* Cholesky.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/solve.h"

#include <glib.h>
#include <math.h>

#include "core/wide.h"

/* Four sums at once: one would wait for each addition. */
static inline double
dot(const double *a, const double *b, int n)
{
    double sum[4] = { 0 };
    int i = 0;

    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            sum[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

CS_WIDE bool
cs_cholesky(double *a, int n)
{
    for (int i = 0; i < n; i++) {
        double *row = a + i * n;

        for (int j = 0; j < i; j++)
            row[j] = (row[j] - dot(row, a + j * n, j)) / a[j * n + j];
        row[i] -= dot(row, row, i);
        if (!(row[i] > 0))
            return false;
        row[i] = sqrt(row[i]);
    }
    return true;
}

CS_WIDE void
cs_solve_lower(const double *l, int n, double *x)
{
    for (int i = 0; i < n; i++)
        x[i] = (x[i] - dot(l + i * n, x, i)) / l[i * n + i];
}

CS_WIDE void
cs_solve(const double *l, int n, double *x)
{
    for (int i = 0; i < n; i++)
        x[i] = (x[i] - dot(l + i * n, x, i)) / l[i * n + i];
    for (int i = n - 1; i >= 0; i--) {
        x[i] /= l[i * n + i];
        for (int j = 0; j < i; j++)
            x[j] -= l[i * n + j] * x[i];
    }
}

/* Row j of w: column j of the inverse of L, which begins at place j. */
CS_WIDE static void
invert_factor(const double *l, int n, double *w)
{
    for (int j = 0; j < n; j++) {
        double *column = w + j * n;

        column[j] = 1 / l[j * n + j];
        for (int i = j + 1; i < n; i++)
            column[i] = -dot(l + i * n + j, column + j, i - j) / l[i * n + i];
    }
}

CS_WIDE void
cs_inverse(const double *l, int n, double *inverse)
{
    g_autofree double *w = g_new(double, (size_t) n * (size_t) n);

    invert_factor(l, n, w);
    for (int a = 0; a < n; a++)
        for (int b = 0; b <= a; b++)
            inverse[a * n + b] = inverse[b * n + a]
                = dot(w + a * n + a, w + b * n + a, n - a);
}

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

void
cs_sort(double *values, int n)
{
    qsort(values, (size_t) n, sizeof *values, by_value);
}

double
cs_sorted_at(double *values, int n, double fraction)
{
    if (n == 0)
        return NAN;
    cs_sort(values, n);
    return values[(int) (fraction * (n - 1) + 0.5)];
}
