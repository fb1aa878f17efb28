/* Encoding.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/encode.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/image.h"

/* ---- The header ------------------------------------------------------------ */

static void
put_u32(guint8 *at, guint32 value)
{
    value = GUINT32_TO_LE(value);
    memcpy(at, &value, sizeof value);
}

static void
put_f64(guint8 *at, double value)
{
    guint64 bits;

    memcpy(&bits, &value, sizeof bits);
    bits = GUINT64_TO_LE(bits);
    memcpy(at, &bits, sizeof bits);
}

typedef struct {
    size_t width, height; /* of the values                                  */
    double offset, scale; /* counts = offset + scale * value                */
} Shape;

static void
put_header(guint8 *to, const CsFrameAsk *ask, const CsFrameFacts *facts,
           const Shape *shape)
{
    const guint32 words[]
        = { CS_FRAME_HEADER, (guint32) shape->width, (guint32) shape->height,
            (guint32) ask->bin, (guint32) ask->frame, (guint32) ask->x,
            (guint32) ask->y };
    const double numbers[]
        = { shape->offset, shape->scale, facts->time_s, facts->duration_s,
            facts->bias_V, facts->current_A, facts->dose_e_per_A2 };

    memcpy(to, "CSF1", 4);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        put_u32(to + 4 + 4 * i, words[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        put_f64(to + 32 + 8 * i, numbers[i]);
    put_u32(to + 88, facts->time_source);
    put_u32(to + 92, facts->flags);
}

/* ---- Values ---------------------------------------------------------------- */

/* Whole numbers of one channel that 16 bits hold. */
static bool
is_small(const CsFrame *frame)
{
    return frame->n_channels == 1
           && (frame->type == CS_PIXEL_U8 || frame->type == CS_PIXEL_U16);
}

static void
copy_rows(const CsFrame *frame, const CsFrameAsk *ask, guint16 *to)
{
    for (size_t j = 0; j < ask->h; j++, to += ask->w) {
        size_t first = (ask->y + j) * frame->width + ask->x;

        if (frame->type == CS_PIXEL_U16)
            for (size_t i = 0; i < ask->w; i++)
                to[i] = GUINT16_TO_LE(((const guint16 *) frame->px)[first + i]);
        else
            for (size_t i = 0; i < ask->w; i++)
                to[i] = GUINT16_TO_LE(
                    (guint16) ((const guint8 *) frame->px)[first + i]);
    }
}

/* Sums of one row of pixels, bin by bin. */
static void
add_row_u16(const guint16 *px, size_t n, size_t bin, guint32 *sum)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < bin; k++)
            sum[i] += px[i * bin + k];
}

static void
add_row_u8(const guint8 *px, size_t n, size_t bin, guint32 *sum)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < bin; k++)
            sum[i] += px[i * bin + k];
}

/* Means of cells of a frame of small whole numbers. 64 x 64 x 65535 fits in 32
 * bits. */
static bool
bin_small(const CsFrame *frame, const CsFrameAsk *ask, CsImage *image,
          GError **error)
{
    size_t w = ask->w / ask->bin, h = ask->h / ask->bin;
    float cell = 1.0F / (float) (ask->bin * ask->bin);
    g_autofree guint32 *sum = g_new(guint32, w + 1);

    if (!cs_image_resize(image, w, h, error))
        return false;
    for (size_t j = 0; j < h; j++) {
        memset(sum, 0, w * sizeof *sum);
        for (size_t k = 0; k < ask->bin; k++) {
            size_t first
                = (ask->y + j * ask->bin + k) * frame->width + ask->x;

            if (frame->type == CS_PIXEL_U16)
                add_row_u16((const guint16 *) frame->px + first, w, ask->bin,
                            sum);
            else
                add_row_u8((const guint8 *) frame->px + first, w, ask->bin,
                           sum);
        }
        for (size_t i = 0; i < w; i++)
            image->px[j * w + i]
                = (float) (frame->value_offset
                           + frame->value_gain * (double) sum[i]
                                 * (double) cell);
    }
    return true;
}

/* Means of cells of an image, in place of it. */
static void
bin_image(CsImage *image, size_t bin)
{
    size_t w = image->width / bin, h = image->height / bin;

    for (size_t j = 0; j < h; j++)
        for (size_t i = 0; i < w; i++) {
            double sum = 0;

            for (size_t k = 0; k < bin * bin; k++)
                sum += (double) image->px[(j * bin + k / bin) * image->width
                                          + i * bin + k % bin];
            image->px[j * w + i] = (float) (sum / (double) (bin * bin));
        }
    image->width = w;
    image->height = h;
}

static bool
to_image(const CsFrame *frame, const CsFrameAsk *ask, CsImage *image,
         GError **error)
{
    if (is_small(frame))
        return bin_small(frame, ask, image, error);
    if (ask->w == frame->width && ask->h == frame->height)
        return cs_image_bin(frame, ask->bin, image, error);
    if (!cs_image_crop(frame, (ptrdiff_t) ask->x, (ptrdiff_t) ask->y, ask->w,
                       ask->h, image, error))
        return false;
    if (ask->bin > 1)
        bin_image(image, ask->bin);
    return true;
}

/* Stretches an image over 16 bits. */
static void
stretch(const CsImage *image, Shape *shape, guint16 *to)
{
    float least, greatest;
    double up;

    cs_image_range(image, &least, &greatest);
    shape->offset = (double) least;
    shape->scale = greatest > least
                       ? ((double) greatest - (double) least) / 65535 : 1;
    up = 1 / shape->scale;
    for (size_t i = 0; i < image->width * image->height; i++) {
        double value = ((double) image->px[i] - shape->offset) * up;

        to[i] = isfinite(value)
                    ? GUINT16_TO_LE((guint16) (CLAMP(value, 0, 65535) + 0.5))
                    : 0;
    }
}

GBytes *
cs_frame_encode(const CsFrame *frame, const CsFrameAsk *ask,
                const CsFrameFacts *facts, GError **error)
{
    g_auto(CsImage) image = CS_IMAGE_INIT;
    Shape shape = { ask->w / ask->bin, ask->h / ask->bin,
                    frame->value_offset, frame->value_gain };
    size_t n = shape.width * shape.height * sizeof(guint16) + CS_FRAME_HEADER;
    guint8 *bytes;
    bool plain = is_small(frame) && ask->bin == 1;

    if (!plain && !to_image(frame, ask, &image, error))
        return NULL;
    bytes = g_try_malloc(n);
    if (bytes == NULL) {
        cs_fail(error, CS_ERROR_LIMIT, "no memory for the frame");
        return NULL;
    }
    if (plain)
        copy_rows(frame, ask, (guint16 *) (void *) (bytes + CS_FRAME_HEADER));
    else
        stretch(&image, &shape,
                (guint16 *) (void *) (bytes + CS_FRAME_HEADER));
    put_header(bytes, ask, facts, &shape);
    return g_bytes_new_take(bytes, n);
}
