/* One recording in the report: facts, image series, viewer.
 *
 * Every picture is in the page once, in a hidden drawing; series and viewer
 * refer to it. Without a script the viewer is a plain gallery.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "core/text.h"
#include "report/overlay.h"
#include "report/page.h"
#include "results/summary.h"

enum { N_SERIES = 4 };

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

static void
add_view(GString *page, const CsResultsItem *item, size_t i, size_t k,
         const CsPicture *p)
{
    g_autofree char *time = cs_overlay_time(item, p->frame);

    g_string_append_printf(page,
                           "<figure data-time=\"%s\"><svg class=\"view\" "
                           "viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"",
                           time, p->width_px, p->height_px);
    cs_page_add_name(page, item->measures->recording);
    g_string_append_printf(
        page,
        ", frame %zu, with the outlines found\"><use href=\"#r%zup%zu\"/>"
        "</svg><figcaption>Frame %zu%s%s</figcaption></figure>\n",
        p->frame, i, k, p->frame,
        g_str_has_prefix(time, "frame") ? "" : ", ",
        g_str_has_prefix(time, "frame") ? "" : time);
}

/* Figure 3 of the protocol: the first, one third, two thirds, the last. */
static void
add_series(GString *page, const CsResultsItem *item, size_t i,
           const CsPictures *pictures)
{
    g_string_append(page, "<div class=\"series\">\n");
    for (size_t s = 0; s < N_SERIES; s++) {
        size_t k = (s * (pictures->n - 1) + 1) / (N_SERIES - 1);

        add_view(page, item, i, k, &pictures->picture[k]);
    }
    g_string_append(page, "</div>\n");
}

static const char key[]
    = "<p class=\"quiet\">Yellow: outer edge (dashed where the frame is not "
      "plain ok). Cyan: edge of the core, where it could be told. Numbers: "
      "particle_id.</p>\n";

static void
add_viewer(GString *page, const CsResultsItem *item, size_t i,
           const CsPictures *pictures)
{
    if (pictures->n == 1) {
        g_string_append(page, "<div class=\"single\">\n");
        add_view(page, item, i, 0, &pictures->picture[0]);
        g_string_append_printf(page, "</div>\n%s", key);
        return;
    }
    g_string_append_printf(
        page,
        "<details%s><summary>Leaf through %zu frames with the outlines on "
        "them</summary>\n<div class=\"viewer\"><div class=\"controls\">"
        "<button type=\"button\">Play</button>"
        "<label for=\"s%zu\">Frame</label>"
        "<input id=\"s%zu\" type=\"range\" min=\"0\" max=\"%zu\" value=\"0\">"
        "<output for=\"s%zu\"></output></div>\n<div class=\"gallery\" "
        "role=\"group\" aria-label=\"Frames; arrow keys leaf\">\n",
        i == 0 ? " open" : "", pictures->n, i, i, pictures->n - 1, i);
    for (size_t k = 0; k < pictures->n; k++)
        add_view(page, item, i, k, &pictures->picture[k]);
    g_string_append_printf(page, "</div></div>\n%s</details>\n", key);
}

bool
cs_page_add_recording(GString *page, const CsResultsInput *input, size_t i,
                      GError **error)
{
    const CsResultsItem *item = &input->item[i];
    const CsPictures *pictures = item->pictures;

    g_string_append(page, "<section><h3>");
    cs_page_add_name(page, item->measures->recording);
    g_string_append(page, "</h3>\n");
    add_facts(page, item);
    if (pictures != NULL && pictures->n > 0) {
        if (!add_hidden_pictures(page, item, i, pictures, error))
            return false;
        if (pictures->n >= N_SERIES)
            add_series(page, item, i, pictures);
        add_viewer(page, item, i, pictures);
    }
    g_string_append(page, "</section>\n");
    return true;
}
