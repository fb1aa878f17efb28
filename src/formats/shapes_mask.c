/* Outlines as masks of pixels, and back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/shapes.h"

/* ---- Painting -------------------------------------------------------- */

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

/* Where the outline crosses the line through the centres of a row. */
static void
find_crossings(const CsPolygon *polygon, double y, GArray *crossings)
{
    g_array_set_size(crossings, 0);
    for (size_t i = 0, j = polygon->n - 1; i < polygon->n; j = i++) {
        const CsPoint *a = &polygon->points[j], *b = &polygon->points[i];
        double x;

        if ((a->y > y) == (b->y > y))
            continue;
        x = a->x + (y - a->y) / (b->y - a->y) * (b->x - a->x);
        g_array_append_val(crossings, x);
    }
    qsort(crossings->data, crossings->len, sizeof(double), by_value);
}

/* The first pixel whose centre is at or right of x. */
static size_t
pixel_from(double x, size_t width)
{
    double first = ceil(x - 0.5);

    return first <= 0 ? 0 : first >= (double) width ? width : (size_t) first;
}

size_t
cs_mask_paint(const CsPolygon *polygon, guint32 value, guint32 *px,
              size_t width, size_t height)
{
    g_autoptr(GArray) crossings = g_array_new(FALSE, FALSE, sizeof(double));
    double top = INFINITY, bottom = -INFINITY;
    size_t n = 0;

    for (size_t i = 0; i < polygon->n; i++) {
        top = fmin(top, polygon->points[i].y);
        bottom = fmax(bottom, polygon->points[i].y);
    }
    if (!(bottom > 0 && top < (double) height))
        return 0;
    for (size_t j = pixel_from(top, height);
         j < MIN(pixel_from(bottom, height) + 1, height); j++) {
        find_crossings(polygon, (double) j + 0.5, crossings);
        for (guint k = 0; k + 1 < crossings->len; k += 2) {
            size_t end
                = pixel_from(g_array_index(crossings, double, k + 1), width);

            for (size_t i
                 = pixel_from(g_array_index(crossings, double, k), width);
                 i < end; i++, n++)
                px[j * width + i] = value;
        }
    }
    return n;
}

/* ---- Tracing --------------------------------------------------------- */

typedef struct {
    const guint32 *px;
    guint32   *patch_of; /* number of the patch, from 1 */
    size_t     width, height;
    GArray    *stack;  /* of size_t */
    GHashTable *best;  /* value (or number, if each_piece) -> Patch * */
    guint32    n_patches;
    bool       each_piece; /* cells that meet at a corner are joined */
} Trace;

typedef struct {
    guint32 value;
    guint32 number;
    size_t  first; /* its first pixel in reading order */
    size_t  n_px;
    guint32 n_pieces; /* of its label up to now */
} Patch;

static void
visit(Trace *t, size_t at, guint32 value)
{
    if (t->px[at] != value || t->patch_of[at] != 0)
        return;
    t->patch_of[at] = t->n_patches;
    g_array_append_val(t->stack, at);
}

static void
visit_corners(Trace *t, size_t at, guint32 value)
{
    size_t i = at % t->width, w = t->width;

    if (at >= w && i > 0)
        visit(t, at - w - 1, value);
    if (at >= w && i + 1 < w)
        visit(t, at - w + 1, value);
    if (at + w < w * t->height && i > 0)
        visit(t, at + w - 1, value);
    if (at + w < w * t->height && i + 1 < w)
        visit(t, at + w + 1, value);
}

/* Marks the patch that begins at `first`; its number of pixels. */
static size_t
flood(Trace *t, size_t first)
{
    guint32 value = t->px[first];
    size_t n = 0;

    t->n_patches++;
    visit(t, first, value);
    while (t->stack->len > 0) {
        size_t at = g_array_index(t->stack, size_t, t->stack->len - 1);
        size_t i = at % t->width;

        g_array_set_size(t->stack, t->stack->len - 1);
        n++;
        if (i > 0)
            visit(t, at - 1, value);
        if (i + 1 < t->width)
            visit(t, at + 1, value);
        if (at >= t->width)
            visit(t, at - t->width, value);
        if (at + t->width < t->width * t->height)
            visit(t, at + t->width, value);
        if (t->each_piece)
            visit_corners(t, at, value);
    }
    return n;
}

/* Keeps the largest patch of each label, or each one. */
static bool
keep(Trace *t, const Patch *patch, GError **error)
{
    gpointer key = GUINT_TO_POINTER(t->each_piece ? patch->number
                                                  : patch->value);
    Patch *best = g_hash_table_lookup(t->best, key);

    if (best != NULL) {
        guint32 n_pieces = best->n_pieces + 1;

        if (patch->n_px > best->n_px)
            *best = *patch;
        best->n_pieces = n_pieces;
        return true;
    }
    if (g_hash_table_size(t->best) >= CS_SHAPES_MAX_REGIONS)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "has more than the %d %s allowed",
                       CS_SHAPES_MAX_REGIONS,
                       t->each_piece ? "pieces of a label" : "labels");
    g_hash_table_insert(t->best, key, g_memdup2(patch, sizeof *patch));
    return true;
}

static bool
find_patches(Trace *t, GError **error)
{
    for (size_t at = 0; at < t->width * t->height; at++) {
        Patch patch = { .value = t->px[at], .first = at, .n_pieces = 1 };

        if (patch.value == 0 || t->patch_of[at] != 0)
            continue;
        patch.n_px = flood(t, at);
        patch.number = t->n_patches;
        if (!keep(t, &patch, error))
            return false;
    }
    return true;
}

/* Whether the pixel at corner (x, y) + (dx, dy), which are 0 or -1, is of the
 * patch. */
static bool
is_in(const Trace *t, guint32 number, ptrdiff_t i, ptrdiff_t j)
{
    return i >= 0 && j >= 0 && (size_t) i < t->width
           && (size_t) j < t->height
           && t->patch_of[(size_t) j * t->width + (size_t) i] == number;
}

/* Directions: right, down, left, up. The pixels ahead, on the right and on the
 * left of the way, from a corner. */
static const int step[4][2] = { { 1, 0 }, { 0, 1 }, { -1, 0 }, { 0, -1 } };
static const int right_of[4][2] = { { 0, 0 }, { -1, 0 }, { -1, -1 }, { 0, -1 } };
static const int left_of[4][2] = { { 0, -1 }, { 0, 0 }, { -1, 0 }, { -1, -1 } };

/* Walks round the patch along pixel edges with the patch on the right. Where
 * two pixels of it touch at a corner only, it turns right where they are not
 * joined there, and left where they are. */
static bool
walk(const Trace *t, const Patch *patch, GArray *points, GError **error)
{
    ptrdiff_t x0 = (ptrdiff_t) (patch->first % t->width);
    ptrdiff_t y0 = (ptrdiff_t) (patch->first / t->width);
    ptrdiff_t x = x0, y = y0;
    int way = 0, before = -1;
    bool on_right, on_left;

    g_array_set_size(points, 0);
    do {
        if (way != before
            && !cs_shapes_add_point(points, (double) x, (double) y, error))
            return false;
        before = way;
        x += step[way][0];
        y += step[way][1];
        on_right = is_in(t, patch->number, x + right_of[way][0],
                         y + right_of[way][1]);
        on_left = is_in(t, patch->number, x + left_of[way][0],
                        y + left_of[way][1]);
        if (on_left && (on_right || t->each_piece))
            way = (way + 3) % 4;
        else if (!on_right)
            way = (way + 1) % 4;
    } while (x != x0 || y != y0);
    return true;
}

static int
by_label(gconstpointer a, gconstpointer b)
{
    const Patch *x = *(Patch *const *) a, *y = *(Patch *const *) b;

    if (x->value != y->value)
        return x->value > y->value ? 1 : -1;
    return (x->number > y->number) - (x->number < y->number);
}

static void
describe(const Trace *t, const Patch *p, size_t k, int slice, CsRoi *roi)
{
    guint32 n = t->each_piece ? t->n_patches : p->n_pieces;

    roi->type = CS_ROI_POLYGON;
    roi->slice = slice;
    roi->group = p->value <= 255 ? (int) p->value : 0;
    roi->n_pieces = n > 1 ? n : 0;
    roi->is_piece = n > 1 && t->each_piece;
    roi->name = roi->is_piece
                    ? g_strdup_printf("piece %zu, slice %d", k + 1, slice)
                    : g_strdup_printf("label %u, slice %d", p->value, slice);
}

static bool
trace_patches(const Trace *t, int slice, GArray *list, GError **error)
{
    g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(CsPoint));
    g_autoptr(GPtrArray) patches = g_ptr_array_new();
    GHashTableIter iter;
    gpointer patch;

    g_hash_table_iter_init(&iter, t->best);
    while (g_hash_table_iter_next(&iter, NULL, &patch))
        g_ptr_array_add(patches, patch);
    g_ptr_array_sort(patches, by_label);
    for (guint i = 0; i < patches->len; i++) {
        const Patch *p = patches->pdata[i];
        g_auto(CsRoi) roi = CS_ROI_INIT;

        if (!walk(t, p, points, error)
            || !cs_shapes_set_outline(&roi, points, error))
            return false;
        describe(t, p, i, slice, &roi);
        if (!cs_shapes_add(list, &roi, error))
            return false;
    }
    return true;
}

bool
cs_mask_trace(const guint32 *px, size_t width, size_t height, int slice,
              bool each_piece, GArray *list, GError **error)
{
    Trace t = { .px = px, .width = width, .height = height,
                .each_piece = each_piece };
    bool ok;

    t.patch_of = cs_try_alloc(width * height, sizeof *t.patch_of, "the mask",
                              error);
    if (t.patch_of == NULL)
        return false;
    t.stack = g_array_new(FALSE, FALSE, sizeof(size_t));
    t.best = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL,
                                   g_free);
    ok = find_patches(&t, error) && trace_patches(&t, slice, list, error);
    g_hash_table_unref(t.best);
    g_array_unref(t.stack);
    g_free(t.patch_of);
    return ok;
}
