/* Neighbourhoods of particles.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/patch.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/wide.h"

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

    patch->cut = patch->x0 < 0 || patch->y0 < 0
                 || patch->x0 + (double) w > (double) frame->width
                 || patch->y0 + (double) patch->image.height
                        > (double) frame->height;
    if (!patch->cut)
        return;
    for (size_t j = 0; j < patch->image.height; j++) {
        double y = patch->y0 + (double) j;
        bool   out = y < 0 || y >= (double) frame->height;

        for (size_t i = 0; i < w; i++) {
            double x = patch->x0 + (double) i;

            if (out || x < 0 || x >= (double) frame->width)
                patch->hidden[j * w + i] = 1;
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

/* Which of n cells of a mask a coordinate lies in; n outside. */
static size_t
cell_of(double at, size_t bin, size_t n)
{
    double cell = floor(at / (double) bin);

    return cell >= 0 && cell < (double) n ? (size_t) cell : n;
}

/* Hides the pixels of a row from i on that lie in cell u of a row of cells;
 * gives the first beyond it. */
static size_t
hide_cell(CsPatch *patch, size_t j, size_t i, double dx, const CsSeeds *seeds,
          const uint8_t *cells)
{
    size_t w = patch->image.width, n = seeds->mask_width;
    size_t u = cell_of(patch->x0 + (double) i + 0.5 + dx, seeds->mask_bin, n);
    uint8_t hide = u < n && cells[u] == CS_MASK_NEEDLE;

    do {
        patch->hidden[j * w + i] |= hide;
        i++;
    } while (i < w
             && cell_of(patch->x0 + (double) i + 0.5 + dx, seeds->mask_bin, n)
                    == u);
    return i;
}

static bool
has_needle(const uint8_t *cells, size_t first, size_t end)
{
    for (size_t u = first; u < end; u++)
        if (cells[u] == CS_MASK_NEEDLE)
            return true;
    return false;
}

void
cs_patch_hide_needle(CsPatch *patch, const CsSeeds *seeds,
                     const CsShift *shift)
{
    size_t w = patch->image.width, n = seeds->mask_width;
    double left = patch->x0 + 0.5 + shift->dx_px;
    size_t first, last;

    if (seeds->mask == NULL || seeds->mask_bin == 0 || w == 0)
        return;
    first = left < 0 ? 0 : cell_of(left, seeds->mask_bin, n);
    last = cell_of(left + (double) w - 1, seeds->mask_bin, n);
    for (size_t j = 0; j < patch->image.height; j++) {
        size_t v = cell_of(patch->y0 + (double) j + 0.5 + shift->dy_px,
                           seeds->mask_bin, seeds->mask_height);
        const uint8_t *cells = seeds->mask + v * n;

        if (v == seeds->mask_height
            || !has_needle(cells, first, MIN(last + 1, n)))
            continue;
        for (size_t i = 0; i < w;)
            i = hide_cell(patch, j, i, shift->dx_px, seeds, cells);
    }
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

static inline float
least_of(float a, float b)
{
    return a < b ? a : b;
}

static inline float
most_of(float a, float b)
{
    return a > b ? a : b;
}

/* One row: rows[1], between its neighbours. */
CS_WIDE static void
hide_spikes_of(const float *const *rows, size_t w, float limit,
               uint8_t *hidden)
{
    const float *up = rows[0], *row = rows[1], *down = rows[2];

    for (size_t i = 1; i + 1 < w; i++) {
        float low = least_of(least_of(up[i - 1], up[i]),
                             least_of(up[i + 1], row[i - 1]));
        float high = most_of(most_of(up[i - 1], up[i]),
                             most_of(up[i + 1], row[i - 1]));

        low = least_of(low, least_of(least_of(row[i + 1], down[i - 1]),
                                     least_of(down[i], down[i + 1])));
        high = most_of(high, most_of(most_of(row[i + 1], down[i - 1]),
                                     most_of(down[i], down[i + 1])));
        hidden[i] |= (row[i] > high + limit) | (row[i] < low - limit);
    }
}

void
cs_patch_hide_spikes(CsPatch *patch)
{
    size_t w = patch->image.width;
    float limit = 4 * pixel_noise(&patch->image);

    for (size_t j = 1; j + 1 < patch->image.height; j++) {
        const float *row = patch->image.px + j * w;
        const float *const rows[3] = { row - w, row, row + w };

        hide_spikes_of(rows, w, limit, patch->hidden + j * w);
    }
}

void
cs_patch_clear(CsPatch *patch)
{
    cs_image_clear(&patch->image);
    g_free(patch->hidden);
    *patch = (CsPatch) CS_PATCH_INIT;
}
