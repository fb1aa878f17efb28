/* Screening: the flow for every recording of a campaign.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/screening.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/kinetics.h"
#include "coatscope/materials.h"
#include "coatscope/screen.h"

void
cs_screening_clear(CsScreening *screening)
{
    for (size_t i = 0; i < screening->n; i++) {
        cs_recording_unref(screening->item[i].recording);
        cs_measured_clear(&screening->item[i].measured);
        cs_fits_clear(&screening->item[i].fits);
        g_free(screening->item[i].key);
    }
    g_free(screening->item);
    *screening = (CsScreening) CS_SCREENING_INIT;
}

/* ---- Opening ----------------------------------------------------------- */

static void
list(const CsCampaign *campaign, CsScreening *screening)
{
    size_t i = 0;

    screening->campaign = campaign;
    screening->n = cs_campaign_n_recordings(campaign);
    screening->item = g_new0(CsScreened, screening->n + 1);
    for (size_t c = 0; c < campaign->n; c++)
        for (size_t r = 0; r < campaign->coating[c].n; r++, i++) {
            screening->item[i].coating = &campaign->coating[c];
            screening->item[i].entry = &campaign->coating[c].recording[r];
        }
}

static CsIntervalPer
per_of(const char *word)
{
    if (word == NULL)
        return CS_PER_UNSAID;
    return strcmp(word, "file") == 0 ? CS_PER_FILE : CS_PER_NUMBER;
}

static bool
open_one(CsScreened *item, const CsJob *job, GError **error)
{
    const CsCampaignRecording *e = item->entry;
    const CsLogOptions log = {
        .path = e->bias_log,
        .offset_s = e->bias_log_offset_s,
        .find_step = e->bias_log_step,
        .zone = e->bias_log_zone,
        .time_column = e->bias_log_columns[0],
        .bias_column = e->bias_log_columns[1],
        .current_column = e->bias_log_columns[2],
    };
    CsRecordingOptions options = {
        .log = e->bias_log != NULL ? &log : NULL,
        .beam = &e->beam,
        .name = e->name,
        .nm_per_px_x = e->scale_nm_per_px,
        .nm_per_px_y = e->scale_y_nm_per_px,
        .interval_s = e->interval_s,
        .interval_per = per_of(e->interval_per),
        .times_csv = e->times,
        .allow_gaps = e->allow_gaps,
    };

    item->recording = cs_recording_open(e->path, &options, job, error);
    if (item->recording == NULL)
        return cs_blame(error, "recording %s", e->name);
    return cs_recording_check_measurable(item->recording, false, error)
           || cs_blame(error, "recording %s (what it lacks goes into the "
                              "campaign file: scale_nm_per_px, interval_s, "
                              "times)", e->name);
}

bool
cs_screening_open(const CsCampaign *campaign, const CsJob *job,
                  CsScreening *screening, GError **error)
{
    g_auto(CsScreening) fresh = CS_SCREENING_INIT;
    CsScreening old = *screening;

    list(campaign, &fresh);
    for (size_t i = 0; i < fresh.n; i++)
        if (!cs_job_go_on(job, error)
            || !open_one(&fresh.item[i], job, error))
            return false;
    *screening = fresh;
    fresh = old;
    return true;
}

/* ---- Measuring --------------------------------------------------------- */

static bool
measure_one(CsScreened *item, CsStore *store, const CsJob *job,
            GError **error)
{
    const CsFlowOptions options = { .mode = CS_FLOW_AUTOMATIC };
    CsMeasured *m = &item->measured;
    const CsStored stored
        = { &m->seeds, &m->shifts, &m->outlines, &m->measures };
    bool found;

    item->key = cs_store_key(cs_recording_info(item->recording), job, error);
    if (item->key == NULL
        || !cs_store_get(store, item->key, &stored, &item->known, error))
        return false;
    if (!item->known
        && (!cs_flow_measure(item->recording, &options, job, m, error)
            || !cs_store_put(store, item->key, &stored, error)
            || !cs_store_get(store, item->key, &stored, &found, error)))
        return false;
    g_free(m->measures.coating);
    m->measures.coating = g_strdup(item->coating->name);
    return cs_flow_judge(job, m, error)
           && cs_store_put_verdicts(store, item->key, &m->verdicts, error);
}

/* When the needle touched: as the campaign says, else the middle of the
 * interval in which the log shows it. */
static double
contact_of(const CsScreened *item)
{
    const CsElectrical *e = &cs_recording_info(item->recording)->electrical;

    if (isfinite(item->entry->contact_s))
        return item->entry->contact_s;
    for (size_t i = 0; i < e->n_events; i++)
        if (strcmp(e->event[i].event, "contact") == 0)
            return (e->event[i].time_lo_s + e->event[i].time_hi_s) / 2;
    return NAN;
}

/* What each particle would reach if nothing hindered it. */
static void
set_free_expansion(const CsCampaign *campaign, CsScreened *item)
{
    const CsMaterials *known = cs_campaign_materials(campaign);
    const CsHost *host
        = cs_materials_host(known, campaign->host, campaign->ion);
    const CsCoatMaterial *coat
        = cs_materials_coat(known, item->coating->material);

    for (size_t i = 0; i < item->fits.n; i++) {
        CsFit *fit = &item->fits.fit[i];

        fit->expansion_free
            = cs_free_expansion(host, coat, fit->diameter0_nm,
                                item->coating->thickness_nm);
    }
}

static bool
fit_one(const CsCampaign *campaign, CsScreened *item, CsStore *store,
        const CsJob *job, GError **error)
{
    double swelling = cs_host_swelling(
        cs_materials_host(cs_campaign_materials(campaign), campaign->host,
                          campaign->ion));

    if (!cs_kinetics_fit_host(&item->measured.measures, swelling, job,
                              &item->fits, error))
        return false;
    set_free_expansion(campaign, item);
    for (size_t i = 0; i < item->fits.n; i++)
        item->fits.fit[i].contact_s = contact_of(item);
    return cs_store_put_fits(store, item->key, &item->fits, error);
}

static bool
arrange(const CsScreening *screening, CsStore *store, GError **error)
{
    g_autofree const char **keys = g_new0(const char *, screening->n + 1);
    g_autofree const char **coatings = g_new0(const char *, screening->n + 1);

    for (size_t i = 0; i < screening->n; i++) {
        keys[i] = screening->item[i].key;
        coatings[i] = screening->item[i].coating->name;
    }
    return cs_store_arrange(store, keys, coatings, screening->n, error);
}

/* What a recording's own job says of itself, with which of them it is. */
typedef struct {
    const CsJob *outer;
    size_t       i, n;
} Progress;

static void
pass_progress(const char *what, double fraction, void *user)
{
    const Progress *p = user;
    g_autofree char *words
        = g_strdup_printf("recording %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                          ", %s", p->i + 1, p->n, what);

    cs_job_progress(p->outer, words, fraction);
}

static void
pass_warning(const char *message, void *user)
{
    cs_job_warn(((const Progress *) user)->outer, "%s", message);
}

bool
cs_screening_measure(CsScreening *screening, CsStore *store, const CsJob *job,
                     GError **error)
{
    for (size_t i = 0; i < screening->n; i++) {
        Progress p = { job, i, screening->n };
        CsJob inner = job != NULL ? *job : (CsJob) CS_JOB_INIT;

        inner.progress = pass_progress;
        inner.warn = pass_warning;
        inner.user = &p;
        if (!cs_job_go_on(job, error)
            || !measure_one(&screening->item[i], store, &inner, error)
            || !fit_one(screening->campaign, &screening->item[i], store,
                        &inner, error))
            return false;
    }
    return arrange(screening, store, error);
}

/* ---- Ranking ----------------------------------------------------------- */

bool
cs_screening_rank(const CsScreening *screening, const CsJob *job,
                  CsRanking *ranking, GError **error)
{
    g_autofree CsScreenItem *item = g_new0(CsScreenItem, screening->n + 1);

    for (size_t i = 0; i < screening->n; i++)
        item[i] = (CsScreenItem) {
            .coating = screening->item[i].coating->name,
            .session = screening->item[i].entry->session,
            .fits = &screening->item[i].fits,
            .verdicts = &screening->item[i].measured.verdicts,
        };
    return cs_screen_rank(item, screening->n, job != NULL ? job->seed : 0,
                          ranking, error);
}
