/* The pixels of one TIFF page, whichever way they are stored.
 *
 * Uncompressed strips are read at computed offsets, by any number of threads
 * at once. The rest goes through libtiff: each call borrows one of a few
 * handles, so threads wait for each other only to do so.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/frame.h"
#include "formats/tiff_dir.h"

typedef struct CsTiffPixels CsTiffPixels;

CsTiffPixels *cs_tiff_pixels_new(CsSource *source, const CsTiffDir *dir);
void          cs_tiff_pixels_free(CsTiffPixels *pixels);

/* The sample type of a page's pixels. Errors: CS_ERROR_UNSUPPORTED for what
 * we cannot read, CS_ERROR_FORMAT, CS_ERROR_LIMIT. */
bool cs_tiff_page_type(const CsTiffPage *page, CsPixelType *type,
                       GError **error);

/* Bytes of a row and of the page as stored without compression; planes of
 * colours one after the other. */
uint64_t cs_tiff_row_bytes(const CsTiffPage *page);
uint64_t cs_tiff_page_bytes(const CsTiffPage *page);

/* True if the file holds all strips or tiles (looks at the first and the
 * last). Errors: CS_ERROR_FORMAT. */
bool cs_tiff_page_is_there(const CsTiffDir *dir, const CsTiffPage *page,
                           GError **error);

/* Fills the frame. Errors: CS_ERROR_FORMAT, CS_ERROR_LIMIT, CS_ERROR_IO. */
bool cs_tiff_pixels_read(CsTiffPixels *pixels, const CsTiffPage *page,
                         CsFrame *frame, GError **error);

/* The same for a page whose bytes lie together at `at`. */
bool cs_tiff_pixels_read_at(CsTiffPixels *pixels, const CsTiffPage *page,
                            uint64_t at, CsFrame *frame, GError **error);

/* Decodes a page through libtiff into cs_tiff_page_bytes bytes, in the
 * machine's byte order (packed bits stay packed); in tiff_decode.c. */
typedef struct CsTiffDecoder CsTiffDecoder;
CsTiffDecoder *cs_tiff_decoder_new(CsSource *source);
void           cs_tiff_decoder_free(CsTiffDecoder *decoder);
bool cs_tiff_decode(CsTiffDecoder *decoder, const CsTiffPage *page, void *to,
                    GError **error);

/* "LZW", "JPEG", … or NULL; and whether this libtiff can read it. */
const char *cs_tiff_compression_name(uint16_t compression);
bool        cs_tiff_can_decode(uint16_t compression);
