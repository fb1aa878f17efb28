/* ImageJ's .roi files, read.
 *
 * After ImageJ's RoiDecoder. All numbers are big-endian; a header of 64 bytes
 * holds kind, bounds and options, then come the points as whole numbers
 * relative to the bounds, then the same as floats where the region is
 * sub-pixel; a second header, further on, holds position and name.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/roi.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "core/cursor.h"
#include "formats/roi.h"

enum {
    N_OVAL = 180,  /* points of an ellipse                                  */
    N_CURVE = 8,   /* pieces of a curve in a path                           */
    MAX_RINGS = 1 << 16,
    MAX_NAME = 4096,
};

typedef struct {
    unsigned version, type, subtype, options;
    double   left, top, right, bottom;
    float    numbers[4]; /* at 18: a line, or a sub-pixel box               */
    size_t   n_points;
    size_t   n_path;     /* floats of a composite's path                    */
    uint32_t stroke;
    int32_t  position;
    uint32_t header2;
} Header;

void
cs_roi_clear(CsRoi *roi)
{
    g_free(roi->name);
    cs_polygon_clear(&roi->outline);
    for (size_t i = 0; i < roi->n_rings; i++)
        cs_polygon_clear(&roi->rings[i]);
    g_free(roi->rings);
    *roi = (CsRoi) CS_ROI_INIT;
}

void
cs_rois_clear(CsRois *rois)
{
    for (size_t i = 0; i < rois->n; i++)
        cs_roi_clear(&rois->roi[i]);
    g_free(rois->roi);
    *rois = (CsRois) CS_ROIS_INIT;
}

/* ---- Header --------------------------------------------------------------- */

static bool
read_header(CsCursor *c, Header *h, GError **error)
{
    char magic[4];

    cs_cursor_bytes(c, magic, sizeof magic);
    h->version = cs_cursor_u16(c);
    h->type = cs_cursor_u8(c);
    cs_cursor_skip(c, 1);
    h->top = cs_cursor_i16(c);
    h->left = cs_cursor_i16(c);
    h->bottom = cs_cursor_i16(c);
    h->right = cs_cursor_i16(c);
    h->n_points = cs_cursor_u16(c);
    for (int i = 0; i < 4; i++)
        h->numbers[i] = cs_cursor_f32(c);
    cs_cursor_seek(c, 36);
    h->n_path = cs_cursor_u32(c);
    h->stroke = cs_cursor_u32(c);
    cs_cursor_seek(c, 48);
    h->subtype = cs_cursor_u16(c);
    h->options = cs_cursor_u16(c);
    cs_cursor_seek(c, 56);
    h->position = cs_cursor_i32(c);
    h->header2 = cs_cursor_u32(c);
    if (!cs_cursor_ok(c, error))
        return false;
    if (memcmp(magic, "Iout", sizeof magic) != 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "does not begin like an ImageJ region (Iout)");
    if (h->type > CS_ROI_POINT)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a region of type %u (0 to %d are known)", h->type,
                       CS_ROI_POINT);
    return true;
}

static char *
read_name(CsCursor *c, uint32_t at, uint32_t n)
{
    g_autofree char *words = NULL;

    if (at == 0 || n == 0 || n > MAX_NAME)
        return NULL;
    words = g_malloc(2 * n);
    cs_cursor_seek(c, at);
    cs_cursor_bytes(c, words, 2 * n);
    return g_convert(words, 2 * n, "UTF-8", "UTF-16BE", NULL, NULL, NULL);
}

static bool
read_header2(CsCursor *c, const Header *h, CsRoi *roi, GError **error)
{
    uint32_t name_at, name_n;
    int32_t t;

    roi->type = (CsRoiType) h->type;
    roi->slice = MAX(h->position, 0);
    roi->stroke_argb = h->version >= 218 ? h->stroke : 0;
    if (h->header2 == 0)
        return true;
    cs_cursor_seek(c, (uint64_t) h->header2 + 12);
    t = cs_cursor_i32(c);
    roi->t = MAX(t, 0);
    name_at = cs_cursor_u32(c);
    name_n = cs_cursor_u32(c);
    cs_cursor_skip(c, 6);
    roi->group = cs_cursor_u8(c);
    roi->name = read_name(c, name_at, name_n);
    return cs_cursor_ok(c, error);
}

/* ---- Shapes --------------------------------------------------------------- */

static bool
is_subpixel(const Header *h)
{
    return (h->options & 128) != 0 && h->version >= 222;
}

static bool
box_of(const Header *h, double box[4])
{
    box[0] = h->left;
    box[1] = h->top;
    box[2] = h->right - h->left;
    box[3] = h->bottom - h->top;
    for (int i = 0; is_subpixel(h) && h->version >= 223 && i < 4; i++)
        box[i] = h->numbers[i];
    return isfinite(box[0]) && isfinite(box[1]) && isfinite(box[2])
           && isfinite(box[3]);
}

static bool
make_rectangle(const double box[4], CsPolygon *outline, GError **error)
{
    double x = box[0], y = box[1], w = box[2], h = box[3];

    if (!cs_polygon_resize(outline, 4, error))
        return false;
    outline->points[0] = (CsPoint) { x, y };
    outline->points[1] = (CsPoint) { x + w, y };
    outline->points[2] = (CsPoint) { x + w, y + h };
    outline->points[3] = (CsPoint) { x, y + h };
    return true;
}

/* A polygon of the ellipse's own area: its corners lie a little outside. */
static bool
make_oval(const double box[4], CsPolygon *outline, GError **error)
{
    const double step = 2 * G_PI / N_OVAL;
    const double grow = sqrt(step / sin(step));

    if (!cs_polygon_resize(outline, N_OVAL, error))
        return false;
    for (int i = 0; i < N_OVAL; i++)
        outline->points[i] = (CsPoint) {
            box[0] + box[2] / 2 * (1 + grow * cos(i * step)),
            box[1] + box[3] / 2 * (1 + grow * sin(i * step)),
        };
    return true;
}

static bool
make_line(const Header *h, CsPolygon *outline, GError **error)
{
    if (!cs_polygon_resize(outline, 2, error))
        return false;
    for (int i = 0; i < 2; i++)
        outline->points[i]
            = (CsPoint) { h->numbers[2 * i], h->numbers[2 * i + 1] };
    return true;
}

static bool
check_points(const CsPolygon *outline, GError **error)
{
    for (size_t i = 0; i < outline->n; i++)
        if (!(fabs(outline->points[i].x) < 1e7)
            || !(fabs(outline->points[i].y) < 1e7))
            return cs_fail(error, CS_ERROR_FORMAT,
                           "point %zu is at (%g, %g)", i + 1,
                           outline->points[i].x, outline->points[i].y);
    return true;
}

static bool
read_points(CsCursor *c, const Header *h, CsPolygon *outline, GError **error)
{
    size_t n = h->n_points;

    if (n == 0 && h->type == CS_ROI_POINT) { /* more than 16 bits can say */
        cs_cursor_seek(c, 18);
        n = cs_cursor_u32(c);
    }
    if (n == 0 || n > (cs_source_size(c->source) - 64) / 4)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%zu points cannot be in a region of %zu bytes", n,
                       (size_t) cs_source_size(c->source));
    if (!cs_polygon_resize(outline, n, error))
        return false;
    cs_cursor_seek(c, 64 + (is_subpixel(h) ? 4 * n : 0));
    for (size_t i = 0; i < n; i++)
        outline->points[i].x = is_subpixel(h)
                                   ? (double) cs_cursor_f32(c)
                                   : h->left + cs_cursor_i16(c);
    for (size_t i = 0; i < n; i++)
        outline->points[i].y = is_subpixel(h)
                                   ? (double) cs_cursor_f32(c)
                                   : h->top + cs_cursor_i16(c);
    return cs_cursor_ok(c, error);
}

/* ---- Composites ----------------------------------------------------------- */

typedef struct {
    GPtrArray *rings; /* GArray of CsPoint */
    GArray    *ring;  /* the one being drawn, or NULL */
    CsPoint    at;
} Path;

static void
path_clear(Path *path)
{
    g_clear_pointer(&path->rings, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Path, path_clear)

static void
line_to(Path *path, CsPoint to)
{
    if (path->ring != NULL)
        g_array_append_val(path->ring, to);
    path->at = to;
}

static void
move_to(Path *path, CsPoint to)
{
    path->ring = g_array_new(FALSE, FALSE, sizeof(CsPoint));
    g_ptr_array_add(path->rings, path->ring);
    line_to(path, to);
}

/* A Bezier curve of order 2 or 3 by de Casteljau's rule. */
static void
curve_to(Path *path, const CsPoint *points, int order)
{
    CsPoint start = path->at;

    for (int k = 1; k <= N_CURVE; k++) {
        double t = (double) k / N_CURVE;
        CsPoint p[4] = { start };

        memcpy(p + 1, points, sizeof(CsPoint) * (size_t) order);
        for (int left = order; left > 0; left--)
            for (int i = 0; i < left; i++) {
                p[i].x += t * (p[i + 1].x - p[i].x);
                p[i].y += t * (p[i + 1].y - p[i].y);
            }
        line_to(path, p[0]);
    }
}

static bool
read_command(CsCursor *c, Path *path, size_t *n_left, GError **error)
{
    static const size_t n_numbers[] = { 2, 2, 4, 6, 0 };
    float kind = cs_cursor_f32(c);
    size_t n = kind >= 0 && kind <= 4 ? n_numbers[(int) kind] : SIZE_MAX;
    CsPoint points[3];

    if (n == SIZE_MAX || n + 1 > *n_left || path->rings->len >= MAX_RINGS)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "its path has a command %g that cannot be", kind);
    for (size_t i = 0; i < n / 2; i++) {
        points[i].x = cs_cursor_f32(c);
        points[i].y = cs_cursor_f32(c);
    }
    if (n == 2 && kind < 1)
        move_to(path, points[0]);
    else if (n == 2)
        line_to(path, points[0]);
    else if (n > 2)
        curve_to(path, points, (int) n / 2);
    *n_left -= n + 1;
    return true;
}

static bool
take_rings(const Path *path, CsRoi *roi, GError **error)
{
    double largest = -1;

    roi->rings = g_new0(CsPolygon, path->rings->len);
    roi->n_rings = path->rings->len;
    for (size_t i = 0; i < roi->n_rings; i++) {
        const GArray *ring = path->rings->pdata[i];

        if (!cs_polygon_resize(&roi->rings[i], ring->len, error)
            || ring->len == 0)
            return false;
        memcpy(roi->rings[i].points, ring->data,
               ring->len * sizeof(CsPoint));
        if (!check_points(&roi->rings[i], error))
            return false;
        if (cs_polygon_area(&roi->rings[i]) <= largest)
            continue;
        largest = cs_polygon_area(&roi->rings[i]);
        if (!cs_polygon_copy(&roi->rings[i], &roi->outline, error))
            return false;
    }
    roi->is_composite = roi->n_rings > 1;
    return true;
}

static bool
read_path(CsCursor *c, const Header *h, CsRoi *roi, GError **error)
{
    g_auto(Path) path = { NULL };
    size_t n_left = h->n_path;

    if (n_left > (cs_source_size(c->source) - 64) / 4)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a path of %zu numbers cannot be in a region of %zu "
                       "bytes",
                       n_left, (size_t) cs_source_size(c->source));
    path.rings = g_ptr_array_new_with_free_func(
        (GDestroyNotify) g_array_unref);
    cs_cursor_seek(c, 64);
    while (n_left > 0)
        if (!read_command(c, &path, &n_left, error))
            return false;
    if (!cs_cursor_ok(c, error))
        return false;
    if (path.rings->len == 0)
        return cs_fail(error, CS_ERROR_FORMAT, "its path is empty");
    return take_rings(&path, roi, error);
}

/* ---- All ------------------------------------------------------------------ */

static bool
read_shape(CsCursor *c, const Header *h, CsRoi *roi, GError **error)
{
    double box[4];

    if (h->n_path > 0)
        return read_path(c, h, roi, error);
    switch (h->type) {
    case CS_ROI_RECT:
    case CS_ROI_OVAL:
        if (!box_of(h, box))
            return cs_fail(error, CS_ERROR_FORMAT, "its bounds are no box");
        return h->type == CS_ROI_RECT
                   ? make_rectangle(box, &roi->outline, error)
                   : make_oval(box, &roi->outline, error);
    case CS_ROI_LINE:
        return make_line(h, &roi->outline, error);
    case CS_ROI_NONE:
        return true;
    default:
        return read_points(c, h, &roi->outline, error);
    }
}

bool
cs_roi_decode(GBytes *bytes, CsRoi *roi, GError **error)
{
    g_autoptr(CsSource) source = cs_source_from_bytes(bytes, "the region");
    g_auto(CsRoi) got = CS_ROI_INIT;
    g_auto(CsCursor) c;
    Header h = { 0 };

    cs_cursor_init(&c, source, true);
    if (!read_header(&c, &h, error) || !read_shape(&c, &h, &got, error)
        || !check_points(&got.outline, error)
        || !read_header2(&c, &h, &got, error))
        return false;
    cs_roi_clear(roi);
    *roi = got;
    got = (CsRoi) CS_ROI_INIT;
    return true;
}
