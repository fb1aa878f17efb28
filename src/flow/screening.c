/* Screening: the flow for every recording of a campaign.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/screening.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/kinetics.h"
#include "coatscope/materials.h"
#include "core/text.h"
#include "flow/blind.h"

void
cs_screening_clear(CsScreening *screening)
{
    for (size_t i = 0; i < screening->n; i++) {
        cs_recording_unref(screening->item[i].recording);
        cs_keeping_clear(&screening->item[i].kept);
        cs_fits_clear(&screening->item[i].fits);
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

/* "line 7 of the campaign, recording x: …" */
static bool
blame(const CsCampaignRecording *e, const char *more, GError **error)
{
    g_autofree char *line
        = e->line > 0 ? g_strdup_printf("line %d of the campaign, ", e->line)
                      : g_strdup("");

    return cs_blame(error, "%srecording %s%s", line, e->name, more);
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
        return blame(e, "", error);
    return cs_recording_check_measurable(item->recording, false, error)
           || blame(e, " (what it lacks goes into the campaign file:"
                       " scale_nm_per_px, interval_s, times)", error);
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

/* A frame is stamped with its start and shows the middle of its exposure; what
 * is read off a curve over the stamps is that much later. Half the exposure of
 * the frame in the middle stands for all; 0 where it is not known. */
static void
move_to_middles(const CsScreened *item, CsFits *fits)
{
    const CsClock *clock = &cs_recording_info(item->recording)->clock;
    double half = clock->n_frames > 0
                      ? clock->duration_s[clock->n_frames / 2] / 2 : 0;

    for (size_t i = 0; half > 0 && i < fits->n; i++) {
        CsFit *fit = &fits->fit[i];

        fit->onset_s += half;
        fit->onset_lo_s += half;
        fit->onset_hi_s += half;
        fit->t50_s += half;
        fit->t50_full_s += half;
    }
}

/* What the threads share. */
typedef struct {
    CsScreening    *screening;
    CsStore        *store;
    const CsJob    *outer;
    unsigned        n_inner; /* threads for each recording                  */
    size_t          memory;  /* for each                                    */
    CsPictureBudget budget;
    GMutex          lock; /* of what follows, and of the outer job's words  */
    size_t          n_done;
} Crew;

static void
pass_progress(const char *what, double fraction, void *user)
{
    Crew *crew = user;
    g_autofree char *words
        = g_strdup_printf("measuring %" G_GSIZE_FORMAT " recordings",
                          crew->screening->n);

    (void) what;
    (void) fraction;
    g_mutex_lock(&crew->lock);
    cs_job_progress(crew->outer, words,
                    (double) crew->n_done / (double) crew->screening->n);
    g_mutex_unlock(&crew->lock);
}

static void
pass_warning(const char *message, void *user)
{
    Crew *crew = user;

    g_mutex_lock(&crew->lock);
    cs_job_warn(crew->outer, "%s", message);
    g_mutex_unlock(&crew->lock);
}

static bool
measure_one(const Crew *crew, CsScreened *item, const CsJob *job,
            GError **error)
{
    const CsFlowOptions options = { .mode = CS_FLOW_AUTOMATIC };
    CsMeasures *m = &item->kept.measured.measures;

    if (!cs_keeping_measure(item->recording, &options, &crew->budget,
                            crew->store, job, &item->kept, error))
        return false;
    g_free(m->coating);
    m->coating = g_strdup(item->coating->name);
    return true;
}

/* All that a fit depends on besides what was measured: free expansions at two
 * sizes stand for host and coat, whatever file they come from. */
static char *
how_fitted(const CsCampaign *campaign, const CsScreened *item,
           double swelling)
{
    const CsMaterials *known = cs_campaign_materials(campaign);
    const CsHost *host
        = cs_materials_host(known, campaign->host, campaign->ion);
    const CsCoatMaterial *coat
        = cs_materials_coat(known, item->coating->material);
    const double all[] = {
        swelling, contact_of(item),
        cs_free_expansion(host, coat, 50, item->coating->thickness_nm),
        cs_free_expansion(host, coat, 500, item->coating->thickness_nm),
    };
    GString *how = g_string_new("middles of exposures, swelling, contact, "
                                "free expansions");

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_string_append_c(how, ' ');
        cs_text_add_double(how, all[i]);
    }
    return g_string_free(how, FALSE);
}

static bool
fit_one(const Crew *crew, CsScreened *item, const CsJob *job, GError **error)
{
    const CsCampaign *campaign = crew->screening->campaign;
    double swelling = cs_host_swelling(
        cs_materials_host(cs_campaign_materials(campaign), campaign->host,
                          campaign->ion));
    g_autofree char *how = how_fitted(campaign, item, swelling);
    bool found;

    if (!cs_store_get_fits(crew->store, item->kept.key, how, &item->fits,
                           &found, error))
        return false;
    if (found)
        return true;
    if (!cs_kinetics_fit_host(&item->kept.measured.measures, swelling, job,
                              &item->fits, error))
        return false;
    move_to_middles(item, &item->fits);
    set_free_expansion(campaign, item);
    for (size_t i = 0; i < item->fits.n; i++)
        item->fits.fit[i].contact_s = contact_of(item);
    return cs_store_put_fits(crew->store, item->kept.key, how, &item->fits,
                             error);
}

static bool
screen_one(size_t i, unsigned worker, void *data, GError **error)
{
    Crew *crew = data;
    CsScreened *item = &crew->screening->item[i];
    CsJob job = crew->outer != NULL ? *crew->outer : (CsJob) CS_JOB_INIT;

    (void) worker;
    job.n_threads = crew->n_inner;
    job.memory_limit_bytes = crew->memory;
    job.progress = pass_progress;
    job.warn = pass_warning;
    job.user = crew;
    if (!measure_one(crew, item, &job, error)
        || !fit_one(crew, item, &job, error))
        return false;
    g_mutex_lock(&crew->lock);
    crew->n_done++;
    g_mutex_unlock(&crew->lock);
    return true;
}

bool
cs_screening_measure(CsScreening *screening, CsStore *store, const CsJob *job,
                     GError **error)
{
    unsigned n_threads = cs_job_n_threads(job);
    unsigned n_at_once = (unsigned) CLAMP(screening->n, 1, n_threads);
    Crew crew = {
        .screening = screening,
        .store = store,
        .outer = job,
        .n_inner = n_threads / n_at_once,
        .memory = cs_job_memory_limit(job) / n_at_once,
        .budget = cs_picture_budget(screening->n),
    };
    bool ok;

    g_mutex_init(&crew.lock);
    ok = cs_parallel_for(job, screening->n, screen_one, &crew, error);
    g_mutex_clear(&crew.lock);
    return ok;
}

/* ---- The results ------------------------------------------------------- */

/* With what is known of a blind mode that ended. */
static char **
settings_of(const CsScreening *screening, const CsRun *before)
{
    static const char *const kept[]
        = { CS_BLIND_SETTING, CS_BLIND_UNTIL, CS_BLIND_HASH };
    const CsCampaign *campaign = screening->campaign;
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();

    g_strv_builder_add_many(list, "outlines", "automatic", "unit", "nm",
                            "host", campaign->host, "ion", campaign->ion,
                            NULL);
    if (screening->is_blind)
        g_strv_builder_add_many(list, CS_BLIND_SETTING, CS_BLIND_YES, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kept) && !screening->is_blind; i++) {
        const char *value = cs_run_setting(before, kept[i]);

        if (value != NULL)
            g_strv_builder_add_many(list, kept[i], value, NULL);
    }
    return g_strv_builder_end(list);
}

/* What was blind stays so until that is ended, and what was seen cannot be
 * made unseen. */
bool
cs_screening_check_blind(CsStore *store, bool is_blind, GError **error)
{
    g_auto(CsRun) run = CS_RUN_INIT;
    const char *before;

    if (!cs_store_get_run(store, &run, error))
        return false;
    if (run.version == NULL)
        return true; /* nothing was finished yet */
    before = cs_run_setting(&run, CS_BLIND_SETTING);
    if (!is_blind && g_strcmp0(before, CS_BLIND_YES) == 0)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "these results are blind; give --blind again, or end "
                       "it first with report --unblind");
    if (is_blind && g_strcmp0(before, CS_BLIND_YES) != 0)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "these results were seen with their names and cannot "
                       "become blind; give another folder, or --force to "
                       "measure anew");
    return true;
}

bool
cs_screening_arrange(const CsScreening *screening, CsStore *store,
                     char *const *command, const CsJob *job, GError **error)
{
    g_autofree CsStorePlace *place = g_new0(CsStorePlace, screening->n + 1);
    g_auto(CsRun) run = CS_RUN_INIT;
    g_auto(CsRun) before = CS_RUN_INIT;

    if (!cs_store_get_run(store, &before, error))
        return false;
    for (size_t i = 0; i < screening->n; i++)
        place[i] = (CsStorePlace) {
            .key = screening->item[i].kept.key,
            .coating = screening->item[i].coating->name,
            .session = screening->item[i].entry->session,
        };
    run.title = g_strdup(screening->campaign->name);
    run.command = g_strdupv((char **) command);
    run.settings = settings_of(screening, &before);
    run.is_ranked = true;
    run.seed = job != NULL ? job->seed : 0;
    return cs_run_sign(&run, job, error)
           && cs_store_arrange(store, place, screening->n, &run, error);
}
