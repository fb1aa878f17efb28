/* A pyramid of pictures, each with its noise.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/levels.h"

#include <math.h>

enum { LEAST_SIDE = 20, N_SLOPES = 20000 };

#define BLUR_PX 1.0

/* The quantile of slopes that noise is read from: low, since edges, film and
 * the curved flanks of particles only ever make slopes larger. */
#define NOISE_QUANTILE 0.3
/* A picture without noise has a slope of this share of its range at least. */
#define LEAST_SLOPE 1e-3

void
cs_levels_slope(const CsImage *image, size_t i, size_t j, float *gx, float *gy)
{
    size_t w = image->width, h = image->height;
    size_t left = i > 0 ? i - 1 : 0, right = i + 1 < w ? i + 1 : i;
    size_t up = j > 0 ? j - 1 : 0, down = j + 1 < h ? j + 1 : j;
    const float *px = image->px;

    *gx = (px[j * w + right] - px[j * w + left]) / 2;
    *gy = (px[down * w + i] - px[up * w + i]) / 2;
}

static bool
measure_noise(CsLevel *level, GError **error)
{
    const CsImage *image = &level->image;
    size_t n_px = image->width * image->height;
    size_t stride = n_px / N_SLOPES + 1, n = 0;
    g_auto(CsImage) slopes = CS_IMAGE_INIT;
    float low, high;

    if (!cs_image_resize(&slopes, n_px / stride + 1, 1, error))
        return false;
    for (size_t k = 0; k < n_px; k += stride) {
        float gx, gy;

        cs_levels_slope(image, k % image->width, k / image->width, &gx, &gy);
        slopes.px[n++] = hypotf(gx, gy);
    }
    slopes.width = n;
    low = cs_image_quantile(image, 0.01);
    high = cs_image_quantile(image, 0.99);
    /* The size of a slope made by noise has a Rayleigh distribution. */
    level->noise_slope
        = fmax((double) cs_image_quantile(&slopes, NOISE_QUANTILE)
                   / sqrt(-2 * log(1 - NOISE_QUANTILE)),
               LEAST_SLOPE * (double) (high - low));
    return true;
}

static bool
halve(const CsImage *from, CsImage *to, GError **error)
{
    size_t w = from->width;

    if (!cs_image_resize(to, w / 2, from->height / 2, error))
        return false;
    for (size_t j = 0; j < to->height; j++)
        for (size_t i = 0; i < to->width; i++) {
            const float *p = from->px + 2 * j * w + 2 * i;

            to->px[j * to->width + i] = (p[0] + p[1] + p[w] + p[w + 1]) / 4;
        }
    return true;
}

bool
cs_levels_build(const CsImage *picture, CsLevels *levels, GError **error)
{
    g_auto(CsLevels) fresh = CS_LEVELS_INIT;
    g_auto(CsImage) even = CS_IMAGE_INIT;
    g_auto(CsImage) odd = CS_IMAGE_INIT;
    const CsImage *now = picture;
    double scale = 1;
    CsLevels old = *levels;

    while (fresh.n < CS_MAX_LEVELS
           && (fresh.n == 0 || MIN(now->width, now->height) >= LEAST_SIDE)) {
        CsLevel *level = &fresh.level[fresh.n++];
        CsImage *next = fresh.n % 2 == 0 ? &odd : &even;

        level->scale = scale;
        if (!cs_image_blur(now, BLUR_PX, &level->image, error)
            || !measure_noise(level, error) || !halve(now, next, error))
            return false;
        now = next;
        scale *= 2;
    }
    *levels = fresh;
    fresh = old;
    return true;
}

void
cs_levels_clear(CsLevels *levels)
{
    for (size_t k = 0; k < levels->n; k++)
        cs_image_clear(&levels->level[k].image);
    levels->n = 0;
}
