/* Small dense symmetric systems, and sorted numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

/* Replaces the lower triangle of a (n x n, row by row) by its Cholesky
 * factor. False where a is not positive definite. */
bool cs_cholesky(double *a, int n);

/* x := L^-1 x. */
void cs_solve_lower(const double *l, int n, double *x);

/* x := (L L^T)^-1 x. */
void cs_solve(const double *l, int n, double *x);

/* inverse := (L L^T)^-1, whole. */
void cs_inverse(const double *l, int n, double *inverse);

/* Sorts n numbers, none NAN, least first. */
void cs_sort(double *values, int n);

/* Sorts; the value at that fraction from the least (0) to the greatest (1);
 * NAN if there are none. */
double cs_sorted_at(double *values, int n, double fraction);
