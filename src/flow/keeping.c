/* Keeping.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/keeping.h"

#include <string.h>

#include "coatscope/error.h"
#include "coatscope/screen.h"
#include "core/text.h"
#include "flow/blind.h"

/* ---- Into the store ---------------------------------------------------- */

static void
add_rois(GString *how, const CsRois *rois)
{
    for (size_t i = 0; i < rois->n; i++) {
        const CsRoi *roi = &rois->roi[i];

        g_string_append_printf(how, "\nroi %d %d %d %d", (int) roi->type,
                               roi->slice, roi->t, roi->group);
        for (size_t k = 0; k < roi->outline.n; k++) {
            g_string_append_c(how, ' ');
            cs_text_add_double(how, roi->outline.points[k].x);
            g_string_append_c(how, ' ');
            cs_text_add_double(how, roi->outline.points[k].y);
        }
    }
}

/* All of the options, as text. */
static char *
how_of(const CsFlowOptions *options)
{
    GString *how = g_string_new(NULL);

    g_string_append_printf(how, "mode %d, pixels %d", (int) options->mode,
                           options->in_pixels);
    if (options->rois != NULL)
        add_rois(how, options->rois);
    return g_string_free(how, FALSE);
}

static bool
make_key(const CsRecordingInfo *info, const CsFlowOptions *options,
         const CsJob *job, CsInputs *inputs, char **key, GError **error)
{
    g_autofree char *how = how_of(options);
    g_autofree char **paths = g_new0(char *, info->n_files + 1);
    size_t n = info->n_files;

    for (size_t i = 0; i < n; i++)
        paths[i] = info->files[i];
    if (info->electrical.source != NULL)
        paths[n++] = info->electrical.source;
    if (!cs_inputs_hash(paths, n, job, inputs, error))
        return false;
    *key = cs_store_key(info, inputs, how, job, error);
    return *key != NULL;
}

static bool
keep_pictures(CsRecording *recording, const CsPictureBudget *budget,
              CsStore *store, const char *key, const CsJob *job,
              GError **error)
{
    g_autofree char *how
        = g_strdup_printf("%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes",
                          budget->n_max, budget->max_bytes);
    g_auto(CsPictures) pictures = CS_PICTURES_INIT;
    bool found;

    if (!cs_store_has_pictures(store, key, how, &found, error))
        return false;
    return found
           || (cs_pictures_take(recording, budget, job, &pictures, error)
               && cs_store_put_pictures(store, key, how, &pictures, error));
}

static bool
measure_anew(CsRecording *recording, const CsFlowOptions *options,
             const CsJob *job, CsMeasured *m, GError **error)
{
    if (!cs_flow_measure(recording, options, job, m, error))
        return false;
    if (options->mode == CS_FLOW_ROIS_ONLY)
        cs_shifts_clear(&m->shifts); /* were not measured */
    return true;
}

bool
cs_keeping_measure(CsRecording *recording, const CsFlowOptions *options,
                   const CsPictureBudget *budget, CsStore *store,
                   const CsJob *job, CsKeeping *keeping, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_auto(CsKeeping) fresh = CS_KEEPING_INIT;
    g_auto(CsInputs) inputs = CS_INPUTS_INIT;
    CsMeasured *m = &fresh.measured;
    const CsStored stored
        = { &m->seeds, &m->shifts, &m->outlines, &m->measures,
            &m->verdicts };
    CsKeeping old = *keeping;
    bool found;

    if (!make_key(info, options, job, &inputs, &fresh.key, error)
        || !cs_store_get(store, fresh.key, &stored, &fresh.known, error))
        return false;
    if (!fresh.known
        && (!measure_anew(recording, options, job, m, error)
            || !cs_store_put(store, fresh.key, info, &inputs, &stored, error)
            || !cs_store_get(store, fresh.key, &stored, &found, error)))
        return false;
    if (!keep_pictures(recording, budget, store, fresh.key, job, error))
        return false;
    *keeping = fresh;
    fresh = old;
    return true;
}

void
cs_keeping_clear(CsKeeping *keeping)
{
    g_free(keeping->key);
    cs_measured_clear(&keeping->measured);
    *keeping = (CsKeeping) CS_KEEPING_INIT;
}

/* ---- Out of the store -------------------------------------------------- */

static void
list_items(CsReporting *r)
{
    r->item = g_new0(CsResultsItem, r->all.n + 1);
    for (size_t i = 0; i < r->all.n; i++) {
        const CsKept *k = &r->all.item[i];

        r->item[i] = (CsResultsItem) {
            .recording = k->recording,
            .seeds = &k->seeds,
            .shifts = k->shifts.n_frames > 0 ? &k->shifts : NULL,
            .outlines = &k->outlines,
            .measures = &k->measures,
            .verdicts = &k->verdicts,
            .fits = k->fits.n > 0 ? &k->fits : NULL,
            .pictures = &k->pictures,
            .inputs = &k->inputs,
        };
    }
}

static void
list_settings(CsReporting *r)
{
    char **text = r->all.run.settings;
    size_t n = g_strv_length(text) / 2;

    r->setting = g_new0(CsResultsSetting, n + 1);
    for (size_t i = 0; i < n; i++)
        r->setting[i] = (CsResultsSetting) { text[2 * i], text[2 * i + 1] };
    r->input.n_settings = n;
    r->input.setting = r->setting;
}

static bool
rank(CsReporting *r, GError **error)
{
    g_autofree CsScreenItem *item = g_new0(CsScreenItem, r->all.n + 1);

    for (size_t i = 0; i < r->all.n; i++)
        item[i] = (CsScreenItem) {
            .coating = r->all.item[i].measures.coating,
            .session = r->all.item[i].session,
            .fits = &r->all.item[i].fits,
            .verdicts = &r->all.item[i].verdicts,
        };
    return cs_screen_rank(item, r->all.n, r->all.run.seed, &r->ranking,
                          error);
}

static void
fill_input(CsReporting *r)
{
    const CsRun *run = &r->all.run;

    list_items(r);
    list_settings(r);
    r->input.n = r->all.n;
    r->input.item = r->item;
    r->input.title = run->title;
    r->input.command = (const char *const *) run->command;
    r->input.date_unix_s = run->date_unix_s;
    r->input.version = run->version;
    r->input.program_sha256 = run->program_sha256;
    r->input.report = cs_report_write;
}

/* Whether verdicts are still those that were locked. */
static void
compare_verdicts(CsKeptAll *all)
{
    const char *locked = cs_run_setting(&all->run, CS_BLIND_HASH);
    g_autofree char *hash = cs_blind_hash(all);
    guint n = locked != NULL ? g_strv_length(all->run.settings) : 0;

    if (locked == NULL)
        return;
    all->run.settings
        = g_renew(char *, all->run.settings, (gsize) n + 3);
    all->run.settings[n] = g_strdup("verdicts");
    all->run.settings[n + 1] = g_strdup(
        strcmp(hash, locked) == 0 ? "as locked when names were hidden"
                                  : "changed since names were shown");
    all->run.settings[n + 2] = NULL;
}

bool
cs_reporting_load(CsStore *store, const CsJob *job, CsReporting *reporting,
                  GError **error)
{
    g_auto(CsReporting) fresh = CS_REPORTING_INIT;
    CsReporting old = *reporting;

    if (!cs_job_go_on(job, error)
        || !cs_store_load(store, &fresh.all, error)
        || (fresh.all.run.is_ranked && !rank(&fresh, error)))
        return false;
    if (g_strcmp0(cs_run_setting(&fresh.all.run, CS_BLIND_SETTING),
                  CS_BLIND_YES) == 0)
        cs_blind(&fresh.all, &fresh.ranking);
    compare_verdicts(&fresh.all);
    fill_input(&fresh);
    *reporting = fresh;
    fresh = old;
    reporting->input.ranking
        = reporting->all.run.is_ranked ? &reporting->ranking : NULL;
    return true;
}

static CsStore *
open_results(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "results.db", NULL);

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return cs_store_open(dir, false, error);
    cs_fail(error, CS_ERROR_ARGUMENT,
            "there is no results.db in %s; give a folder written by measure "
            "or screen", dir);
    return NULL;
}

bool
cs_reporting_write(const char *dir, const CsJob *job, GError **error)
{
    g_auto(CsReporting) reporting = CS_REPORTING_INIT;
    g_autofree char *path = g_build_filename(dir, "results.db", NULL);
    g_autoptr(CsStore) store = open_results(dir, error);

    if (store == NULL || !cs_reporting_load(store, job, &reporting, error))
        return false;
    g_clear_pointer(&store, cs_store_close); /* before its file is moved */
    reporting.input.store = path;
    return cs_results_write(&reporting.input, dir, true, job, error);
}

/* ---- Blind -------------------------------------------------------------- */

/* The settings with that one in place of the blind one, and more at the end. */
static char **
unblinded(const CsRun *run, const char *when, const char *hash)
{
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();

    for (size_t i = 0; run->settings[i] != NULL; i += 2) {
        if (strcmp(run->settings[i], CS_BLIND_SETTING) == 0)
            continue;
        g_strv_builder_add(list, run->settings[i]);
        g_strv_builder_add(list, run->settings[i + 1]);
    }
    g_strv_builder_add_many(list, CS_BLIND_SETTING, CS_BLIND_ENDED,
                            CS_BLIND_UNTIL, when, CS_BLIND_HASH, hash, NULL);
    return g_strv_builder_end(list);
}

bool
cs_reporting_unblind(const char *dir, double now_unix_s, GError **error)
{
    g_autoptr(CsStore) store = open_results(dir, error);
    g_autoptr(GDateTime) now
        = g_date_time_new_from_unix_utc((gint64) now_unix_s);
    g_autofree char *when
        = now != NULL ? g_date_time_format_iso8601(now) : g_strdup("");
    g_auto(CsKeptAll) all = CS_KEPT_ALL_INIT;
    g_autofree char *hash = NULL;
    char **settings;

    if (store == NULL || !cs_store_load(store, &all, error))
        return false;
    if (g_strcmp0(cs_run_setting(&all.run, CS_BLIND_SETTING), CS_BLIND_YES)
        != 0)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "the results in %s are not blind", dir);
    hash = cs_blind_hash(&all);
    settings = unblinded(&all.run, when, hash);
    g_strfreev(all.run.settings);
    all.run.settings = settings;
    return cs_store_set_run(store, &all.run, error);
}

void
cs_reporting_clear(CsReporting *reporting)
{
    cs_kept_all_clear(&reporting->all);
    cs_ranking_clear(&reporting->ranking);
    g_free(reporting->item);
    g_free(reporting->setting);
    *reporting = (CsReporting) CS_REPORTING_INIT;
}
