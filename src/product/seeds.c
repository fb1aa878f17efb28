/* Seeds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/seeds.h"

void
cs_seed_clear(CsSeed *seed)
{
    cs_polygon_clear(&seed->outline);
    *seed = (CsSeed) { 0 };
}

void
cs_seeds_take(CsSeeds *seeds, CsSeed *seed)
{
    seeds->seed = g_renew(CsSeed, seeds->seed, seeds->n + 1);
    seeds->seed[seeds->n++] = *seed;
    *seed = (CsSeed) { 0 };
}

void
cs_seeds_clear(CsSeeds *seeds)
{
    for (size_t i = 0; i < seeds->n; i++)
        cs_seed_clear(&seeds->seed[i]);
    g_free(seeds->seed);
    g_free(seeds->mask);
    *seeds = (CsSeeds) CS_SEEDS_INIT;
}
