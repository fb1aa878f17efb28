/* One recording in the report: facts and viewer; the image series of all.
 *
 * Every picture is in the page once, in a hidden drawing; series and viewer
 * refer to it. Without a script the viewer is a plain gallery.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "core/text.h"
#include "report/figure.h"
#include "report/overlay.h"
#include "report/page.h"
#include "results/summary.h"

static void
add_counts(GString *page, const CsResultsItem *item)
{
    g_autofree CsSummary *s = NULL;
    size_t n = cs_summarise(item->measures, &s), n_outlined = 0;

    for (size_t p = 0; p < n; p++)
        n_outlined += s[p].n_measured > 0;
    g_string_append_printf(page, "; %zu particle%s outlined", n_outlined,
                           n_outlined == 1 ? "" : "s");
    if (n > n_outlined)
        g_string_append_printf(page, ", %zu found but not outlined in any "
                               "frame", n - n_outlined);
    g_string_append(page, ".</p>\n");
}

static void
add_facts(GString *page, const CsResultsItem *item)
{
    const CsRecordingInfo *info = cs_recording_info(item->recording);
    const CsClock *clock = &info->clock;

    g_string_append_printf(page, "<p>%zu frame%s of %zu × %zu pixels",
                           info->n_frames, info->n_frames == 1 ? "" : "s",
                           info->width, info->height);
    if (info->nm_per_px_x > 0)
        g_string_append_printf(page, ", %.4g nm a pixel (%s)",
                               info->nm_per_px_x,
                               info->scale_source == CS_SCALE_USER
                                   ? "as told by the user"
                                   : "as in the file");
    if (clock->n_frames > 1
        && isfinite(clock->start_s[clock->n_frames - 1]))
        g_string_append_printf(
            page, ", over %.4g s (times %s)",
            clock->start_s[clock->n_frames - 1],
            cs_time_source_name(clock->source[clock->n_frames - 1]));
    add_counts(page, item);
}

static bool
add_hidden_pictures(GString *page, const CsResultsItem *item, size_t i,
                    const CsPictures *pictures, GError **error)
{
    g_string_append(page, "<svg class=\"pictures\" aria-hidden=\"true\" "
                          "width=\"0\" height=\"0\"><defs>\n");
    for (size_t k = 0; k < pictures->n; k++) {
        g_autofree char *id = g_strdup_printf("r%zup%zu", i, k);

        if (!cs_overlay_add(page, item, &pictures->picture[k], id, error))
            return false;
    }
    g_string_append(page, "</defs></svg>\n");
    return true;
}

void
cs_page_add_view(GString *page, const CsPageView *v, size_t k)
{
    const CsPicture *p = &v->item->pictures->picture[k];
    g_autofree char *time = cs_overlay_time(v->item, p->frame);
    bool has_time = !g_str_has_prefix(time, "frame");

    g_string_append_printf(page,
                           "<figure data-time=\"%s\"><svg class=\"view\" "
                           "viewBox=\"%.6g %.6g %.6g %.6g\" role=\"img\" "
                           "aria-label=\"%s, frame %zu, with the outlines "
                           "found\"><use href=\"#r%zup%zu\"/></svg>"
                           "<figcaption>Frame %zu%s%s</figcaption></figure>\n",
                           time, v->box[0], v->box[1], v->box[2], v->box[3],
                           v->of, p->frame, v->number, k, p->frame,
                           has_time ? ", " : "", has_time ? time : "");
}

void
cs_page_add_viewer(GString *page, const CsPageView *v, const char *id)
{
    size_t n = v->item->pictures->n;

    g_string_append_printf(
        page,
        "<div class=\"viewer\"><div class=\"controls\">"
        "<button type=\"button\">Play</button>"
        "<label for=\"%s\">Frame</label>"
        "<input id=\"%s\" type=\"range\" min=\"0\" max=\"%zu\" value=\"0\">"
        "<output for=\"%s\"></output></div>\n<div class=\"gallery\" "
        "role=\"group\" aria-label=\"%s: frames; arrow keys leaf\">\n",
        id, id, n - 1, id, v->of);
    for (size_t k = 0; k < n; k++)
        cs_page_add_view(page, v, k);
    g_string_append(page, "</div></div>\n");
}

static const char key[]
    = "<p class=\"quiet\">Yellow: outer edge (dashed where the frame is not "
      "plain ok). Cyan: edge of the core, where it could be told. Numbers: "
      "particle_id.</p>\n";

static void
add_whole_viewer(GString *page, const CsPageView *v)
{
    g_autofree char *id = g_strdup_printf("s%zu", v->number);

    if (v->item->pictures->n == 1) {
        g_string_append(page, "<div class=\"single\">\n");
        cs_page_add_view(page, v, 0);
        g_string_append_printf(page, "</div>\n%s", key);
        return;
    }
    g_string_append_printf(page,
                           "<details%s><summary>Leaf through %zu frames with "
                           "the outlines on them</summary>\n",
                           v->number == 0 ? " open" : "",
                           v->item->pictures->n);
    cs_page_add_viewer(page, v, id);
    g_string_append_printf(page, "%s</details>\n", key);
}

static CsPageView
whole_view(const CsResultsItem *item, size_t i, const char *of)
{
    const CsPicture *p = &item->pictures->picture[0];

    return (CsPageView) { item, i, { 0, 0, p->width_px, p->height_px }, of };
}

static char *
escaped(const char *name)
{
    GString *text = g_string_new(NULL);

    cs_page_add_name(text, name);
    return g_string_free(text, FALSE);
}

static const char *
row_title(const CsResultsItem *item)
{
    const char *coating = item->measures->coating;

    return coating != NULL && coating[0] != '\0' ? coating
                                                 : item->measures->recording;
}

void
cs_page_add_series(GString *page, const CsResultsInput *input)
{
    size_t rows[CS_SERIES_MAX_ROWS];
    size_t n = cs_series_rows(input, rows);

    g_string_append(page, "<section><h2>What was seen</h2>\n<figure>\n");
    for (size_t s = 0; s < n; s++) {
        const CsResultsItem *item = &input->item[rows[s]];
        g_autofree char *of = escaped(row_title(item));
        CsPageView view = whole_view(item, rows[s], of);

        g_string_append_printf(page, "<h3>%s</h3>\n<div class=\"series\">\n",
                               of);
        for (size_t k = 0; k < CS_SERIES_TIMES; k++)
            cs_page_add_view(page, &view, cs_series_picture(item, k));
        g_string_append(page, "</div>\n");
    }
    g_string_append(page,
                    "<figcaption>One recording of each coating at its "
                    "beginning, after one third and two thirds, and at its "
                    "end, with the outlines found. ");
    cs_page_add_links(page, "series");
    g_string_append(page, "</figcaption></figure></section>\n");
}

bool
cs_page_add_recording(GString *page, const CsResultsInput *input, size_t i,
                      GError **error)
{
    const CsResultsItem *item = &input->item[i];
    const CsPictures *pictures = item->pictures;
    g_autofree char *of = escaped(item->measures->recording);

    g_string_append_printf(page, "<section><h3>%s</h3>\n", of);
    add_facts(page, item);
    if (pictures != NULL && pictures->n > 0) {
        CsPageView view = whole_view(item, i, of);

        if (!add_hidden_pictures(page, item, i, pictures, error))
            return false;
        add_whole_viewer(page, &view);
    }
    cs_page_add_particles(page, input, i);
    g_string_append(page, "</section>\n");
    return true;
}
