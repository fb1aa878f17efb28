/* Frames.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/frame.h"

#include <complex.h>
#include <math.h>
#include <stdint.h>

#include "coatscope/error.h"
#include "core/alloc.h"

static const struct {
    size_t      size;
    const char *name;
} pixel_types[CS_N_PIXEL_TYPES] = {
    [CS_PIXEL_U8] = { 1, "uint8" },
    [CS_PIXEL_I8] = { 1, "int8" },
    [CS_PIXEL_U16] = { 2, "uint16" },
    [CS_PIXEL_I16] = { 2, "int16" },
    [CS_PIXEL_U32] = { 4, "uint32" },
    [CS_PIXEL_I32] = { 4, "int32" },
    [CS_PIXEL_F32] = { 4, "float32" },
    [CS_PIXEL_F64] = { 8, "float64" },
    [CS_PIXEL_C64] = { 8, "complex64" },
    [CS_PIXEL_C128] = { 16, "complex128" },
};

size_t
cs_pixel_size(CsPixelType type)
{
    return pixel_types[type].size;
}

const char *
cs_pixel_name(CsPixelType type)
{
    return pixel_types[type].name;
}

bool
cs_frame_resize(CsFrame *frame, size_t width, size_t height,
                unsigned n_channels, CsPixelType type, GError **error)
{
    size_t n_bytes;

    if (width > CS_MAX_SIDE || height > CS_MAX_SIDE || n_channels > 4)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "a frame of %" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT
                       " pixels with %u channels is more than %d × %d with 4",
                       width, height, n_channels, CS_MAX_SIDE, CS_MAX_SIDE);
    n_bytes = width * height * n_channels * cs_pixel_size(type);
    if (n_bytes > frame->capacity || frame->px == NULL) {
        void *px = cs_try_alloc_aligned(n_bytes, 1, "a frame", error);

        if (px == NULL)
            return false;
        cs_free_aligned(frame->px);
        frame->px = px;
        frame->capacity = n_bytes;
    }
    frame->width = width;
    frame->height = height;
    frame->n_channels = n_channels;
    frame->type = type;
    frame->value_offset = 0;
    frame->value_gain = 1;
    return true;
}

size_t
cs_frame_n_bytes(const CsFrame *frame)
{
    return frame->width * frame->height * frame->n_channels
           * cs_pixel_size(frame->type);
}

static double
sample(const CsFrame *frame, size_t at)
{
    const void *px = frame->px;

    switch (frame->type) {
    case CS_PIXEL_U8: return ((const uint8_t *) px)[at];
    case CS_PIXEL_I8: return ((const int8_t *) px)[at];
    case CS_PIXEL_U16: return ((const uint16_t *) px)[at];
    case CS_PIXEL_I16: return ((const int16_t *) px)[at];
    case CS_PIXEL_U32: return ((const uint32_t *) px)[at];
    case CS_PIXEL_I32: return ((const int32_t *) px)[at];
    case CS_PIXEL_F32: return (double) ((const float *) px)[at];
    case CS_PIXEL_F64: return ((const double *) px)[at];
    case CS_PIXEL_C64: return (double) cabsf(((const float complex *) px)[at]);
    case CS_PIXEL_C128: return cabs(((const double complex *) px)[at]);
    case CS_N_PIXEL_TYPES: break;
    }
    return NAN;
}

double
cs_frame_value(const CsFrame *frame, size_t i, size_t j)
{
    size_t at = (j * frame->width + i) * frame->n_channels;
    unsigned n_colours = frame->n_channels >= 3 ? 3 : 1;
    double sum = 0;

    for (unsigned c = 0; c < n_colours; c++)
        sum += sample(frame, at + c);
    return frame->value_offset + frame->value_gain * sum / n_colours;
}

void
cs_frame_clear(CsFrame *frame)
{
    cs_free_aligned(frame->px);
    *frame = (CsFrame) CS_FRAME_INIT;
}
