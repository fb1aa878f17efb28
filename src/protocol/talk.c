/* What steps say, ask and keep.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/text.h"
#include "protocol/run.h"

bool
cs_run_note(CsExperiment *x, const CsProtocolStep *s, const char *event,
            const char *text, GError **error)
{
    const CsJournalEntry e = {
        .time_s = cs_lab_clock_now(x->clock), .event = (char *) event,
        .step = s != NULL ? s->id : NULL, .value = NAN, .text = (char *) text,
    };

    return cs_journal_add(&x->journal, &e, error);
}

bool
cs_run_value(CsExperiment *x, const CsProtocolStep *s, const char *name,
             double value, const char *unit, GError **error)
{
    const CsJournalEntry e = {
        .time_s = cs_lab_clock_now(x->clock), .event = (char *) "value",
        .step = s->id, .name = (char *) name, .value = value,
        .unit = (char *) unit,
    };

    return cs_journal_add(&x->journal, &e, error);
}

bool
cs_run_text(CsExperiment *x, const CsProtocolStep *s, const char *name,
            const char *text, GError **error)
{
    const CsJournalEntry e = {
        .time_s = cs_lab_clock_now(x->clock), .event = (char *) "value",
        .step = s->id, .name = (char *) name, .value = NAN,
        .text = (char *) text,
    };

    return cs_journal_add(&x->journal, &e, error);
}

void
cs_run_tell(const CsExperiment *x, const char *format, ...)
{
    g_autofree char *line = NULL;
    va_list args;

    if (x->options->talk.tell == NULL)
        return;
    va_start(args, format);
    line = g_strdup_vprintf(format, args);
    va_end(args);
    x->options->talk.tell(line, x->options->talk.user);
}

bool
cs_run_ask(CsExperiment *x, const char *question, const char *fallback,
           char **answer, GError **error)
{
    const CsExperimentTalk *t = &x->options->talk;
    g_autofree char *typed = NULL;

    if (!cs_job_go_on(x->job, error))
        return false;
    if (x->options->says_yes || t->ask == NULL) {
        *answer = g_strdup(fallback);
        return true;
    }
    if (!t->ask(question, fallback, &typed, t->user, error))
        return false;
    g_strstrip(typed);
    *answer = *typed != '\0' && g_utf8_validate(typed, -1, NULL)
                  ? g_steal_pointer(&typed)
                  : g_strdup(fallback);
    return true;
}

bool
cs_run_confirm(CsExperiment *x, const char *question, bool *yes,
               GError **error)
{
    for (int i = 0; i < 20; i++) {
        g_autofree char *answer = NULL;

        if (!cs_run_ask(x, question, "yes", &answer, error))
            return false;
        *yes = g_ascii_strcasecmp(answer, "yes") == 0
               || g_ascii_strcasecmp(answer, "y") == 0;
        if (*yes || g_ascii_strcasecmp(answer, "no") == 0
            || g_ascii_strcasecmp(answer, "n") == 0)
            return true;
        cs_run_tell(x, "Please answer yes or no.");
    }
    return cs_fail(error, CS_ERROR_ARGUMENT, "no answer that is yes or no");
}

bool
cs_run_deviation(CsExperiment *x, const CsProtocolStep *s, const char *what,
                 GError **error)
{
    g_autofree char *why = NULL, *text = NULL;
    g_autofree char *question = g_strdup_printf("%s. Why?", what);

    cs_run_tell(x, "  Deviation: %s", what);
    if (!cs_run_ask(x, question, "no reason given", &why, error))
        return false;
    text = g_strdup_printf("%s: %s", what, why);
    return cs_run_note(x, s, "deviation", text, error);
}

static bool
ask_number(CsExperiment *x, const CsStepParameter *p, double *value,
           GError **error)
{
    g_autoptr(GString) fallback = g_string_new(NULL);
    g_autofree char *question
        = g_strdup_printf("%s%s%s", p->name, *p->unit != '\0' ? ", " : "",
                          p->unit);

    cs_text_add_double(fallback, p->value);
    for (int i = 0; i < 20; i++) {
        g_autofree char *answer = NULL;

        if (!cs_run_ask(x, question, fallback->str, &answer, error))
            return false;
        if (cs_text_to_double(answer, value) && isfinite(*value))
            return true;
        cs_run_tell(x, "That is no number.");
    }
    return cs_fail(error, CS_ERROR_ARGUMENT, "%s: no number was given",
                   p->name);
}

bool
cs_run_number(CsExperiment *x, const CsProtocolStep *s,
              const CsStepParameter *p, double *value, GError **error)
{
    g_autofree char *what = NULL;

    if (!ask_number(x, p, value, error)
        || !cs_run_value(x, s, p->name, *value, p->unit, error))
        return false;
    if (*value >= p->least && *value <= p->most)
        return true;
    what = g_strdup_printf("%s is %g %s, the protocol has %g to %g", p->name,
                           *value, p->unit, p->least, p->most);
    return cs_run_deviation(x, s, what, error);
}

static bool
is_impatient(const CsExperiment *x)
{
    const CsExperimentTalk *t = &x->options->talk;

    return t->is_impatient != NULL && !x->options->says_yes
           && t->is_impatient(t->user);
}

bool
cs_run_wait(CsExperiment *x, const CsProtocolStep *s, double seconds,
            double *waited_s, GError **error)
{
    GCancellable *stop = x->job != NULL ? x->job->cancellable : NULL;
    double begin = cs_lab_clock_now(x->clock), remind = begin;
    /* a simulated clock is set forward at once */
    double slice = cs_lab_clock_is_simulated(x->clock) ? seconds : 0.25;

    for (;;) {
        double now = cs_lab_clock_now(x->clock), left = begin + seconds - now;

        *waited_s = now - begin;
        if (left <= 1e-3 || is_impatient(x))
            return true;
        if (now >= remind) {
            cs_run_tell(x, "  %.0f s to wait%s", left,
                        x->options->says_yes ? ""
                                             : " (Enter: not any longer)");
            remind = now + s->remind_s;
        }
        if (!cs_lab_clock_wait(x->clock, MIN(slice, left), stop, error))
            return false;
    }
}
