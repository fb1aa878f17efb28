/* Steps that a person does: asked, timed, kept; and what is reckoned of them:
 * cure, purges, exposure.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/error.h"
#include "coatscope/needle_prep.h"
#include "protocol/run.h"

/* What is set by the protocol, where a person does what the program could not:
 * shown and kept; what was otherwise comes as a note. */
static bool
show_all(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    for (size_t i = 0; i < s->n; i++) {
        const CsStepParameter *p = &s->parameter[i];

        if (p->text != NULL)
            cs_run_tell(x, "  %s: %s", p->name, p->text);
        else
            cs_run_tell(x, "  %s: %g %s", p->name, p->value, p->unit);
        if (!(p->text != NULL
                  ? cs_run_text(x, s, p->name, p->text, error)
                  : cs_run_value(x, s, p->name, p->value, p->unit, error)))
            return false;
    }
    return true;
}

/* Every parameter of the step. */
static bool
ask_all(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    for (size_t i = 0; i < s->n; i++) {
        const CsStepParameter *p = &s->parameter[i];
        g_autofree char *answer = NULL;
        double value;

        if (p->text == NULL) {
            if (!cs_run_number(x, s, p, &value, error))
                return false;
        } else if (!cs_run_ask(x, p->name, p->text, &answer, error)
                   || !cs_run_text(x, s, p->name, answer, error)) {
            return false;
        }
    }
    return true;
}

/* The timer, where there is one; too short or too long is a deviation. */
static bool
run_timer(CsExperiment *x, const CsProtocolStep *s, double begin_s,
          GError **error)
{
    double left = s->timer_least_s - (cs_lab_clock_now(x->clock) - begin_s);
    double waited = 0, took;
    g_autofree char *what = NULL;

    if (left > 0 && !cs_run_wait(x, s, left, &waited, error))
        return false;
    took = cs_lab_clock_now(x->clock) - begin_s;
    if (!cs_run_value(x, s, "took", took, "s", error))
        return false;
    if (took < s->timer_least_s - 0.5)
        what = g_strdup_printf("%.0f s, the protocol has at least %.0f s",
                               took, s->timer_least_s);
    else if (took > s->timer_most_s + 0.5)
        what = g_strdup_printf("%.0f s, the protocol has at most %.0f s",
                               took, s->timer_most_s);
    return what == NULL || cs_run_deviation(x, s, what, error);
}

static bool
wait_until_done(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    g_autofree char *answer = NULL;

    return cs_run_ask(x, "Done? (Enter, or a note to keep)", "", &answer,
                      error)
           && (*answer == '\0' || cs_run_note(x, s, "note", answer, error));
}

bool
cs_step_person(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    double begin = cs_lab_clock_now(x->clock);

    if (!s->kind->is_open && !show_all(x, s, error))
        return false;
    return wait_until_done(x, s, error)
           && (!s->kind->is_open || ask_all(x, s, error))
           && run_timer(x, s, begin, error);
}

/* A value as it was entered in this go at the step. */
static double
entered(const CsExperiment *x, const CsProtocolStep *s, const char *name)
{
    const CsJournalEntry *e = cs_journal_last(&x->journal, "value", s->id,
                                              name);

    return e != NULL ? e->value : (double) NAN;
}

bool
cs_step_cure(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    double begin = cs_lab_clock_now(x->clock), wanted, waited = 0, share, T;
    g_autofree char *what = NULL;

    if (!wait_until_done(x, s, error) || !ask_all(x, s, error))
        return false;
    T = entered(x, s, "temperature");
    wanted = cs_cure_time_s(T) * cs_step_number(s, "share");
    if (!isfinite(wanted))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "nothing is known of curing at %g degC; allowed is 15 "
                       "to 120 degC", T);
    cs_run_tell(x, "  At %g degC the glue needs %.0f min", T, wanted / 60);
    if (!cs_run_value(x, s, "needed", wanted, "s", error)
        || !cs_run_wait(x, s, wanted, &waited, error))
        return false;
    waited = cs_lab_clock_now(x->clock) - begin;
    share = cs_cure_share(T, waited);
    if (!cs_run_value(x, s, "took", waited, "s", error)
        || !cs_run_value(x, s, "cured", share, "", error))
        return false;
    if (share >= cs_step_number(s, "share") - 1e-3)
        return true;
    what = g_strdup_printf("cured for %.0f s, %.0f %% of what %g degC needs",
                           waited, 100 * share, T);
    return cs_run_deviation(x, s, what, error);
}

bool
cs_step_expose(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    double begin = cs_lab_clock_now(x->clock), waited = 0, took;
    CsExposure e;
    CsLithiumOxide oxide;

    /* simulated persons take as long as planned */
    if (cs_lab_clock_is_simulated(x->clock)
        && !cs_run_wait(x, s, cs_step_number(s, "duration"), &waited, error))
        return false;
    if (!wait_until_done(x, s, error))
        return false;
    took = cs_lab_clock_now(x->clock) - begin;
    if (!ask_all(x, s, error) || !cs_run_value(x, s, "took", took, "s", error))
        return false;
    e = (CsExposure) { took, entered(x, s, "o2"), entered(x, s, "h2o") };
    oxide = cs_lithium_oxide(&e, 1);
    cs_run_tell(x, "  %.0f s at %g ppm O2 and %g ppm H2O: %.3g ppm hours", took,
                e.o2_ppm, e.h2o_ppm, oxide.ppm_hours);
    return cs_run_value(x, s, "exposure", oxide.ppm_hours, "ppm h", error)
           && run_timer(x, s, begin, error);
}

bool
cs_step_purge(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    double purges, left;

    if (!cs_step_person(x, s, error))
        return false;
    purges = entered(x, s, "purges");
    left = cs_purged_ppm(entered(x, s, "share_left"),
                         (unsigned) CLAMP(purges, 0, 1000));
    cs_run_tell(x, "  About %.0f ppm of oxygen are left", left);
    return cs_run_value(x, s, "o2_left", left, "ppm", error);
}
