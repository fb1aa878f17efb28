/* CsRanking: the coatings of a campaign in order; what ranking.csv holds.
 *
 * NAN where there is nothing to say.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

/* Below so many particles a coating's place says little. */
enum { CS_RANKING_FEW_PARTICLES = 4 };

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
} CsRanked;

typedef struct {
    size_t    n;
    CsRanked *row; /* best first; without a rate last */
} CsRanking;

#define CS_RANKING_INIT { 0 }

void cs_ranking_clear(CsRanking *ranking);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsRanking, cs_ranking_clear)

G_END_DECLS
