/* Groups: are several of them one?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "coatscope/error.h"
#include "coatscope/stats.h"
#include "core/alloc.h"

enum { DRAWS = 9999 };

/* Values in the order of their blocks. */
typedef struct {
    size_t  n, n_groups;
    size_t *order; /* places of the values given, block after block          */
    size_t *end;   /* of the block that the value at this place belongs to   */
    double *value; /* less their mean; shuffled                              */
    double *sum;   /* of each group                                          */
    double *count;
} Deal;

static void
clear_deal(Deal *d)
{
    g_free(d->order);
    g_free(d->value);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Deal, clear_deal)

static bool
make_room(Deal *d, GError **error)
{
    d->order = cs_try_alloc(2 * d->n + 1, sizeof *d->order, "the groups",
                            error);
    if (d->order == NULL)
        return false;
    d->end = d->order + d->n;
    d->value = cs_try_alloc(d->n + 2 * d->n_groups + 1, sizeof *d->value,
                            "the groups", error);
    if (d->value == NULL)
        return false;
    d->sum = d->value + d->n;
    d->count = d->sum + d->n_groups;
    return true;
}

static int
by_block(const void *a, const void *b, void *user)
{
    const CsGrouped *all = user;
    size_t x = *(const size_t *) a, y = *(const size_t *) b;

    if (all->block != NULL && all->block[x] != all->block[y])
        return all->block[x] < all->block[y] ? -1 : 1;
    return (x > y) - (x < y);
}

static void
sort_by_block(const CsGrouped *all, Deal *d)
{
    size_t first = 0;

    for (size_t i = 0; i < d->n; i++)
        d->order[i] = i;
    g_qsort_with_data(d->order, (gint) d->n, sizeof *d->order, by_block,
                      (void *) all);
    for (size_t i = 0; i < d->n; i = first) {
        while (first < d->n
               && (all->block == NULL
                   || all->block[d->order[first]] == all->block[d->order[i]]))
            first++;
        for (size_t k = i; k < first; k++)
            d->end[k] = first;
    }
}

/* Between the groups' means: what is left of the sum of squares is the same
 * however values are dealt, so this orders as F does. */
static double
spread_of(const CsGrouped *all, Deal *d)
{
    double spread = 0;

    for (size_t g = 0; g < d->n_groups; g++)
        d->sum[g] = d->count[g] = 0;
    for (size_t i = 0; i < d->n; i++) {
        d->sum[all->group[d->order[i]]] += d->value[i];
        d->count[all->group[d->order[i]]] += 1;
    }
    for (size_t g = 0; g < d->n_groups; g++)
        if (d->count[g] > 0)
            spread += d->sum[g] * d->sum[g] / d->count[g];
    return spread;
}

static void
shuffle(Deal *d, CsDice *dice)
{
    for (size_t i = 0; i < d->n; i++) {
        size_t j = i + cs_dice_below(dice, d->end[i] - i);
        double other = d->value[j];

        d->value[j] = d->value[i];
        d->value[i] = other;
    }
}

static bool
fill(const CsGrouped *all, Deal *d, GError **error)
{
    double mean = 0;

    for (size_t i = 0; i < all->n; i++) {
        if (!isfinite(all->value[i]))
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "value %zu is %g; must be finite", i,
                           all->value[i]);
        mean += all->value[i] / (double) all->n;
    }
    sort_by_block(all, d);
    for (size_t i = 0; i < d->n; i++)
        d->value[i] = all->value[d->order[i]] - mean;
    return true;
}

bool
cs_permute_groups(const CsGrouped *all, guint64 seed, CsPermutation *result,
                  GError **error)
{
    g_auto(Deal) d = { .n = all->n, .n_groups = all->n_groups };
    CsPermutation fresh = { .p = NAN };
    size_t n_filled = 0;
    double seen;
    CsDice dice;

    if (all->n > G_MAXINT)
        return cs_fail(error, CS_ERROR_LIMIT, "too many values to compare");
    if (!make_room(&d, error) || !fill(all, &d, error))
        return false;
    seen = spread_of(all, &d);
    for (size_t g = 0; g < d.n_groups; g++)
        n_filled += d.count[g] > 0;
    if (n_filled >= 2) {
        cs_dice_seed(&dice, seed, 1);
        for (int draw = 0; draw < DRAWS; draw++) {
            shuffle(&d, &dice);
            /* ties are ties whatever order they were added in */
            fresh.n_extreme += spread_of(all, &d) >= seen * (1 - 1e-12);
        }
        fresh.n_total = DRAWS;
        fresh.p = (fresh.n_extreme + 1) / (fresh.n_total + 1);
    }
    *result = fresh;
    return true;
}
