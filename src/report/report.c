/* The report: figures, then the page that holds them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/report.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "config.h"
#include "report-resources.h"
#include "report/figure.h"
#include "report/page.h"
#include "report/pdf_date.h"
#include "results/names.h"
#include "results/sink.h"

static void
add_resource(GString *page, const char *path)
{
    g_autoptr(GBytes) bytes = g_resource_lookup_data(
        cs_report_get_resource(), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

    g_string_append_len(page, g_bytes_get_data(bytes, NULL),
                        (gssize) g_bytes_get_size(bytes));
}

static void
add_head(GString *page, const char *title)
{
    g_string_append(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n<meta name=\"generator\" content=\"Coatscope "
        COATSCOPE_VERSION "\">\n<meta http-equiv=\"Content-Security-Policy\" "
        "content=\"default-src 'none'; img-src data:; style-src "
        "'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>");
    cs_page_add_name(page, title);
    g_string_append(page, "</title>\n<style>\n");
    add_resource(page, "/coatscope/report/page.css");
    g_string_append(page, "</style></head>\n<body><main>\n<h1>");
    cs_page_add_name(page, title);
    g_string_append(page, "</h1>\n");
}

void
cs_page_add_links(GString *page, const char *name)
{
    g_string_append_printf(page,
                           "Also as <a href=\"figures/%s.svg\">SVG</a>, "
                           "<a href=\"figures/%s.pdf\">PDF</a> and "
                           "<a href=\"figures/%s.png\">PNG</a>.",
                           name, name, name);
}

/* The drawing without the XML before it, so that it can stand in HTML. */
static bool
add_figure(GString *page, const char *dir, const char *name,
           const char *caption, GError **error)
{
    g_autofree char *file = g_strconcat(name, ".svg", NULL);
    g_autofree char *path = g_build_filename(dir, "figures", file, NULL);
    g_autofree char *svg = NULL;
    g_autoptr(GError) why = NULL;
    const char *start;

    if (!g_file_get_contents(path, &svg, NULL, &why))
        return cs_fail(error, CS_ERROR_IO, "cannot read %s: %s", path,
                       why->message);
    start = strstr(svg, "<svg");
    if (start == NULL)
        return cs_fail(error, CS_ERROR_IO, "gnuplot left no drawing in %s",
                       path);
    g_string_append_printf(
        page,
        "<figure><div class=\"plot\" role=\"img\" aria-label=\"%s\" "
        "tabindex=\"0\">",
        caption);
    g_string_append(page, start);
    g_string_append_printf(
        page,
        "</div><figcaption>%s ", caption);
    cs_page_add_links(page, name);
    g_string_append(page, "</figcaption></figure>\n");
    return true;
}

static void
add_files(GString *page, const CsResultsInput *input)
{
    static const char *const tables[]
        = { "areas.csv", "particles.csv", "events.csv", "drift.csv",
            "provenance.json" };
    g_auto(GStrv) names = cs_results_file_names(input);

    g_string_append(page, "<section><h2>Files beside this page</h2>\n"
                          "<ul class=\"files\">\n");
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        g_string_append_printf(page, "<li><a href=\"%s\">%s</a></li>\n",
                               tables[i], tables[i]);
    if (input->ranking != NULL)
        g_string_append(page, "<li><a href=\"ranking.csv\">ranking.csv</a>"
                              "</li>\n");
    if (input->store != NULL)
        g_string_append(page, "<li>results.db (SQLite)</li>\n");
    for (size_t i = 0; i < input->n; i++)
        if (input->item[i].outlines->n_particles > 0)
            g_string_append_printf(
                page,
                "<li><a href=\"outlines/%s.zip\">outlines/%s.zip</a> "
                "(ImageJ)</li>\n",
                names[i], names[i]);
    g_string_append(page, "</ul></section>\n");
}

static bool
is_measured(const CsResultsInput *input)
{
    for (size_t i = 0; i < input->n; i++)
        for (size_t r = 0; r < input->item[i].measures->n; r++)
            if (isfinite(input->item[i].measures->row[r].area_nm2))
                return true;
    return false;
}

/* A single picture has sizes, a film areas against time. */
static bool
add_areas(GString *page, const CsResultsInput *input, const char *dir,
          const CsJob *job, GError **error)
{
    bool has_areas = false, has_sizes = false;

    if (!cs_figure_areas(input, dir, job, &has_areas, error)
        || !cs_figure_sizes(input, dir, job, &has_sizes, error))
        return false;
    g_string_append_printf(page, "<section class=\"curves\"><h2>%s</h2>"
                           "\n",
                           has_sizes && !has_areas ? "Sizes"
                                                   : "Area against time");
    if (!is_measured(input)) {
        g_string_append(page, "<p>No particle was measured.</p></section>\n");
        return true;
    }
    if ((has_areas
         && !add_figure(page, dir, "areas",
                        "Projected area and expansion of each particle "
                        "against time, with 95 % bands; below, where known, "
                        "bias and dose.", error))
        || (has_sizes
            && !add_figure(page, dir, "sizes",
                           "How many particles of the single pictures have "
                           "which diameter.", error)))
        return false;
    if (has_areas)
        cs_page_add_readout(page, input);
    cs_page_add_data(page, input);
    g_string_append(page, "</section>\n");
    return true;
}

static bool
add_ranking(GString *page, const CsResultsInput *input, const char *dir,
            const CsJob *job, GError **error)
{
    bool drawn = false;

    if (!cs_figure_ranking(input, dir, job, &drawn, error))
        return false;
    if (!drawn)
        return true;
    g_string_append(page, "<section>");
    cs_page_add_ranking(page, input);
    if (!add_figure(page, dir, "ranking",
                    "Rate and final expansion of each coating, best first: "
                    "mean over particles with its 95 % interval; a point "
                    "without a bar has none.", error))
        return false;
    g_string_append(page, "</section>\n");
    return true;
}

/* The pictures are those of the recordings below. */
static bool
add_series(GString *page, const CsResultsInput *input, const char *dir,
           const CsJob *job, GError **error)
{
    bool drawn = false;

    if (!cs_figure_series(input, dir, job, &drawn, error))
        return false;
    if (drawn)
        cs_page_add_series(page, input);
    return true;
}

static bool
add_survival(GString *page, const CsResultsInput *input, const char *dir,
             const CsJob *job, GError **error)
{
    bool has_curves = false, has_map = false;

    if (!cs_figure_survival(input, dir, job, &has_curves, error)
        || !cs_figure_breakage(input, dir, job, &has_map, error))
        return false;
    if (has_curves
        && !add_figure(page, dir, "survival",
                       "Share of coatings that are whole (Kaplan and Meier) "
                       "over time, hoop strain and dose; a cross: an intact "
                       "coating, last seen there. What is slower is "
                       "strained later: compare over strain.", error))
        return false;
    if (has_map
        && !add_figure(page, dir, "breakage",
                       "Each particle by the thickness of its coating, as "
                       "measured at first, and its hoop strain: circles were "
                       "intact up to there, crosses broke there.", error))
        return false;
    return true;
}

static bool
add_recordings(GString *page, const CsResultsInput *input, const CsJob *job,
               GError **error)
{
    g_string_append(page, "<section><h2>Recordings</h2>\n");
    for (size_t i = 0; i < input->n; i++) {
        cs_job_progress(job, "report", (double) i / (double) input->n);
        if (!cs_job_go_on(job, error)
            || !cs_page_add_recording(page, input, i, error))
            return false;
    }
    g_string_append(page, "</section>\n");
    return true;
}

static bool
add_drift(GString *page, const CsResultsInput *input, const char *dir,
          const CsJob *job, GError **error)
{
    bool drawn = false;

    if (!cs_figure_drift(input, dir, job, &drawn, error))
        return false;
    if (!drawn)
        return true;
    g_string_append(page, "<section><h2>Drift</h2>\n");
    if (!add_figure(page, dir, "drift",
                    "What must be added to each frame's coordinates to lie on "
                    "the first frame: solid x, dotted y; a gap is a jump of the "
                    "field.", error))
        return false;
    g_string_append(page, "</section>\n");
    return true;
}

static bool
is_of_pictures(const CsResultsInput *input)
{
    for (size_t i = 0; i < input->n; i++)
        if (!cs_item_is_picture(&input->item[i]))
            return false;
    return input->n > 0;
}

bool
cs_report_write(const CsResultsInput *input, const char *dir,
                const CsJob *job, GError **error)
{
    g_autofree char *figures = g_build_filename(dir, "figures", NULL);
    g_auto(CsSink) sink = CS_SINK_INIT;
    GString *page;

    if (g_mkdir(figures, 0777) != 0)
        return cs_fail(error, CS_ERROR_IO, "cannot make the folder %s: %s",
                       figures, g_strerror(errno));
    if (!cs_sink_open(&sink, dir, "report.html", error))
        return false;
    page = sink.text;
    add_head(page, input->title != NULL ? input->title
                   : is_of_pictures(input) ? "Sizes of particles"
                                           : "Areas against time");
    if (!add_ranking(page, input, dir, job, error)
        || !add_series(page, input, dir, job, error)
        || !add_areas(page, input, dir, job, error))
        return false;
    cs_page_add_summary(page, input);
    cs_page_add_verdicts(page, input);
    if (!add_survival(page, input, dir, job, error)
        || !add_recordings(page, input, job, error)
        || !add_drift(page, input, dir, job, error))
        return false;
    cs_page_add_doubts(page, input);
    cs_page_add_methods(page, input);
    add_files(page, input);
    g_string_append(page, "</main>\n<script>\n");
    add_resource(page, "/coatscope/report/page.js");
    g_string_append(page, "</script></body></html>\n");
    return cs_pdf_set_dates(dir, input->date_unix_s, error)
           && cs_sink_close(&sink, error);
}
