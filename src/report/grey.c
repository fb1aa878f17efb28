/* JPEG to grey levels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/grey.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "coatscope/error.h"
#include "core/alloc.h"

enum { MAX_SIDE = 4096 };

typedef struct {
    struct jpeg_error_mgr base; /* first, so that one is the other          */
    jmp_buf               back;
} Failure;

static void
fail_jpeg(j_common_ptr state)
{
    longjmp(((Failure *) state->err)->back, 1);
}

static void
ignore_message(j_common_ptr state)
{
    (void) state;
}

/* False where the header is not of a picture of ours. */
static bool
begin(struct jpeg_decompress_struct *jpeg, const void *bytes, gsize n)
{
    jpeg_mem_src(jpeg, bytes, n);
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->image_width > MAX_SIDE || jpeg->image_height > MAX_SIDE)
        return false;
    jpeg->out_color_space = JCS_GRAYSCALE;
    jpeg_start_decompress(jpeg);
    return jpeg->output_components == 1;
}

static void
read_rows(struct jpeg_decompress_struct *jpeg, CsGrey *grey)
{
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = grey->level + jpeg->output_scanline * grey->width;

        jpeg_read_scanlines(jpeg, &row, 1);
    }
}

static bool
decode(GBytes *bytes, CsGrey *grey, GError **error)
{
    struct jpeg_decompress_struct jpeg;
    Failure failure;
    gsize n;
    const void *data = g_bytes_get_data(bytes, &n);
    volatile bool ok = false;

    jpeg.err = jpeg_std_error(&failure.base);
    failure.base.error_exit = fail_jpeg;
    failure.base.output_message = ignore_message;
    jpeg_create_decompress(&jpeg);
    if (n > 0 && setjmp(failure.back) == 0 && begin(&jpeg, data, n)) {
        grey->width = jpeg.output_width;
        grey->height = jpeg.output_height;
        grey->level = cs_try_alloc(grey->width, grey->height, "a picture",
                                   error);
        if (grey->level != NULL)
            read_rows(&jpeg, grey);
        ok = grey->level != NULL;
    }
    jpeg_destroy_decompress(&jpeg);
    return ok;
}

bool
cs_grey_decode(GBytes *jpeg, CsGrey *grey, GError **error)
{
    g_auto(CsGrey) fresh = CS_GREY_INIT;
    g_autoptr(GError) why = NULL;
    CsGrey old = *grey;

    if (!decode(jpeg, &fresh, &why))
        return why != NULL
                   ? (g_propagate_error(error, g_steal_pointer(&why)), false)
                   : cs_fail(error, CS_ERROR_FORMAT,
                             "a picture in results.db is no grey JPEG of at "
                             "most %d pixels either way", MAX_SIDE);
    *grey = fresh;
    fresh = old;
    return true;
}

void
cs_grey_clear(CsGrey *grey)
{
    g_free(grey->level);
    *grey = (CsGrey) CS_GREY_INIT;
}
