/* Frames as JPEG.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/report.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "coatscope/error.h"
#include "coatscope/image.h"

enum {
    MAX_SIDE = 640,
    LEVEL_SIDE = 512,
    N_LEVEL_FRAMES = 3,
    MAX_PICTURES = 25, /* a recording                                       */
    MIN_PICTURES = 4,
    MAX_ALL_PICTURES = 150,
    PICTURE_BYTES = 6 << 20, /* of all: a third more as base64, so that the
                                page stays below 10 MB                      */
};

/* ---- Grey levels ------------------------------------------------------- */

typedef struct {
    float low, high;
} Levels;

static int
compare(const void *a, const void *b)
{
    float x = *(const float *) a, y = *(const float *) b;

    return (x > y) - (x < y);
}

static size_t
bin_for(size_t width, size_t height, size_t side)
{
    return MAX((MAX(width, height) + side - 1) / side, 1);
}

/* The middle one of three frames, so that one black frame does no harm. */
static bool
find_levels(CsRecording *recording, CsFrame *frame, CsImage *image,
            Levels *levels, GError **error)
{
    size_t n = cs_recording_info(recording)->n_frames;
    float low[N_LEVEL_FRAMES], high[N_LEVEL_FRAMES];

    for (size_t k = 0; k < N_LEVEL_FRAMES; k++) {
        if (!cs_recording_read(recording, k * (n - 1) / (N_LEVEL_FRAMES - 1),
                               frame, error)
            || !cs_image_bin(frame,
                             bin_for(frame->width, frame->height, LEVEL_SIDE),
                             image, error))
            return false;
        low[k] = cs_image_quantile(image, 0.005);
        high[k] = cs_image_quantile(image, 0.995);
    }
    qsort(low, N_LEVEL_FRAMES, sizeof(float), compare);
    qsort(high, N_LEVEL_FRAMES, sizeof(float), compare);
    *levels = (Levels) { low[N_LEVEL_FRAMES / 2], high[N_LEVEL_FRAMES / 2] };
    if (!(levels->high > levels->low))
        levels->high = levels->low + 1;
    return true;
}

static JSAMPLE
grey_of(float value, Levels levels)
{
    float share = (value - levels.low) / (levels.high - levels.low);

    return (JSAMPLE) (share > 0 ? lrintf(255 * fminf(share, 1)) : 0);
}

/* ---- JPEG -------------------------------------------------------------- */

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

static void
write_rows(struct jpeg_compress_struct *jpeg, const CsImage *image,
           Levels levels, JSAMPLE *row)
{
    JSAMPROW rows[1] = { row };

    while (jpeg->next_scanline < jpeg->image_height) {
        const float *from = image->px + jpeg->next_scanline * image->width;

        for (size_t i = 0; i < image->width; i++)
            row[i] = grey_of(from[i], levels);
        jpeg_write_scanlines(jpeg, rows, 1);
    }
}

/* The bytes, or NULL where libjpeg gave up (no memory). */
static GBytes *
encode(const CsImage *image, Levels levels, int quality)
{
    struct jpeg_compress_struct jpeg;
    g_autofree JSAMPLE *row = g_new(JSAMPLE, image->width);
    Failure failure;
    /* volatile: they are looked at after a longjmp */
    unsigned char *volatile bytes = NULL;
    unsigned long n = 0;
    GBytes *result = NULL;

    jpeg.err = jpeg_std_error(&failure.base);
    failure.base.error_exit = fail_jpeg;
    failure.base.output_message = ignore_message;
    jpeg_create_compress(&jpeg);
    if (setjmp(failure.back) == 0) {
        jpeg_mem_dest(&jpeg, (unsigned char **) &bytes, &n);
        jpeg.image_width = (JDIMENSION) image->width;
        jpeg.image_height = (JDIMENSION) image->height;
        jpeg.input_components = 1;
        jpeg.in_color_space = JCS_GRAYSCALE;
        jpeg_set_defaults(&jpeg);
        jpeg_set_quality(&jpeg, quality, TRUE);
        jpeg_start_compress(&jpeg, TRUE);
        write_rows(&jpeg, image, levels, row);
        jpeg_finish_compress(&jpeg);
        result = g_bytes_new(bytes, n);
    }
    jpeg_destroy_compress(&jpeg);
    free(bytes);
    return result;
}

/* ---- Pictures ---------------------------------------------------------- */

/* Noise does not compress: where the picture is too large it gets coarser,
 * first in grey, then in space. */
static bool
take_picture(const CsFrame *frame, Levels levels, size_t max_bytes,
             CsImage *image, CsPicture *picture, GError **error)
{
    static const int qualities[] = { 88, 75, 60, 45 };
    size_t bin = bin_for(frame->width, frame->height, MAX_SIDE);

    for (;; bin *= 2) {
        if (!cs_image_bin(frame, bin, image, error))
            return false;
        for (size_t q = 0; q < G_N_ELEMENTS(qualities); q++) {
            g_clear_pointer(&picture->jpeg, g_bytes_unref);
            picture->jpeg = encode(image, levels, qualities[q]);
            if (picture->jpeg == NULL)
                return cs_fail(error, CS_ERROR_LIMIT,
                               "no memory for a picture of frame %zu",
                               frame->index);
            if (g_bytes_get_size(picture->jpeg) <= max_bytes)
                break;
        }
        picture->width_px = (double) (image->width * bin);
        picture->height_px = (double) (image->height * bin);
        if (g_bytes_get_size(picture->jpeg) <= max_bytes
            || MIN(image->width, image->height) < 64)
            return true;
    }
}

CsPictureBudget
cs_picture_budget(size_t n_recordings)
{
    size_t n = CLAMP(MAX_ALL_PICTURES / MAX(n_recordings, 1), MIN_PICTURES,
                     MAX_PICTURES);

    return (CsPictureBudget) {
        n, PICTURE_BYTES / (n * MAX(n_recordings, 1))
    };
}

bool
cs_pictures_take(CsRecording *recording, const CsPictureBudget *budget,
                 const CsJob *job, CsPictures *pictures, GError **error)
{
    size_t n_frames = cs_recording_info(recording)->n_frames;
    g_auto(CsPictures) fresh = CS_PICTURES_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsImage) image = CS_IMAGE_INIT;
    size_t n = MIN(n_frames, budget->n_max);
    Levels levels;

    if (n == 0)
        return true;
    if (!find_levels(recording, &frame, &image, &levels, error))
        return false;
    fresh.picture = g_new0(CsPicture, n);
    for (; fresh.n < n; fresh.n++) {
        CsPicture *p = &fresh.picture[fresh.n];

        p->frame = n > 1 ? fresh.n * (n_frames - 1) / (n - 1) : 0;
        if (!cs_job_go_on(job, error)
            || !cs_recording_read(recording, p->frame, &frame, error)
            || !take_picture(&frame, levels, budget->max_bytes, &image, p,
                             error)) {
            g_clear_pointer(&p->jpeg, g_bytes_unref);
            return false;
        }
    }
    cs_pictures_clear(pictures);
    *pictures = fresh;
    fresh = (CsPictures) CS_PICTURES_INIT;
    return true;
}
