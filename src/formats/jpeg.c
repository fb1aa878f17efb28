/* The JPEG reader: grey and colour, baseline and progressive. A file that
 * ends early or is damaged is an error: libjpeg would paint the rest grey.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "coatscope/error.h"
#include "formats/readers.h"
#include "formats/tiff_dir.h"

enum { MAX_SCANS = 200, WINDOW = 65536, MAX_MARKER = 65533 };

/* All a pass through the file needs; libjpeg jumps out of the functions
 * below, so nothing else may own anything. */
typedef struct {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr         errors;
    struct jpeg_source_mgr        input;
    struct jpeg_progress_mgr      progress;
    jmp_buf         back;
    const CsSource *source;
    uint64_t        at;
    CsFrame        *frame;
    GError         *error;
    guint8          window[WINDOW];
} Pass;

static Pass *
pass_of(j_common_ptr jpeg)
{
    return jpeg->client_data;
}

static void
pass_free(Pass *pass)
{
    jpeg_destroy_decompress(&pass->jpeg);
    g_clear_error(&pass->error);
    g_free(pass);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pass, pass_free)

/* ---- What libjpeg calls --------------------------------------------------- */

static void
on_error(j_common_ptr jpeg)
{
    Pass *pass = pass_of(jpeg);
    char message[JMSG_LENGTH_MAX];

    jpeg->err->format_message(jpeg, message);
    if (pass->error == NULL)
        cs_fail(&pass->error, CS_ERROR_FORMAT, "is damaged: %s", message);
    longjmp(pass->back, 1);
}

/* Warnings (level below 0) are about damaged data: no guessing. */
static void
on_message(j_common_ptr jpeg, int level)
{
    if (level < 0)
        on_error(jpeg);
}

static void
on_print(j_common_ptr jpeg)
{
    (void) jpeg;
}

static void
on_progress(j_common_ptr jpeg)
{
    Pass *pass = pass_of(jpeg);

    if (pass->jpeg.input_scan_number <= MAX_SCANS)
        return;
    cs_fail(&pass->error, CS_ERROR_LIMIT, "more than %d scans", MAX_SCANS);
    longjmp(pass->back, 1);
}

static void
on_start_or_end(j_decompress_ptr jpeg)
{
    (void) jpeg;
}

static boolean
on_fill(j_decompress_ptr jpeg)
{
    Pass *pass = jpeg->client_data;
    uint64_t size = cs_source_size(pass->source);
    size_t n = (size_t) MIN((uint64_t) WINDOW, size - MIN(size, pass->at));

    if (n == 0)
        ERREXIT(jpeg, JERR_INPUT_EOF);
    if (!cs_source_read(pass->source, pass->at, pass->window, n, "the image",
                        &pass->error))
        longjmp(pass->back, 1);
    pass->at += n;
    pass->input.next_input_byte = pass->window;
    pass->input.bytes_in_buffer = n;
    return TRUE;
}

static void
on_skip(j_decompress_ptr jpeg, long n)
{
    Pass *pass = jpeg->client_data;

    if (n <= 0)
        return;
    if ((size_t) n <= pass->input.bytes_in_buffer) {
        pass->input.next_input_byte += n;
        pass->input.bytes_in_buffer -= (size_t) n;
    } else {
        pass->at += (size_t) n - pass->input.bytes_in_buffer;
        pass->input.bytes_in_buffer = 0;
    }
}

/* ---- Passes --------------------------------------------------------------- */

static Pass *
pass_new(const CsSource *source, CsFrame *frame)
{
    Pass *pass = g_new0(Pass, 1);

    pass->source = source;
    pass->frame = frame;
    pass->jpeg.err = jpeg_std_error(&pass->errors);
    pass->jpeg.client_data = pass;
    pass->errors.error_exit = on_error;
    pass->errors.emit_message = on_message;
    pass->errors.output_message = on_print;
    pass->progress.progress_monitor = on_progress;
    pass->input.init_source = on_start_or_end;
    pass->input.term_source = on_start_or_end;
    pass->input.fill_input_buffer = on_fill;
    pass->input.skip_input_data = on_skip;
    pass->input.resync_to_restart = jpeg_resync_to_restart;
    return pass;
}

static void
read_header(Pass *pass)
{
    jpeg_create_decompress(&pass->jpeg);
    pass->jpeg.client_data = pass;
    pass->jpeg.src = &pass->input;
    pass->jpeg.progress = &pass->progress;
    jpeg_save_markers(&pass->jpeg, JPEG_APP0 + 1, MAX_MARKER);
    jpeg_read_header(&pass->jpeg, TRUE);
    pass->jpeg.out_color_space
        = pass->jpeg.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE
                                                       : JCS_RGB;
}

static unsigned
n_channels(const Pass *pass)
{
    return pass->jpeg.out_color_space == JCS_GRAYSCALE ? 1 : 3;
}

static void
read_pixels(Pass *pass)
{
    size_t row;

    read_header(pass);
    if (!cs_frame_resize(pass->frame, pass->jpeg.image_width,
                         pass->jpeg.image_height, n_channels(pass),
                         CS_PIXEL_U8, &pass->error))
        longjmp(pass->back, 1);
    jpeg_start_decompress(&pass->jpeg);
    row = (size_t) pass->jpeg.output_width * n_channels(pass);
    while (pass->jpeg.output_scanline < pass->jpeg.output_height) {
        JSAMPROW to = (JSAMPROW) pass->frame->px
                      + pass->jpeg.output_scanline * row;

        jpeg_read_scanlines(&pass->jpeg, &to, 1);
    }
    jpeg_finish_decompress(&pass->jpeg);
}

/* Runs work with libjpeg's jumps caught here. */
static bool
run(Pass *pass, void (*work)(Pass *), GError **error)
{
    if (setjmp(pass->back) == 0) {
        work(pass);
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&pass->error));
    return false;
}

/* ---- The reader ----------------------------------------------------------- */

static int
jpeg_probe(const guint8 *head, size_t n)
{
    return n >= 4 && head[0] == 0xff && head[1] == 0xd8 && head[2] == 0xff
               ? 90
               : 0;
}

/* The date of Exif, which is a small TIFF file in a marker. */
static char *
exif_date(const Pass *pass)
{
    for (jpeg_saved_marker_ptr m = pass->jpeg.marker_list; m != NULL;
         m = m->next) {
        g_autoptr(GBytes) bytes = NULL;
        g_autoptr(CsSource) source = NULL;
        g_auto(CsTiffDir) dir = { NULL };

        if (m->data_length < 14 || memcmp(m->data, "Exif\0\0", 6) != 0)
            continue;
        bytes = g_bytes_new(m->data + 6, m->data_length - 6);
        source = cs_source_from_bytes(bytes, "Exif");
        if (cs_tiff_dir_read(source, &dir, NULL))
            return cs_tiff_text(&dir, 306);
    }
    return NULL;
}

static bool
jpeg_open(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    g_autoptr(Pass) pass = pass_new(source, NULL);
    J_COLOR_SPACE space;

    if (!run(pass, read_header, error))
        return false;
    space = pass->jpeg.jpeg_color_space;
    if (space != JCS_GRAYSCALE && space != JCS_YCbCr && space != JCS_RGB)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "a JPEG with %d colours (grey and RGB can be read)",
                       pass->jpeg.num_components);
    info->width = pass->jpeg.image_width;
    info->height = pass->jpeg.image_height;
    info->n_frames = info->n_frames_declared = 1;
    info->n_channels = n_channels(pass);
    info->type = CS_PIXEL_U8;
    info->date = exif_date(pass);
    cs_series_info_note(info, "JPEG alters pixels: intensities and edges are "
                              "not those the camera saw");
    *state = cs_source_ref(source);
    return true;
}

static bool
jpeg_read(void *state, size_t index, CsFrame *frame, GError **error)
{
    g_autoptr(Pass) pass = pass_new(state, frame);

    (void) index;
    return run(pass, read_pixels, error);
}

static void
jpeg_close(void *state)
{
    cs_source_unref(state);
}

const CsReader cs_reader_jpeg = {
    .name = "jpeg",
    .title = "JPEG",
    .suffixes = (const char *const[]) { ".jpg", ".jpeg", NULL },
    .probe = jpeg_probe,
    .open = jpeg_open,
    .read = jpeg_read,
    .close = jpeg_close,
};
