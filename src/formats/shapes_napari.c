/* napari's shapes layers as CSV: index, shape-type, vertex-index, then one
 * axis each, time first where there are three, row before column. Coordinates
 * are of pixel centres: half a pixel less than ours.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/csv.h"
#include "formats/shapes.h"

enum { ELLIPSE_CORNERS = 256 };

/* ---- Out --------------------------------------------------------------------- */

static bool
write_napari(const CsRois *rois, const CsShapesImage *image,
             const char *path, GError **error)
{
    g_autoptr(GString) text
        = g_string_new("index,shape-type,vertex-index,axis-0,axis-1");
    bool in_time = image->n_frames > 1;

    g_string_append(text, in_time ? ",axis-2\n" : "\n");
    for (size_t i = 0; i < rois->n; i++) {
        const CsPolygon *p = &rois->roi[i].outline;

        for (size_t k = 0; k < p->n; k++) {
            g_string_append_printf(text, "%zu,polygon,%zu,", i, k);
            if (in_time)
                g_string_append_printf(text, "%zu,",
                                       cs_shapes_frame(&rois->roi[i]));
            cs_shapes_add_number(text, p->points[k].y - 0.5);
            g_string_append_c(text, ',');
            cs_shapes_add_number(text, p->points[k].x - 0.5);
            g_string_append_c(text, '\n');
        }
    }
    return cs_shapes_put(path, text, error);
}

/* ---- In ---------------------------------------------------------------------- */

typedef struct {
    const CsCsv *csv;
    int          index, type, axis[3]; /* columns; axis[0] -1: no time      */
    GArray      *points;
    GArray      *list;
} Reading;

static bool
find_columns(Reading *r, GError **error)
{
    int third = cs_csv_column(r->csv, "axis-2"), first, second;

    if (!cs_csv_need_column(r->csv, "index", &r->index, error)
        || !cs_csv_need_column(r->csv, "shape-type", &r->type, error)
        || !cs_csv_need_column(r->csv, "axis-0", &first, error)
        || !cs_csv_need_column(r->csv, "axis-1", &second, error))
        return false;
    if (cs_csv_column(r->csv, "axis-3") >= 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "its shapes have more than three axes");
    r->axis[0] = third >= 0 ? first : -1;
    r->axis[1] = third >= 0 ? second : first;
    r->axis[2] = third >= 0 ? third : second;
    return true;
}

/* An ellipse is told by the corners of its box, in turn. */
static bool
expand_ellipse(GArray *points, GError **error)
{
    CsPoint c[4];

    if (points->len != 4)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "an ellipse has %u corners, not 4", points->len);
    memcpy(c, points->data, sizeof c);
    g_array_set_size(points, 0);
    for (int i = 0; i < ELLIPSE_CORNERS; i++) {
        double a = cos(2 * G_PI * i / ELLIPSE_CORNERS) / 2;
        double b = sin(2 * G_PI * i / ELLIPSE_CORNERS) / 2;
        double x = (c[0].x + c[2].x) / 2 + a * (c[1].x - c[0].x)
                   + b * (c[3].x - c[0].x);
        double y = (c[0].y + c[2].y) / 2 + a * (c[1].y - c[0].y)
                   + b * (c[3].y - c[0].y);

        if (!cs_shapes_add_point(points, x, y, error))
            return false;
    }
    return true;
}

/* A shape is the rows from `first` up to `end`. */
static bool
read_shape(Reading *r, size_t first, size_t end, GError **error)
{
    const char *type = cs_csv_text(r->csv, first, r->type);
    double time = 0, x, y;
    g_auto(CsRoi) roi = CS_ROI_INIT;

    g_array_set_size(r->points, 0);
    for (size_t i = first; i < end; i++)
        if (!cs_csv_number(r->csv, i, r->axis[1], &y, error)
            || !cs_csv_number(r->csv, i, r->axis[2], &x, error)
            || !cs_shapes_add_point(r->points, x + 0.5, y + 0.5, error))
            return false;
    if (!cs_csv_number(r->csv, first, r->axis[0], &time, error))
        return false;
    if (strcmp(type, "ellipse") == 0) {
        if (!expand_ellipse(r->points, error))
            return false;
    } else if (strcmp(type, "polygon") != 0 && strcmp(type, "rectangle") != 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "a %.40s; polygon, rectangle and ellipse enclose an "
                       "area", type);
    if (!cs_shapes_set_outline(&roi, r->points, error))
        return false;
    roi.type = CS_ROI_POLYGON;
    roi.slice = time >= 0 && time < 1e9 ? (int) round(time) + 1 : 1;
    return cs_shapes_add(r->list, &roi, error);
}

static bool
read_shapes(Reading *r, GError **error)
{
    size_t first = 0;

    for (size_t i = 1; i <= r->csv->n_rows; i++) {
        if (i < r->csv->n_rows
            && strcmp(cs_csv_text(r->csv, i, r->index),
                      cs_csv_text(r->csv, first, r->index)) == 0)
            continue;
        if (!read_shape(r, first, i, error))
            return cs_blame(error, "shape from line %zu on",
                            r->csv->line[first]);
        first = i;
    }
    return true;
}

static bool
read_napari(const char *path, CsRois *rois, GError **error)
{
    g_auto(CsCsv) csv = CS_CSV_INIT;
    g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(CsPoint));
    g_autoptr(GArray) list = cs_shapes_list_new();
    Reading r = { .csv = &csv, .points = points, .list = list };

    if (!cs_csv_read(path, &csv, error) || !find_columns(&r, error)
        || !read_shapes(&r, error))
        return false;
    cs_shapes_take(g_steal_pointer(&list), rois);
    return true;
}

static const char *const suffixes[] = { ".csv", NULL };

const CsShapesFormat cs_shapes_napari = {
    .name = "napari",
    .title = "napari shapes",
    .suffixes = suffixes,
    .read = read_napari,
    .write = write_napari,
};
