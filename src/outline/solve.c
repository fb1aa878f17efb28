/* Cholesky.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/solve.h"

#include <math.h>

static double
dot(const double *a, const double *b, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

bool
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

void
cs_solve_lower(const double *l, int n, double *x)
{
    for (int i = 0; i < n; i++)
        x[i] = (x[i] - dot(l + i * n, x, i)) / l[i * n + i];
}

void
cs_solve(const double *l, int n, double *x)
{
    cs_solve_lower(l, n, x);
    for (int i = n - 1; i >= 0; i--) {
        x[i] /= l[i * n + i];
        for (int j = 0; j < i; j++)
            x[j] -= l[i * n + j] * x[i];
    }
}

void
cs_inverse(const double *l, int n, double *inverse)
{
    for (int i = 0; i < n; i++) {
        double *row = inverse + i * n;

        for (int j = 0; j < n; j++)
            row[j] = j == i;
        cs_solve(l, n, row);
    }
}
