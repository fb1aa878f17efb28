/* COCO: one JSON file with images and annotations; polygons, or runs of pixels
 * down the columns (RLE, plain or packed as pycocotools does).
 *
 * The frame of an image is its "frame" where it has one (ours do), else its
 * place among the images by id.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "core/text.h"
#include "formats/json_text.h"
#include "formats/shapes.h"

/* ---- Out ------------------------------------------------------------- */

static void
add_images(GString *text, const CsShapesImage *image)
{
    g_string_append(text, "{\n\"images\": [");
    for (size_t f = 0; f < image->n_frames; f++) {
        g_string_append_printf(text, "%s\n  {\"id\": %zu, \"file_name\": ",
                               f > 0 ? "," : "", f + 1);
        cs_text_add_json(text, image->image);
        g_string_append_printf(text, ", \"width\": %zu, \"height\": %zu, "
                                     "\"frame\": %zu}", image->width,
                               image->height, f);
    }
    g_string_append(text, "\n],\n\"categories\": [{\"id\": 1, \"name\": "
                          "\"particle\"}],\n\"annotations\": [");
}

static void
add_box(GString *text, const CsPolygon *p)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;

    for (size_t i = 0; i < p->n; i++) {
        x0 = fmin(x0, p->points[i].x);
        y0 = fmin(y0, p->points[i].y);
        x1 = fmax(x1, p->points[i].x);
        y1 = fmax(y1, p->points[i].y);
    }
    g_string_append(text, "\"bbox\": [");
    cs_shapes_add_number(text, x0);
    g_string_append(text, ", ");
    cs_shapes_add_number(text, y0);
    g_string_append(text, ", ");
    cs_shapes_add_number(text, x1 - x0);
    g_string_append(text, ", ");
    cs_shapes_add_number(text, y1 - y0);
    g_string_append(text, "]");
}

static void
add_annotation(GString *text, const CsRois *rois, size_t i)
{
    const CsRoi *roi = &rois->roi[i];

    g_string_append_printf(text, "%s\n  {\"id\": %zu, \"image_id\": %zu, "
                                 "\"category_id\": 1, \"iscrowd\": 0, "
                                 "\"particle_id\": %d, \"name\": ",
                           i > 0 ? "," : "", i + 1, cs_shapes_frame(roi) + 1,
                           cs_shapes_id(rois, i));
    cs_text_add_json(text, roi->name != NULL ? roi->name : "");
    g_string_append(text, ", \"area\": ");
    cs_shapes_add_number(text, cs_polygon_area(&roi->outline));
    g_string_append(text, ", ");
    add_box(text, &roi->outline);
    g_string_append(text, ", \"segmentation\": [[");
    for (size_t k = 0; k < roi->outline.n; k++) {
        g_string_append(text, k > 0 ? ", " : "");
        cs_shapes_add_number(text, roi->outline.points[k].x);
        g_string_append(text, ", ");
        cs_shapes_add_number(text, roi->outline.points[k].y);
    }
    g_string_append(text, "]]}");
}

static bool
write_coco(const CsRois *rois, const CsShapesImage *image, const char *path,
           GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    add_images(text, image);
    for (size_t i = 0; i < rois->n; i++)
        add_annotation(text, rois, i);
    g_string_append(text, "\n]\n}\n");
    return cs_shapes_put(path, text, error);
}

/* ---- Images ---------------------------------------------------------- */

typedef struct {
    double id;
    double frame;
} Image;

static int
by_id(const void *a, const void *b)
{
    const Image *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static GArray *
read_images(JsonObject *root, GError **error)
{
    JsonArray *array = cs_json_list(root, "images");
    g_autoptr(GArray) images = g_array_new(FALSE, FALSE, sizeof(Image));

    for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
        JsonObject *object = cs_json_object_of(array, i);
        Image image = { cs_shapes_json_number(object, "id"),
                        cs_shapes_json_number(object, "frame") };

        if (isnan(image.id)) {
            cs_fail(error, CS_ERROR_FORMAT, "image %u has no id", i);
            return NULL;
        }
        g_array_append_val(images, image);
    }
    g_array_sort(images, by_id);
    return g_steal_pointer(&images);
}

/* The slice, from 1, of an image; 0 for an unknown one. */
static int
slice_of(const GArray *images, double id)
{
    const Image wanted = { id, NAN };
    guint at = 0;
    double frame;

    if (isnan(id) || images->len == 0
        || !g_array_binary_search((GArray *) images, &wanted, by_id, &at))
        return 0;
    frame = g_array_index(images, Image, at).frame;
    return frame >= 0 && frame < 1e9 ? (int) frame + 1 : (int) at + 1;
}

/* ---- Runs of pixels -------------------------------------------------- */

/* pycocotools' packing: 5 bits a letter, the sixth says that more follow; from
 * the third on a count is the difference to the one two before. */
static bool
unpack_counts(const char *text, GArray *counts)
{
    while (*text != '\0') {
        gint64 value = 0;
        int shift = 0, letter;

        do {
            letter = *text++ - 48;
            if (letter < 0 || letter > 63 || shift > 30)
                return false;
            value |= (gint64) (letter & 31) << shift;
            shift += 5;
        } while ((letter & 32) != 0);
        if ((letter & 16) != 0)
            value -= (gint64) 1 << shift;
        if (counts->len > 2)
            value += g_array_index(counts, gint64, counts->len - 2);
        g_array_append_val(counts, value);
    }
    return true;
}

static bool
read_counts(JsonObject *rle, GArray *counts)
{
    JsonArray *plain = cs_json_list(rle, "counts");
    const char *packed = cs_json_text(rle, "counts");

    if (packed != NULL)
        return unpack_counts(packed, counts);
    for (guint i = 0; plain != NULL && i < json_array_get_length(plain); i++) {
        double value = cs_shapes_json_number_at(plain, i);
        gint64 count = value >= 0 && value < 1e15 ? (gint64) value : -1;

        g_array_append_val(counts, count);
    }
    return plain != NULL;
}

/* Fills a mask from runs of 0 and 1 in turn, down the columns. */
static bool
fill_runs(const GArray *counts, guint32 *px, size_t width, size_t height)
{
    size_t at = 0, n = width * height;

    for (guint i = 0; i < counts->len; i++) {
        gint64 count = g_array_index(counts, gint64, i);

        if (count < 0 || (guint64) count > n - at)
            return false;
        for (size_t end = at + (size_t) count; at < end; at++)
            px[at % height * width + at / height] = i % 2;
    }
    return true;
}

/* Masks of all annotations together: so much takes a few seconds. */
static const double max_mask_px = 1 << 30;

typedef struct {
    GArray *images; /* of Image */
    GArray *list;   /* of CsRoi */
    double  mask_px; /* traced so far */
} Reading;

static bool
read_rle(Reading *r, JsonObject *rle, int slice, GError **error)
{
    g_autoptr(GArray) counts = g_array_new(FALSE, FALSE, sizeof(gint64));
    JsonArray *size = cs_json_list(rle, "size");
    double h = size != NULL ? cs_shapes_json_number_at(size, 0) : NAN;
    double w = size != NULL ? cs_shapes_json_number_at(size, 1) : NAN;
    g_autofree guint32 *px = NULL;

    if (!(h >= 1 && h <= CS_MAX_SIDE && w >= 1 && w <= CS_MAX_SIDE))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "its runs are of %g × %g pixels, allowed are 1 to %d",
                       w, h, CS_MAX_SIDE);
    r->mask_px += w * h;
    if (r->mask_px > max_mask_px)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "the masks have more than the %g pixels allowed",
                       max_mask_px);
    px = cs_try_alloc((size_t) w * (size_t) h, sizeof *px, "the mask", error);
    if (px == NULL)
        return false;
    if (!read_counts(rle, counts)
        || !fill_runs(counts, px, (size_t) w, (size_t) h))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "its runs do not fit %g × %g pixels", w, h);
    return cs_mask_trace(px, (size_t) w, (size_t) h, slice, false, r->list,
                         error);
}

/* ---- Annotations ----------------------------------------------------- */

/* The largest ring; others are parts that something hides. */
static bool
read_polygons(JsonArray *rings, int slice, GArray *list, GError **error)
{
    g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(CsPoint));
    g_auto(CsRoi) best = CS_ROI_INIT;

    for (guint i = 0; i < json_array_get_length(rings); i++) {
        JsonArray *ring = cs_shapes_json_array_at(rings, i);
        g_auto(CsRoi) roi = CS_ROI_INIT;

        g_array_set_size(points, 0);
        for (guint k = 0; ring != NULL && k < json_array_get_length(ring);
             k += 2)
            if (!cs_shapes_add_point(points,
                                     cs_shapes_json_number_at(ring, k),
                                     cs_shapes_json_number_at(ring, k + 1),
                                     error))
                return false;
        if (!cs_shapes_set_outline(&roi, points, error))
            return false;
        if (best.outline.n == 0
            || cs_polygon_area(&roi.outline)
                   > cs_polygon_area(&best.outline)) {
            CsPolygon old = best.outline;

            best.outline = roi.outline;
            roi.outline = old;
        }
    }
    if (best.outline.n == 0)
        return cs_fail(error, CS_ERROR_FORMAT, "has no polygon");
    best.type = CS_ROI_POLYGON;
    best.slice = slice;
    return cs_shapes_add(list, &best, error);
}

static bool
read_annotation(Reading *r, JsonObject *a, GError **error)
{
    JsonArray *polygons = cs_json_list(a, "segmentation");
    JsonObject *rle = cs_json_member(a, "segmentation");
    int slice = slice_of(r->images, cs_shapes_json_number(a, "image_id"));
    double id = cs_shapes_json_number(a, "particle_id");
    guint before = r->list->len;
    CsRoi *roi;

    if (slice == 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "its image_id is none of the images");
    if (polygons == NULL && rle == NULL)
        return cs_fail(error, CS_ERROR_FORMAT, "has no segmentation");
    if (rle != NULL ? !read_rle(r, rle, slice, error)
                    : !read_polygons(polygons, slice, r->list, error))
        return false;
    if (r->list->len == before)
        return cs_fail(error, CS_ERROR_FORMAT, "its mask is empty");
    roi = &g_array_index(r->list, CsRoi, before);
    g_free(roi->name);
    roi->name = g_strdup(cs_json_text(a, "name"));
    roi->group = id >= 0 && id <= 255 ? (int) id : 0;
    return true;
}

static bool
read_coco(const char *path, CsRois *rois, GError **error)
{
    g_autoptr(JsonParser) parser = cs_shapes_json_load(path, error);
    g_autoptr(GArray) list = cs_shapes_list_new();
    g_autoptr(GArray) images = NULL;
    Reading r = { NULL, list, 0 };
    JsonArray *annotations;
    JsonObject *root;

    if (parser == NULL)
        return false;
    root = json_node_get_object(json_parser_get_root(parser));
    r.images = images = read_images(root, error);
    annotations = cs_json_list(root, "annotations");
    if (images == NULL)
        return false;
    if (annotations == NULL)
        return cs_fail(error, CS_ERROR_FORMAT, "annotations is no list");
    for (guint i = 0; i < json_array_get_length(annotations); i++)
        if (!read_annotation(&r, cs_json_object_of(annotations, i),
                             error))
            return cs_blame(error, "annotation %u", i);
    cs_shapes_take(g_steal_pointer(&list), rois);
    return true;
}

static const char *const suffixes[] = { ".json", NULL };

const CsShapesFormat cs_shapes_coco = {
    .name = "coco",
    .title = "COCO annotations",
    .suffixes = suffixes,
    .root_key = "annotations",
    .read = read_coco,
    .write = write_coco,
};
