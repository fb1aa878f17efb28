/* CsImage: a plane of float grey values, and how to get one from a frame.
 *
 * Stages work on images that are small: a binned frame, the neighbourhood of
 * a particle. Functions here are pure and may run in any thread.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/frame.h"

G_BEGIN_DECLS

typedef struct {
    size_t width;
    size_t height;
    float *px;       /* width * height, row by row; ours                    */
    size_t capacity; /* values allocated                                    */
} CsImage;

#define CS_IMAGE_INIT { 0 }

/* Room for width x height values (undefined), keeping the allocation where
 * it is large enough. Errors: CS_ERROR_LIMIT, with the image as it was. */
bool cs_image_resize(CsImage *image, size_t width, size_t height,
                     GError **error);
void cs_image_clear(CsImage *image);

/* Mean grey values of bin x bin pixels; the last incomplete row and column of
 * cells is left out. bin = 1 converts. Touches each pixel once. */
bool cs_image_bin(const CsFrame *frame, size_t bin, CsImage *image,
                  GError **error);

/* The part of the frame from column x0, row y0 (may be outside): pixels
 * outside take the value of the nearest one inside. */
bool cs_image_crop(const CsFrame *frame, ptrdiff_t x0, ptrdiff_t y0,
                   size_t width, size_t height, CsImage *image,
                   GError **error);

/* Bilinear value at (x, y) in corner coordinates, so that the centre of pixel
 * (i, j) is (i + 0.5, j + 0.5); clamped to the border. */
float cs_image_at(const CsImage *image, double x, double y);

/* Gaussian blur with the given standard deviation in pixels, borders
 * repeated; from and to may be the same image. */
bool cs_image_blur(const CsImage *from, double sigma_px, CsImage *to,
                   GError **error);

/* The least and greatest finite value; 0 and 0 where there is none. */
void cs_image_range(const CsImage *image, float *least, float *greatest);

/* The value below which the given fraction of the finite values lies. */
float cs_image_quantile(const CsImage *image, double fraction);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsImage, cs_image_clear)

G_END_DECLS
