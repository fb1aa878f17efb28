/* Screening: a campaign -> every recording of it measured.
 *
 *     campaign -> recordings -> flow (each) -> measured, with its coating
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/campaign.h"
#include "coatscope/fits.h"
#include "coatscope/job.h"
#include "coatscope/keeping.h"
#include "coatscope/recording.h"
#include "coatscope/store.h"

G_BEGIN_DECLS

/* One recording of the campaign and what was measured of it. */
typedef struct {
    const CsCampaignCoating   *coating; /* of the campaign, lent            */
    const CsCampaignRecording *entry;   /* of the campaign, lent            */
    CsRecording               *recording;
    CsKeeping                  kept; /* what was measured of it             */
    CsFits                     fits; /* of that                             */
} CsScreened;

typedef struct {
    const CsCampaign *campaign; /* lent                                     */
    bool              is_blind; /* results have codes in place of names     */
    size_t      n;
    CsScreened *item; /* in the order of the campaign */
} CsScreening;

#define CS_SCREENING_INIT { 0 }

/* Opens every recording of the campaign, so that what cannot be measured is
 * known before hours of work. The campaign must outlive the screening.
 *
 * Errors: those of cs_recording_open and cs_recording_check_measurable. */
bool cs_screening_open(const CsCampaign *campaign, const CsJob *job,
                       CsScreening *screening, GError **error);

/* Measures and fits every recording but those that the store has, several at
 * a time, each on its own thread; keeps each in the store as soon as it is
 * measured. What comes back is what the store holds, so that a screening that
 * was stopped and resumed ends with the same numbers. Progress and warnings
 * come from any of the threads, one at a time. Errors: those of
 * cs_flow_measure and of the store. */
bool cs_screening_measure(CsScreening *screening, CsStore *store,
                          const CsJob *job, GError **error);

/* Before anything is measured: blind results stay blind until they are ended,
 * and what was seen cannot become blind. Errors: CS_ERROR_ARGUMENT; those of
 * cs_store_get. */
bool cs_screening_check_blind(CsStore *store, bool is_blind, GError **error);

/* Says in the store that the results are made of this screening, whose
 * coatings are ranked with the seed of the job. Errors: those of
 * cs_store_arrange and cs_run_sign. */
bool cs_screening_arrange(const CsScreening *screening, CsStore *store,
                          char *const *command, const CsJob *job,
                          GError **error);

void cs_screening_clear(CsScreening *screening);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsScreening, cs_screening_clear)

G_END_DECLS
