/* Overlays.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/overlay.h"

#include <math.h>

enum { MAX_VERTICES = 120 };

/* The largest 1, 2 or 5 times a power of ten up to limit. */
static double
round_length(double limit)
{
    double power = pow(10, floor(log10(limit)));

    return power * (limit >= 5 * power ? 5 : limit >= 2 * power ? 2 : 1);
}

static void
add_scale_bar(GString *svg, const CsResultsItem *item,
              const CsPicture *picture, double font)
{
    double nm_per_px = cs_recording_info(item->recording)->nm_per_px_x;
    bool in_pixels = item->measures->in_pixels || !(nm_per_px > 0);
    double unit = in_pixels ? 1 : nm_per_px;
    double length = round_length(0.25 * picture->width_px * unit);
    double x = 0.03 * picture->width_px;
    double y = picture->height_px - 0.03 * picture->width_px;

    g_string_append_printf(
        svg,
        "<path class=\"bar\" d=\"M%.1f %.1fh%.1f\" stroke-width=\"%.1f\"/>"
        "<text class=\"on\" x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\">%g %s</text>",
        x, y, length / unit, 0.3 * font, x, y - 0.5 * font, font,
        length >= 1000 && !in_pixels ? length / 1000 : length,
        in_pixels ? "px" : length >= 1000 ? "µm" : "nm");
}

char *
cs_overlay_time(const CsResultsItem *item, size_t frame)
{
    const CsClock *clock = &cs_recording_info(item->recording)->clock;

    if (item->measures->in_pixels || frame >= clock->n_frames
        || !isfinite(clock->start_s[frame]))
        return g_strdup_printf("frame %zu", frame);
    return g_strdup_printf("%.4g s", clock->start_s[frame]);
}

static void
add_contour(GString *svg, const CsPolygon *polygon, const char *class)
{
    size_t stride = (polygon->n + MAX_VERTICES - 1) / MAX_VERTICES;

    if (polygon->n < 3)
        return;
    g_string_append_printf(svg, "<path class=\"%s\" d=\"", class);
    for (size_t i = 0; i < polygon->n; i += stride)
        g_string_append_printf(svg, "%c%.1f %.1f", i == 0 ? 'M' : 'L',
                               polygon->points[i].x, polygon->points[i].y);
    g_string_append(svg, "Z\"/>");
}

static bool
add_particle(GString *svg, const CsOutlines *outlines, size_t frame, size_t p,
             double font, GError **error)
{
    const CsOutline *o = cs_outlines_at(outlines, frame, p);
    g_auto(CsPolygon) outer = CS_POLYGON_INIT;
    g_auto(CsPolygon) core = CS_POLYGON_INIT;

    if (o->state == CS_OUTLINE_LOST)
        return true;
    if (!cs_outline_polygon(o, outlines->n_angles, false, &outer, error)
        || !cs_outline_polygon(o, outlines->n_angles, true, &core, error))
        return false;
    add_contour(svg, &core, "core");
    add_contour(svg, &outer,
                o->state == CS_OUTLINE_OK ? "outer" : "outer unsure");
    if (outer.n >= 3)
        g_string_append_printf(
            svg,
            "<text class=\"on\" x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" "
            "text-anchor=\"middle\">%d</text>",
            o->centre_x_px, o->centre_y_px + 0.35 * font, font,
            outlines->particle_id[p]);
    return true;
}

bool
cs_overlay_add(GString *svg, const CsResultsItem *item,
               const CsPicture *picture, const char *id, GError **error)
{
    gsize n;
    const guchar *jpeg = g_bytes_get_data(picture->jpeg, &n);
    g_autofree char *base64 = g_base64_encode(jpeg, n);
    g_autofree char *time = cs_overlay_time(item, picture->frame);
    double font = picture->width_px / 30;

    g_string_append_printf(
        svg,
        "<g id=\"%s\"><image width=\"%g\" height=\"%g\" "
        "preserveAspectRatio=\"none\" href=\"data:image/jpeg;base64,",
        id, picture->width_px, picture->height_px);
    g_string_append(svg, base64);
    g_string_append(svg, "\"/>");
    for (size_t p = 0; p < item->outlines->n_particles
                       && picture->frame < item->outlines->n_frames; p++)
        if (!add_particle(svg, item->outlines, picture->frame, p, font,
                          error))
            return false;
    add_scale_bar(svg, item, picture, font);
    g_string_append_printf(
        svg,
        "<text class=\"on\" x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" "
        "text-anchor=\"end\">%s</text></g>\n",
        0.97 * picture->width_px,
        picture->height_px - 0.03 * picture->width_px, font, time);
    return true;
}
