/* Bootstrap of what is correlated: in blocks, and from the outside in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/error.h"
#include "coatscope/stats.h"
#include "core/alloc.h"

size_t
cs_block_length(size_t n, double rho)
{
    double length = cbrt((double) n);

    if (rho > 0 && rho < 1)
        length = MAX(length, log(0.05) / log(rho));
    return (size_t) CLAMP(ceil(length), 1, MAX((double) n / 3, 1));
}

void
cs_block_resample(const double *from, size_t n, size_t block, CsDice *dice,
                  double *to)
{
    block = CLAMP(block, 1, MAX(n, 1));
    for (size_t i = 0; i < n; i += block) {
        size_t start = cs_dice_below(dice, n - block + 1);

        for (size_t j = 0; j < block && i + j < n; j++)
            to[i + j] = from[start + j];
    }
}

/* The particles in the order of their sessions. */
typedef struct {
    size_t  n_sessions;
    size_t *first; /* of each session in order, and the end */
    size_t *order;
} Sessions;

static void
find_sessions(const CsNested *nested, Sessions *s)
{
    size_t done = 0;

    for (size_t i = 0; i < nested->n; i++) {
        bool seen = false;

        for (size_t j = 0; j < i && !seen; j++)
            seen = nested->session[j] == nested->session[i];
        if (seen)
            continue;
        s->first[s->n_sessions++] = done;
        for (size_t j = i; j < nested->n; j++)
            if (nested->session[j] == nested->session[i])
                s->order[done++] = j;
    }
    s->first[s->n_sessions] = done;
}

static double
mean_of_draw(const CsNested *nested, const Sessions *s, CsDice *dice)
{
    double sum = 0, n = 0;

    for (size_t i = 0; i < s->n_sessions; i++) {
        size_t session = cs_dice_below(dice, s->n_sessions);
        size_t first = s->first[session];
        size_t size = s->first[session + 1] - first;

        for (size_t j = 0; j < size; j++) {
            size_t p = s->order[first + cs_dice_below(dice, size)];
            double se = nested->se != NULL ? nested->se[p] : 0;

            sum += nested->value[p] + se * cs_dice_gauss(dice);
        }
        n += (double) size;
    }
    return sum / n;
}

static bool
check(const CsNested *nested, GError **error)
{
    if (nested->n == 0)
        return cs_fail(error, CS_ERROR_ARGUMENT, "no particle to resample");
    for (size_t i = 0; i < nested->n; i++) {
        double se = nested->se != NULL ? nested->se[i] : 0;

        if (!isfinite(nested->value[i]) || !isfinite(se))
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "particle %zu has value %g with error %g; both "
                           "must be finite", i, nested->value[i], se);
    }
    return true;
}

bool
cs_nested_interval(const CsNested *nested, size_t n_draws, double level,
                   guint64 seed, CsInterval *interval, GError **error)
{
    g_autofree size_t *first = NULL;
    g_autofree size_t *order = NULL;
    g_autofree double *mean = NULL;
    Sessions s = { 0 };
    CsDice dice;

    if (!check(nested, error))
        return false;
    first = cs_try_alloc(nested->n + 1, sizeof *first, "sessions", error);
    if (first == NULL)
        return false;
    order = cs_try_alloc(nested->n, sizeof *order, "sessions", error);
    if (order == NULL)
        return false;
    mean = cs_try_alloc(n_draws, sizeof *mean, "the draws", error);
    if (mean == NULL)
        return false;
    s.first = first;
    s.order = order;
    find_sessions(nested, &s);
    cs_dice_seed(&dice, seed, 1);
    for (size_t i = 0; i < n_draws; i++)
        mean[i] = mean_of_draw(nested, &s, &dice);
    interval->lo = cs_quantile(mean, n_draws, (1 - level) / 2);
    interval->hi = cs_quantile(mean, n_draws, (1 + level) / 2);
    return true;
}
