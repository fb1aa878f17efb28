/* The step of measuring: every recording of the experiment, by the same flow as
 * `coatscope measure`, into one results folder.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/keeping.h"
#include "protocol/run.h"

/* One recording of the experiment. */
typedef struct {
    const CsProtocolStep *step;
    CsRecording *recording;
    CsKeeping    kept;
} Item;

typedef struct {
    size_t n;
    Item  *item;
} Work;

static void
work_clear(Work *w)
{
    for (size_t i = 0; i < w->n; i++) {
        cs_recording_unref(w->item[i].recording);
        cs_keeping_clear(&w->item[i].kept);
    }
    g_free(w->item);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static char *
path_of(const CsExperiment *x, const CsProtocolStep *s, const char *name)
{
    const CsJournalEntry *e = cs_journal_last(&x->journal, "value", s->id,
                                              name);

    if (e == NULL || *e->text == '\0')
        return NULL;
    return g_path_is_absolute(e->text) ? g_strdup(e->text)
                                       : g_build_filename(x->dir, e->text,
                                                          NULL);
}

/* The rate that was measured before, for the dose. */
static double
rate_of(const CsExperiment *x)
{
    const CsJournalEntry *e = cs_journal_last(&x->journal, "value", NULL,
                                              "measured");

    return e != NULL ? e->value : (double) NAN;
}

static bool
open_item(CsExperiment *x, Item *it, GError **error)
{
    g_autofree char *frames = path_of(x, it->step, "frames");
    g_autofree char *times = path_of(x, it->step, "times");
    g_autofree char *bias = path_of(x, it->step, "bias-log");
    CsRecordingOptions o = CS_RECORDING_OPTIONS_INIT;
    CsLogOptions log = CS_LOG_OPTIONS_INIT;
    CsBeamOptions beam = CS_BEAM_OPTIONS_INIT;

    if (frames == NULL)
        return cs_fail(error, CS_ERROR_ARGUMENT, "%s has no recording",
                       it->step->id);
    log.path = bias;
    log.offset_s = 0; /* both are from the first frame on */
    log.time_column = "time_s";
    beam.rate_e_per_A2_s = rate_of(x);
    o.name = cs_step_text(it->step, "name");
    o.times_csv = times;
    if (bias != NULL)
        o.log = &log;
    if (isfinite(beam.rate_e_per_A2_s))
        o.beam = &beam;
    it->recording = cs_recording_open(frames, &o, x->job, error);
    return it->recording != NULL
           && cs_recording_check_measurable(it->recording, false, error);
}

static bool
open_all(CsExperiment *x, Work *w, GError **error)
{
    w->item = g_new0(Item, x->protocol.n);
    for (size_t i = 0; i < x->protocol.n; i++) {
        const CsProtocolStep *s = &x->protocol.step[i];

        if (strcmp(s->kind->name, "record") != 0
            || cs_journal_last(&x->journal, "done", s->id, NULL) == NULL)
            continue;
        w->item[w->n++].step = s;
        if (!open_item(x, &w->item[w->n - 1], error))
            return false;
    }
    return w->n > 0
           || cs_fail(error, CS_ERROR_ARGUMENT, "nothing was recorded");
}

/* ---- What came of it ---------------------------------------------------- */

static const CsMeasure *
last_of(const CsMeasures *m, int particle)
{
    const CsMeasure *last = NULL;

    for (size_t i = 0; i < m->n; i++)
        if (m->row[i].particle_id == particle
            && m->row[i].state != CS_OUTLINE_LOST
            && isfinite(m->row[i].expansion))
            last = &m->row[i];
    return last;
}

static char *
verdict_words(const CsVerdict *v)
{
    if (v->kind == CS_VERDICT_BROKEN)
        return g_strdup_printf("coating broken between %.0f and %.0f s",
                               v->break_lo_s, v->break_hi_s);
    if (v->kind == CS_VERDICT_INTACT)
        return g_strdup_printf("coating intact: no gap above %.1f nm",
                               v->smallest_visible_gap_nm);
    return g_strdup("coating: cannot tell");
}

static bool
keep_result(CsExperiment *x, const CsProtocolStep *s, const CsMeasured *m,
            const CsVerdict *v, GError **error)
{
    const CsMeasure *last = last_of(&m->measures, v->particle_id);
    g_autofree char *verdict = verdict_words(v), *name = NULL, *text = NULL;
    CsJournalEntry e = { .event = (char *) "result", .step = s->id };

    if (last == NULL)
        return true;
    name = g_strdup_printf("%s, particle %d", cs_step_text(s, "coating"),
                           v->particle_id);
    text = g_strdup_printf("A/A0 = %.3f ± %.3f at %.0f s; %s", last->expansion,
                           last->expansion_sd, last->time_s, verdict);
    cs_run_tell(x, "  %s: %s", name, text);
    e.time_s = cs_lab_clock_now(x->clock);
    e.name = name;
    e.value = last->expansion;
    e.text = text;
    return cs_journal_add(&x->journal, &e, error);
}

static bool
keep_results(CsExperiment *x, const Work *w, GError **error)
{
    for (size_t i = 0; i < w->n; i++) {
        const CsMeasured *m = &w->item[i].kept.measured;

        for (size_t k = 0; k < m->verdicts.n; k++)
            if (!keep_result(x, w->item[i].step, m, &m->verdicts.verdict[k],
                             error))
                return false;
    }
    return true;
}

/* ---- The whole ---------------------------------------------------------- */

static bool
measure_all(CsExperiment *x, Work *w, CsStore *store, GError **error)
{
    const CsFlowOptions options = { .mode = CS_FLOW_AUTOMATIC };
    const CsPictureBudget budget = cs_picture_budget(w->n);
    g_autofree CsStorePlace *place = g_new0(CsStorePlace, w->n + 1);
    g_auto(CsRun) run = CS_RUN_INIT;

    for (size_t i = 0; i < w->n; i++) {
        if (!cs_keeping_measure(w->item[i].recording, &options, &budget, store,
                                x->job, &w->item[i].kept, error))
            return false;
        place[i] = (CsStorePlace) {
            .key = w->item[i].kept.key,
            .coating = (char *) cs_step_text(w->item[i].step, "coating"),
        };
    }
    run.title = g_strdup(x->protocol.name);
    return cs_run_sign(&run, x->job, error)
           && cs_store_arrange(store, place, w->n, &run, error);
}

bool
cs_step_measure(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    g_autofree char *dir = g_build_filename(x->dir, "results", NULL);
    g_auto(Work) work = { 0 };
    g_auto(CsReporting) reporting = CS_REPORTING_INIT;
    g_autoptr(CsResultsFolder) folder = NULL;
    g_autoptr(CsStore) store = NULL;

    if (!open_all(x, &work, error))
        return false;
    folder = cs_results_begin(dir, true, error);
    store = folder != NULL ? cs_results_store(folder, error) : NULL;
    if (store == NULL || !measure_all(x, &work, store, error)
        || !cs_reporting_load(store, x->job, &reporting, error))
        return false;
    g_clear_pointer(&store, cs_store_close);
    return cs_results_commit(folder, &reporting.input, x->job, error)
           && cs_run_text(x, s, "results", "results/report.html", error)
           && keep_results(x, &work, error);
}
