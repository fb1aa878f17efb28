/* Select: the value of a rank, without sorting.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stddef.h>

/* The value that would stand at number `wanted` (from 0, less than n) if the n
 * finite values were sorted; they are moved about. Linear on average. */
float cs_select(float *value, size_t n, size_t wanted);
