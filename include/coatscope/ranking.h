/* CsRanking: the coatings of a campaign in order; what ranking.csv holds.
 *
 * NAN where there is nothing to say.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Below so many particles a coating's place says little. */
enum { CS_RANKING_FEW_PARTICLES = 4 };

/* Below these p all coatings, or one and the best, are said to differ. The
 * first is lower, so that alike coatings are called so in well over 95 % of
 * campaigns. */
#define CS_RANKING_LEVEL_ALL 0.025
#define CS_RANKING_LEVEL_PAIR 0.05

/* Intervals are of 95 %, of the mean over particles. */
typedef struct {
    size_t rank;        /* from 1; 0: no rate, no place                     */
    char  *coating;
    size_t n_particles; /* with a rate, that count                          */
    size_t n_left_out;  /* whose run was too poor to count (CsFit.quality)  */
    size_t n_judged;    /* whose coating was called intact or broken        */
    size_t n_broken;

    /* The share of coatings that is whole at the end of what was seen, by
     * Kaplan and Meier over time; NAN where none was judged. */
    double p_intact, p_intact_lo, p_intact_hi;
    double expansion;   /* mean of the final A/A0 of all its particles      */
    double expansion_lo, expansion_hi;
    double rate_per_s;  /* mean                                             */
    double rate_lo, rate_hi;
    double rate_ratio_to_best;
    double p_this_rank; /* the probability of its rank; NAN: with one       */
    double p_best;      /* particle nobody knows                            */
    bool   too_few;     /* fewer than CS_RANKING_FEW_PARTICLES              */

    /* Of the rate against the best coating's; NAN and 0 for the best itself. */
    double p_same_as_best; /* two-sided permutation test of their logarithms */
    size_t n_to_tell;      /* particles each that would tell a difference as
                              large as the one seen in 4 of 5 campaigns; 0:
                              nobody knows                                   */
} CsRanked;

typedef struct {
    size_t    n;
    CsRanked *row; /* best first; without a rate last */

    /* That rates differ as much as they do if all coatings are alike, by a
     * permutation test over all; NAN where it cannot be asked. */
    double p_all_alike;
} CsRanking;

#define CS_RANKING_INIT { .p_all_alike = NAN }

void cs_ranking_clear(CsRanking *ranking);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsRanking, cs_ranking_clear)

G_END_DECLS
