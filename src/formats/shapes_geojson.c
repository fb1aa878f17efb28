/* GeoJSON as QuPath keeps annotations: y down, in pixels from the corner of
 * the first one; rings closed, the outer one first. The frame is the plane's t.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/text.h"
#include "formats/json_text.h"
#include "formats/shapes.h"

/* ---- Out --------------------------------------------------------------------- */

static void
add_ring(GString *text, const CsPolygon *p)
{
    for (size_t i = 0; i <= p->n; i++) {
        g_string_append(text, i == 0 ? "[" : ",[");
        cs_shapes_add_number(text, p->points[i % p->n].x);
        g_string_append_c(text, ',');
        cs_shapes_add_number(text, p->points[i % p->n].y);
        g_string_append_c(text, ']');
    }
}

static bool
write_geojson(const CsRois *rois, const CsShapesImage *image,
              const char *path, GError **error)
{
    g_autoptr(GString) text
        = g_string_new("{\"type\":\"FeatureCollection\",\"features\":[");

    (void) image;
    for (size_t i = 0; i < rois->n; i++) {
        const CsRoi *roi = &rois->roi[i];
        size_t frame = cs_shapes_frame(roi);

        g_string_append_printf(
            text, "%s\n{\"type\":\"Feature\",\"geometry\":{\"type\":"
            "\"Polygon\",\"plane\":{\"c\":-1,\"z\":0,\"t\":%zu},"
            "\"coordinates\":[[", i > 0 ? "," : "", frame);
        add_ring(text, &roi->outline);
        g_string_append(text, "]]},\"properties\":{\"objectType\":"
                              "\"annotation\",\"name\":");
        cs_text_add_json(text, roi->name != NULL ? roi->name : "");
        g_string_append_printf(
            text, ",\"classification\":{\"name\":\"particle\"},"
            "\"particle_id\":%d,\"frame\":%zu}}", cs_shapes_id(rois, i),
            frame);
    }
    g_string_append(text, "\n]}\n");
    return cs_shapes_put(path, text, error);
}

/* ---- In ---------------------------------------------------------------------- */

/* Whole numbers from 0 that were told; else what stands for none. */
static int
whole(double value, int otherwise)
{
    return value >= 0 && value < 1e9 ? (int) value : otherwise;
}

/* The largest outer ring of a Polygon or MultiPolygon. */
static bool
read_rings(JsonArray *polygons, CsRoi *roi, GError **error)
{
    g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(CsPoint));
    double largest = -1;

    for (guint i = 0; i < json_array_get_length(polygons); i++) {
        JsonArray *rings = cs_shapes_json_array_at(polygons, i);
        JsonArray *outer = rings != NULL && json_array_get_length(rings) > 0
                               ? cs_shapes_json_array_at(rings, 0) : NULL;
        g_auto(CsRoi) one = CS_ROI_INIT;

        if (outer == NULL)
            return cs_fail(error, CS_ERROR_FORMAT, "a polygon has no ring");
        if (!cs_shapes_json_points(outer, points, error)
            || !cs_shapes_set_outline(&one, points, error))
            return false;
        if (cs_polygon_area(&one.outline) <= largest)
            continue;
        largest = cs_polygon_area(&one.outline);
        cs_polygon_clear(&roi->outline);
        roi->outline = one.outline;
        one.outline = (CsPolygon) CS_POLYGON_INIT;
    }
    return largest >= 0
           || cs_fail(error, CS_ERROR_FORMAT, "a geometry is empty");
}

static bool
read_geometry(JsonObject *geometry, CsRoi *roi, GError **error)
{
    const char *type = cs_json_text(geometry, "type");
    JsonArray *coordinates = cs_json_list(geometry, "coordinates");
    g_autoptr(JsonArray) one = json_array_new();

    if (coordinates == NULL
        || (g_strcmp0(type, "Polygon") != 0
            && g_strcmp0(type, "MultiPolygon") != 0))
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "its geometry is %.40s; Polygon and MultiPolygon can "
                       "be read", type != NULL ? type : "missing");
    if (type[0] == 'M')
        return read_rings(coordinates, roi, error);
    json_array_add_array_element(one, json_array_ref(coordinates));
    return read_rings(one, roi, error);
}

static bool
read_feature(JsonObject *feature, GArray *list, GError **error)
{
    JsonObject *geometry = cs_json_member(feature, "geometry");
    JsonObject *facts = cs_json_member(feature, "properties");
    JsonObject *plane = cs_json_member(geometry, "plane");
    const char *name = cs_json_text(facts, "name");
    double frame = cs_shapes_json_number(facts, "frame");
    g_auto(CsRoi) roi = CS_ROI_INIT;

    if (!read_geometry(geometry, &roi, error))
        return false;
    if (isnan(frame))
        frame = cs_shapes_json_number(plane, "t");
    roi.type = CS_ROI_POLYGON;
    roi.name = g_strdup(name);
    roi.slice = 1 + whole(frame, 0);
    roi.group = whole(cs_shapes_json_number(facts, "particle_id"), 0);
    roi.group = roi.group <= 255 ? roi.group : 0;
    return cs_shapes_add(list, &roi, error);
}

static bool
read_geojson(const char *path, CsRois *rois, GError **error)
{
    g_autoptr(JsonParser) parser = cs_shapes_json_load(path, error);
    g_autoptr(GArray) list = cs_shapes_list_new();
    JsonArray *features;

    if (parser == NULL)
        return false;
    features = cs_json_list(
        json_node_get_object(json_parser_get_root(parser)), "features");
    if (features == NULL)
        return cs_fail(error, CS_ERROR_FORMAT, "features is no list");
    for (guint i = 0; i < json_array_get_length(features); i++)
        if (!read_feature(cs_json_object_of(features, i), list, error))
            return cs_blame(error, "feature %u", i);
    cs_shapes_take(g_steal_pointer(&list), rois);
    return true;
}

static const char *const suffixes[] = { ".geojson", ".json", NULL };

const CsShapesFormat cs_shapes_geojson = {
    .name = "geojson",
    .title = "GeoJSON (QuPath)",
    .suffixes = suffixes,
    .root_key = "features",
    .read = read_geojson,
    .write = write_geojson,
};
