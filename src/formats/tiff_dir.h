/* The directories of a TIFF file, read by ourselves: the chain is walked once
 * when a file is opened (thousands of pages in milliseconds, loops found),
 * and from then on every page can be read by any thread.
 *
 * After TIFF 6.0 and the BigTIFF design.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "coatscope/source.h"
#include "formats/tiff_ifd.h"

/* Values somewhere in the file; count 0 where the tag is missing. */
typedef struct {
    uint16_t type;
    uint64_t count;
    uint64_t at;
} CsTiffField;

typedef struct {
    uint64_t    ifd_at;
    uint32_t    width;
    uint32_t    height;
    uint32_t    rows_per_strip;
    uint32_t    tile_width; /* 0: strips                                    */
    uint32_t    tile_height;
    uint32_t    subfile; /* bits: 1 a smaller copy, 4 a mask                */
    uint16_t    bits;
    uint16_t    n_samples;
    uint16_t    format; /* 1 unsigned, 2 signed, 3 float, 5, 6 complex      */
    uint16_t    compression;
    uint16_t    photometric;
    uint16_t    planar;
    uint16_t    fill_order;
    CsTiffField offsets; /* of strips or tiles                              */
    CsTiffField sizes;
} CsTiffPage;

typedef struct {
    const CsSource *source; /* lent                                         */
    bool            big_endian;
    bool            is_big;
    GArray         *pages;  /* CsTiffPage                                   */
    GArray         *tags;   /* of the first page                            */
    char           *broken; /* why the chain ended early, or NULL           */
} CsTiffDir;

/* Reads all directories. A chain that breaks after the first one is not an
 * error: see broken. Errors: CS_ERROR_FORMAT, CS_ERROR_LIMIT, CS_ERROR_IO. */
bool cs_tiff_dir_read(const CsSource *source, CsTiffDir *dir, GError **error);
void cs_tiff_dir_clear(CsTiffDir *dir);

/* Element i of a field of whole numbers. Errors: CS_ERROR_FORMAT. */
bool cs_tiff_element(const CsTiffDir *dir, const CsTiffField *field,
                     uint64_t i, uint64_t *value, GError **error);

/* The first n elements at once. Errors: CS_ERROR_FORMAT, CS_ERROR_LIMIT. */
bool cs_tiff_elements(const CsTiffDir *dir, const CsTiffField *field,
                      uint64_t *values, size_t n, GError **error);

/* A tag of the first page, or NULL. */
const CsTiffField *cs_tiff_tag(const CsTiffDir *dir, uint16_t tag);

/* Its value number i, of whatever numeric type, or NAN. */
double cs_tiff_number(const CsTiffDir *dir, uint16_t tag, size_t i);

/* Its bytes with a NUL after them that does not count, or NULL. */
GBytes *cs_tiff_bytes(const CsTiffDir *dir, uint16_t tag);

/* Its text in UTF-8 (Latin-1 is converted), or NULL. */
char *cs_tiff_text(const CsTiffDir *dir, uint16_t tag);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsTiffDir, cs_tiff_dir_clear)
