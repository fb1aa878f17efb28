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
#include "coatscope/flow.h"
#include "coatscope/job.h"
#include "coatscope/fits.h"
#include "coatscope/ranking.h"
#include "coatscope/recording.h"
#include "coatscope/store.h"

G_BEGIN_DECLS

/* One recording of the campaign and what was measured of it. */
typedef struct {
    const CsCampaignCoating   *coating; /* of the campaign, lent            */
    const CsCampaignRecording *entry;   /* of the campaign, lent            */
    CsRecording               *recording;
    CsMeasured                 measured;
    CsFits                     fits;  /* of measured                        */
    char                      *key;   /* in the store                       */
    bool                       known; /* was in the store: not measured now */
} CsScreened;

typedef struct {
    const CsCampaign *campaign; /* lent                                     */

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

/* Measures and fits every recording, one after the other, but those that the store
 * has; keeps each in the store as soon as it is measured. What comes back is
 * what the store holds, so that a screening that was stopped and resumed ends
 * with the same numbers. Errors: those of cs_flow_measure and of the store. */
bool cs_screening_measure(CsScreening *screening, CsStore *store,
                          const CsJob *job, GError **error);

/* Ranks the coatings: see cs_screen_rank. Errors: CS_ERROR_LIMIT. */
bool cs_screening_rank(const CsScreening *screening, const CsJob *job,
                       CsRanking *ranking, GError **error);

void cs_screening_clear(CsScreening *screening);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsScreening, cs_screening_clear)

G_END_DECLS
