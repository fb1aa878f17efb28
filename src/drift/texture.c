/* Texture of the support.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "drift/texture.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"

enum {
    MAX_SIDE = 512,  /* of the binned frame */
    TILE = 16,       /* pixels of it a local mean is taken over */
};

/* Particles may grow to 2.5 times their area: 1.6 times their diameter. */
#define GROWTH_MARGIN 0.6
/* The part of the side over which the weight falls to 0 at the border, and
 * the pixels over which it does at a mask. */
#define BORDER_TAPER 0.08
#define MASK_TAPER_PX 4.0

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

/* Weighted means of tiles; NAN where a tile has no weight. */
static void
tile_means(const CsImage *binned, const CsImage *weight, CsImage *mean)
{
    for (size_t v = 0; v < mean->height; v++)
        for (size_t u = 0; u < mean->width; u++) {
            double sum = 0, total = 0;
            size_t x1 = MIN((u + 1) * TILE, binned->width);
            size_t y1 = MIN((v + 1) * TILE, binned->height);

            for (size_t j = v * TILE; j < y1; j++)
                for (size_t i = u * TILE; i < x1; i++) {
                    size_t at = j * binned->width + i;

                    sum += (double) (weight->px[at] * binned->px[at]);
                    total += (double) weight->px[at];
                }
            mean->px[v * mean->width + u]
                = total > TILE ? (float) (sum / total) : NAN;
        }
}

/* Fills tiles without a mean with the nearest one of their row, or else with
 * the mean of all: there the weight is 0 anyway. */
static void
fill_gaps(CsImage *mean)
{
    double sum = 0;
    size_t n = 0, n_tiles = mean->width * mean->height;

    for (size_t k = 0; k < n_tiles; k++)
        if (!isnan(mean->px[k])) {
            sum += (double) mean->px[k];
            n++;
        }
    for (size_t v = 0; v < mean->height; v++) {
        float *row = mean->px + v * mean->width;

        for (size_t u = 1; u < mean->width; u++)
            if (isnan(row[u]))
                row[u] = row[u - 1];
        for (size_t u = mean->width - 1; u-- > 0;)
            if (isnan(row[u]))
                row[u] = row[u + 1];
    }
    for (size_t k = 0; k < n_tiles; k++)
        if (isnan(mean->px[k]))
            mean->px[k] = n > 0 ? (float) (sum / (double) n) : 1;
}

bool
cs_drift_texture(const CsDriftField *field, const CsImage *binned, double dx,
                 double dy, CsImage *texture, GError **error)
{
    ptrdiff_t sx = (ptrdiff_t) lround(dx), sy = (ptrdiff_t) lround(dy);
    g_auto(CsImage) mean = CS_IMAGE_INIT;

    if (!cs_image_resize(texture, field->width, field->height, error)
        || !cs_image_resize(&mean, (field->width + TILE - 1) / TILE,
                            (field->height + TILE - 1) / TILE, error))
        return false;
    for (size_t j = 0; j < field->height; j++)
        for (size_t i = 0; i < field->width; i++)
            texture->px[j * field->width + i]
                = fminf(field->weight[j * field->width + i] > 0,
                        weight_at(field, (ptrdiff_t) i + sx,
                                  (ptrdiff_t) j + sy));
    tile_means(binned, texture, &mean);
    fill_gaps(&mean);
    for (size_t j = 0; j < field->height; j++)
        for (size_t i = 0; i < field->width; i++) {
            size_t at = j * field->width + i;
            float local = cs_image_at(&mean, ((double) i + 0.5) / TILE,
                                      ((double) j + 0.5) / TILE);

            if (texture->px[at] > 0)
                texture->px[at] *= local > 0 ? binned->px[at] / local - 1 : 0;
        }
    return true;
}
