/* Compressed and tiled TIFF pages, through libtiff.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <tiffio.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/tiff_pixels.h"

enum { MAX_SINGLE_ALLOC = 1 << 30, MAX_TILE_BYTES = 256 << 20 };

/* One libtiff handle with its own place in the file and its own last words. */
typedef struct {
    TIFF     *tiff;
    CsSource *source; /* lent */
    uint64_t  at;
    char     *message;
} Handle;

struct CsTiffDecoder {
    CsSource  *source; /* lent */
    GMutex     lock;   /* of idle */
    GPtrArray *idle;   /* Handle: as many as threads ever read at once */
};

/* ---- The file, for libtiff ------------------------------------------------ */

static tmsize_t
read_proc(thandle_t data, void *to, tmsize_t n)
{
    Handle *handle = (Handle *) data;
    uint64_t size = cs_source_size(handle->source);
    size_t got = (size_t) MIN((uint64_t) MAX(n, 0),
                              size - MIN(size, handle->at));

    if (!cs_source_read(handle->source, MIN(size, handle->at), to, got,
                        "its data", NULL))
        return -1;
    handle->at += got;
    return (tmsize_t) got;
}

static tmsize_t
write_proc(thandle_t data, void *from, tmsize_t n)
{
    (void) data, (void) from, (void) n;
    return -1;
}

static toff_t
seek_proc(thandle_t data, toff_t to, int whence)
{
    Handle *handle = (Handle *) data;
    uint64_t base = whence == SEEK_SET   ? 0
                    : whence == SEEK_CUR ? handle->at
                                         : cs_source_size(handle->source);

    handle->at = base + to;
    return handle->at;
}

static int
close_proc(thandle_t data)
{
    (void) data;
    return 0;
}

static toff_t
size_proc(thandle_t data)
{
    return cs_source_size(((Handle *) data)->source);
}

static int G_GNUC_PRINTF(4, 0)
on_error(TIFF *tiff, void *data, const char *module, const char *format,
         va_list args)
{
    Handle *handle = data;

    (void) tiff, (void) module;
    if (handle->message == NULL)
        handle->message = g_strdup_vprintf(format, args);
    return 1;
}

static int
on_warning(TIFF *tiff, void *data, const char *module, const char *format,
           va_list args)
{
    (void) tiff, (void) data, (void) module, (void) format, (void) args;
    return 1;
}

/* ---- Handles -------------------------------------------------------------- */

static void
handle_free(gpointer data)
{
    Handle *handle = data;

    if (handle->tiff != NULL)
        TIFFClose(handle->tiff);
    g_free(handle->message);
    g_free(handle);
}

static Handle *
handle_new(CsSource *source)
{
    Handle *handle = g_new0(Handle, 1);
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();

    handle->source = source;
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, handle);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, handle);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, MAX_SINGLE_ALLOC);
    /* h: no directory yet; m: no mapping into memory. */
    handle->tiff = TIFFClientOpenExt("the file", "rhm", (thandle_t) handle,
                                     read_proc, write_proc, seek_proc,
                                     close_proc, size_proc, NULL, NULL,
                                     options);
    TIFFOpenOptionsFree(options);
    return handle;
}

static Handle *
borrow(CsTiffDecoder *decoder)
{
    Handle *handle = NULL;

    g_mutex_lock(&decoder->lock);
    if (decoder->idle->len > 0)
        handle = g_ptr_array_steal_index_fast(decoder->idle,
                                              decoder->idle->len - 1);
    g_mutex_unlock(&decoder->lock);
    return handle != NULL ? handle : handle_new(decoder->source);
}

static void
give_back(CsTiffDecoder *decoder, Handle *handle)
{
    g_clear_pointer(&handle->message, g_free);
    g_mutex_lock(&decoder->lock);
    g_ptr_array_add(decoder->idle, handle);
    g_mutex_unlock(&decoder->lock);
}

CsTiffDecoder *
cs_tiff_decoder_new(CsSource *source)
{
    CsTiffDecoder *decoder = g_new0(CsTiffDecoder, 1);

    decoder->source = source;
    decoder->idle = g_ptr_array_new_with_free_func(handle_free);
    g_mutex_init(&decoder->lock);
    return decoder;
}

void
cs_tiff_decoder_free(CsTiffDecoder *decoder)
{
    if (decoder == NULL)
        return;
    g_ptr_array_unref(decoder->idle);
    g_mutex_clear(&decoder->lock);
    g_free(decoder);
}

/* ---- Decoding ------------------------------------------------------------- */

static bool
complain(const Handle *handle, GError **error)
{
    return cs_fail(error, CS_ERROR_FORMAT, "its pixels cannot be decoded: %s",
                   handle->message != NULL ? handle->message
                                           : "they end too early");
}

static bool
decode_strips(Handle *handle, const CsTiffPage *page, guint8 *to,
              GError **error)
{
    uint64_t row = cs_tiff_row_bytes(page);
    uint32_t rows = CLAMP(page->rows_per_strip, 1, page->height);
    uint32_t per_plane = (page->height + rows - 1) / rows;
    unsigned n_planes = page->planar == 2 ? page->n_samples : 1;

    for (uint32_t i = 0; i < per_plane * n_planes; i++) {
        uint32_t first = i % per_plane * rows;
        uint64_t n = MIN(rows, page->height - first) * row;
        guint8 *place = to + (i / per_plane * (uint64_t) page->height + first)
                                 * row;

        if (TIFFReadEncodedStrip(handle->tiff, i, place, (tmsize_t) n)
            != (tmsize_t) n)
            return complain(handle, error);
    }
    return true;
}

/* Copies the part of a tile that is inside the page. */
static void
place_tile(const CsTiffPage *page, const guint8 *tile, uint32_t x, uint32_t y,
           size_t pixel, guint8 *plane)
{
    uint64_t row = cs_tiff_row_bytes(page);
    size_t n = MIN(page->tile_width, page->width - x) * pixel;

    for (uint32_t j = 0; j < page->tile_height && y + j < page->height; j++)
        memcpy(plane + (y + j) * row + x * pixel,
               tile + (size_t) j * page->tile_width * pixel, n);
}

static bool
decode_tiles(Handle *handle, const CsTiffPage *page, guint8 *to,
             GError **error)
{
    unsigned n_planes = page->planar == 2 ? page->n_samples : 1;
    size_t pixel = (size_t) page->bits / 8 * (n_planes > 1 ? 1 : page->n_samples);
    uint64_t tile_bytes = (uint64_t) page->tile_width * page->tile_height
                          * pixel;
    uint64_t plane_bytes = cs_tiff_row_bytes(page) * page->height;
    g_autofree guint8 *tile = NULL;
    uint32_t i = 0;

    if (tile_bytes == 0 || tile_bytes > MAX_TILE_BYTES
        || TIFFTileSize64(handle->tiff) != tile_bytes)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "tiles of %u x %u pixels with %u bits cannot be read",
                       page->tile_width, page->tile_height, page->bits);
    tile = cs_try_alloc(tile_bytes, 1, "a tile", error);
    if (tile == NULL)
        return false;
    for (unsigned plane = 0; plane < n_planes; plane++)
        for (uint32_t y = 0; y < page->height; y += page->tile_height)
            for (uint32_t x = 0; x < page->width; x += page->tile_width) {
                if (TIFFReadEncodedTile(handle->tiff, i++, tile,
                                        (tmsize_t) tile_bytes)
                    != (tmsize_t) tile_bytes)
                    return complain(handle, error);
                place_tile(page, tile, x, y, pixel, to + plane * plane_bytes);
            }
    return true;
}

static bool
decode(Handle *handle, const CsTiffPage *page, guint8 *to, GError **error)
{
    if (handle->tiff == NULL
        || !TIFFSetSubDirectory(handle->tiff, page->ifd_at))
        return complain(handle, error);
    if (page->compression == COMPRESSION_JPEG
        && page->photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(handle->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (TIFFIsTiled(handle->tiff) != (page->tile_width > 0))
        return complain(handle, error);
    if (page->tile_width > 0)
        return decode_tiles(handle, page, to, error);
    if (TIFFStripSize64(handle->tiff)
        != cs_tiff_row_bytes(page)
               * CLAMP(page->rows_per_strip, 1, page->height))
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "its strips are of a size we do not expect");
    return decode_strips(handle, page, to, error);
}

bool
cs_tiff_decode(CsTiffDecoder *decoder, const CsTiffPage *page, void *to,
               GError **error)
{
    Handle *handle = borrow(decoder);
    bool ok = decode(handle, page, to, error);

    /* After a failure a handle is not trusted again. */
    if (ok)
        give_back(decoder, handle);
    else
        handle_free(handle);
    return ok;
}

bool
cs_tiff_can_decode(uint16_t compression)
{
    return TIFFIsCODECConfigured(compression)
           && compression != COMPRESSION_OJPEG
           && compression != COMPRESSION_SGILOG
           && compression != COMPRESSION_SGILOG24
           && compression != COMPRESSION_PIXARLOG;
}

const char *
cs_tiff_compression_name(uint16_t compression)
{
    const TIFFCodec *codec = TIFFFindCODEC(compression);

    return codec != NULL ? codec->name : NULL;
}
