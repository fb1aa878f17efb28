/* ImageJ's .roi files, written.
 *
 * After ImageJ's RoiEncoder (version 227).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "formats/roi.h"

enum { MAX_POINTS = 65535, VERSION = 227, SUB_PIXEL = 128 };

typedef struct {
    double left, top, right, bottom;
} Bounds;

static Bounds
bounds_of(const CsPolygon *outline)
{
    Bounds b = { INFINITY, INFINITY, -INFINITY, -INFINITY };

    for (size_t i = 0; i < outline->n; i++) {
        b.left = fmin(b.left, outline->points[i].x);
        b.top = fmin(b.top, outline->points[i].y);
        b.right = fmax(b.right, outline->points[i].x);
        b.bottom = fmax(b.bottom, outline->points[i].y);
    }
    if (outline->n == 0)
        return (Bounds) { 0 };
    return (Bounds) { floor(b.left), floor(b.top), ceil(b.right),
                      ceil(b.bottom) };
}

char *
cs_roi_default_name(const CsRoi *roi)
{
    Bounds b = bounds_of(&roi->outline);
    int digits = b.right >= 10000 || b.bottom >= 10000 ? 5 : 4;
    int x = (int) CLAMP((b.left + b.right) / 2, 0, 99999);
    int y = (int) CLAMP((b.top + b.bottom) / 2, 0, 99999);

    return g_strdup_printf("%04d-%0*d-%0*d", MAX(roi->slice, roi->t), digits,
                           y, digits, x);
}

/* ---- Bytes ---------------------------------------------------------------- */

static void
put16(GByteArray *to, int value)
{
    guint16 word = GUINT16_TO_BE((guint16) value);

    g_byte_array_append(to, (const guint8 *) &word, sizeof word);
}

static void
put32(GByteArray *to, guint32 value)
{
    value = GUINT32_TO_BE(value);
    g_byte_array_append(to, (const guint8 *) &value, sizeof value);
}

static void
put_float(GByteArray *to, double value)
{
    float narrow = (float) value;
    guint32 bits;

    memcpy(&bits, &narrow, sizeof bits);
    put32(to, bits);
}

static void
put_zeros(GByteArray *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        g_byte_array_append(to, (const guint8 *) "", 1);
}

static int
to_short(double value)
{
    return (int) CLAMP(lrint(value), G_MININT16, G_MAXINT16);
}

static bool
is_whole(const CsPolygon *outline)
{
    for (size_t i = 0; i < outline->n; i++) {
        CsPoint p = outline->points[i];

        if (fabs(p.x - rint(p.x)) > 0 || fabs(p.y - rint(p.y)) > 0
            || !(fabs(p.x) < G_MAXINT16) || !(fabs(p.y) < G_MAXINT16))
            return false;
    }
    return true;
}

/* What a region is written as: what has points keeps its kind. */
static CsRoiType
written_type(const CsRoi *roi)
{
    switch (roi->type) {
    case CS_ROI_RECT:
    case CS_ROI_OVAL:
    case CS_ROI_NONE:
        return CS_ROI_POLYGON;
    case CS_ROI_LINE:
        return roi->outline.n == 2 ? CS_ROI_LINE : CS_ROI_POLYLINE;
    default:
        return roi->type;
    }
}

typedef struct {
    const CsRoi *roi;
    CsRoiType    type;
    Bounds       bounds;
    size_t       stride; /* every how many points are kept                  */
    size_t       n;      /* points kept                                     */
    bool         is_whole;
} Plan;

static void
put_header(GByteArray *to, const Plan *plan)
{
    const CsRoi *roi = plan->roi;
    bool is_line = plan->type == CS_ROI_LINE;
    size_t points = is_line ? 0 : plan->n * (plan->is_whole ? 4 : 12);
    const CsPoint *p = roi->outline.points;

    g_byte_array_append(to, (const guint8 *) "Iout", 4);
    put16(to, VERSION);
    put16(to, (int) plan->type << 8);
    put16(to, to_short(plan->bounds.top));
    put16(to, to_short(plan->bounds.left));
    put16(to, to_short(plan->bounds.bottom));
    put16(to, to_short(plan->bounds.right));
    put16(to, is_line ? 0 : (int) plan->n);
    for (int i = 0; i < 2; i++) { /* of a line; else zeros */
        put_float(to, is_line ? p[i].x : 0);
        put_float(to, is_line ? p[i].y : 0);
    }
    put16(to, 0); /* stroke width: default */
    put32(to, 0); /* no path */
    put32(to, roi->stroke_argb);
    put32(to, 0); /* not filled */
    put16(to, 0); /* no subtype */
    put16(to, plan->is_whole ? 0 : SUB_PIXEL);
    put32(to, 0);
    put32(to, (guint32) roi->slice);
    put32(to, (guint32) (64 + points));
}

static void
put_points(GByteArray *to, const Plan *plan)
{
    const CsPoint *p = plan->roi->outline.points;

    for (size_t i = 0; i < plan->n; i++)
        put16(to, to_short(p[i * plan->stride].x - plan->bounds.left));
    for (size_t i = 0; i < plan->n; i++)
        put16(to, to_short(p[i * plan->stride].y - plan->bounds.top));
    if (plan->is_whole)
        return;
    for (size_t i = 0; i < plan->n; i++)
        put_float(to, p[i * plan->stride].x);
    for (size_t i = 0; i < plan->n; i++)
        put_float(to, p[i * plan->stride].y);
}

static void
put_header2(GByteArray *to, const Plan *plan)
{
    const CsRoi *roi = plan->roi;
    g_autofree char *own = roi->name == NULL ? cs_roi_default_name(roi)
                                             : g_utf8_make_valid(roi->name, -1);
    glong n = 0;
    g_autofree gunichar2 *name = g_utf8_to_utf16(own, -1, NULL, &n, NULL);
    guint32 at = to->len;
    guint8 group = (guint8) CLAMP(roi->group, 0, 255);

    put_zeros(to, 12); /* no channel, no z */
    /* ImageJ prefers T to the plain position, but a stack that has only time
     * is no hyperstack to it: then it would show the region on no slice. */
    put32(to, roi->slice > 0 ? 0 : (guint32) roi->t);
    put32(to, at + 64);
    put32(to, (guint32) n);
    put_zeros(to, 6); /* label colour and size of the font: default */
    g_byte_array_append(to, &group, 1);
    put_zeros(to, 33);
    for (glong i = 0; i < n; i++)
        put16(to, name[i]);
}

GBytes *
cs_roi_encode(const CsRoi *roi)
{
    GByteArray *bytes = g_byte_array_new();
    Plan plan = {
        .roi = roi,
        .type = written_type(roi),
        .bounds = bounds_of(&roi->outline),
        .stride = (roi->outline.n + MAX_POINTS - 1) / MAX_POINTS,
        .is_whole = is_whole(&roi->outline),
    };

    plan.stride = MAX(plan.stride, 1);
    plan.n = (roi->outline.n + plan.stride - 1) / plan.stride;
    put_header(bytes, &plan);
    if (plan.type != CS_ROI_LINE)
        put_points(bytes, &plan);
    put_header2(bytes, &plan);
    return g_byte_array_free_to_bytes(bytes);
}
