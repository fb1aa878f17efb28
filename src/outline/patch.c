/* Neighbourhoods of particles.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/patch.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"

static bool
resize(CsPatch *patch, size_t width, size_t height, GError **error)
{
    size_t n = width * height;

    if (n > patch->capacity) {
        uint8_t *hidden = cs_try_alloc(n, 1, "a neighbourhood", error);

        if (hidden == NULL)
            return false;
        g_free(patch->hidden);
        patch->hidden = hidden;
        patch->capacity = n;
    }
    memset(patch->hidden, 0, n);
    return true;
}

static void
hide_outside(CsPatch *patch, const CsFrame *frame)
{
    size_t w = patch->image.width;

    patch->cut = false;
    for (size_t j = 0; j < patch->image.height; j++) {
        double y = patch->y0 + (double) j;
        bool   out = y < 0 || y >= (double) frame->height;

        for (size_t i = 0; i < w; i++) {
            double x = patch->x0 + (double) i;

            if (out || x < 0 || x >= (double) frame->width) {
                patch->hidden[j * w + i] = 1;
                patch->cut = true;
            }
        }
    }
}

bool
cs_patch_cut(const CsFrame *frame, const CsContour *contour, double margin_px,
             CsPatch *patch, GError **error)
{
    double far = (double) cs_contour_largest(contour) + margin_px;
    double x0 = floor(contour->x - far), y0 = floor(contour->y - far);
    size_t width = (size_t) (ceil(contour->x + far) - x0);
    size_t height = (size_t) (ceil(contour->y + far) - y0);

    if (!cs_image_crop(frame, (ptrdiff_t) x0, (ptrdiff_t) y0, width, height,
                       &patch->image, error)
        || !resize(patch, width, height, error))
        return false;
    patch->x0 = x0;
    patch->y0 = y0;
    hide_outside(patch, frame);
    return true;
}

void
cs_patch_hide_contour(CsPatch *patch, const CsContour *contour,
                      double margin_px)
{
    double far = (double) cs_contour_largest(contour) + margin_px;
    double cx = contour->x - patch->x0, cy = contour->y - patch->y0;
    ptrdiff_t w = (ptrdiff_t) patch->image.width;
    ptrdiff_t h = (ptrdiff_t) patch->image.height;
    ptrdiff_t top = MAX((ptrdiff_t) (cy - far), 0);
    ptrdiff_t bottom = MIN((ptrdiff_t) (cy + far) + 1, h);
    ptrdiff_t left = MAX((ptrdiff_t) (cx - far), 0);
    ptrdiff_t right = MIN((ptrdiff_t) (cx + far) + 1, w);

    for (ptrdiff_t j = top; j < bottom; j++)
        for (ptrdiff_t i = left; i < right; i++)
            if (cs_contour_contains(contour, patch->x0 + (double) i + 0.5,
                                    patch->y0 + (double) j + 0.5, margin_px))
                patch->hidden[j * w + i] = 1;
}

static bool
is_needle(const CsSeeds *seeds, double x, double y)
{
    double i = floor(x / (double) seeds->mask_bin);
    double j = floor(y / (double) seeds->mask_bin);

    if (i < 0 || j < 0 || i >= (double) seeds->mask_width
        || j >= (double) seeds->mask_height)
        return false;
    return seeds->mask[(size_t) j * seeds->mask_width + (size_t) i]
           == CS_MASK_NEEDLE;
}

void
cs_patch_hide_needle(CsPatch *patch, const CsSeeds *seeds,
                     const CsShift *shift)
{
    size_t w = patch->image.width;

    if (seeds->mask == NULL || seeds->mask_bin == 0)
        return;
    for (size_t j = 0; j < patch->image.height; j++)
        for (size_t i = 0; i < w; i++)
            if (is_needle(seeds, patch->x0 + (double) i + 0.5 + shift->dx_px,
                          patch->y0 + (double) j + 0.5 + shift->dy_px))
                patch->hidden[j * w + i] = 1;
}

/* The spread of single pixels about their neighbours on either side, from
 * the mean absolute second difference along rows; edges hardly count. */
static float
pixel_noise(const CsImage *image)
{
    double sum = 0;
    size_t n = 0;

    for (size_t j = 0; j < image->height; j += 2) {
        const float *row = image->px + j * image->width;

        for (size_t i = 1; i + 1 < image->width; i++, n++)
            sum += (double) fabsf(row[i] - (row[i - 1] + row[i + 1]) / 2);
    }
    /* E|z| = 0.798 sd, and the difference has 1.5 times the variance */
    return n > 0 ? (float) (sum / (double) n / 0.798 / 1.2247) : 0;
}

static bool
is_spike(const float *p, size_t w, float limit)
{
    const float around[8] = { p[-(ptrdiff_t) w - 1], p[-(ptrdiff_t) w],
                              p[-(ptrdiff_t) w + 1], p[-1], p[1], p[w - 1],
                              p[w], p[w + 1] };
    float low = around[0], high = around[0];

    for (int k = 1; k < 8; k++) {
        low = MIN(low, around[k]);
        high = MAX(high, around[k]);
    }
    return *p > high + limit || *p < low - limit;
}

void
cs_patch_hide_spikes(CsPatch *patch)
{
    size_t w = patch->image.width;
    float limit = 4 * pixel_noise(&patch->image);

    for (size_t j = 1; j + 1 < patch->image.height; j++)
        for (size_t i = 1; i + 1 < w; i++)
            if (is_spike(patch->image.px + j * w + i, w, limit))
                patch->hidden[j * w + i] = 1;
}

void
cs_patch_clear(CsPatch *patch)
{
    cs_image_clear(&patch->image);
    g_free(patch->hidden);
    *patch = (CsPatch) CS_PATCH_INIT;
}
