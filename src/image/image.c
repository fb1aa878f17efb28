/* Images of float grey values.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/image.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "image/select.h"

bool
cs_image_resize(CsImage *image, size_t width, size_t height, GError **error)
{
    float *px;

    if (height > 0 && width > SIZE_MAX / sizeof(float) / height)
        return cs_fail(error, CS_ERROR_LIMIT, "an image that large");
    if (width * height > image->capacity || image->px == NULL) {
        px = cs_try_alloc_aligned(width * height, sizeof *px, "an image",
                                  error);
        if (px == NULL)
            return false;
        cs_free_aligned(image->px);
        image->px = px;
        image->capacity = width * height;
    }
    image->width = width;
    image->height = height;
    return true;
}

void
cs_image_clear(CsImage *image)
{
    cs_free_aligned(image->px);
    *image = (CsImage) CS_IMAGE_INIT;
}

/* ---- From stored samples to float --------------------------------------- */

/* Converts n grey pixels from `at` on. */
typedef void (*Convert)(const void *px, size_t at, size_t n, float *to);

#define CONVERTER(name, type)                                                 \
    static void name(const void *px, size_t at, size_t n, float *to)          \
    {                                                                         \
        const type *from = (const type *) px + at;                            \
                                                                              \
        for (size_t i = 0; i < n; i++)                                        \
            to[i] = (float) from[i];                                          \
    }

CONVERTER(from_u8, uint8_t)
CONVERTER(from_i8, int8_t)
CONVERTER(from_u16, uint16_t)
CONVERTER(from_i16, int16_t)
CONVERTER(from_u32, uint32_t)
CONVERTER(from_i32, int32_t)
CONVERTER(from_f32, float)
CONVERTER(from_f64, double)

static const Convert converters[CS_N_PIXEL_TYPES] = {
    [CS_PIXEL_U8] = from_u8,   [CS_PIXEL_I8] = from_i8,
    [CS_PIXEL_U16] = from_u16, [CS_PIXEL_I16] = from_i16,
    [CS_PIXEL_U32] = from_u32, [CS_PIXEL_I32] = from_i32,
    [CS_PIXEL_F32] = from_f32, [CS_PIXEL_F64] = from_f64,
};

/* n grey values of row j from column i on; all inside the frame. */
static void
convert_row(const CsFrame *frame, size_t i, size_t j, size_t n, float *to)
{
    Convert convert = converters[frame->type];
    float gain = (float) frame->value_gain;
    float offset = (float) frame->value_offset;

    if (frame->n_channels != 1 || convert == NULL) {
        for (size_t k = 0; k < n; k++)
            to[k] = (float) cs_frame_value(frame, i + k, j);
        return;
    }
    convert(frame->px, j * frame->width + i, n, to);
    if (frame->value_gain == 1 && frame->value_offset == 0)
        return;
    for (size_t k = 0; k < n; k++)
        to[k] = offset + gain * to[k];
}

static void
add_cells(const float *row, size_t bin, size_t n_cells, float *cells)
{
    for (size_t c = 0; c < n_cells; c++) {
        float sum = 0;

        for (size_t k = 0; k < bin; k++)
            sum += row[c * bin + k];
        cells[c] += sum;
    }
}

bool
cs_image_bin(const CsFrame *frame, size_t bin, CsImage *image, GError **error)
{
    size_t width = frame->width / bin, height = frame->height / bin;
    float scale = 1 / (float) (bin * bin);
    g_autofree float *row = NULL;

    if (!cs_image_resize(image, width, height, error))
        return false;
    row = cs_try_alloc(frame->width, sizeof *row, "a row", error);
    if (row == NULL)
        return false;
    for (size_t j = 0; j < height; j++) {
        float *cells = image->px + j * width;

        memset(cells, 0, width * sizeof *cells);
        for (size_t k = 0; k < bin; k++) {
            convert_row(frame, 0, j * bin + k, width * bin, row);
            add_cells(row, bin, width, cells);
        }
        for (size_t c = 0; c < width; c++)
            cells[c] *= scale;
    }
    return true;
}

static size_t
clamp_index(ptrdiff_t i, size_t n)
{
    return (size_t) CLAMP(i, 0, (ptrdiff_t) n - 1);
}

static void
crop_row(const CsFrame *frame, ptrdiff_t x0, size_t j, size_t n, float *to)
{
    ptrdiff_t first = MAX(x0, 0);
    ptrdiff_t end = MIN(x0 + (ptrdiff_t) n, (ptrdiff_t) frame->width);
    size_t from, inside;

    if (first >= end) { /* the whole row lies beside the frame */
        float edge
            = (float) cs_frame_value(frame, clamp_index(x0, frame->width), j);

        for (size_t k = 0; k < n; k++)
            to[k] = edge;
        return;
    }
    from = (size_t) (first - x0);
    inside = (size_t) (end - first);
    convert_row(frame, (size_t) first, j, inside, to + from);
    for (size_t k = 0; k < from; k++)
        to[k] = to[from];
    for (size_t k = from + inside; k < n; k++)
        to[k] = to[from + inside - 1];
}

bool
cs_image_crop(const CsFrame *frame, ptrdiff_t x0, ptrdiff_t y0, size_t width,
              size_t height, CsImage *image, GError **error)
{
    g_return_val_if_fail(frame->width > 0 && frame->height > 0, false);
    if (!cs_image_resize(image, width, height, error))
        return false;
    for (size_t j = 0; j < height; j++)
        crop_row(frame, x0, clamp_index(y0 + (ptrdiff_t) j, frame->height),
                 width, image->px + j * width);
    return true;
}

float
cs_image_at(const CsImage *image, double x, double y)
{
    double u = CLAMP(x - 0.5, 0, (double) image->width - 1);
    double v = CLAMP(y - 0.5, 0, (double) image->height - 1);
    size_t i = (size_t) u, j = (size_t) v;
    size_t right = i + 1 < image->width ? 1 : 0;
    size_t down = j + 1 < image->height ? image->width : 0;
    const float *p = image->px + j * image->width + i;
    float a = (float) (u - (double) i), b = (float) (v - (double) j);

    return (1 - b) * ((1 - a) * p[0] + a * p[right])
           + b * ((1 - a) * p[down] + a * p[down + right]);
}

/* ---- Gaussian blur ------------------------------------------------------- */

static size_t
make_kernel(double sigma, float *kernel, size_t radius)
{
    double sum = 0;

    for (size_t k = 0; k <= radius; k++) {
        double u = (double) k / sigma;

        kernel[k] = (float) exp(-u * u / 2);
        sum += (k > 0 ? 2 : 1) * (double) kernel[k];
    }
    for (size_t k = 0; k <= radius; k++)
        kernel[k] = (float) ((double) kernel[k] / sum);
    return radius;
}

static void
blur_line(const float *padded, size_t n, const float *kernel, size_t radius,
          float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = kernel[0] * padded[i + radius];
    for (size_t k = 1; k <= radius; k++)
        for (size_t i = 0; i < n; i++)
            to[i] += kernel[k]
                     * (padded[i + radius - k] + padded[i + radius + k]);
}

static void
blur_rows(CsImage *image, const float *kernel, size_t radius, float *padded)
{
    size_t n = image->width;

    for (size_t j = 0; j < image->height; j++) {
        float *row = image->px + j * n;

        memcpy(padded + radius, row, n * sizeof *row);
        for (size_t k = 0; k < radius; k++) {
            padded[k] = row[0];
            padded[radius + n + k] = row[n - 1];
        }
        blur_line(padded, n, kernel, radius, row);
    }
}

/* Adds whole rows at a time, so that memory is walked along, not across. */
static void
blur_columns(const CsImage *from, const float *kernel, size_t radius,
             CsImage *to)
{
    size_t w = from->width;

    for (size_t j = 0; j < from->height; j++) {
        float *row = to->px + j * w;

        memset(row, 0, w * sizeof *row);
        for (ptrdiff_t k = -(ptrdiff_t) radius; k <= (ptrdiff_t) radius; k++) {
            const float *other
                = from->px + clamp_index((ptrdiff_t) j + k, from->height) * w;
            float weight = kernel[k < 0 ? -k : k];

            for (size_t i = 0; i < w; i++)
                row[i] += weight * other[i];
        }
    }
}

bool
cs_image_blur(const CsImage *from, double sigma_px, CsImage *to,
              GError **error)
{
    size_t radius = (size_t) ceil(4 * MAX(sigma_px, 0));
    g_auto(CsImage) work = CS_IMAGE_INIT;
    g_autofree float *kernel = NULL;
    g_autofree float *padded = NULL;

    if (!cs_image_resize(&work, from->width, from->height, error))
        return false;
    kernel = cs_try_alloc(radius + 1, sizeof *kernel, "a blur", error);
    if (kernel == NULL)
        return false;
    padded = cs_try_alloc(from->width + 2 * radius, sizeof *padded, "a blur",
                          error);
    if (padded == NULL || !cs_image_resize(to, from->width, from->height, error))
        return false;
    if (from->width == 0 || from->height == 0)
        return true;
    make_kernel(MAX(sigma_px, 1e-6), kernel, radius);
    memcpy(work.px, from->px, from->width * from->height * sizeof *work.px);
    blur_rows(&work, kernel, radius, padded);
    blur_columns(&work, kernel, radius, to);
    return true;
}

/* ---- Range and quantiles ----------------------------------------------------------- */

void
cs_image_range(const CsImage *image, float *least, float *greatest)
{
    float low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < image->width * image->height; i++) {
        float value = image->px[i];

        if (isfinite(value)) {
            low = fminf(low, value);
            high = fmaxf(high, value);
        }
    }
    *least = low <= high ? low : 0;
    *greatest = low <= high ? high : 0;
}

float
cs_image_quantile(const CsImage *image, double fraction)
{
    size_t n = 0;
    g_autofree float *finite
        = g_try_new(float, image->width * image->height + 1);

    if (finite == NULL)
        return NAN;
    for (size_t i = 0; i < image->width * image->height; i++)
        if (isfinite(image->px[i]))
            finite[n++] = image->px[i];
    if (n == 0)
        return NAN;
    return cs_select(finite, n,
                     (size_t) (CLAMP(fraction, 0, 1) * (double) (n - 1) + 0.5));
}
