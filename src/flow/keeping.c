/* Keeping.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/keeping.h"

#include "coatscope/error.h"
#include "coatscope/screen.h"
#include "core/text.h"

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
    fill_input(&fresh);
    *reporting = fresh;
    fresh = old;
    reporting->input.ranking
        = reporting->all.run.is_ranked ? &reporting->ranking : NULL;
    return true;
}

bool
cs_reporting_write(const char *dir, const CsJob *job, GError **error)
{
    g_auto(CsReporting) reporting = CS_REPORTING_INIT;
    g_autofree char *path = g_build_filename(dir, "results.db", NULL);
    g_autoptr(CsStore) store = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "there is no results.db in %s; give a folder written "
                       "by measure or screen", dir);
    store = cs_store_open(dir, false, error);
    if (store == NULL || !cs_reporting_load(store, job, &reporting, error))
        return false;
    g_clear_pointer(&store, cs_store_close); /* before its file is moved */
    reporting.input.store = path;
    return cs_results_write(&reporting.input, dir, true, job, error);
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
