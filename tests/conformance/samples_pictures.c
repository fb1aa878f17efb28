/* PNG and JPEG samples, made by libpng and libjpeg.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "samples.h"

enum { SIDE = 20 };

static void
draw(guint8 *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (guint8) ((i * 11 + i / SIDE * 3) % 251);
}

static void
append(png_structp png, png_bytep bytes, size_t n)
{
    g_byte_array_append(png_get_io_ptr(png), bytes, (guint) n);
}

static void
flush(png_structp png)
{
    (void) png;
}

GBytes *
cs_sample_png(int variant)
{
    static const struct {
        int colour, bits, bytes, interlace;
    } kinds[] = {
        { PNG_COLOR_TYPE_GRAY, 8, 1, PNG_INTERLACE_NONE },
        { PNG_COLOR_TYPE_GRAY, 16, 2, PNG_INTERLACE_NONE },
        { PNG_COLOR_TYPE_RGB, 8, 3, PNG_INTERLACE_ADAM7 },
        { PNG_COLOR_TYPE_RGB_ALPHA, 16, 8, PNG_INTERLACE_NONE },
        { PNG_COLOR_TYPE_GRAY_ALPHA, 8, 2, PNG_INTERLACE_NONE },
        { PNG_COLOR_TYPE_PALETTE, 8, 1, PNG_INTERLACE_NONE },
        { PNG_COLOR_TYPE_GRAY, 1, 1, PNG_INTERLACE_ADAM7 },
    };
    png_color colours[256];
    guint8 row[SIDE * 8];
    GByteArray *bytes;
    png_structp png;
    png_infop info;

    if (variant >= (int) G_N_ELEMENTS(kinds))
        return NULL;
    bytes = g_byte_array_new();
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    info = png_create_info_struct(png);
    png_set_write_fn(png, bytes, append, flush);
    png_set_IHDR(png, info, SIDE, SIDE, kinds[variant].bits,
                 kinds[variant].colour, kinds[variant].interlace,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    for (int i = 0; i < 256; i++)
        colours[i] = (png_color) { (png_byte) i, 9, (png_byte) (255 - i) };
    if (kinds[variant].colour == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, colours, 256);
    png_set_pHYs(png, info, 3000, 3000, PNG_RESOLUTION_METER);
    png_write_info(png, info);
    draw(row, sizeof row);
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
        for (int j = 0; j < SIDE; j++)
            png_write_row(png, row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return g_byte_array_free_to_bytes(bytes);
}

GBytes *
cs_sample_jpeg(int variant)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    guint8 pixels[SIDE * 3];
    JSAMPROW row = pixels;
    unsigned char *bytes = NULL;
    unsigned long n = 0;
    GBytes *copy;

    if (variant > 2)
        return NULL;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &n);
    jpeg.image_width = jpeg.image_height = SIDE;
    jpeg.input_components = variant == 0 ? 1 : 3;
    jpeg.in_color_space = variant == 0 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    if (variant == 2)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    draw(pixels, sizeof pixels);
    while (jpeg.next_scanline < SIDE)
        jpeg_write_scanlines(&jpeg, &row, 1);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    copy = g_bytes_new(bytes, n);
    free(bytes);
    return copy;
}
