/* Baseline: which frames show a particle before it began to swell.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stddef.h>

/* How many of the n values (in the order of time, none NAN) belong to the
 * baseline: those before the hinge of the best broken stick, flat and then
 * sloping; all of them where nothing changes; at least 1. Fewer than 4 values
 * cannot tell: the first alone. */
size_t cs_baseline_length(const double *value, size_t n);

/* Median, and its standard deviation from the spread of the values. */
double cs_baseline_median(const double *value, size_t n, double *sd);
