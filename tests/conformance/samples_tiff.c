/* TIFF samples: from our own writers and, in all the ways we do not write,
 * from libtiff.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <tiffio.h>

#include "coatscope/writer.h"
#include "samples.h"

enum { N_OURS = 4, MAX_BYTES = 64 * 64 * 8 };

static GBytes *
take_file(const char *path)
{
    char *data = NULL;
    gsize n = 0;

    g_assert_true(g_file_get_contents(path, &data, &n, NULL));
    g_unlink(path);
    return g_bytes_new_take(data, n);
}

static char *
passing_name(const char *suffix)
{
    g_autofree char *name = g_strdup_printf("coatscope-sample-%08x%s",
                                            g_random_int(), suffix);

    return g_build_filename(g_get_tmp_dir(), name, NULL);
}

static void
draw(void *to, size_t n, size_t frame)
{
    guint8 *bytes = to;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (guint8) ((i * 7 + frame * 31) % 97);
}

/* ---- Our own -------------------------------------------------------------- */

static GBytes *
write_ours(const char *suffix, CsPixelType type, unsigned n_channels,
           bool has_clock)
{
    g_autofree char *path = passing_name(suffix);
    g_auto(CsClock) clock = CS_CLOCK_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(CsOutput) output = NULL;
    CsWriterInfo info = CS_WRITER_INFO_INIT;

    info.width = 9;
    info.height = 6;
    info.n_frames = 3;
    info.n_channels = n_channels;
    info.type = type;
    info.nm_per_px_x = info.nm_per_px_y = 0.5;
    g_assert_true(cs_clock_resize(&clock, info.n_frames, NULL));
    cs_clock_fill(&clock, 0.25, 0.125, CS_TIME_MEASURED);
    info.clock = has_clock ? &clock : NULL;
    output = cs_output_open(NULL, path, &info, NULL);
    for (size_t i = 0; i < info.n_frames; i++) {
        g_assert_true(cs_frame_resize(&frame, info.width, info.height,
                                      n_channels, type, NULL));
        draw(frame.px, cs_frame_n_bytes(&frame), i);
        g_assert_true(cs_output_write(output, &frame, NULL));
    }
    g_assert_true(cs_output_finish(output, NULL));
    return take_file(path);
}

/* ---- libtiff's ------------------------------------------------------------ */

typedef struct {
    const char *mode; /* of TIFFOpen */
    uint16_t    compression, photometric, bits, n_samples, format, planar;
    uint32_t    tile, rows_per_strip, n_pages;
    const char *description;
} Kind;

static const Kind kinds[] = {
    { "wb", COMPRESSION_LZW, 1, 16, 1, 1, 1, 0, 5, 3, NULL },
    { "w8l", COMPRESSION_ADOBE_DEFLATE, 1, 32, 1, 3, 1, 16, 0, 2, NULL },
    { "wl", COMPRESSION_PACKBITS, 0, 8, 1, 1, 1, 0, 20, 1, NULL },
    { "wl", COMPRESSION_ZSTD, 1, 16, 1, 2, 1, 0, 20, 2, NULL },
    { "wb", COMPRESSION_NONE, 2, 8, 3, 1, 2, 0, 7, 2, NULL },
    { "wl", COMPRESSION_JPEG, 6, 8, 3, 1, 1, 0, 16, 1, NULL },
    { "wb", COMPRESSION_NONE, 1, 12, 1, 1, 1, 0, 6, 2, NULL },
    { "wl", COMPRESSION_CCITTFAX4, 0, 1, 1, 1, 1, 0, 20, 1, NULL },
    { "wb", COMPRESSION_NONE, 1, 64, 1, 3, 1, 16, 0, 1, NULL },
    { "wb8", COMPRESSION_NONE, 1, 32, 1, 1, 1, 0, 1, 1, "ImageJ=1.54f\n" },
};

static void
set_fields(TIFF *tiff, const Kind *kind)
{
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 24);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 20);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind->n_samples);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, kind->format);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind->compression);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind->planar);
    if (kind->description != NULL)
        TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, kind->description);
    if (kind->compression == COMPRESSION_JPEG)
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (kind->tile > 0) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kind->tile);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, kind->tile);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind->rows_per_strip);
    }
}

static void
write_page(TIFF *tiff, const Kind *kind, size_t page)
{
    guint8 pixels[MAX_BYTES];
    uint32_t n = kind->tile > 0 ? TIFFNumberOfTiles(tiff)
                                : TIFFNumberOfStrips(tiff);

    for (uint32_t i = 0; i < n; i++) {
        tmsize_t size = kind->tile > 0
                            ? TIFFTileSize(tiff)
                            : TIFFVStripSize(tiff,
                                             MIN(kind->rows_per_strip, 20));

        draw(pixels, (size_t) size, page * 13 + i);
        if (kind->tile > 0)
            g_assert_cmpint(TIFFWriteEncodedTile(tiff, i, pixels, size), >,
                            0);
        else
            g_assert_cmpint(TIFFWriteEncodedStrip(tiff, i, pixels, size), >,
                            0);
    }
}

static GBytes *
write_libtiff(const Kind *kind)
{
    g_autofree char *path = passing_name(".tif");
    TIFF *tiff = TIFFOpen(path, kind->mode);

    for (uint32_t page = 0; page < kind->n_pages; page++) {
        set_fields(tiff, kind);
        write_page(tiff, kind, page);
        g_assert_true(TIFFWriteDirectory(tiff));
    }
    TIFFClose(tiff);
    return take_file(path);
}

GBytes *
cs_sample_tiff(int variant)
{
    switch (variant) {
    case 0:
        return write_ours(".tif", CS_PIXEL_U16, 1, true);
    case 1:
        return write_ours(".ome.tif", CS_PIXEL_F32, 1, true);
    case 2:
        return write_ours(".tif", CS_PIXEL_U8, 4, false);
    case 3:
        return write_ours(".ome.tif", CS_PIXEL_I16, 3, false);
    default:
        if (variant - N_OURS >= (int) G_N_ELEMENTS(kinds))
            return NULL;
        return write_libtiff(&kinds[variant - N_OURS]);
    }
}
