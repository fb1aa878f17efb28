/* The PNG reader: grey and RGB with and without alpha, 1 to 16 bits; palettes
 * become RGB. Samples are given as stored: no gamma, no stretching of fewer
 * bits to eight. Pixels per metre (pHYs) are about printing and no scale.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <png.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/readers.h"

enum { MAX_CHUNK = 64 << 20, DEFLATE_RATIO = 1040, SLACK = 1 << 16 };

enum { N_PASSED_OVER = 8 };

static const char passed_over[] = "tEXt\0zTXt\0iTXt\0iCCP\0eXIf\0sPLT\0"
                                  "pCAL\0sCAL";

/* All a pass through the file needs; libpng jumps out of the functions below,
 * so nothing else may own anything. */
typedef struct {
    const CsSource *source;
    uint64_t        at;
    png_structp     png;
    png_infop       info;
    CsFrame        *frame;
    png_bytep      *rows;
    size_t          width, height;
    unsigned        n_channels, bits;
    bool            has_phys;
    char           *date;
    char           *message; /* libpng's                                    */
    GError         *error;   /* ours                                        */
} Pass;

static void
pass_clear(Pass *pass)
{
    png_destroy_read_struct(&pass->png, &pass->info, NULL);
    g_free(pass->rows);
    g_free(pass->date);
    g_free(pass->message);
    g_clear_error(&pass->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pass, pass_clear)

static void
on_error(png_structp png, png_const_charp message)
{
    Pass *pass = png_get_error_ptr(png);

    if (pass->message == NULL)
        pass->message = g_strdup(message);
    png_longjmp(png, 1);
}

static void
on_warning(png_structp png, png_const_charp message)
{
    (void) png, (void) message;
}

static void
on_read(png_structp png, png_bytep to, size_t n)
{
    Pass *pass = png_get_io_ptr(png);

    if (!cs_source_read(pass->source, pass->at, to, n, "the image",
                        pass->error == NULL ? &pass->error : NULL))
        png_error(png, "ends too early");
    pass->at += n;
}

static void
read_header(Pass *pass)
{
    png_timep time;

    /* For these libpng takes and clears as much memory as they claim. */
    png_set_keep_unknown_chunks(pass->png, PNG_HANDLE_CHUNK_NEVER,
                                (png_const_bytep) passed_over, N_PASSED_OVER);
    png_read_info(pass->png, pass->info);
    if (png_get_color_type(pass->png, pass->info) == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(pass->png);
    else
        png_set_packing(pass->png);
    if (G_BYTE_ORDER == G_LITTLE_ENDIAN
        && png_get_bit_depth(pass->png, pass->info) == 16)
        png_set_swap(pass->png);
    png_set_interlace_handling(pass->png);
    pass->has_phys = png_get_valid(pass->png, pass->info, PNG_INFO_pHYs);
    if (png_get_tIME(pass->png, pass->info, &time))
        pass->date = g_strdup_printf("%u-%02u-%02u %02u:%02u:%02u",
                                     time->year, time->month, time->day,
                                     time->hour, time->minute, time->second);
    png_read_update_info(pass->png, pass->info);
    pass->width = png_get_image_width(pass->png, pass->info);
    pass->height = png_get_image_height(pass->png, pass->info);
    pass->n_channels = png_get_channels(pass->png, pass->info);
    pass->bits = png_get_bit_depth(pass->png, pass->info);
}

static CsPixelType
type_of(const Pass *pass)
{
    return pass->bits == 16 ? CS_PIXEL_U16 : CS_PIXEL_U8;
}

static bool
make_rows(Pass *pass)
{
    size_t row = png_get_rowbytes(pass->png, pass->info);

    if (!cs_frame_resize(pass->frame, pass->width, pass->height,
                         pass->n_channels, type_of(pass), &pass->error))
        return false;
    pass->rows = cs_try_alloc(pass->height, sizeof *pass->rows, "the rows",
                              &pass->error);
    for (size_t j = 0; pass->rows != NULL && j < pass->height; j++)
        pass->rows[j] = (png_bytep) pass->frame->px + j * row;
    return pass->rows != NULL
           && row * pass->height == cs_frame_n_bytes(pass->frame);
}

static void
read_pixels(Pass *pass)
{
    read_header(pass);
    if (!make_rows(pass))
        png_error(pass->png, "has rows of another length than expected");
    png_read_image(pass->png, pass->rows);
    png_read_end(pass->png, NULL);
}

/* Runs work with libpng's jumps caught here. */
static bool
caught(Pass *pass, void (*work)(Pass *))
{
    if (setjmp(png_jmpbuf(pass->png)) != 0)
        return false;
    work(pass);
    return true;
}

static bool
run(Pass *pass, void (*work)(Pass *), GError **error)
{
    pass->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, pass, on_error,
                                       on_warning);
    if (pass->png != NULL)
        pass->info = png_create_info_struct(pass->png);
    if (pass->info == NULL)
        return cs_fail(error, CS_ERROR_LIMIT, "no memory to read a PNG");
    png_set_read_fn(pass->png, pass, on_read);
    png_set_user_limits(pass->png, CS_MAX_SIDE, CS_MAX_SIDE);
    png_set_chunk_malloc_max(pass->png, MAX_CHUNK);
    if (caught(pass, work))
        return true;
    if (pass->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&pass->error));
        return false;
    }
    return cs_fail(error, CS_ERROR_FORMAT, "is damaged: %s", pass->message);
}

/* ---- The reader ----------------------------------------------------------- */

static int
png_probe(const guint8 *head, size_t n)
{
    return n >= 8 && png_sig_cmp(head, 0, 8) == 0 ? 95 : 0;
}

/* Deflate cannot make more than a thousandfold of what it is given. */
static bool
check_size(const Pass *pass, GError **error)
{
    uint64_t bytes = (uint64_t) pass->width * pass->height * pass->n_channels
                     * (pass->bits == 16 ? 2 : 1);
    uint64_t size = cs_source_size(pass->source);

    if (bytes > SLACK && (bytes - SLACK) / 8 / DEFLATE_RATIO > size)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%zu x %zu pixels cannot be in a file of %" PRIu64
                       " bytes",
                       pass->width, pass->height, size);
    return true;
}

static bool
png_open(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    g_auto(Pass) pass = { .source = source };

    if (!run(&pass, read_header, error) || !check_size(&pass, error))
        return false;
    info->width = pass.width;
    info->height = pass.height;
    info->n_frames = info->n_frames_declared = 1;
    info->n_channels = pass.n_channels;
    info->type = type_of(&pass);
    info->date = g_steal_pointer(&pass.date);
    if (pass.has_phys)
        cs_series_info_note(info, "its pixels per metre are meant for "
                                  "printing and are no scale");
    *state = cs_source_ref(source);
    return true;
}

static bool
png_read(void *state, size_t index, CsFrame *frame, GError **error)
{
    g_auto(Pass) pass = { .source = state, .frame = frame };

    (void) index;
    return run(&pass, read_pixels, error);
}

static void
png_close(void *state)
{
    cs_source_unref(state);
}

const CsReader cs_reader_png = {
    .name = "png",
    .title = "PNG",
    .suffixes = (const char *const[]) { ".png", NULL },
    .probe = png_probe,
    .open = png_open,
    .read = png_read,
    .close = png_close,
};
