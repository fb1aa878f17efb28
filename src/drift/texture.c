/* Texture of the support.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/texture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"

enum {
    MAX_SIDE = 512,  /* of the binned frame */
    TILE = 4,        /* pixels of it summed up for local means */
};

/* The local mean reaches that many tiles (sd of a Gaussian), and needs that
 * much weight in pixels a tile. */
#define LOCAL_TILES 4.0
#define LEAST_WEIGHT 0.05f

/* Particles may grow to 2.5 times their area: 1.6 times their diameter. */
#define GROWTH_MARGIN 0.6
/* The part of the side over which the weight falls to 0 at the border, and
 * the pixels over which it does at a mask. */
#define BORDER_TAPER 0.08
#define MASK_TAPER_PX 4.0
/* A change is looked for after that blur, and is one from that many sd on. */
#define CHANGE_BLUR_PX 3.0
#define MOST_CHANGE 4.0f
/* What differs from its surroundings by more than that part is no support of
 * a few tens of nm of carbon (SCIENCE 7.1): tungsten, above all. */
#define MOST_TEXTURE 0.25f

/* ---- Where to look ------------------------------------------------------------ */

static float
taper(double distance, double over)
{
    double t = CLAMP(distance / over, 0, 1);

    return (float) (t * t * (3 - 2 * t));
}

static void
weigh_border(CsDriftField *f)
{
    double over_x = BORDER_TAPER * (double) f->width;
    double over_y = BORDER_TAPER * (double) f->height;

    for (size_t j = 0; j < f->height; j++)
        for (size_t i = 0; i < f->width; i++) {
            double x = fmin((double) i, (double) (f->width - 1 - i)) + 0.5;
            double y = fmin((double) j, (double) (f->height - 1 - j)) + 0.5;

            f->weight[j * f->width + i] = taper(x, over_x) * taper(y, over_y);
        }
}

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
        for (size_t i = 0; i < f->width; i++) {
            double d = hypot((double) i + 0.5 - x, (double) j + 0.5 - y);

            f->weight[j * f->width + i]
                *= taper(d - radius, MASK_TAPER_PX);
        }
}

/* Takes out needle and dirt; a blur makes their taper. */
static bool
mask_cells(CsDriftField *f, const CsSeeds *seeds, GError **error)
{
    g_auto(CsImage) free = CS_IMAGE_INIT;
    double scale = (double) f->bin / (double) seeds->mask_bin;

    if (!cs_image_resize(&free, f->width, f->height, error))
        return false;
    for (size_t j = 0; j < f->height; j++)
        for (size_t i = 0; i < f->width; i++) {
            size_t u = MIN((size_t) (((double) i + 0.5) * scale),
                           seeds->mask_width - 1);
            size_t v = MIN((size_t) (((double) j + 0.5) * scale),
                           seeds->mask_height - 1);
            uint8_t class = seeds->mask[v * seeds->mask_width + u];

            free.px[j * f->width + i]
                = class == CS_MASK_NEEDLE || class == CS_MASK_DIRT ? 0 : 1;
        }
    if (!cs_image_blur(&free, MASK_TAPER_PX, &free, error))
        return false;
    for (size_t i = 0; i < f->width * f->height; i++)
        f->weight[i] *= fmaxf(0, 2 * free.px[i] - 1);
    return true;
}

bool
cs_drift_field_init(CsDriftField *field, size_t width, size_t height,
                    const CsSeeds *seeds, GError **error)
{
    size_t side = MAX(width, height);
    g_auto(CsDriftField) f = { .bin = (side + MAX_SIDE - 1) / MAX_SIDE };

    f.width = width / f.bin;
    f.height = height / f.bin;
    f.weight = cs_try_alloc(f.width * f.height, sizeof *f.weight,
                            "the drift mask", error);
    if (f.weight == NULL)
        return false;
    weigh_border(&f);
    if (seeds != NULL) {
        for (size_t i = 0; i < seeds->n; i++)
            mask_particle(&f, &seeds->seed[i].outline);
        if (seeds->mask != NULL && !mask_cells(&f, seeds, error))
            return false;
    }
    *field = f;
    f.weight = NULL;
    return true;
}

void
cs_drift_field_clear(CsDriftField *field)
{
    g_free(field->weight);
    *field = (CsDriftField) { 0 };
}

/* ---- The texture ---------------------------------------------------------------- */

/* The weight where pixel (i, j) of this frame lies on the first. */
static float
weight_at(const CsDriftField *f, ptrdiff_t i, ptrdiff_t j)
{
    if (i < 0 || j < 0 || i >= (ptrdiff_t) f->width
        || j >= (ptrdiff_t) f->height)
        return 0;
    return f->weight[(size_t) j * f->width + (size_t) i];
}

/* Sums over tiles of the weight, and of weight times value. */
static void
tile_sums(const CsImage *binned, const CsImage *weight, CsImage *values,
          CsImage *weights)
{
    for (size_t v = 0; v < values->height; v++)
        for (size_t u = 0; u < values->width; u++) {
            float sum = 0, total = 0;
            size_t x1 = MIN((u + 1) * TILE, binned->width);
            size_t y1 = MIN((v + 1) * TILE, binned->height);

            for (size_t j = v * TILE; j < y1; j++)
                for (size_t i = u * TILE; i < x1; i++) {
                    size_t at = j * binned->width + i;

                    sum += weight->px[at] * binned->px[at];
                    total += weight->px[at];
                }
            values->px[v * values->width + u] = sum;
            weights->px[v * values->width + u] = total;
        }
}

/* The local mean, on tiles: blurred sums over blurred weights. The blur is
 * several tiles wide, so that the tiles, which do not drift, leave no trace;
 * means of single tiles would pull every shift towards 0. 0 where nothing is
 * near. */
static bool
local_mean(const CsImage *binned, const CsImage *weight, CsImage *mean,
           GError **error)
{
    g_auto(CsImage) weights = CS_IMAGE_INIT;
    size_t width = (binned->width + TILE - 1) / TILE;
    size_t height = (binned->height + TILE - 1) / TILE;

    if (!cs_image_resize(mean, width, height, error)
        || !cs_image_resize(&weights, width, height, error))
        return false;
    tile_sums(binned, weight, mean, &weights);
    if (!cs_image_blur(mean, LOCAL_TILES, mean, error)
        || !cs_image_blur(&weights, LOCAL_TILES, &weights, error))
        return false;
    for (size_t k = 0; k < width * height; k++)
        mean->px[k] = weights.px[k] > LEAST_WEIGHT
                          ? mean->px[k] / weights.px[k]
                          : 0;
    return true;
}

bool
cs_drift_texture(const CsDriftField *field, const CsImage *binned, double dx,
                 double dy, CsImage *relative, CsImage *weight,
                 GError **error)
{
    ptrdiff_t sx = (ptrdiff_t) lround(dx), sy = (ptrdiff_t) lround(dy);
    g_auto(CsImage) mean = CS_IMAGE_INIT;

    if (!cs_image_resize(relative, field->width, field->height, error)
        || !cs_image_resize(weight, field->width, field->height, error))
        return false;
    for (size_t j = 0; j < field->height; j++)
        for (size_t i = 0; i < field->width; i++)
            weight->px[j * field->width + i]
                = weight_at(field, (ptrdiff_t) i + sx, (ptrdiff_t) j + sy);
    if (!local_mean(binned, weight, &mean, error))
        return false;
    for (size_t j = 0; j < field->height; j++)
        for (size_t i = 0; i < field->width; i++) {
            size_t at = j * field->width + i;
            float local = cs_image_at(&mean, ((double) i + 0.5) / TILE,
                                      ((double) j + 0.5) / TILE);

            relative->px[at] = local > 0 ? binned->px[at] / local - 1 : 0;
        }
    return true;
}

/* ---- Changes ---------------------------------------------------------------------- */

/* What is usual where pixel (i, j) of this frame lies; NAN if not known. */
static float
usual_at(const CsImage *mean, ptrdiff_t i, ptrdiff_t j)
{
    if (i < 0 || j < 0 || i >= (ptrdiff_t) mean->width
        || j >= (ptrdiff_t) mean->height)
        return NAN;
    return mean->px[(size_t) j * mean->width + (size_t) i];
}

static int
by_value(const void *a, const void *b)
{
    const float *x = a;
    const float *y = b;

    return (*x > *y) - (*x < *y);
}

/* The sd of most of the differences, by their median size. */
static float
usual_size(const CsImage *difference, const CsImage *weight)
{
    size_t n_px = difference->width * difference->height, n = 0;
    size_t stride = n_px / 20000 + 1;
    g_autofree float *size = g_new(float, n_px / stride + 1);

    for (size_t i = 0; i < n_px; i += stride)
        if (weight->px[i] > 0.5f)
            size[n++] = fabsf(difference->px[i]);
    if (n == 0)
        return INFINITY;
    qsort(size, n, sizeof *size, by_value);
    return size[n / 2] / 0.6745f;
}

/* Takes the weight off around pixels that, blurred, are larger than `most`
 * times the usual, and larger than `least`. Spoils the image. */
static bool
mask_large(CsImage *image, float most, float least, CsImage *weight,
           GError **error)
{
    size_t n = image->width * image->height;
    float limit;

    if (!cs_image_blur(image, CHANGE_BLUR_PX, image, error))
        return false;
    limit = fmaxf(least, most * usual_size(image, weight));
    for (size_t i = 0; i < n; i++)
        image->px[i] = fabsf(image->px[i]) > limit ? 0 : 1;
    /* a blurred hole is a wider one with soft edges */
    if (!cs_image_blur(image, CHANGE_BLUR_PX, image, error))
        return false;
    for (size_t i = 0; i < n; i++)
        weight->px[i] *= fmaxf(0, 2 * image->px[i] - 1);
    return true;
}

bool
cs_drift_mask_changes(const CsDriftField *field, const CsImage *mean,
                      const CsImage *relative, double dx, double dy,
                      CsImage *weight, GError **error)
{
    ptrdiff_t sx = (ptrdiff_t) lround(dx), sy = (ptrdiff_t) lround(dy);
    g_auto(CsImage) difference = CS_IMAGE_INIT;

    if (!cs_image_resize(&difference, field->width, field->height, error))
        return false;
    for (size_t j = 0; j < field->height; j++)
        for (size_t i = 0; i < field->width; i++) {
            size_t at = j * field->width + i;
            float usual = usual_at(mean, (ptrdiff_t) i + sx,
                                   (ptrdiff_t) j + sy);

            difference.px[at]
                = isnan(usual) ? 0 : relative->px[at] - usual;
        }
    return mask_large(&difference, MOST_CHANGE, 0, weight, error);
}

bool
cs_drift_mask_outliers(const CsImage *relative, CsImage *weight,
                       GError **error)
{
    g_auto(CsImage) size = CS_IMAGE_INIT;

    if (!cs_image_resize(&size, relative->width, relative->height, error))
        return false;
    memcpy(size.px, relative->px,
           relative->width * relative->height * sizeof *size.px);
    return mask_large(&size, MOST_CHANGE, MOST_TEXTURE, weight, error);
}

void
cs_drift_learn(const CsDriftField *field, const CsImage *relative,
               const CsImage *weight, double dx, double dy, float share,
               CsImage *mean)
{
    ptrdiff_t sx = (ptrdiff_t) lround(dx), sy = (ptrdiff_t) lround(dy);

    for (size_t j = 0; j < field->height; j++)
        for (size_t i = 0; i < field->width; i++) {
            ptrdiff_t x = (ptrdiff_t) i + sx, y = (ptrdiff_t) j + sy;
            size_t at = j * field->width + i;
            float *m;

            if (weight->px[at] < 0.5f || x < 0 || y < 0
                || x >= (ptrdiff_t) mean->width
                || y >= (ptrdiff_t) mean->height)
                continue;
            m = &mean->px[(size_t) y * mean->width + (size_t) x];
            *m = isnan(*m) ? relative->px[at]
                           : *m + share * (relative->px[at] - *m);
        }
}
