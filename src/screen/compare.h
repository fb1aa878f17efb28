/* Compare: are the coatings of a ranking told apart?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/screen.h"

/* Fills p_all_alike of a ranking in its final order, and p_same_as_best and
 * n_to_tell of its rows. Errors: CS_ERROR_LIMIT. */
bool cs_compare_coatings(const CsScreenItem *item, size_t n, guint64 seed,
                         CsRanking *ranking, GError **error);
