/* What the formats of outlines share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <json-glib/json-glib.h>

#include "coatscope/shapes.h"

extern const CsShapesFormat cs_shapes_imagej, cs_shapes_coco,
    cs_shapes_labelme, cs_shapes_geojson, cs_shapes_napari, cs_shapes_labels,
    cs_shapes_overlay, cs_shapes_results;

/* Bytes of a text file, corners of a polygon, regions: no more than these. */
#define CS_SHAPES_MAX_BYTES ((size_t) 64 << 20)
enum { CS_SHAPES_MAX_POINTS = 1000000, CS_SHAPES_MAX_REGIONS = 1000000 };

/* ---- Lists ----------------------------------------------------------------- */

/* Appends a region, taking over its contents; `list` is an array of CsRoi
 * that clears its elements. Errors: CS_ERROR_LIMIT. */
GArray *cs_shapes_list_new(void);
bool    cs_shapes_add(GArray *list, CsRoi *roi, GError **error);
/* Moves the list into rois. */
void    cs_shapes_take(GArray *list, CsRois *rois);

/* Appends a corner to a polygon that has room for it in `points`. */
bool cs_shapes_add_point(GArray *points, double x, double y, GError **error);

/* Makes the outline of a region of an array of CsPoint. A last corner equal
 * to the first is left out. Errors: CS_ERROR_FORMAT: fewer than three. */
bool cs_shapes_set_outline(CsRoi *roi, const GArray *points, GError **error);

/* The frame of a region, from 0. */
size_t cs_shapes_frame(const CsRoi *roi);

/* The number of the region's particle: its group, else its place. */
int cs_shapes_id(const CsRois *rois, size_t i);

/* Is it a TIFF with regions in ImageJ's overlay? */
bool cs_shapes_has_overlay(const char *path);

/* ---- JSON ------------------------------------------------------------------- */

/* A JSON file whose root is an object: not too large, not nested too deep.
 * Errors: CS_ERROR_IO, CS_ERROR_FORMAT, CS_ERROR_LIMIT. */
JsonParser *cs_shapes_json_load(const char *path, GError **error);

/* A number, as a member or element i: NAN where there is none. Unlike
 * cs_json_number, true and false are no numbers here. */
double cs_shapes_json_number(JsonObject *object, const char *name);
double cs_shapes_json_number_at(JsonArray *array, guint i);

/* Element i, which must be there, as an array: NULL if it is none. */
JsonArray *cs_shapes_json_array_at(JsonArray *array, guint i);

/* [[x, y], …] as points. Errors: CS_ERROR_FORMAT, CS_ERROR_LIMIT. */
bool cs_shapes_json_points(JsonArray *array, GArray *points, GError **error);

/* Writes text to a new file, safely. Errors: CS_ERROR_IO. */
bool cs_shapes_put(const char *path, const GString *text, GError **error);

/* Appends [x,y] with at most six decimals, and a number alike. */
void cs_shapes_add_number(GString *text, double value);

/* ---- Masks ------------------------------------------------------------------ */

/* Gives the pixels whose centres the region's outline holds (even-odd) the
 * value; returns how many. What lies outside the image is left out. */
size_t cs_mask_paint(const CsPolygon *polygon, guint32 value, guint32 *px,
                     size_t width, size_t height);

/* The largest connected patch (sides touch) of each value but 0, as outlines
 * along its pixels' edges, in order of values; holes are filled. group is the
 * value if it is at most 255, slice as given. With each_piece all patches of
 * each value, and cells are joined where they meet at a corner too. */
bool cs_mask_trace(const guint32 *px, size_t width, size_t height, int slice,
                   bool each_piece, GArray *list, GError **error);
