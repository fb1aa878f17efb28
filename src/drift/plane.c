/* Frames made ready for matching.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/plane.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"

enum { MAX_SIDE = 512, CELL = CS_DRIFT_CELL };

/* Around particles; needle and dirt are not taken from the seeds: they are
 * what is far from the rest or moves, and masks for finding particles take
 * much of the support with them. Where particles grow farther, that
 * is seen, too. */
#define GROWTH_MARGIN 0.15

/* What differs from the median by more than that part, and by more than that
 * many sd, is no support of a few tens of nm of carbon (SCIENCE 7.1). */
#define LEAST_OUTLIER 0.3f
#define OUTLIER_SD 6.0f

/* Darker than that is tungsten. It carries a skin of metal and oxide, tens of
 * nm of what looks like support and goes with the needle. */
#define OPAQUE (-0.75f)
enum { SKIN_CELLS = 5 };

/* ---- Where to look ------------------------------------------------------ */

/* Takes out a disc that holds the particle and its growth. */
static void
close_particle(CsDriftField *f, const CsPolygon *outline)
{
    CsPoint c = cs_polygon_centroid(outline);
    double side = (double) (f->bin * CELL), radius = 0;

    for (size_t k = 0; k < outline->n; k++)
        radius = fmax(radius, hypot(outline->points[k].x - c.x,
                                    outline->points[k].y - c.y));
    radius = radius * (1 + GROWTH_MARGIN) + side / 2;
    for (size_t j = 0; j < f->cells_y; j++)
        for (size_t i = 0; i < f->cells_x; i++)
            if (hypot(((double) i + 0.5) * side - c.x,
                      ((double) j + 0.5) * side - c.y) < radius)
                f->closed[j * f->cells_x + i] = 1;
}

bool
cs_drift_field_init(CsDriftField *field, size_t width, size_t height,
                    const CsSeeds *seeds, GError **error)
{
    size_t side = MAX(width, height);
    CsDriftField f = { .bin = MAX((side + MAX_SIDE - 1) / MAX_SIDE, 1) };

    f.cells_x = width / f.bin / CELL;
    f.cells_y = height / f.bin / CELL;
    f.closed = cs_try_alloc(f.cells_x * f.cells_y, sizeof *f.closed,
                            "the drift mask", error);
    if (f.closed == NULL)
        return false;
    for (size_t i = 0; seeds != NULL && i < seeds->n; i++)
        close_particle(&f, &seeds->seed[i].outline);
    *field = f;
    return true;
}

void
cs_drift_field_clear(CsDriftField *field)
{
    g_free(field->closed);
    *field = (CsDriftField) { 0 };
}

/* ---- The median ----------------------------------------------------------- */

/* Hoare's selection (Communications of the ACM 4, 321, 1961). */
float
cs_drift_median(float *value, size_t n)
{
    ptrdiff_t low = 0, high = (ptrdiff_t) n - 1, middle = (ptrdiff_t) (n / 2);

    if (n == 0)
        return NAN;
    while (low < high) {
        float pivot = value[low + (high - low) / 2];
        ptrdiff_t i = low, j = high;

        while (i <= j) {
            while (value[i] < pivot)
                i++;
            while (value[j] > pivot)
                j--;
            if (i <= j) {
                float keep = value[i];

                value[i++] = value[j];
                value[j--] = keep;
            }
        }
        if (middle <= j)
            high = j;
        else if (middle >= i)
            low = i;
        else
            break;
    }
    return value[middle];
}

/* ---- The plane ----------------------------------------------------------- */

static void
fill_cells(const CsDriftField *f, CsDriftPlane *plane)
{
    size_t w = plane->image.width;

    memset(plane->cells.px, 0,
           f->cells_x * f->cells_y * sizeof *plane->cells.px);
    for (size_t y = 0; y < f->cells_y * CELL; y++) {
        const float *from = plane->image.px + y * w;
        float *to = plane->cells.px + y / CELL * f->cells_x;

        for (size_t i = 0; i < f->cells_x; i++)
            for (size_t k = 0; k < CELL; k++)
                to[i] += from[i * CELL + k] / CS_DRIFT_CELL_PX;
    }
}

/* The median of the cells, and the sd of most of them. */
static void
usual(const CsImage *cells, float *spare, float *median, float *sd)
{
    size_t n = 0;

    for (size_t i = 0; i < cells->width * cells->height; i++)
        if (isfinite(cells->px[i]))
            spare[n++] = cells->px[i];
    *median = cs_drift_median(spare, n);
    for (size_t i = 0; i < n; i++)
        spare[i] = fabsf(spare[i] - *median);
    *sd = cs_drift_median(spare, n) / 0.6745f;
}

/* Closes the cell and those around it, up to `far` cells off. */
static void
close_around(CsDriftPlane *plane, size_t i, size_t j, size_t far)
{
    size_t w = plane->cells.width, h = plane->cells.height;

    for (size_t v = MAX(j, far) - far; v < MIN(j + far + 1, h); v++)
        memset(plane->closed + v * w + MAX(i, far) - far, 1,
               MIN(i + far + 1, w) - (MAX(i, far) - far));
}

static void
close_outliers(CsDriftPlane *plane, float sd)
{
    size_t w = plane->cells.width, h = plane->cells.height;
    float limit = fmaxf(LEAST_OUTLIER, OUTLIER_SD * sd);

    memset(plane->closed, 0, w * h);
    for (size_t j = 0; j < h; j++)
        for (size_t i = 0; i < w; i++)
            if (!(fabsf(plane->cells.px[j * w + i]) <= limit))
                close_around(plane, i, j,
                             plane->cells.px[j * w + i] < OPAQUE
                                 ? SKIN_CELLS : 1);
}

/* Both over the median, minus 1. */
static void
make_relative(CsDriftPlane *plane, float median)
{
    float by = fabsf(median) > 0 ? 1 / median : 1;

    for (size_t i = 0; i < plane->image.width * plane->image.height; i++)
        plane->image.px[i] = plane->image.px[i] * by - 1;
    for (size_t i = 0; i < plane->cells.width * plane->cells.height; i++)
        plane->cells.px[i] = plane->cells.px[i] * by - 1;
}

static double
mean_of(const CsImage *image)
{
    size_t n = image->width * image->height;
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double) image->px[i];
    return sum / (double) MAX(n, 1);
}

static bool
allocate(const CsDriftField *f, CsDriftPlane *plane, GError **error)
{
    size_t n = f->cells_x * f->cells_y;

    if (!cs_image_resize(&plane->cells, f->cells_x, f->cells_y, error))
        return false;
    if (plane->closed != NULL && plane->n_closed >= n)
        return true;
    g_free(plane->closed);
    plane->closed = cs_try_alloc(n, 1, "the drift mask", error);
    plane->n_closed = plane->closed != NULL ? n : 0;
    return plane->closed != NULL;
}

bool
cs_drift_plane(const CsDriftField *field, const CsFrame *frame,
               CsDriftPlane *plane, GError **error)
{
    g_autofree float *spare = NULL;
    float median, sd;

    if (!cs_image_bin(frame, field->bin, &plane->image, error)
        || !allocate(field, plane, error))
        return false;
    spare = cs_try_alloc(field->cells_x * field->cells_y + 1, sizeof *spare,
                         "cells", error);
    if (spare == NULL)
        return false;
    fill_cells(field, plane);
    plane->light = mean_of(&plane->cells);
    usual(&plane->cells, spare, &median, &sd);
    make_relative(plane, median);
    close_outliers(plane, fabsf(median) > 0 ? sd / fabsf(median) : sd);
    return true;
}

void
cs_drift_plane_clear(CsDriftPlane *plane)
{
    cs_image_clear(&plane->image);
    cs_image_clear(&plane->cells);
    g_free(plane->closed);
    *plane = (CsDriftPlane) CS_DRIFT_PLANE_INIT;
}
