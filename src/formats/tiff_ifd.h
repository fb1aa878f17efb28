/* TIFF directories (IFDs) as our writer makes them, little-endian, classic or
 * BigTIFF; and the numbers of the tags that reader and writer know.
 *
 * After TIFF 6.0 and the BigTIFF design of libtiff.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    TIFF_TYPE_BYTE = 1,
    TIFF_TYPE_ASCII = 2,
    TIFF_TYPE_SHORT = 3,
    TIFF_TYPE_LONG = 4,
    TIFF_TYPE_RATIONAL = 5,
    TIFF_TYPE_DOUBLE = 12,
    TIFF_TYPE_LONG8 = 16,
};

enum {
    TAG_WIDTH = 256,
    TAG_HEIGHT = 257,
    TAG_BITS = 258,
    TAG_COMPRESSION = 259,
    TAG_PHOTOMETRIC = 262,
    TAG_DESCRIPTION = 270,
    TAG_STRIP_OFFSETS = 273,
    TAG_SAMPLES = 277,
    TAG_ROWS_PER_STRIP = 278,
    TAG_STRIP_BYTES = 279,
    TAG_X_RESOLUTION = 282,
    TAG_Y_RESOLUTION = 283,
    TAG_PLANAR = 284,
    TAG_RESOLUTION_UNIT = 296,
    TAG_SOFTWARE = 305,
    TAG_EXTRA_SAMPLES = 338,
    TAG_SAMPLE_FORMAT = 339,
    TAG_IMAGEJ_COUNTS = 50838,
    TAG_IMAGEJ_DATA = 50839,
    TAG_GATAN_X_UNIT = 65003,
    TAG_GATAN_Y_UNIT = 65004,
    TAG_GATAN_Z_UNIT = 65005,
    TAG_GATAN_X_ORIGIN = 65006,
    TAG_GATAN_Y_ORIGIN = 65007,
    TAG_GATAN_Z_ORIGIN = 65008,
    TAG_GATAN_X_SCALE = 65009,
    TAG_GATAN_Y_SCALE = 65010,
    TAG_GATAN_Z_SCALE = 65011,
};

/* A directory being put together. Tags are to be added in rising order. */
typedef struct {
    bool    is_big; /* BigTIFF */
    GArray *entries;
} CsIfd;

void cs_ifd_init(CsIfd *ifd, bool is_big);
void cs_ifd_clear(CsIfd *ifd);

void cs_ifd_add_short(CsIfd *ifd, uint16_t tag, uint16_t value);
/* The same value n times: what BitsPerSample wants of colours. */
void cs_ifd_add_shorts(CsIfd *ifd, uint16_t tag, uint16_t value, unsigned n);
void cs_ifd_add_long(CsIfd *ifd, uint16_t tag, uint32_t value);
void cs_ifd_add_longs(CsIfd *ifd, uint16_t tag, const uint32_t *values,
                      size_t n);
/* LONG in a classic file (the value must fit), LONG8 in a BigTIFF. */
void cs_ifd_add_offset(CsIfd *ifd, uint16_t tag, uint64_t value);
void cs_ifd_add_double(CsIfd *ifd, uint16_t tag, double value);
void cs_ifd_add_ascii(CsIfd *ifd, uint16_t tag, const char *text);
void cs_ifd_add_bytes(CsIfd *ifd, uint16_t tag, const void *bytes, size_t n);
/* The best fraction of two 32-bit numbers for a value above 0. */
void cs_ifd_add_rational(CsIfd *ifd, uint16_t tag, double value);

/* The bytes of the directory at offset `at` of the file, followed by the
 * values that do not fit into it, padded to 16 bytes. `next` is the offset of
 * the next directory, 0 for none. The size does not depend on the offsets. */
GByteArray *cs_ifd_bytes(const CsIfd *ifd, uint64_t at, uint64_t next);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsIfd, cs_ifd_clear)
