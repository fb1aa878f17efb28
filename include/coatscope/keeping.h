/* Keeping: a recording measured into the store, and results out of it.
 *
 *     recording -> flow, pictures -> store -> what results are written from
 *
 * Results are written from the store alone, also the first time, so that they
 * can be written again when the recordings are gone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/flow.h"
#include "coatscope/ranking.h"
#include "coatscope/report.h"
#include "coatscope/results.h"
#include "coatscope/store.h"

G_BEGIN_DECLS

/* A recording that is in the store. */
typedef struct {
    char      *key;
    bool       known;    /* was there before: not measured now              */
    CsMeasured measured; /* as the store has it                             */
} CsKeeping;

#define CS_KEEPING_INIT { 0 }
void cs_keeping_clear(CsKeeping *keeping);

/* Takes a recording from the store, or measures it and keeps it there. Its
 * pictures are taken anew only where the budget asks for others. Errors:
 * those of cs_flow_measure and of the store. */
bool cs_keeping_measure(CsRecording *recording, const CsFlowOptions *options,
                        const CsPictureBudget *budget, CsStore *store,
                        const CsJob *job, CsKeeping *keeping, GError **error);

/* All that a results folder is written from; input lends from the rest, but
 * has no store. */
typedef struct {
    CsKeptAll         all;
    CsRanking         ranking;
    CsResultsItem    *item;
    CsResultsSetting *setting;
    CsResultsInput    input;
} CsReporting;

#define CS_REPORTING_INIT                                                     \
    { .all = CS_KEPT_ALL_INIT, .input = CS_RESULTS_INPUT_INIT }
void cs_reporting_clear(CsReporting *reporting);

/* Loads what was arranged in the store and ranks its coatings. Errors: those
 * of cs_store_load and cs_screen_rank. */
bool cs_reporting_load(CsStore *store, const CsJob *job,
                       CsReporting *reporting, GError **error);

/* Writes the results in the folder dir again from its results.db alone.
 * Errors: CS_ERROR_ARGUMENT where there is none; those of the store and of
 * cs_results_write. */
bool cs_reporting_write(const char *dir, const CsJob *job, GError **error);

/* Ends the blind mode of the results in dir: from here on they are written
 * with the names of coatings and recordings. When that was and the SHA-256 of
 * the verdicts go into the store's settings. Errors: CS_ERROR_ARGUMENT where
 * the results are not blind or there are none; CS_ERROR_IO. */
bool cs_reporting_unblind(const char *dir, double now_unix_s,
                          GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsKeeping, cs_keeping_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsReporting, cs_reporting_clear)

G_END_DECLS
