/* Small dense symmetric systems.
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
