/* A protocol carried out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "protocol/run.h"

enum { MOST_GATES = 20 };

/* ---- Steps -------------------------------------------------------------- */

static bool
is_done(const CsExperiment *x, const CsProtocolStep *s)
{
    return cs_journal_last(&x->journal, "done", s->id, NULL) != NULL
           || cs_journal_last(&x->journal, "skip", s->id, NULL) != NULL;
}

static bool
pass_gate(CsExperiment *x, const CsProtocolStep *s, bool *passed,
          GError **error)
{
    *passed = true;
    return s->gate == NULL
           || (cs_run_confirm(x, s->gate, passed, error)
               && cs_run_note(x, s, *passed ? "gate-passed" : "gate-failed",
                              s->gate, error));
}

/* Again as long as its gate is answered with no. */
static bool
do_step(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    bool passed = false;

    for (int i = 0; i < MOST_GATES && !passed; i++) {
        if (!cs_run_note(x, s, "begin", NULL, error)
            || !cs_step_run_of(s->kind)(x, s, error)
            || !pass_gate(x, s, &passed, error))
            return cs_blame(error, "step %s", s->id);
        if (!passed)
            cs_run_tell(x, "  Then once more.");
    }
    if (!passed)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "step %s: its gate was not passed in %d goes", s->id,
                       MOST_GATES);
    return cs_run_note(x, s, "done", NULL, error);
}

static bool
begin_step(CsExperiment *x, size_t i, bool *wanted, GError **error)
{
    const CsProtocolStep *s = &x->protocol.step[i];

    *wanted = true;
    cs_run_tell(x, "[%zu/%zu] %s", i + 1, x->protocol.n, s->title);
    if (s->words != NULL)
        cs_run_tell(x, "  %s", g_strchomp(s->words));
    if (s->note != NULL)
        cs_run_tell(x, "  Note: %s", g_strchomp(s->note));
    if (!s->is_optional)
        return true;
    return cs_run_confirm(x, "This step may be left out. Do it?", wanted,
                          error)
           && (*wanted || cs_run_note(x, s, "skip", NULL, error));
}

static bool
do_steps(CsExperiment *x, GError **error)
{
    for (size_t i = 0; i < x->protocol.n; i++) {
        bool wanted;

        if (is_done(x, &x->protocol.step[i]))
            continue;
        if (!begin_step(x, i, &wanted, error)
            || (wanted && !do_step(x, &x->protocol.step[i], error)))
            return false;
    }
    return true;
}

/* ---- The folder --------------------------------------------------------- */

static bool
make_folder(const char *dir, GError **error)
{
    g_autofree char *recordings = g_build_filename(dir, "recordings", NULL);

    if (g_mkdir_with_parents(recordings, 0755) == 0)
        return true;
    return cs_fail(error, CS_ERROR_IO, "cannot make %s: %s", recordings,
                   g_strerror(errno));
}

static bool
keep_protocol(const CsExperiment *x, GError **error)
{
    g_autofree char *path = g_build_filename(x->dir, "protocol.yaml", NULL);
    g_autoptr(GError) why = NULL;

    if (g_file_set_contents(path, x->protocol.text, -1, &why))
        return true;
    return cs_fail(error, CS_ERROR_IO, "%s", why->message);
}

/* Anew, or on from where it was: with the same protocol only. */
static bool
begin(CsExperiment *x, GError **error)
{
    const CsJournalEntry *start
        = cs_journal_last(&x->journal, "start", NULL, NULL);
    size_t n = x->journal.entries->len, n_done = 0;
    double last_s = n > 0 ? cs_journal_at(&x->journal, n - 1)->time_s
                          : (double) NAN;

    x->clock = cs_lab_clock_new(x->options->is_simulated,
                                x->options->is_simulated ? last_s
                                                         : (double) NAN);
    if (start == NULL)
        return keep_protocol(x, error)
               && cs_run_note(x, NULL, "start", x->protocol.sha256, error);
    if (strcmp(start->text, x->protocol.sha256) != 0)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s was begun with another protocol (%s/protocol.yaml);"
                       " go on with that one, or give another folder", x->dir,
                       x->dir);
    for (size_t i = 0; i < x->protocol.n; i++)
        n_done += is_done(x, &x->protocol.step[i]);
    cs_run_tell(x, "Going on: %zu of %zu steps are done", n_done,
                x->protocol.n);
    return cs_run_note(x, NULL, "resume", NULL, error);
}

static bool
check_faults(const CsExperimentOptions *o, GError **error)
{
    g_autoptr(GString) allowed = g_string_new(NULL);

    if (o->faults != NULL && o->faults[0] != NULL && !o->is_simulated)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "faults are for the simulated bench only");
    for (const CsExperimentFault *f = cs_experiment_faults(); f->name != NULL;
         f++)
        g_string_append_printf(allowed, "%s%s", allowed->len > 0 ? ", " : "",
                               f->name);
    for (size_t i = 0; o->faults != NULL && o->faults[i] != NULL; i++) {
        bool known = false;

        for (const CsExperimentFault *f = cs_experiment_faults();
             f->name != NULL; f++)
            known |= strcmp(f->name, o->faults[i]) == 0;
        if (!known)
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "no fault is called %.40s; there are %s",
                           o->faults[i], allowed->str);
    }
    return true;
}

/* ---- The end ------------------------------------------------------------ */

/* What is true on the bench, whatever its instruments say. */
static void
note_truth(CsExperiment *x)
{
    bool on = (x->source_bench != NULL && cs_bench_is_on(x->source_bench))
              || (x->supply_bench != NULL && cs_bench_is_on(x->supply_bench));
    bool touches = x->stage != NULL && cs_stage_bench_truth(x->stage).touches;

    if (x->options->is_simulated)
        cs_run_note(x, NULL, "bench",
                    on        ? "an output is on"
                    : touches ? "outputs are off, the needle touches"
                              : "outputs are off, nothing touches", NULL);
}

/* Safe first, then said. */
static bool
finish(CsExperiment *x, GError **first, GError **error)
{
    g_autoptr(GError) unsafe = NULL;
    bool safe = cs_run_make_safe(x, &unsafe);

    note_truth(x);
    if (*first == NULL && safe)
        return cs_run_note(x, NULL, "end", NULL, error)
               && cs_run_report(x, error);
    if (!safe)
        cs_fail(error, CS_ERROR_IO, "%s%s%s", unsafe->message,
                *first != NULL ? "; before that: " : "",
                *first != NULL ? (*first)->message : "");
    else
        g_propagate_prefixed_error(error, g_steal_pointer(first), "%s",
                                   "outputs are off, the needle is back: ");
    g_clear_error(first);
    cs_run_note(x, NULL, "stop",
                error != NULL && *error != NULL ? (*error)->message : "",
                NULL);
    cs_run_report(x, NULL);
    return false;
}

bool
cs_experiment_run(const char *protocol, const char *dir,
                  const CsExperimentOptions *options, const CsJob *job,
                  GError **error)
{
    CsExperiment x = { .options = options, .job = job, .dir = dir,
                       .journal = CS_JOURNAL_INIT };
    g_autoptr(GError) first = NULL;
    bool ok = check_faults(options, error)
              && cs_protocol_read(protocol, &x.protocol, error)
              && make_folder(dir, error)
              && cs_journal_open(dir, &x.journal, error)
              && begin(&x, error);

    if (ok) {
        x.has_eyes = options->is_simulated;
        do_steps(&x, &first);
        ok = finish(&x, &first, error);
    }
    cs_run_close(&x);
    return ok;
}
