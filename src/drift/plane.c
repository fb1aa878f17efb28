/* Frames made ready for matching.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/plane.h"

#include <math.h>
#include <stdlib.h>

#include "core/alloc.h"

enum { MAX_SIDE = 512 }; /* of the binned frame */

/* Around particles; where they grow, templates see that it changes. */
#define GROWTH_MARGIN 0.15

/* Before interpolating: what is finer is mostly noise, and would make the
 * result depend on where between pixels it lies. */
#define SMOOTH_PX 1.4

/* What differs from the median by more than that part, and by more than that
 * many sd, is no support of a few tens of nm of carbon (SCIENCE 7.1). */
#define LEAST_OUTLIER 0.3f
#define OUTLIER_SD 6.0f
#define OUTLIER_MARGIN_PX 3.0

/* ---- Where to look ------------------------------------------------------ */

/* Takes out a disc that holds the particle and its growth. */
static void
mask_particle(CsDriftField *f, const CsPolygon *outline)
{
    CsPoint c = cs_polygon_centroid(outline);
    double bin = (double) f->bin, x = c.x / bin, y = c.y / bin, radius = 0;

    for (size_t k = 0; k < outline->n; k++)
        radius = fmax(radius, hypot(outline->points[k].x - c.x,
                                    outline->points[k].y - c.y) / bin);
    radius *= 1 + GROWTH_MARGIN;
    for (size_t j = 0; j < f->height; j++)
        for (size_t i = 0; i < f->width; i++)
            if (hypot((double) i + 0.5 - x, (double) j + 0.5 - y) < radius)
                f->weight[j * f->width + i] = 0;
}

static void
mask_cells(CsDriftField *f, const CsSeeds *seeds)
{
    double scale = (double) f->bin / (double) seeds->mask_bin;

    for (size_t j = 0; j < f->height; j++)
        for (size_t i = 0; i < f->width; i++) {
            size_t u = MIN((size_t) (((double) i + 0.5) * scale),
                           seeds->mask_width - 1);
            size_t v = MIN((size_t) (((double) j + 0.5) * scale),
                           seeds->mask_height - 1);
            uint8_t class = seeds->mask[v * seeds->mask_width + u];

            if (class == CS_MASK_NEEDLE || class == CS_MASK_DIRT)
                f->weight[j * f->width + i] = 0;
        }
}

bool
cs_drift_field_init(CsDriftField *field, size_t width, size_t height,
                    const CsSeeds *seeds, GError **error)
{
    size_t side = MAX(width, height);
    CsDriftField f = { .bin = (side + MAX_SIDE - 1) / MAX_SIDE };

    f.width = MAX(width / f.bin, 1);
    f.height = MAX(height / f.bin, 1);
    f.weight = cs_try_alloc(f.width * f.height, sizeof *f.weight,
                            "the drift mask", error);
    if (f.weight == NULL)
        return false;
    for (size_t i = 0; i < f.width * f.height; i++)
        f.weight[i] = 1;
    for (size_t i = 0; seeds != NULL && i < seeds->n; i++)
        mask_particle(&f, &seeds->seed[i].outline);
    if (seeds != NULL && seeds->mask != NULL)
        mask_cells(&f, seeds);
    *field = f;
    return true;
}

void
cs_drift_field_clear(CsDriftField *field)
{
    g_free(field->weight);
    *field = (CsDriftField) { 0 };
}

bool
cs_drift_field_allows(const CsDriftField *f, ptrdiff_t x, ptrdiff_t y)
{
    if (x < 0 || y < 0 || x >= (ptrdiff_t) f->width
        || y >= (ptrdiff_t) f->height)
        return true;
    return f->weight[(size_t) y * f->width + (size_t) x] > 0.5f;
}

/* ---- The plane ----------------------------------------------------------- */

static int
by_value(const void *a, const void *b)
{
    const float *x = a;
    const float *y = b;

    return (*x > *y) - (*x < *y);
}

float
cs_drift_median(float *value, size_t n)
{
    if (n == 0)
        return NAN;
    qsort(value, n, sizeof *value, by_value);
    return value[n / 2];
}

/* The median of a sample of the pixels, and the sd of most of them. */
static void
usual(const CsImage *image, float *median, float *sd)
{
    size_t n_px = image->width * image->height, n = 0;
    size_t stride = n_px / 20011 + 1;
    g_autofree float *value = g_new(float, n_px / stride + 1);

    for (size_t i = 0; i < n_px; i += stride)
        if (isfinite(image->px[i]))
            value[n++] = image->px[i];
    *median = cs_drift_median(value, n);
    for (size_t i = 0; i < n; i++)
        value[i] = fabsf(value[i] - *median);
    *sd = cs_drift_median(value, n) / 0.6745f;
}

static double
mean_of(const CsImage *image)
{
    double sum = 0;

    for (size_t i = 0; i < image->width * image->height; i++)
        sum += (double) image->px[i];
    return sum / (double) (image->width * image->height);
}

/* NAN where the plane is far from 0, and around. */
static bool
cut_outliers(CsImage *plane, float sd, GError **error)
{
    g_auto(CsImage) far = CS_IMAGE_INIT;
    float limit = fmaxf(LEAST_OUTLIER, OUTLIER_SD * sd);

    if (!cs_image_resize(&far, plane->width, plane->height, error))
        return false;
    for (size_t i = 0; i < plane->width * plane->height; i++)
        far.px[i] = fabsf(plane->px[i]) <= limit ? 0 : 1;
    if (!cs_image_blur(&far, OUTLIER_MARGIN_PX, &far, error))
        return false;
    for (size_t i = 0; i < plane->width * plane->height; i++)
        if (far.px[i] > 0.1f)
            plane->px[i] = NAN;
    return true;
}

bool
cs_drift_plane(const CsDriftField *field, const CsFrame *frame,
               CsImage *plane, double *light, GError **error)
{
    float median, sd;

    if (!cs_image_bin(frame, field->bin, plane, error))
        return false;
    *light = mean_of(plane);
    if (!cs_image_blur(plane, SMOOTH_PX, plane, error))
        return false;
    usual(plane, &median, &sd);
    if (!(fabsf(median) > 0))
        median = 1;
    for (size_t i = 0; i < plane->width * plane->height; i++)
        plane->px[i] = plane->px[i] / median - 1;
    return cut_outliers(plane, sd / fabsf(median), error);
}
