/* The pixels of one TIFF page.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/tiff_pixels.h"

#include <inttypes.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/bytes.h"

enum { MAX_BITS_PACKED = 16, BOMB_RATIO = 20000, BOMB_FREE = 64 << 20 };

struct CsTiffPixels {
    CsSource        *source; /* lent */
    const CsTiffDir *dir;    /* lent */
    CsTiffDecoder   *decoder;
};

CsTiffPixels *
cs_tiff_pixels_new(CsSource *source, const CsTiffDir *dir)
{
    CsTiffPixels *pixels = g_new0(CsTiffPixels, 1);

    pixels->source = source;
    pixels->dir = dir;
    pixels->decoder = cs_tiff_decoder_new(source);
    return pixels;
}

void
cs_tiff_pixels_free(CsTiffPixels *pixels)
{
    if (pixels == NULL)
        return;
    cs_tiff_decoder_free(pixels->decoder);
    g_free(pixels);
}

/* ---- What kind of page ---------------------------------------------------- */

static bool
find_type(const CsTiffPage *page, CsPixelType *type)
{
    static const struct {
        uint16_t    format, bits;
        CsPixelType type;
    } types[] = {
        { 1, 8, CS_PIXEL_U8 },   { 4, 8, CS_PIXEL_U8 },
        { 2, 8, CS_PIXEL_I8 },   { 1, 16, CS_PIXEL_U16 },
        { 4, 16, CS_PIXEL_U16 }, { 2, 16, CS_PIXEL_I16 },
        { 1, 32, CS_PIXEL_U32 }, { 4, 32, CS_PIXEL_U32 },
        { 2, 32, CS_PIXEL_I32 }, { 3, 32, CS_PIXEL_F32 },
        { 3, 64, CS_PIXEL_F64 }, { 6, 64, CS_PIXEL_C64 },
        { 6, 128, CS_PIXEL_C128 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (types[i].format == page->format && types[i].bits == page->bits) {
            *type = types[i].type;
            return true;
        }
    if ((page->format == 1 || page->format == 4) && page->bits > 0
        && page->bits < MAX_BITS_PACKED) {
        *type = page->bits < 8 ? CS_PIXEL_U8 : CS_PIXEL_U16;
        return true;
    }
    return false;
}

static bool
check_colours(const CsTiffPage *page, GError **error)
{
    if (page->n_samples < 1 || page->n_samples > 4)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "%u samples a pixel (1 to 4 can be read)",
                       page->n_samples);
    if (page->photometric > 4
        && !(page->photometric == 6 && page->compression == 7))
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "colours of kind %u (grey, RGB and palettes can be "
                       "read)",
                       page->photometric);
    return true;
}

static bool
check_coding(const CsTiffPage *page, CsPixelType type, GError **error)
{
    const char *name = cs_tiff_compression_name(page->compression);
    bool is_complex = type == CS_PIXEL_C64 || type == CS_PIXEL_C128;

    if (page->compression != 1 && !cs_tiff_can_decode(page->compression))
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "compression %u (%s) cannot be read",
                       page->compression, name != NULL ? name : "unknown");
    if (page->compression != 1 && is_complex)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "compressed complex samples cannot be read");
    if (page->tile_width > 0 && page->bits % 8 != 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "tiles of samples with %u bits cannot be read",
                       page->bits);
    return true;
}

bool
cs_tiff_page_type(const CsTiffPage *page, CsPixelType *type, GError **error)
{
    CsPixelType got = CS_PIXEL_U8;

    if (page->width == 0 || page->height == 0)
        return cs_fail(error, CS_ERROR_FORMAT, "an image of %u x %u pixels",
                       page->width, page->height);
    if (page->width > CS_MAX_SIDE || page->height > CS_MAX_SIDE)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "an image of %u x %u pixels (%d a side is the limit)",
                       page->width, page->height, CS_MAX_SIDE);
    if (!find_type(page, &got))
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "samples of %u bits in format %u cannot be read",
                       page->bits, page->format);
    if (!check_colours(page, error) || !check_coding(page, got, error))
        return false;
    *type = got;
    return true;
}

uint64_t
cs_tiff_row_bytes(const CsTiffPage *page)
{
    unsigned n = page->planar == 2 ? 1 : page->n_samples;

    return ((uint64_t) page->width * n * page->bits + 7) / 8;
}

uint64_t
cs_tiff_page_bytes(const CsTiffPage *page)
{
    return cs_tiff_row_bytes(page) * page->height
           * (page->planar == 2 ? page->n_samples : 1);
}

/* ---- Strips at offsets ---------------------------------------------------- */

typedef struct {
    uint32_t rows;      /* of each strip but the last of a plane */
    uint32_t per_plane; /* strips or tiles */
    uint32_t n;         /* strips or tiles */
} Pieces;

static Pieces
pieces_of(const CsTiffPage *page)
{
    uint64_t n_planes = page->planar == 2 ? page->n_samples : 1;
    Pieces pieces = { .rows = CLAMP(page->rows_per_strip, 1, page->height) };
    uint64_t n;

    if (page->tile_width > 0) {
        uint64_t down = MAX(page->tile_height, 1);

        n = (((uint64_t) page->width + page->tile_width - 1)
             / page->tile_width)
            * ((page->height + down - 1) / down);
    } else {
        n = ((uint64_t) page->height + pieces.rows - 1) / pieces.rows;
    }
    pieces.per_plane = (uint32_t) MIN(n, G_MAXUINT32 / 4);
    pieces.n = (uint32_t) (pieces.per_plane * n_planes);
    return pieces;
}

static bool
is_plain(const CsTiffPage *page)
{
    return page->compression == 1 && page->tile_width == 0
           && page->fill_order != 2;
}

/* Rows in strip i and where they go, in bytes. */
static uint64_t
strip_bytes(const CsTiffPage *page, const Pieces *pieces, uint32_t i)
{
    uint32_t first = i % pieces->per_plane * pieces->rows;

    return MIN(pieces->rows, page->height - first) * cs_tiff_row_bytes(page);
}

static bool
piece_is_there(const CsTiffDir *dir, const CsTiffPage *page,
               const Pieces *pieces, uint32_t i, GError **error)
{
    uint64_t size = cs_source_size(dir->source), at, n;

    if (!cs_tiff_element(dir, &page->offsets, i, &at, error))
        return false;
    if (is_plain(page))
        n = strip_bytes(page, pieces, i);
    else if (!cs_tiff_element(dir, &page->sizes, i, &n, error))
        return false;
    if (at > size || n > size - at)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "ends at byte %" PRIu64 ", inside the pixels (%" PRIu64
                       " bytes from byte %" PRIu64 ")",
                       size, n, at);
    return true;
}

bool
cs_tiff_page_is_there(const CsTiffDir *dir, const CsTiffPage *page,
                      GError **error)
{
    Pieces pieces = pieces_of(page);
    uint64_t bytes = cs_tiff_page_bytes(page);

    if (page->offsets.count < pieces.n)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%" PRIu64 " of %u strips or tiles are listed",
                       page->offsets.count, pieces.n);
    if (!is_plain(page) && bytes > BOMB_FREE
        && bytes / BOMB_RATIO > cs_source_size(dir->source))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%" PRIu64 " bytes of pixels cannot be in a file of "
                       "%" PRIu64,
                       bytes, cs_source_size(dir->source));
    return piece_is_there(dir, page, &pieces, 0, error)
           && (pieces.n == 1
               || piece_is_there(dir, page, &pieces, pieces.n - 1, error));
}

/* Reads strips; neighbours in the file are read together. */
static bool
read_strips(const CsTiffPixels *pixels, const CsTiffPage *page, guint8 *to,
            GError **error)
{
    Pieces pieces = pieces_of(page);
    g_autofree uint64_t *at = g_new(uint64_t, pieces.n);

    if (!cs_tiff_elements(pixels->dir, &page->offsets, at, pieces.n, error))
        return false;
    for (uint32_t i = 0; i < pieces.n;) {
        uint64_t first = at[i], n = 0;

        while (i < pieces.n && at[i] == first + n)
            n += strip_bytes(page, &pieces, i++);
        if (!cs_source_read(pixels->source, first, to, n, "the pixels",
                            error))
            return false;
        to += n;
    }
    return true;
}

/* ---- From stored bytes to samples ----------------------------------------- */

static void
to_native_order(const CsTiffPixels *pixels, CsPixelType type, guint8 *bytes,
                size_t n)
{
    bool is_complex = type == CS_PIXEL_C64 || type == CS_PIXEL_C128;
    size_t word = cs_pixel_size(type) / (is_complex ? 2 : 1);

    if (pixels->dir->big_endian == (G_BYTE_ORDER == G_BIG_ENDIAN))
        return;
    cs_bytes_swap(bytes, n, word);
}

/* Spreads samples of fewer than 16 bits, highest bit first, over bytes or
 * words; each row begins at a byte. */
static void
unpack(const CsTiffPage *page, const guint8 *from, size_t n_rows, void *to)
{
    size_t per_row = (size_t) page->width
                     * (page->planar == 2 ? 1 : page->n_samples);
    uint64_t row = cs_tiff_row_bytes(page);
    guint8 *narrow = to;
    guint16 *wide = to;

    for (size_t j = 0; j < n_rows; j++, from += row)
        for (size_t i = 0; i < per_row; i++) {
            size_t bit = i * page->bits;
            unsigned value = 0;

            for (unsigned k = 0; k < page->bits; k++, bit++)
                value = value << 1 | (from[bit / 8] >> (7 - bit % 8) & 1);
            if (page->bits < 8)
                *narrow++ = (guint8) value;
            else
                *wide++ = (guint16) value;
        }
}

/* From plane after plane to pixel after pixel. */
static void
interleave(const guint8 *from, size_t n_pixels, unsigned n_samples,
           size_t size, guint8 *to)
{
    for (unsigned s = 0; s < n_samples; s++)
        for (size_t i = 0; i < n_pixels; i++)
            memcpy(to + (i * n_samples + s) * size,
                   from + (s * n_pixels + i) * size, size);
}

static bool
is_packed(const CsTiffPage *page)
{
    return page->bits < 8 || page->bits % 8 != 0;
}

static bool
fetch(CsTiffPixels *pixels, const CsTiffPage *page, CsPixelType type,
      guint8 *to, GError **error)
{
    if (!is_plain(page))
        return cs_tiff_decode(pixels->decoder, page, to, error);
    if (!read_strips(pixels, page, to, error))
        return false;
    if (!is_packed(page))
        to_native_order(pixels, type, to, cs_tiff_page_bytes(page));
    return true;
}

/* The long way: through a buffer of the stored bytes. */
static bool
rearrange(CsTiffPixels *pixels, const CsTiffPage *page, CsPixelType type,
          CsFrame *frame, GError **error)
{
    bool is_planar = page->planar == 2 && page->n_samples > 1;
    size_t n_rows = (size_t) page->height * (is_planar ? page->n_samples : 1);
    g_autofree guint8 *raw = NULL;
    g_autofree guint8 *loose = NULL;

    raw = cs_try_alloc(cs_tiff_page_bytes(page), 1, "a page", error);
    if (raw == NULL || !fetch(pixels, page, type, raw, error))
        return false;
    if (is_packed(page)) {
        loose = cs_try_alloc(cs_frame_n_bytes(frame), 1, "a page", error);
        if (loose == NULL)
            return false;
        unpack(page, raw, n_rows, is_planar ? loose : frame->px);
    }
    if (is_planar)
        interleave(loose != NULL ? loose : raw,
                   (size_t) page->width * page->height, page->n_samples,
                   cs_pixel_size(type), frame->px);
    return true;
}

bool
cs_tiff_pixels_read(CsTiffPixels *pixels, const CsTiffPage *page,
                    CsFrame *frame, GError **error)
{
    CsPixelType type;

    if (!cs_tiff_page_type(page, &type, error)
        || !cs_tiff_page_is_there(pixels->dir, page, error)
        || !cs_frame_resize(frame, page->width, page->height,
                            page->n_samples, type, error))
        return false;
    if (is_packed(page) || (page->planar == 2 && page->n_samples > 1))
        return rearrange(pixels, page, type, frame, error);
    return fetch(pixels, page, type, frame->px, error);
}

bool
cs_tiff_pixels_read_at(CsTiffPixels *pixels, const CsTiffPage *page,
                       uint64_t at, CsFrame *frame, GError **error)
{
    CsPixelType type;

    if (!cs_tiff_page_type(page, &type, error)
        || !cs_frame_resize(frame, page->width, page->height,
                            page->n_samples, type, error)
        || !cs_source_read(pixels->source, at, frame->px,
                           cs_frame_n_bytes(frame), "the pixels", error))
        return false;
    to_native_order(pixels, type, frame->px, cs_frame_n_bytes(frame));
    return true;
}
