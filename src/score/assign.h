/* Assign: who belongs to whom, so that the sum of overlaps is greatest.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stddef.h>

#define CS_UNASSIGNED ((size_t) -1)

/* gain is n_rows * n_columns, row by row, each >= 0. column_of[row] becomes
 * the column of the row, or CS_UNASSIGNED. Pairs with a gain of 0 are not
 * made. Cost: n^3. */
void cs_assign(const double *gain, size_t n_rows, size_t n_columns,
               size_t *column_of);
