/* Results.csv as ImageJ's Measure writes it. Area is that of the pixels whose
 * centres are inside, as ImageJ counts it; PolygonArea is that enclosed by the
 * outline. In nm where the scale is known, else in pixels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "core/text.h"
#include "formats/shapes.h"

typedef struct {
    double area, polygon_area, x, y, perimeter, bx, by, width, height, feret,
        solidity;
} Measured;

/* The polygon in nm. */
static bool
scale(const CsPolygon *polygon, double sx, double sy, CsPolygon *to,
      GError **error)
{
    if (!cs_polygon_copy(polygon, to, error))
        return false;
    for (size_t i = 0; i < to->n; i++) {
        to->points[i].x *= sx;
        to->points[i].y *= sy;
    }
    return true;
}

static void
measure_box(const CsPolygon *p, Measured *m)
{
    double x1 = -INFINITY, y1 = -INFINITY;

    m->bx = m->by = INFINITY;
    m->feret = 0;
    for (size_t i = 0; i < p->n; i++) {
        m->bx = fmin(m->bx, p->points[i].x);
        m->by = fmin(m->by, p->points[i].y);
        x1 = fmax(x1, p->points[i].x);
        y1 = fmax(y1, p->points[i].y);
    }
    m->width = x1 - m->bx;
    m->height = y1 - m->by;
}

/* The largest distance of two corners; of many corners every kth. */
static double
feret(const CsPolygon *p)
{
    size_t stride = p->n / 2000 + 1;
    double most = 0;

    for (size_t i = 0; i < p->n; i += stride)
        for (size_t k = i + stride; k < p->n; k += stride)
            most = fmax(most, hypot(p->points[i].x - p->points[k].x,
                                    p->points[i].y - p->points[k].y));
    return most;
}

static void
add_row(GString *text, const CsRoi *roi, size_t i, const char *image,
        const Measured *m)
{
    g_autofree char *label = g_strdup_printf(
        "%s:%s", image, roi->name != NULL ? roi->name : "");
    const double values[] = {
        m->area, m->x, m->y, m->perimeter, m->bx, m->by, m->width, m->height,
        4 * G_PI * m->polygon_area / (m->perimeter * m->perimeter), m->feret,
    };

    g_string_append_printf(text, "%zu,", i + 1);
    cs_text_add_csv(text, label);
    for (size_t k = 0; k < G_N_ELEMENTS(values); k++) {
        g_string_append_c(text, ',');
        cs_shapes_add_number(text, values[k]);
    }
    g_string_append_printf(text, ",%zu,", cs_shapes_frame(roi) + 1);
    cs_shapes_add_number(text, m->solidity);
    g_string_append_c(text, ',');
    cs_shapes_add_number(text, m->polygon_area);
    g_string_append_c(text, '\n');
}

static bool
measure(const CsRoi *roi, const CsShapesImage *image, guint32 *px,
        Measured *m, GError **error)
{
    double sx = image->nm_per_px_x > 0 ? image->nm_per_px_x : 1;
    double sy = image->nm_per_px_y > 0 ? image->nm_per_px_y : sx;
    g_auto(CsPolygon) p = CS_POLYGON_INIT;
    CsPoint centroid;

    if (!scale(&roi->outline, sx, sy, &p, error))
        return false;
    centroid = cs_polygon_centroid(&p);
    measure_box(&p, m);
    m->area = (double) cs_mask_paint(&roi->outline, 1, px, image->width,
                                     image->height) * sx * sy;
    m->polygon_area = cs_polygon_area(&p);
    m->x = centroid.x;
    m->y = centroid.y;
    m->perimeter = cs_polygon_perimeter(&p);
    m->feret = feret(&p);
    m->solidity = cs_polygon_solidity(&p);
    return true;
}

static bool
write_results(const CsRois *rois, const CsShapesImage *image,
              const char *path, GError **error)
{
    g_autoptr(GString) text = g_string_new(
        " ,Label,Area,X,Y,Perim.,BX,BY,Width,Height,Circ.,Feret,Slice,"
        "Solidity,PolygonArea\n");
    g_autofree guint32 *px = cs_try_alloc(image->width * image->height,
                                          sizeof *px, "the mask", error);

    if (px == NULL)
        return false;
    for (size_t i = 0; i < rois->n; i++) {
        Measured m;

        if (!measure(&rois->roi[i], image, px, &m, error))
            return false;
        add_row(text, &rois->roi[i], i, image->image, &m);
    }
    return cs_shapes_put(path, text, error);
}

static const char *const suffixes[] = { ".csv", NULL };

const CsShapesFormat cs_shapes_results = {
    .name = "imagej-results",
    .title = "ImageJ's Results.csv",
    .suffixes = suffixes,
    .write = write_results,
};
