/* CsFrame: one image of a recording, with its pixels as the file stores them.
 *
 * A plain value: the caller owns it, a reader fills it, stages read it through
 * the functions of image.h, which turn just the part they need into float.
 * So a 16-bit frame is never blown up to 32 bits as a whole.
 *
 * Coordinates, here and everywhere: x to the right, y down; pixel (i, j)
 * covers [i, i+1) x [j, j+1); the origin is the outer corner of the first
 * pixel, as in ImageJ.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef enum {
    CS_PIXEL_U8,
    CS_PIXEL_I8,
    CS_PIXEL_U16,
    CS_PIXEL_I16,
    CS_PIXEL_U32,
    CS_PIXEL_I32,
    CS_PIXEL_F32,
    CS_PIXEL_F64,
    CS_PIXEL_C64,  /* complex of two float;  its value is the modulus */
    CS_PIXEL_C128, /* complex of two double; its value is the modulus */
    CS_N_PIXEL_TYPES
} CsPixelType;

/* Bytes of one sample. */
size_t cs_pixel_size(CsPixelType type);

/* "uint8", "int8", … "float64", "complex64", "complex128", as NumPy says. */
const char *cs_pixel_name(CsPixelType type);

typedef struct {
    size_t      index;      /* position in the recording, from 0            */
    size_t      width;      /* in pixels                                    */
    size_t      height;     /* in pixels                                    */
    unsigned    n_channels; /* samples a pixel, interleaved: 1 grey, 2 grey
                               and alpha, 3 RGB, 4 RGB and alpha            */
    CsPixelType type;

    /* What a stored sample means: value = value_offset + value_gain * stored.
     * 0 and 1 but for files that say otherwise (ImageJ's signed 16 bit). */
    double value_offset;
    double value_gain;

    void  *px;       /* width * height * n_channels samples in the machine's
                        byte order, row by row, without padding; we own them */
    size_t capacity; /* bytes allocated at px                               */
} CsFrame;

#define CS_FRAME_INIT { .n_channels = 1, .value_gain = 1 }

/* No side of a frame is longer than this. */
#define CS_MAX_SIDE 65536

/* Makes room for a frame of that shape and type, keeping the allocation where
 * it is large enough; the samples are undefined. value_offset and value_gain
 * become 0 and 1.
 *
 * Errors: CS_ERROR_LIMIT, with the frame as it was. */
bool cs_frame_resize(CsFrame *frame, size_t width, size_t height,
                     unsigned n_channels, CsPixelType type, GError **error);

/* Bytes of all samples. */
size_t cs_frame_n_bytes(const CsFrame *frame);

/* The grey value at column i, row j: the mean of R, G and B where there are
 * colours (alpha is ignored), the modulus of a complex number. Slow; for
 * loops see image.h. */
double cs_frame_value(const CsFrame *frame, size_t i, size_t j);

/* Frees the samples and leaves a frame equal to CS_FRAME_INIT. */
void cs_frame_clear(CsFrame *frame);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsFrame, cs_frame_clear)

G_END_DECLS
