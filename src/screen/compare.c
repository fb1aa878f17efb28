/* Permutation tests of rates.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "screen/compare.h"

#include <math.h>
#include <string.h>

#include "coatscope/stats.h"

/* What is exchanged: the particles of one coating in one session. */
typedef struct {
    size_t coating; /* row of the ranking                                    */
    size_t session; /* the first item of that name                           */
    double sum;     /* of ln rate                                            */
    double n;
} Unit;

static const double power = 0.8;

/* ---- Gathering --------------------------------------------------------- */

static size_t
row_of(const CsRanking *ranking, const char *coating)
{
    size_t i = 0;

    while (i < ranking->n && strcmp(ranking->row[i].coating, coating) != 0)
        i++;
    return i;
}

static size_t
session_of(const CsScreenItem *item, size_t i)
{
    for (size_t k = 0; item[i].session != NULL && k < i; k++)
        if (g_strcmp0(item[k].session, item[i].session) == 0)
            return k;
    return i;
}

static Unit *
unit_of(GArray *units, size_t coating, size_t session)
{
    const Unit fresh = { coating, session, 0, 0 };

    for (guint i = 0; i < units->len; i++) {
        Unit *u = &g_array_index(units, Unit, i);

        if (u->coating == coating && u->session == session)
            return u;
    }
    g_array_append_val(units, fresh);
    return &g_array_index(units, Unit, units->len - 1);
}

/* A particle without a session of its own is a unit: each item is. Rates that
 * are not above 0 have no logarithm and are left out. */
static GArray *
gather(const CsScreenItem *item, size_t n, const CsRanking *ranking)
{
    GArray *units = g_array_new(FALSE, FALSE, sizeof(Unit));

    for (size_t i = 0; i < n; i++) {
        size_t coating = row_of(ranking, item[i].coating);

        for (size_t k = 0; k < item[i].fits->n; k++) {
            const CsFit *fit = &item[i].fits->fit[k];
            Unit *u;

            if (fit->quality != 0 || !(fit->rate_per_s > 0)
                || coating == ranking->n)
                continue;
            u = unit_of(units, coating, session_of(item, i));
            u->sum += log(fit->rate_per_s);
            u->n += 1;
        }
    }
    return units;
}

/* ---- All together ------------------------------------------------------ */

/* Whether every session has units of two coatings. */
static bool
is_crossed(const GArray *units)
{
    for (guint i = 0; i < units->len; i++) {
        const Unit *u = &g_array_index(units, Unit, i);
        bool has_other = false;

        for (guint k = 0; k < units->len; k++)
            has_other |= k != i
                         && g_array_index(units, Unit, k).session
                                == u->session;
        if (!has_other)
            return false;
    }
    return true;
}

static bool
compare_all(const GArray *units, guint64 seed, CsRanking *ranking,
            GError **error)
{
    g_autofree double *value = g_new(double, units->len + 1);
    g_autofree size_t *group = g_new(size_t, units->len + 1);
    g_autofree size_t *block = g_new(size_t, units->len + 1);
    CsGrouped all = { units->len, ranking->n, value, group, NULL };
    CsPermutation result;

    for (guint i = 0; i < units->len; i++) {
        const Unit *u = &g_array_index(units, Unit, i);

        value[i] = u->sum / u->n;
        group[i] = u->coating;
        block[i] = u->session;
    }
    if (is_crossed(units))
        all.block = block;
    if (!cs_permute_groups(&all, seed, &result, error))
        return false;
    ranking->p_all_alike = result.p;
    return true;
}

/* ---- Each against the best --------------------------------------------- */

typedef struct {
    size_t  n;
    double *value;
    double  mean, squares; /* about the mean */
} Side;

static Side
side_of(const GArray *units, size_t coating, double *room)
{
    Side s = { 0, room, 0, 0 };

    for (guint i = 0; i < units->len; i++) {
        const Unit *u = &g_array_index(units, Unit, i);

        if (u->coating == coating)
            s.value[s.n++] = u->sum / u->n;
    }
    for (size_t i = 0; i < s.n; i++)
        s.mean += s.value[i] / (double) s.n;
    for (size_t i = 0; i < s.n; i++)
        s.squares += (s.value[i] - s.mean) * (s.value[i] - s.mean);
    return s;
}

static bool
compare_with_best(const GArray *units, guint64 seed, CsRanking *ranking,
                  GError **error)
{
    g_autofree double *room = g_new(double, 2 * (size_t) units->len + 1);
    Side best = side_of(units, 0, room);

    for (size_t i = 1; i < ranking->n; i++) {
        CsRanked *row = &ranking->row[i];
        Side other = side_of(units, i, room + units->len);
        CsPermutation result;
        double sd;

        if (best.n == 0 || other.n == 0)
            continue;
        if (!cs_permutation_test(best.value, best.n, other.value, other.n,
                                 seed, &result, error))
            return false;
        row->p_same_as_best = result.p;
        if (best.n + other.n < 4)
            continue; /* their spread is not known */
        sd = sqrt((best.squares + other.squares)
                  / (double) (best.n + other.n - 2));
        if (sd > 0 && best.mean > other.mean)
            row->n_to_tell = cs_power_n_particles(
                (best.mean - other.mean) / sd, power, 1 - CS_RANKING_LEVEL_PAIR);
    }
    return true;
}

bool
cs_compare_coatings(const CsScreenItem *item, size_t n, guint64 seed,
                    CsRanking *ranking, GError **error)
{
    GArray *units = gather(item, n, ranking);
    bool ok = compare_all(units, seed, ranking, error)
              && compare_with_best(units, seed, ranking, error);

    g_array_unref(units);
    return ok;
}
