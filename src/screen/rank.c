/* The ranking of coatings.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/screen.h"
#include "coatscope/stats.h"
#include "core/alloc.h"
#include "screen/compare.h"

enum { N_DRAWS = 4000, MAX_DRAWN = 64 << 20 };

typedef struct {
    int    session;
    double value;
    double sd; /* 0: not known */
} Particle;

/* One coating: its particles, sorted by session, of one quantity. */
typedef struct {
    size_t    n;
    Particle *particle;
    size_t    n_sessions;
    size_t   *first; /* of each session, and one past the last */
} Group;

static void
clear_group(Group *g)
{
    g_free(g->particle);
    g_free(g->first);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Group, clear_group)

/* ---- Gathering --------------------------------------------------------- */

static double
value_of(const CsFit *fit, bool rate)
{
    return rate ? fit->rate_per_s : fit->expansion_final;
}

static double
sd_of(const CsFit *fit, bool rate)
{
    double sd = rate ? fit->rate_sd_per_s : fit->expansion_final_sd;

    return isfinite(sd) && sd > 0 ? sd : 0;
}

/* The first item of the same coating and session. */
static int
session_of(const CsScreenItem *item, size_t i)
{
    for (size_t k = 0; item[i].session != NULL && k < i; k++)
        if (g_strcmp0(item[k].session, item[i].session) == 0
            && strcmp(item[k].coating, item[i].coating) == 0)
            return (int) k;
    return (int) i;
}

static int
by_session(const void *a, const void *b)
{
    int x = ((const Particle *) a)->session;
    int y = ((const Particle *) b)->session;

    return (x > y) - (x < y);
}

static void
gather(const CsScreenItem *item, size_t n, const char *coating, bool rate,
       Group *group)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(Particle));
    GArray *first = g_array_new(FALSE, FALSE, sizeof(size_t));

    for (size_t i = 0; i < n; i++) {
        if (strcmp(item[i].coating, coating) != 0)
            continue;
        for (size_t k = 0; k < item[i].fits->n; k++) {
            const CsFit *fit = &item[i].fits->fit[k];
            Particle p = { session_of(item, i), value_of(fit, rate),
                           sd_of(fit, rate) };

            if (isfinite(p.value) && fit->quality == 0)
                g_array_append_val(all, p);
        }
    }
    group->n = all->len;
    group->particle = (Particle *) (void *) g_array_free(all, FALSE);
    if (group->n > 1)
        qsort(group->particle, group->n, sizeof(Particle), by_session);
    for (size_t i = 0; i <= group->n; i++)
        if (i == 0 || i == group->n
            || group->particle[i].session != group->particle[i - 1].session)
            g_array_append_val(first, i);
    group->n_sessions = group->n > 0 ? first->len - 1 : 0;
    group->first = (size_t *) (void *) g_array_free(first, FALSE);
}

/* ---- Drawing ----------------------------------------------------------- */

static double
mean_of(const Group *g)
{
    double sum = 0;

    for (size_t i = 0; i < g->n; i++)
        sum += g->particle[i].value;
    return g->n > 0 ? sum / (double) g->n : NAN;
}

/* See cs_screen_rank. */
static double
stretch_of(const Group *g)
{
    double m = (double) (g->n_sessions > 1 ? g->n_sessions : g->n);

    return sqrt(m / (m - 1)) * cs_student_quantile(0.975, m - 1)
           / cs_normal_quantile(0.975);
}

static double
draw_mean(const Group *g, CsDice *dice)
{
    double sum = 0;
    size_t n = 0;

    for (size_t s = 0; s < g->n_sessions; s++) {
        size_t which = g->n_sessions > 1 ? cs_dice_below(dice, g->n_sessions)
                                         : 0;
        size_t first = g->first[which];
        size_t size = g->first[which + 1] - first;

        for (size_t i = 0; i < size; i++) {
            const Particle *p
                = &g->particle[first + cs_dice_below(dice, size)];

            sum += p->value + p->sd * cs_dice_gauss(dice);
        }
        n += size;
    }
    return sum / (double) n;
}

static void
draw(const Group *g, guint64 seed, guint64 stream, double *drawn)
{
    double mean = mean_of(g), stretch = stretch_of(g);
    CsDice dice;

    cs_dice_seed(&dice, seed, stream);
    for (size_t i = 0; i < N_DRAWS; i++)
        drawn[i] = mean + stretch * (draw_mean(g, &dice) - mean);
}

static void
find_interval(const double *drawn, double *lo, double *hi)
{
    g_autofree double *sorted = g_memdup2(drawn, N_DRAWS * sizeof *drawn);

    *lo = cs_quantile(sorted, N_DRAWS, 0.025);
    *hi = cs_quantile(sorted, N_DRAWS, 0.975);
}

/* ---- One coating ------------------------------------------------------- */

/* Seeds of expansions and rates: streams 2 i and 2 i + 1. `drawn` has room
 * for the rate's draws, which are NAN where there is no interval. */
static void
fill_row(const CsScreenItem *item, size_t n, guint64 seed, size_t i,
         CsRanked *row, double *drawn)
{
    g_auto(Group) expansion = { 0 };
    g_auto(Group) rate = { 0 };

    gather(item, n, row->coating, false, &expansion);
    gather(item, n, row->coating, true, &rate);
    row->expansion = mean_of(&expansion);
    row->rate_per_s = mean_of(&rate);
    row->n_particles = rate.n;
    row->too_few = rate.n < CS_RANKING_FEW_PARTICLES;
    if (expansion.n > 1) {
        draw(&expansion, seed, 2 * i, drawn);
        find_interval(drawn, &row->expansion_lo, &row->expansion_hi);
    }
    for (size_t k = 0; k < N_DRAWS; k++)
        drawn[k] = NAN;
    if (rate.n > 1) {
        draw(&rate, seed, 2 * i + 1, drawn);
        find_interval(drawn, &row->rate_lo, &row->rate_hi);
    }
}

/* ---- Whether they broke ------------------------------------------------ */

static const CsVerdict *
verdict_on(const CsScreenItem *item, const CsFit *fit)
{
    return item->verdicts != NULL
               ? cs_verdicts_of(item->verdicts, fit->particle_id) : NULL;
}

/* One particle into row and life, which has room. */
static void
take_life(const CsScreenItem *item, const CsFit *fit, CsRanked *row,
          CsLifetime *life)
{
    const CsVerdict *v = verdict_on(item, fit);
    bool broke;

    row->n_left_out += fit->quality != 0;
    if (fit->quality != 0 || v == NULL || v->kind == CS_VERDICT_CANNOT_TELL)
        return;
    broke = v->kind == CS_VERDICT_BROKEN;
    life[row->n_judged] = (CsLifetime) {
        broke ? v->break_hi_s : v->last_s, broke,
    };
    if (!isfinite(life[row->n_judged].until))
        return;
    row->n_judged++;
    row->n_broken += broke;
}

static bool
fill_survival(const CsScreenItem *item, size_t n, CsRanked *row,
              GError **error)
{
    g_auto(CsSurvival) survival = CS_SURVIVAL_INIT;
    g_autofree CsLifetime *life = NULL;
    CsSurvivalStep end;
    size_t n_most = 0;

    for (size_t i = 0; i < n; i++)
        n_most += item[i].fits->n;
    life = cs_try_alloc(n_most + 1, sizeof *life, "the lifetimes", error);
    if (life == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < item[i].fits->n
                           && strcmp(item[i].coating, row->coating) == 0; k++)
            take_life(&item[i], &item[i].fits->fit[k], row, life);
    if (row->n_judged == 0)
        return true;
    if (!cs_survival_fit(life, row->n_judged, 0.95, &survival, error))
        return false;
    end = cs_survival_at(&survival, INFINITY, row->n_judged, 0.95);
    if (end.survival == 0)
        end.interval = cs_binomial_interval(0, row->n_judged, 0.95);
    row->p_intact = end.survival;
    row->p_intact_lo = end.interval.lo;
    row->p_intact_hi = end.interval.hi;
    return true;
}

/* ---- All of them ------------------------------------------------------- */

static size_t
list_coatings(const CsScreenItem *item, size_t n, CsRanked *row)
{
    size_t n_rows = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = 0;

        while (k < n_rows && strcmp(row[k].coating, item[i].coating) != 0)
            k++;
        if (k == n_rows)
            row[n_rows++] = (CsRanked) {
                .coating = g_strdup(item[i].coating),
                .expansion = NAN, .expansion_lo = NAN, .expansion_hi = NAN,
                .rate_per_s = NAN, .rate_lo = NAN, .rate_hi = NAN,
                .p_intact = NAN, .p_intact_lo = NAN, .p_intact_hi = NAN,
                .rate_ratio_to_best = NAN, .p_this_rank = NAN, .p_best = NAN,
                .p_same_as_best = NAN,
            };
    }
    return n_rows;
}

/* How many of the others are faster. Resampled means are often equal: ties go
 * by the order given, turned by `turn` so that nobody is always first. */
static size_t
n_faster(const double *rate, size_t stride, size_t n, size_t i, size_t turn)
{
    size_t faster = 0;

    for (size_t k = 0; k < n; k++)
        faster += rate[k * stride] > rate[i * stride]
                  || (rate[k * stride] == rate[i * stride]
                      && (k + turn) % n < (i + turn) % n);
    return faster;
}

static void
set_ranks(CsRanking *ranking)
{
    g_autofree double *rate = g_new(double, ranking->n + 1);
    double best = NAN;

    for (size_t i = 0; i < ranking->n; i++) {
        rate[i] = ranking->row[i].rate_per_s;
        best = fmax(best, rate[i]);
    }
    for (size_t i = 0; i < ranking->n; i++) {
        if (isnan(rate[i]))
            continue;
        ranking->row[i].rank = n_faster(rate, 1, ranking->n, i, 0) + 1;
        if (best > 0)
            ranking->row[i].rate_ratio_to_best = rate[i] / best;
    }
}

/* Shares of the draws; nothing unless every coating with a rate has draws. */
static void
set_probabilities(CsRanking *ranking, const double *drawn)
{
    g_autofree size_t *at = g_new0(size_t, ranking->n + 1);
    g_autofree size_t *first = g_new0(size_t, ranking->n + 1);

    for (size_t i = 0; i < ranking->n; i++)
        if (ranking->row[i].rank > 0 && isnan(drawn[i * N_DRAWS]))
            return;
    for (size_t d = 0; d < N_DRAWS; d++)
        for (size_t i = 0; i < ranking->n; i++) {
            size_t place;

            if (ranking->row[i].rank == 0)
                continue;
            place = n_faster(drawn + d, N_DRAWS, ranking->n, i, d) + 1;
            at[i] += place == ranking->row[i].rank;
            first[i] += place == 1;
        }
    for (size_t i = 0; i < ranking->n; i++)
        if (ranking->row[i].rank > 0) {
            ranking->row[i].p_this_rank = (double) at[i] / N_DRAWS;
            ranking->row[i].p_best = (double) first[i] / N_DRAWS;
        }
}

static int
by_rank(const void *a, const void *b)
{
    size_t x = ((const CsRanked *) a)->rank, y = ((const CsRanked *) b)->rank;

    if (x == 0 || y == 0)
        return (x == 0) - (y == 0);
    return (x > y) - (x < y);
}

bool
cs_screen_rank(const CsScreenItem *item, size_t n, guint64 seed,
               CsRanking *ranking, GError **error)
{
    g_auto(CsRanking) fresh = CS_RANKING_INIT;
    g_autofree double *drawn = NULL;
    CsRanking old = *ranking;

    fresh.row = cs_try_alloc(n, sizeof *fresh.row, "the ranking", error);
    if (fresh.row == NULL)
        return false;
    fresh.n = list_coatings(item, n, fresh.row);
    if (fresh.n > MAX_DRAWN / N_DRAWS)
        return cs_fail(error, CS_ERROR_LIMIT, "too many coatings to rank");
    drawn = cs_try_alloc(fresh.n * N_DRAWS, sizeof *drawn, "the ranking",
                         error);
    if (drawn == NULL)
        return false;
    for (size_t i = 0; i < fresh.n; i++)
        fill_row(item, n, seed, i, &fresh.row[i], drawn + i * N_DRAWS);
    for (size_t i = 0; i < fresh.n; i++)
        if (!fill_survival(item, n, &fresh.row[i], error))
            return false;
    set_ranks(&fresh);
    set_probabilities(&fresh, drawn);
    if (fresh.n > 1)
        qsort(fresh.row, fresh.n, sizeof *fresh.row, by_rank);
    if (!cs_compare_coatings(item, n, seed, &fresh, error))
        return false;
    *ranking = fresh;
    fresh = old;
    return true;
}
