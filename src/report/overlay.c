/* Overlays.
 *
 * Every line has a dark casing and all words a dark ground or rim, so that
 * they show on black and on white. Scale bar and time go to the corners that
 * hold least, the same in all frames. Words grow with the custom property
 * --k, so that small copies of a picture can be read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/overlay.h"

#include <math.h>

enum { MAX_VERTICES = 120, N_CORNERS = 4 };

/* Of the picture's width: margins, words; and what a letter is wide of its
 * height. */
static const double margin = 0.025, word_size = 0.03, letter = 0.62;

typedef struct {
    GString             *svg;
    const CsResultsItem *item;
    const CsPicture     *picture;
    const char          *id;
    double               font; /* pixels of the frame */
} Overlay;

char *
cs_overlay_time(const CsResultsItem *item, size_t frame)
{
    const CsClock *clock = &cs_recording_info(item->recording)->clock;

    if (item->measures->in_pixels || frame >= clock->n_frames
        || clock->n_frames == 1 || !isfinite(clock->start_s[frame]))
        return g_strdup_printf("frame %zu", frame);
    return g_strdup_printf("%.4g s", clock->start_s[frame]);
}

/* ---- Corners ------------------------------------------------------------ */

/* Corners are numbered left to right, bottom before top. */
static bool
is_left(int corner)
{
    return corner % 2 == 0;
}

static bool
is_low(int corner)
{
    return corner < 2;
}

/* How many outlines of all frames reach into a third of the width by a sixth
 * of the height at a corner. */
static size_t
n_in_corner(const Overlay *at, int corner)
{
    const CsOutlines *all = at->item->outlines;
    double w = at->picture->width_px, h = at->picture->height_px;
    double x = is_left(corner) ? 0 : w * 2 / 3;
    double y = is_low(corner) ? h * 5 / 6 : 0;
    size_t n = 0;

    for (size_t i = 0; i < all->n_frames * all->n_particles; i++) {
        const CsOutline *o = &all->outline[i];
        double r = sqrt(o->area_px2 / G_PI);

        n += o->state != CS_OUTLINE_LOST && o->centre_x_px + r > x
             && o->centre_x_px - r < x + w / 3 && o->centre_y_px + r > y
             && o->centre_y_px - r < y + h / 6;
    }
    return n;
}

/* The two emptiest corners; of equal ones the lower, left before right. */
static void
choose_corners(const Overlay *at, int *first, int *second)
{
    size_t n[N_CORNERS];

    *first = *second = -1;
    for (int c = 0; c < N_CORNERS; c++)
        n[c] = n_in_corner(at, c);
    for (int c = 0; c < N_CORNERS; c++)
        if (*first < 0 || n[c] < n[*first])
            *first = c;
    for (int c = 0; c < N_CORNERS; c++)
        if (c != *first && (*second < 0 || n[c] < n[*second]))
            *second = c;
}

/* ---- Words -------------------------------------------------------------- */

/* Words on a dark ground at a corner, `above` pixels off the edge there. */
static void
add_words(const Overlay *at, int corner, double above, const char *words)
{
    double side = margin * at->picture->width_px;
    double size = at->font;
    double width = ((double) g_utf8_strlen(words, -1) * letter + 0.6) * size;
    double x = is_left(corner) ? side : at->picture->width_px - side;
    double y = is_low(corner) ? at->picture->height_px - side - above
                              : side + above;

    g_string_append_printf(
        at->svg,
        "<g style=\"transform:translate(%.1fpx,%.1fpx) scale(var(--k,1))\">"
        "<rect class=\"ground\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
        "height=\"%.1f\" rx=\"%.1f\"/><text class=\"word\" x=\"%.1f\" "
        "y=\"%.1f\" font-size=\"%.1f\" text-anchor=\"middle\">%s</text></g>",
        x, y, is_left(corner) ? 0 : -width,
        is_low(corner) ? -1.35 * size : 0, width, 1.35 * size, 0.2 * size,
        is_left(corner) ? width / 2 : -width / 2,
        is_low(corner) ? -0.32 * size : 1.03 * size, size, words);
}

/* The largest 1, 2 or 5 times a power of ten up to limit. */
static double
round_length(double limit)
{
    double power = pow(10, floor(log10(limit)));

    return power * (limit >= 5 * power ? 5 : limit >= 2 * power ? 2 : 1);
}

double
cs_overlay_bar(const CsResultsItem *item, const CsPicture *picture,
               double *unit, const char **name)
{
    double nm_per_px = cs_recording_info(item->recording)->nm_per_px_x;
    bool in_pixels = item->measures->in_pixels || !(nm_per_px > 0);

    *unit = in_pixels ? 1 : nm_per_px;
    *name = in_pixels ? "px" : "nm";
    return round_length(0.25 * picture->width_px * *unit);
}

static void
add_scale_bar(const Overlay *at, int corner)
{
    const char *name;
    double unit, length = cs_overlay_bar(at->item, at->picture, &unit, &name);
    double side = margin * at->picture->width_px, high = 0.3 * at->font;
    double x = is_left(corner)
                   ? side
                   : at->picture->width_px - side - length / unit;
    double y = is_low(corner) ? at->picture->height_px - side - high : side;
    g_autofree char *words = g_strdup_printf("%g %s", length, name);

    g_string_append_printf(at->svg,
                           "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" "
                           "width=\"%.1f\" height=\"%.1f\" "
                           "stroke-width=\"%.1f\"/>",
                           x, y, length / unit, high, 0.25 * high);
    add_words(at, corner, 1.6 * high, words);
}

/* ---- Particles ---------------------------------------------------------- */

static void
add_contour(const Overlay *at, const CsPolygon *polygon, size_t number,
            const char *class)
{
    size_t stride = (polygon->n + MAX_VERTICES - 1) / MAX_VERTICES;

    if (polygon->n < 3)
        return;
    g_string_append_printf(at->svg,
                           "<defs><path id=\"%sc%zu\" class=\"line\" d=\"",
                           at->id, number);
    for (size_t i = 0; i < polygon->n; i += stride)
        g_string_append_printf(at->svg, "%c%.1f %.1f", i == 0 ? 'M' : 'L',
                               polygon->points[i].x, polygon->points[i].y);
    g_string_append_printf(at->svg,
                           "Z\"/></defs><use class=\"casing\" "
                           "href=\"#%sc%zu\"/><use class=\"%s\" "
                           "href=\"#%sc%zu\"/>",
                           at->id, number, class, at->id, number);
}

/* In the middle of the particle where there is room for it, else beside it,
 * on the side that is in the picture. */
static void
add_number(const Overlay *at, const CsOutline *o, int particle_id)
{
    double r = sqrt(o->area_px2 / G_PI);
    double size = CLAMP(0.6 * r, 0.5 * at->font, at->font);
    double x = o->centre_x_px, y = o->centre_y_px + 0.35 * size;
    const char *anchor = "middle";

    if (r < 1.2 * size) {
        bool left = x + r + 3 * size > at->picture->width_px;

        x += left ? -0.75 * r - 0.1 * size : 0.75 * r + 0.1 * size;
        y = MAX(o->centre_y_px - 0.75 * r, size);
        anchor = left ? "end" : "start";
    }
    g_string_append_printf(at->svg,
                           "<text class=\"on\" x=\"%.1f\" y=\"%.1f\" "
                           "font-size=\"%.1f\" text-anchor=\"%s\">%d</text>",
                           x, y, size, anchor, particle_id);
}

static bool
add_particle(const Overlay *at, size_t p, GError **error)
{
    const CsOutlines *outlines = at->item->outlines;
    const CsOutline *o = cs_outlines_at(outlines, at->picture->frame, p);
    g_auto(CsPolygon) outer = CS_POLYGON_INIT;
    g_auto(CsPolygon) core = CS_POLYGON_INIT;

    if (o->state == CS_OUTLINE_LOST)
        return true;
    if (!cs_outline_polygon(o, outlines->n_angles, false, &outer, error)
        || !cs_outline_polygon(o, outlines->n_angles, true, &core, error))
        return false;
    add_contour(at, &core, 2 * p + 1, "core");
    add_contour(at, &outer, 2 * p,
                o->state == CS_OUTLINE_OK ? "outer" : "outer unsure");
    if (outer.n >= 3)
        add_number(at, o, outlines->particle_id[p]);
    return true;
}

bool
cs_overlay_add(GString *svg, const CsResultsItem *item,
               const CsPicture *picture, const char *id, GError **error)
{
    const Overlay at
        = { svg, item, picture, id, word_size * picture->width_px };
    gsize n;
    const guchar *jpeg = g_bytes_get_data(picture->jpeg, &n);
    g_autofree char *base64 = g_base64_encode(jpeg, n);
    g_autofree char *time = cs_overlay_time(item, picture->frame);
    int bar, clock;

    g_string_append_printf(
        svg,
        "<g id=\"%s\"><image width=\"%g\" height=\"%g\" "
        "preserveAspectRatio=\"none\" href=\"data:image/jpeg;base64,",
        id, picture->width_px, picture->height_px);
    g_string_append(svg, base64);
    g_string_append(svg, "\"/>");
    for (size_t p = 0; p < item->outlines->n_particles
                       && picture->frame < item->outlines->n_frames; p++)
        if (!add_particle(&at, p, error))
            return false;
    choose_corners(&at, &bar, &clock);
    add_scale_bar(&at, bar);
    if (cs_recording_info(item->recording)->n_frames > 1)
        add_words(&at, clock, 0, time);
    g_string_append(svg, "</g>\n");
    return true;
}
