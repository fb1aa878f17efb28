/* labelme: one JSON file a picture; a folder of them for several frames, in
 * the order of their names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/text.h"
#include "formats/json_text.h"
#include "formats/shapes.h"

enum { CIRCLE_CORNERS = 256, MAX_FILES = 100000 };

/* ---- Out ------------------------------------------------------------- */

static void
add_shape(GString *text, const CsRois *rois, size_t i)
{
    const CsRoi *roi = &rois->roi[i];

    g_string_append(text, "    {\"label\": \"particle\", \"points\": [");
    for (size_t k = 0; k < roi->outline.n; k++) {
        g_string_append(text, k > 0 ? ", [" : "[");
        cs_shapes_add_number(text, roi->outline.points[k].x);
        g_string_append(text, ", ");
        cs_shapes_add_number(text, roi->outline.points[k].y);
        g_string_append_c(text, ']');
    }
    g_string_append_printf(text, "], \"group_id\": %d, \"description\": ",
                           cs_shapes_id(rois, i));
    cs_text_add_json(text, roi->name != NULL ? roi->name : "");
    g_string_append(text, ", \"shape_type\": \"polygon\", \"flags\": {}}");
}

static bool
write_frame(const CsRois *rois, const CsShapesImage *image, size_t frame,
            const char *path, GError **error)
{
    g_autoptr(GString) text = g_string_new(
        "{\n  \"version\": \"5.0.1\",\n  \"flags\": {},\n  \"shapes\": [\n");
    bool first = true;

    for (size_t i = 0; i < rois->n; i++) {
        if (cs_shapes_frame(&rois->roi[i]) != frame)
            continue;
        g_string_append(text, first ? "" : ",\n");
        add_shape(text, rois, i);
        first = false;
    }
    g_string_append(text, "\n  ],\n  \"imagePath\": ");
    cs_text_add_json(text, image->image);
    g_string_append_printf(text, ",\n  \"imageData\": null,\n"
                                 "  \"imageHeight\": %zu,\n"
                                 "  \"imageWidth\": %zu\n}\n",
                           image->height, image->width);
    return cs_shapes_put(path, text, error);
}

static bool
write_labelme(const CsRois *rois, const CsShapesImage *image,
              const char *path, GError **error)
{
    if (image->n_frames == 1)
        return write_frame(rois, image, 0, path, error);
    if (g_mkdir(path, 0777) != 0)
        return cs_fail(error, CS_ERROR_IO, "cannot be made: %s",
                       g_strerror(errno));
    for (size_t f = 0; f < image->n_frames; f++) {
        g_autofree char *name = g_strdup_printf("frame_%06zu.json", f);
        g_autofree char *file = g_build_filename(path, name, NULL);

        if (!write_frame(rois, image, f, file, error))
            return false;
    }
    return true;
}

/* ---- In -------------------------------------------------------------- */

/* Two corners are a rectangle, or a centre and a point of a circle. */
static bool
expand(const char *type, GArray *points, GError **error)
{
    const CsPoint a = g_array_index(points, CsPoint, 0);
    const CsPoint b = g_array_index(points, CsPoint, 1);
    double radius = hypot(b.x - a.x, b.y - a.y);

    g_array_set_size(points, 0);
    if (strcmp(type, "rectangle") == 0)
        return cs_shapes_add_point(points, a.x, a.y, error)
               && cs_shapes_add_point(points, b.x, a.y, error)
               && cs_shapes_add_point(points, b.x, b.y, error)
               && cs_shapes_add_point(points, a.x, b.y, error);
    for (int i = 0; i < CIRCLE_CORNERS; i++) {
        double angle = 2 * G_PI * i / CIRCLE_CORNERS;

        if (!cs_shapes_add_point(points, a.x + radius * cos(angle),
                                 a.y + radius * sin(angle), error))
            return false;
    }
    return true;
}

static bool
read_shape(JsonObject *shape, int slice, GArray *list, GError **error)
{
    g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(CsPoint));
    const char *type = cs_json_text(shape, "shape_type");
    JsonArray *corners = cs_json_list(shape, "points");
    const char *name = cs_json_text(shape, "description");
    double group = cs_shapes_json_number(shape, "group_id");
    bool two = g_strcmp0(type, "rectangle") == 0
               || g_strcmp0(type, "circle") == 0;
    g_auto(CsRoi) roi = CS_ROI_INIT;

    if (corners == NULL)
        return cs_fail(error, CS_ERROR_FORMAT, "has no list of points");
    if (!two && type != NULL && strcmp(type, "polygon") != 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "is a %.40s; polygon, rectangle and circle enclose an "
                       "area", type);
    if (!cs_shapes_json_points(corners, points, error)
        || (two && points->len == 2 && !expand(type, points, error))
        || !cs_shapes_set_outline(&roi, points, error))
        return false;
    if (name == NULL || name[0] == '\0')
        name = cs_json_text(shape, "label");
    roi.type = CS_ROI_POLYGON;
    roi.name = g_strdup(name);
    roi.slice = slice;
    roi.group = group >= 0 && group <= 255 ? (int) group : 0;
    return cs_shapes_add(list, &roi, error);
}

static bool
read_file(const char *path, int slice, GArray *list, GError **error)
{
    g_autoptr(JsonParser) parser = cs_shapes_json_load(path, error);
    JsonArray *shapes;

    if (parser == NULL)
        return false;
    shapes = cs_json_list(
        json_node_get_object(json_parser_get_root(parser)), "shapes");
    if (shapes == NULL)
        return cs_fail(error, CS_ERROR_FORMAT, "shapes is no list");
    for (guint i = 0; i < json_array_get_length(shapes); i++)
        if (!read_shape(cs_json_object_of(shapes, i), slice, list,
                        error))
            return cs_blame(error, "shape %u", i);
    return true;
}

static int
by_name(const void *a, const void *b)
{
    return cs_text_natural_order(*(char *const *) a, *(char *const *) b);
}

static GPtrArray *
list_folder(const char *path, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        if (g_str_has_suffix(name, ".json") && names->len <= MAX_FILES)
            g_ptr_array_add(names, g_strdup(name));
    if (names->len == 0 || names->len > MAX_FILES) {
        cs_fail(error, CS_ERROR_FORMAT,
                "is a folder with %s labelme files (.json)",
                names->len == 0 ? "no" : "too many");
        return NULL;
    }
    qsort(names->pdata, names->len, sizeof(char *), by_name);
    return g_steal_pointer(&names);
}

static bool
read_folder(const char *path, GArray *list, GError **error)
{
    g_autoptr(GPtrArray) names = list_folder(path, error);

    if (names == NULL)
        return false;
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *file = g_build_filename(path, names->pdata[i], NULL);

        if (!read_file(file, (int) i + 1, list, error))
            return cs_blame(error, "%s", (const char *) names->pdata[i]);
    }
    return true;
}

static bool
read_labelme(const char *path, CsRois *rois, GError **error)
{
    g_autoptr(GArray) list = cs_shapes_list_new();
    bool ok = g_file_test(path, G_FILE_TEST_IS_DIR)
                  ? read_folder(path, list, error)
                  : read_file(path, 1, list, error);

    if (ok)
        cs_shapes_take(g_steal_pointer(&list), rois);
    return ok;
}

static const char *const suffixes[] = { ".json", NULL };

const CsShapesFormat cs_shapes_labelme = {
    .name = "labelme",
    .title = "labelme",
    .suffixes = suffixes,
    .root_key = "shapes",
    .is_folder = true,
    .read = read_labelme,
    .write = write_labelme,
};
