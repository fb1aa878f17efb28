/* Screen: fits of all recordings -> the ranking of their coatings.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/fits.h"
#include "coatscope/ranking.h"
#include "coatscope/verdicts.h"

G_BEGIN_DECLS

/* One recording; all lent. */
typedef struct {
    const char   *coating;
    const char   *session; /* NULL: of its own                              */
    const CsFits *fits;
    const CsVerdicts *verdicts; /* NULL: coatings were not judged           */
} CsScreenItem;

/* Ranks coatings by the mean rate of their particles, fastest first. A
 * particle without a rate (its curve is not told from a flat one) counts for
 * the expansion only.
 *
 * A particle counts when its run was good enough (CsFit.quality is 0): ten
 * frames measured whole, and not lost, cut, hidden or jumping for most of the
 * recording. The others are left out of rates, expansions and verdicts.
 *
 * Coatings break at break_hi_s of their recording; an intact one was whole
 * until last_s; one that cannot be told does not count. Where nothing broke
 * or all did, the interval of p_intact is the exact binomial one.
 *
 * Intervals and probabilities come from one hierarchical bootstrap: sessions
 * are drawn with replacement, then particles in each, then each value within
 * its error. Resampling m units alone is too sure of itself where m is small;
 * the deviations are stretched by sqrt(m / (m - 1)) and by Student's over
 * the normal quantile for m - 1 degrees of freedom, which makes the interval
 * of one level Student's. m counts sessions, or particles where there is one
 * session. One particle has no interval, and with it no coating has
 * probabilities. The same seed gives the same ranking.
 *
 * Permutation tests are of the logarithms of rates. What is exchanged is the
 * mean of a session's particles of one coating, within the session where every
 * session has several coatings, otherwise among all.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_screen_rank(const CsScreenItem *item, size_t n, guint64 seed,
                    CsRanking *ranking, GError **error);

G_END_DECLS
