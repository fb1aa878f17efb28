/* DIR/report.html: the experiment on one page, from its journal alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/needle_prep.h"
#include "core/text.h"
#include "protocol/run.h"

static const char head[]
    = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n"
      "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem "
      "auto;padding:0 1rem;color:#222;background:#fff}\n"
      "table{border-collapse:collapse;width:100%}"
      "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;"
      "border-bottom:1px solid #ccc}\n"
      "h2{margin-top:2rem}.dev{color:#8a3b00;font-weight:600}"
      ".fault{color:#a00000;font-weight:600}.dim{color:#555}\n"
      "td:first-child{white-space:nowrap}\n</style>\n";

static void
add_time(GString *page, double unix_s)
{
    g_autoptr(GDateTime) t
        = isfinite(unix_s) ? g_date_time_new_from_unix_utc((gint64) unix_s)
                           : NULL;
    g_autofree char *text
        = t != NULL ? g_date_time_format(t, "%Y-%m-%d %H:%M:%S") : NULL;

    g_string_append(page, text != NULL ? text : "");
}

static void
add_value(GString *page, const CsJournalEntry *e)
{
    cs_text_add_html(page, e->name);
    g_string_append(page, " = ");
    if (isfinite(e->value))
        g_string_append_printf(page, "%.6g ", e->value);
    cs_text_add_html(page, e->unit);
    cs_text_add_html(page, e->text);
}

/* Entries of one event as a list; none: `otherwise`. */
static void
add_list(const CsExperiment *x, const char *event, const char *class,
         const char *otherwise, GString *page)
{
    bool any = false;

    g_string_append(page, "<ul>\n");
    for (size_t i = 0; i < x->journal.entries->len; i++) {
        const CsJournalEntry *e = cs_journal_at(&x->journal, i);

        if (strcmp(e->event, event) != 0)
            continue;
        any = true;
        g_string_append_printf(page, "<li class=\"%s\">", class);
        cs_text_add_html(page, e->step);
        if (*e->name != '\0')
            g_string_append(page, ", ");
        cs_text_add_html(page, e->name);
        g_string_append(page, ": ");
        cs_text_add_html(page, e->text);
        g_string_append(page, " <span class=\"dim\">(");
        add_time(page, e->time_s);
        g_string_append(page, ")</span></li>\n");
    }
    if (!any)
        g_string_append_printf(page, "<li>%s</li>\n", otherwise);
    g_string_append(page, "</ul>\n");
}

/* Results only of the last measurement. */
static void
add_results(const CsExperiment *x, GString *page)
{
    size_t begin = 0, n = 0;

    for (size_t i = 0; i < x->journal.entries->len; i++)
        if (strcmp(cs_journal_at(&x->journal, i)->name, "results") == 0)
            begin = i;
    g_string_append(page, "<table><tr><th scope=\"col\">particle</th>"
                          "<th scope=\"col\">result</th></tr>\n");
    for (size_t i = begin; i < x->journal.entries->len; i++) {
        const CsJournalEntry *e = cs_journal_at(&x->journal, i);

        if (strcmp(e->event, "result") != 0)
            continue;
        n++;
        g_string_append(page, "<tr><td>");
        cs_text_add_html(page, e->name);
        g_string_append(page, "</td><td>");
        cs_text_add_html(page, e->text);
        g_string_append(page, "</td></tr>\n");
    }
    g_string_append(page, "</table>\n");
    g_string_append(page, n > 0 ? "<p><a href=\"results/report.html\">Curves, "
                                  "figures, tables</a></p>\n"
                                : "<p>Nothing is measured yet.</p>\n");
}

/* ---- Oxide -------------------------------------------------------------- */

static double
value_of(const CsExperiment *x, const CsProtocolStep *s, const char *name)
{
    const CsJournalEntry *e = cs_journal_last(&x->journal, "value", s->id,
                                              name);

    return e != NULL ? e->value : (double) NAN;
}

static void
add_oxide(const CsExperiment *x, GString *page)
{
    g_autofree CsExposure *all = g_new0(CsExposure, x->protocol.n + 1);
    size_t n = 0;
    CsLithiumOxide o;

    for (size_t i = 0; i < x->protocol.n; i++) {
        const CsProtocolStep *s = &x->protocol.step[i];

        if (strcmp(s->kind->name, "expose") == 0
            && cs_journal_last(&x->journal, "done", s->id, NULL) != NULL)
            all[n++] = (CsExposure) { value_of(x, s, "took"),
                                      value_of(x, s, "o2"),
                                      value_of(x, s, "h2o") };
    }
    o = cs_lithium_oxide(all, n);
    g_string_append_printf(
        page, "<p>%zu exposures, %.3g ppm&nbsp;h of oxygen and water. Li<sub>x"
              "</sub>O on the needle: between %.0f and %.0f&nbsp;nm. The range "
              "is that wide because lithium from a glove box carries 5 to 30 "
              "nm before anything is done with it, and what sticks is not "
              "known; it compares needles, it measures none. At 2&nbsp;V, less "
              "than about 5&nbsp;nm may break down, more than about 100&nbsp;nm "
              "takes hours.</p>\n", n, o.ppm_hours, o.least_nm, o.most_nm);
}

/* ---- Steps -------------------------------------------------------------- */

static void
add_step(const CsExperiment *x, const CsProtocolStep *s, GString *page)
{
    const CsJournalEntry *begin
        = cs_journal_last(&x->journal, "begin", s->id, NULL);
    const CsJournalEntry *done
        = cs_journal_last(&x->journal, "done", s->id, NULL);
    const CsJournalEntry *skip
        = cs_journal_last(&x->journal, "skip", s->id, NULL);
    bool any = false;

    g_string_append(page, "<tr><td>");
    if (begin != NULL)
        add_time(page, begin->time_s);
    g_string_append(page, "</td><td>");
    cs_text_add_html(page, s->title);
    g_string_append_printf(page, "<br><span class=\"dim\">%s</span></td><td>",
                           done != NULL   ? "done"
                           : skip != NULL ? "left out"
                           : begin != NULL ? "begun"
                                           : "not begun");
    for (size_t i = 0; begin != NULL && i < x->journal.entries->len; i++) {
        const CsJournalEntry *e = cs_journal_at(&x->journal, i);

        if (e < begin || strcmp(e->event, "value") != 0
            || strcmp(e->step, s->id) != 0)
            continue;
        g_string_append(page, any ? "; " : "");
        add_value(page, e);
        any = true;
    }
    g_string_append(page, "</td></tr>\n");
}

static void
add_steps(const CsExperiment *x, GString *page)
{
    g_string_append(page, "<table><tr><th scope=\"col\">begun (UTC)</th>"
                          "<th scope=\"col\">step</th><th scope=\"col\">what "
                          "was kept</th></tr>\n");
    for (size_t i = 0; i < x->protocol.n; i++)
        add_step(x, &x->protocol.step[i], page);
    g_string_append(page, "</table>\n");
}

static void
add_title(const CsExperiment *x, GString *page)
{
    g_string_append(page, "<title>");
    cs_text_add_html(page, x->protocol.name);
    g_string_append(page, "</title></head><body>\n<h1>");
    cs_text_add_html(page, x->protocol.name);
    g_string_append(page, "</h1>\n<p class=\"dim\">");
    if (x->protocol.source != NULL)
        cs_text_add_html(page, x->protocol.source);
    g_string_append_printf(page, ". Protocol SHA-256 %.12s…",
                           x->protocol.sha256);
    g_string_append(page, "</p>\n");
    if (cs_lab_clock_is_simulated(x->clock))
        g_string_append(page, "<p><strong>Simulated</strong>: no hardware was "
                              "used; times are those of a simulated "
                              "clock.</p>\n");
}

bool
cs_run_report(CsExperiment *x, GError **error)
{
    g_autoptr(GString) page = g_string_new(head);
    g_autofree char *path = g_build_filename(x->dir, "report.html", NULL);
    g_autoptr(GError) why = NULL;

    add_title(x, page);
    g_string_append(page, "<h2>Result</h2>\n");
    add_results(x, page);
    g_string_append(page, "<h2>Deviations from the protocol</h2>\n");
    add_list(x, "deviation", "dev", "None.", page);
    g_string_append(page, "<h2>Notes</h2>\n");
    add_list(x, "note", "note", "None.", page);
    g_string_append(page, "<h2>Stops</h2>\n");
    add_list(x, "stop", "fault", "None.", page);
    g_string_append(page, "<h2>Lithium oxide</h2>\n");
    add_oxide(x, page);
    g_string_append(page, "<h2>Steps</h2>\n");
    add_steps(x, page);
    g_string_append(page, "</body></html>\n");
    if (g_file_set_contents(path, page->str, (gssize) page->len, &why))
        return true;
    return cs_fail(error, CS_ERROR_IO, "%s", why->message);
}

bool
cs_step_report(CsExperiment *x, const CsProtocolStep *s, GError **error)
{
    return cs_run_text(x, s, "report", "report.html", error)
           && cs_run_report(x, error);
}
