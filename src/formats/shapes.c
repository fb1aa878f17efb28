/* Formats of outlines: the table, and what they share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/shapes.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/text.h"

const CsShapesFormat *const cs_shapes_formats[] = {
    &cs_shapes_imagej,  &cs_shapes_coco,    &cs_shapes_labelme,
    &cs_shapes_geojson, &cs_shapes_napari,  &cs_shapes_overlay,
    &cs_shapes_labels,  &cs_shapes_results, NULL,
};

const CsShapesFormat *
cs_shapes_named(const char *name)
{
    for (size_t i = 0; cs_shapes_formats[i] != NULL; i++)
        if (strcmp(cs_shapes_formats[i]->name, name) == 0)
            return cs_shapes_formats[i];
    return NULL;
}

/* ---- Lists ----------------------------------------------------------- */

GArray *
cs_shapes_list_new(void)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(CsRoi));

    g_array_set_clear_func(list, (GDestroyNotify) (void (*)(void)) cs_roi_clear);
    return list;
}

bool
cs_shapes_add(GArray *list, CsRoi *roi, GError **error)
{
    if (list->len >= CS_SHAPES_MAX_REGIONS)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "there are more than the %d regions allowed",
                       CS_SHAPES_MAX_REGIONS);
    g_array_append_vals(list, roi, 1);
    *roi = (CsRoi) CS_ROI_INIT;
    return true;
}

void
cs_shapes_take(GArray *list, CsRois *rois)
{
    rois->n = list->len;
    rois->roi = (CsRoi *) (void *) g_array_free(list, FALSE);
}

bool
cs_shapes_add_point(GArray *points, double x, double y, GError **error)
{
    const CsPoint p = { x, y };

    if (points->len >= CS_SHAPES_MAX_POINTS)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "an outline has more than the %d corners allowed",
                       CS_SHAPES_MAX_POINTS);
    if (!(fabs(x) < 1e7 && fabs(y) < 1e7))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a corner is at %g, %g, which is no place in a picture",
                       x, y);
    g_array_append_val(points, p);
    return true;
}

static bool
is_same(const CsPoint *a, const CsPoint *b)
{
    return fabs(a->x - b->x) < 1e-9 && fabs(a->y - b->y) < 1e-9;
}

bool
cs_shapes_set_outline(CsRoi *roi, const GArray *points, GError **error)
{
    const CsPoint *p = (const CsPoint *) (const void *) points->data;
    size_t n = points->len;

    if (n > 1 && is_same(&p[0], &p[n - 1]))
        n--;
    if (n < 3)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "an outline has %zu corners, not three or more", n);
    if (!cs_polygon_resize(&roi->outline, n, error))
        return false;
    memcpy(roi->outline.points, p, n * sizeof *p);
    return true;
}

size_t
cs_shapes_frame(const CsRoi *roi)
{
    int slice = roi->slice > 0 ? roi->slice : roi->t;

    return slice > 0 ? (size_t) slice - 1 : 0;
}

int
cs_shapes_id(const CsRois *rois, size_t i)
{
    return rois->roi[i].group > 0 ? rois->roi[i].group : (int) i + 1;
}

/* ---- JSON ------------------------------------------------------------ */

enum { MAX_DEPTH = 32 };

/* The parser calls itself for each level. */
static bool
is_shallow(const char *json)
{
    int depth = 0;
    bool in_text = false;

    for (; *json != '\0' && depth <= MAX_DEPTH; json++) {
        if (in_text && *json == '\\' && json[1] != '\0')
            json++;
        else if (*json == '"')
            in_text = !in_text;
        else if (!in_text && (*json == '{' || *json == '['))
            depth++;
        else if (!in_text && (*json == '}' || *json == ']'))
            depth--;
    }
    return depth <= MAX_DEPTH;
}

static char *
load(const char *path, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autofree char *text = NULL;
    GStatBuf status;
    gsize n = 0;

    if (g_stat(path, &status) == 0
        && (guint64) status.st_size > CS_SHAPES_MAX_BYTES) {
        cs_fail(error, CS_ERROR_LIMIT,
                "has more than the %" G_GSIZE_FORMAT " bytes allowed",
                CS_SHAPES_MAX_BYTES);
        return NULL;
    }
    if (!g_file_get_contents(path, &text, &n, &cause)) {
        cs_fail(error, CS_ERROR_IO, "cannot be read: %s", cause->message);
        return NULL;
    }
    if (strlen(text) != n || !g_utf8_validate(text, -1, NULL)
        || !is_shallow(text)) {
        cs_fail(error, CS_ERROR_FORMAT,
                "is no JSON, or is nested deeper than %d levels", MAX_DEPTH);
        return NULL;
    }
    return g_steal_pointer(&text);
}

JsonParser *
cs_shapes_json_load(const char *path, GError **error)
{
    g_autofree char *text = load(path, error);
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) cause = NULL;
    JsonNode *root;

    if (text == NULL)
        return NULL;
    if (!json_parser_load_from_data(parser, text, -1, &cause)) {
        cs_fail(error, CS_ERROR_FORMAT, "is no JSON: %s", cause->message);
        return NULL;
    }
    root = json_parser_get_root(parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root)) {
        cs_fail(error, CS_ERROR_FORMAT, "is JSON, but no object");
        return NULL;
    }
    return g_steal_pointer(&parser);
}

static JsonNode *
member(JsonObject *object, const char *name)
{
    return object != NULL && json_object_has_member(object, name)
               ? json_object_get_member(object, name) : NULL;
}

static double
number(JsonNode *node)
{
    GType type = node != NULL && JSON_NODE_HOLDS_VALUE(node)
                     ? json_node_get_value_type(node) : G_TYPE_INVALID;

    return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE
               ? json_node_get_double(node) : NAN;
}

double
cs_shapes_json_number(JsonObject *object, const char *name)
{
    return number(member(object, name));
}

JsonArray *
cs_shapes_json_array_at(JsonArray *array, guint i)
{
    JsonNode *node = json_array_get_element(array, i);

    return JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

double
cs_shapes_json_number_at(JsonArray *array, guint i)
{
    return i < json_array_get_length(array)
               ? number(json_array_get_element(array, i)) : NAN;
}

bool
cs_shapes_json_points(JsonArray *array, GArray *points, GError **error)
{
    g_array_set_size(points, 0);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonArray *pair = cs_shapes_json_array_at(array, i);
        double x = pair != NULL ? cs_shapes_json_number_at(pair, 0) : NAN;
        double y = pair != NULL ? cs_shapes_json_number_at(pair, 1) : NAN;

        if (!cs_shapes_add_point(points, x, y, error))
            return false;
    }
    return true;
}

void
cs_shapes_add_number(GString *text, double value)
{
    cs_text_add_double(text, round(value * 1e6) / 1e6);
}

bool
cs_shapes_put(const char *path, const GString *text, GError **error)
{
    g_autoptr(GError) cause = NULL;

    if (g_file_set_contents_full(path, text->str, (gssize) text->len,
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0666,
                                 &cause))
        return true;
    return cs_fail(error, CS_ERROR_IO, "cannot be written: %s",
                   cause->message);
}

/* ---- Reading whatever it is ------------------------------------------ */

static bool
has_suffix(const CsShapesFormat *format, const char *path)
{
    g_autofree char *lower = g_ascii_strdown(path, -1);

    for (size_t i = 0; format->suffixes != NULL && format->suffixes[i] != NULL;
         i++)
        if (g_str_has_suffix(lower, format->suffixes[i]))
            return true;
    return false;
}

/* Of the JSON formats the one whose key the root has. */
static const CsShapesFormat *
format_of_json(const char *path, GError **error)
{
    g_autoptr(JsonParser) parser = cs_shapes_json_load(path, error);
    JsonObject *root;

    if (parser == NULL)
        return NULL;
    root = json_node_get_object(json_parser_get_root(parser));
    for (size_t i = 0; cs_shapes_formats[i] != NULL; i++) {
        const char *key = cs_shapes_formats[i]->root_key;

        if (key != NULL && json_object_has_member(root, key))
            return cs_shapes_formats[i];
    }
    cs_fail(error, CS_ERROR_UNSUPPORTED,
            "is JSON without annotations (COCO), shapes (labelme) or features "
            "(GeoJSON)");
    return NULL;
}

static const CsShapesFormat *
format_for(const char *path, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return &cs_shapes_labelme;
    for (size_t i = 0; cs_shapes_formats[i] != NULL; i++) {
        const CsShapesFormat *f = cs_shapes_formats[i];

        if (f == &cs_shapes_overlay && !cs_shapes_has_overlay(path))
            continue; /* labels, then */
        if (f->read != NULL && has_suffix(f, path))
            return f->root_key != NULL ? format_of_json(path, error) : f;
    }
    cs_fail(error, CS_ERROR_UNSUPPORTED,
            "has no name of a file with outlines: .roi, .zip (ImageJ), .json "
            "(COCO, labelme), .geojson, .csv (napari), .tif, .png (labels, or "
            "ImageJ's overlay), or a folder of labelme files");
    return NULL;
}

bool
cs_shapes_read(const char *path, CsRois *rois, GError **error)
{
    const CsShapesFormat *format = format_for(path, error);
    g_auto(CsRois) fresh = CS_ROIS_INIT;
    CsRois old = *rois;

    if (format == NULL)
        return cs_blame(error, "%s", path);
    if (format == &cs_shapes_imagej)
        return cs_rois_read(path, rois, error);
    if (!format->read(path, &fresh, error))
        return cs_blame(error, "%s", path);
    *rois = fresh;
    fresh = old;
    return true;
}

/* ---- Writing --------------------------------------------------------- */

static void
remove_half(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        g_unlink(inside);
    }
    g_remove(path);
}

static bool
check(const CsShapesFormat *format, const CsRois *rois,
      const CsShapesImage *image, const char *path, GError **error)
{
    if (format->write == NULL)
        return cs_fail(error, CS_ERROR_UNSUPPORTED, "%s cannot be written",
                       format->title);
    if (rois->n == 0)
        return cs_fail(error, CS_ERROR_ARGUMENT, "there is no outline");
    if (image->width == 0 || image->height == 0 || image->n_frames == 0
        || image->width > CS_MAX_SIDE || image->height > CS_MAX_SIDE)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "the size of the frames is needed: name the recording");
    if (format->needs_frames && image->read == NULL)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s needs the frames: name the recording",
                       format->title);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "is there already; take another name, or remove it");
    for (size_t i = 0; i < rois->n; i++)
        if (cs_shapes_frame(&rois->roi[i]) >= image->n_frames)
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "an outline is on frame %zu, but there are %zu",
                           cs_shapes_frame(&rois->roi[i]), image->n_frames);
    return true;
}

bool
cs_shapes_write(const CsShapesFormat *format, const CsRois *rois,
                const CsShapesImage *image, const char *path, GError **error)
{
    g_autofree char *part = NULL;

    if (!check(format, rois, image, path, error))
        return cs_blame(error, "%s", path);
    part = g_strdup_printf("%s.part-%08x%s", path, g_random_int(),
                           format->suffixes != NULL ? format->suffixes[0]
                                                    : "");
    if (format->write(rois, image, part, error)) {
        if (g_rename(part, path) == 0)
            return true;
        cs_fail(error, CS_ERROR_IO, "cannot be written: %s",
                g_strerror(errno));
    }
    remove_half(part);
    return cs_blame(error, "%s", path);
}
