/* Rankings.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/ranking.h"

void
cs_ranking_clear(CsRanking *ranking)
{
    for (size_t i = 0; i < ranking->n; i++)
        g_free(ranking->row[i].coating);
    g_free(ranking->row);
    *ranking = (CsRanking) CS_RANKING_INIT;
}
