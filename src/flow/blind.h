/* Blind: results whose coatings have codes for names.
 *
 * The store keeps the names; what is written from it while it is blind does
 * not. Whether it is blind is one of its run's settings.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/ranking.h"
#include "coatscope/store.h"

/* The setting and its values; when it ended, and what verdicts were then. */
#define CS_BLIND_SETTING "blind"
#define CS_BLIND_YES "yes"
#define CS_BLIND_ENDED "ended"
#define CS_BLIND_UNTIL "blind-until"
#define CS_BLIND_HASH "blind-verdicts-sha256"

/* The value of a setting of the run, or NULL; lent. */
const char *cs_run_setting(const CsRun *run, const char *name);

/* Puts codes in place of the names of coatings, recordings, sessions and
 * files, in all and in the ranking, whose numbers stay; sorts recordings by
 * their codes; takes away the command and what was assumed of files, which may
 * name them. The same store has the same codes. */
void cs_blind(CsKeptAll *all, CsRanking *ranking);

/* SHA-256 of all verdicts with the names of what they are on; free with
 * g_free. */
char *cs_blind_hash(const CsKeptAll *all);
