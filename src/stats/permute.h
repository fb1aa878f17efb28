/* Regrouping of scores: what the exact tests have in common.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/stats.h"

/* How extreme the sum of the first k of n scores is among all sums of k of
 * them, counted from k times their mean. */
bool cs_permute_scores(const double *score, size_t n, size_t k, guint64 seed,
                       CsPermutation *result, GError **error);
