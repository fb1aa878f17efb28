/* Permutation: every way in which the groups could have been drawn.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "stats/permute.h"

static const double most_exact = 1e6;
enum { DRAWS = 100000 };

typedef struct {
    const double *score; /* with mean 0 */
    size_t        n, k;
    size_t       *pick;
    double        least; /* at least as extreme from here on */
} Search;

static double
sum_of_picks(const Search *s)
{
    double sum = 0;

    for (size_t i = 0; i < s->k; i++)
        sum += s->score[s->pick[i]];
    return fabs(sum);
}

/* The next k of n in lexical order; false after the last. */
static bool
next_picks(Search *s)
{
    size_t i = s->k;

    while (i > 0 && s->pick[i - 1] == s->n - s->k + i - 1)
        i--;
    if (i == 0)
        return false;
    s->pick[i - 1]++;
    for (; i < s->k; i++)
        s->pick[i] = s->pick[i - 1] + 1;
    return true;
}

static void
visit_all(Search *s, CsPermutation *result)
{
    do {
        result->n_total++;
        result->n_extreme += sum_of_picks(s) >= s->least;
    } while (next_picks(s));
    result->p = result->n_extreme / result->n_total;
    result->exact = true;
}

/* pick has n places here: the first k of a shuffle. */
static void
draw_some(Search *s, guint64 seed, CsPermutation *result)
{
    CsDice dice;

    cs_dice_seed(&dice, seed, 0);
    for (int draw = 0; draw < DRAWS; draw++) {
        for (size_t i = 0; i < s->k; i++) {
            size_t j = i + cs_dice_below(&dice, s->n - i);
            size_t other = s->pick[j];

            s->pick[j] = s->pick[i];
            s->pick[i] = other;
        }
        result->n_extreme += sum_of_picks(s) >= s->least;
    }
    result->n_total = DRAWS;
    result->p = (result->n_extreme + 1) / (result->n_total + 1);
}

bool
cs_permute_scores(const double *score, size_t n, size_t k, guint64 seed,
                  CsPermutation *result, GError **error)
{
    g_autofree double *centred
        = cs_try_alloc(n, sizeof *centred, "the groups", error);
    g_autofree size_t *pick = NULL;
    CsPermutation fresh = { 0 };
    double mean = 0, size = 0;
    Search s;

    if (centred == NULL)
        return false;
    pick = cs_try_alloc(n, sizeof *pick, "the groups", error);
    if (pick == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        mean += score[i] / (double) n;
    for (size_t i = 0; i < n; i++) {
        pick[i] = i;
        centred[i] = score[i] - mean;
        size += fabs(centred[i]);
    }
    s = (Search) { centred, n, k, pick, 0 };
    /* ties are ties whatever order they were added in */
    s.least = sum_of_picks(&s) - 1e-12 * size;
    if (k == 0 || k >= n)
        fresh.p = NAN;
    else if (cs_choose(n, k) <= most_exact)
        visit_all(&s, &fresh);
    else
        draw_some(&s, seed, &fresh);
    *result = fresh;
    return true;
}

bool
cs_permutation_test(const double *a, size_t n_a, const double *b, size_t n_b,
                    guint64 seed, CsPermutation *result, GError **error)
{
    g_autofree double *both
        = cs_try_alloc(n_a + n_b, sizeof *both, "the groups", error);

    if (both == NULL)
        return false;
    for (size_t i = 0; i < n_a + n_b; i++) {
        both[i] = i < n_a ? a[i] : b[i - n_a];
        if (!isfinite(both[i]))
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "value %zu of a group is %g; must be finite", i,
                           both[i]);
    }
    return cs_permute_scores(both, n_a + n_b, n_a, seed, result, error);
}
