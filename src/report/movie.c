/* Pictures for a video.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/movie.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/image.h"
#include "report/letters.h"

enum {
    LEVEL_SIDE = 512,
    N_LEVEL_FRAMES = 3,
    LINES_A_FRAME = 48,  /* of the height of a letter: at least so many fit */
    BAR_SHARE = 4,       /* of the width: no bar is longer than a quarter   */
};

typedef struct {
    guint8 r, g, b;
} Colour;

typedef struct {
    CsFrame *frame;
    ptrdiff_t scale; /* pixels a dot of a letter */
} Canvas;

static const Colour white = { 255, 255, 255 };
static const Colour black = { 0, 0, 0 };
static const Colour yellow = { 255, 220, 0 };

/* ---- Grey levels ---------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

static size_t
bin_for(const CsFrame *frame)
{
    return MAX((MAX(frame->width, frame->height) + LEVEL_SIDE - 1)
                   / LEVEL_SIDE, 1);
}

bool
cs_movie_levels(CsRecording *recording, double *low, double *high,
                GError **error)
{
    size_t n = cs_recording_info(recording)->n_frames;
    double lows[N_LEVEL_FRAMES], highs[N_LEVEL_FRAMES];
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsImage) image = CS_IMAGE_INIT;

    for (size_t k = 0; k < N_LEVEL_FRAMES; k++) {
        if (!cs_recording_read(recording, k * (n - 1) / (N_LEVEL_FRAMES - 1),
                               &frame, error)
            || !cs_image_bin(&frame, bin_for(&frame), &image, error))
            return false;
        lows[k] = (double) cs_image_quantile(&image, 0.005F);
        highs[k] = (double) cs_image_quantile(&image, 0.995F);
    }
    qsort(lows, N_LEVEL_FRAMES, sizeof *lows, compare);
    qsort(highs, N_LEVEL_FRAMES, sizeof *highs, compare);
    *low = lows[N_LEVEL_FRAMES / 2];
    *high = highs[N_LEVEL_FRAMES / 2];
    if (!(*high > *low))
        *high = *low + 1;
    return true;
}

/* ---- Drawing -------------------------------------------------------------- */

static void
dot(const Canvas *canvas, ptrdiff_t x, ptrdiff_t y, Colour colour)
{
    CsFrame *frame = canvas->frame;
    guint8 *px = frame->px;

    if (x < 0 || y < 0 || x >= (ptrdiff_t) frame->width
        || y >= (ptrdiff_t) frame->height)
        return;
    px += 3 * ((size_t) y * frame->width + (size_t) x);
    px[0] = colour.r;
    px[1] = colour.g;
    px[2] = colour.b;
}

static void
box(const Canvas *canvas, ptrdiff_t x, ptrdiff_t y, ptrdiff_t width,
    ptrdiff_t height, Colour colour)
{
    for (ptrdiff_t j = y; j < y + height; j++)
        for (ptrdiff_t i = x; i < x + width; i++)
            dot(canvas, i, j, colour);
}

/* Step by step along the longer side. */
static void
line(const Canvas *canvas, CsPoint from, CsPoint to, Colour colour)
{
    double longest = MAX(fabs(to.x - from.x), fabs(to.y - from.y));
    int n;

    if (!(longest < 1e6))
        return;
    n = (int) ceil(longest) + 1;
    for (int i = 0; i <= n; i++) {
        double share = (double) i / n;

        dot(canvas, (ptrdiff_t) floor(from.x + share * (to.x - from.x)),
            (ptrdiff_t) floor(from.y + share * (to.y - from.y)), colour);
    }
}

static void
polygon(const Canvas *canvas, const CsPolygon *outline, Colour colour)
{
    for (size_t i = 0; i < outline->n; i++)
        line(canvas, outline->points[i],
             outline->points[(i + 1) % outline->n], colour);
}

static void
letter(const Canvas *canvas, char which, ptrdiff_t x, ptrdiff_t y,
       Colour colour)
{
    ptrdiff_t s = canvas->scale;

    for (int row = 0; row < CS_LETTER_ROWS; row++)
        for (int column = 0; column < CS_LETTER_COLUMNS; column++)
            if (cs_letter_has_dot(which, column, row))
                box(canvas, x + column * s, y + row * s, s, s, colour);
}

static ptrdiff_t
text_width(const Canvas *canvas, const char *text)
{
    return (ptrdiff_t) strlen(text) * (CS_LETTER_COLUMNS + 1)
           * canvas->scale;
}

/* White on a black edge, so that it is seen on any picture. */
static void
write_text(const Canvas *canvas, const char *text, ptrdiff_t x, ptrdiff_t y)
{
    ptrdiff_t step = (CS_LETTER_COLUMNS + 1) * canvas->scale;

    box(canvas, x - canvas->scale, y - canvas->scale,
        text_width(canvas, text) + canvas->scale,
        (CS_LETTER_ROWS + 2) * canvas->scale, black);
    for (; *text != '\0'; text++, x += step)
        letter(canvas, *text, x, y, white);
}

/* ---- Marks ---------------------------------------------------------------- */

/* The longest of 1, 2, 5, 10, … nm that is not longer than most_nm. */
static double
round_length(double most_nm)
{
    double ten = pow(10, floor(log10(most_nm)));
    double share = most_nm / ten;

    return ten * (share >= 5 ? 5 : share >= 2 ? 2 : 1);
}

static void
draw_bar(const Canvas *canvas, double nm_per_px)
{
    ptrdiff_t width = (ptrdiff_t) canvas->frame->width;
    ptrdiff_t height = (ptrdiff_t) canvas->frame->height;
    ptrdiff_t s = canvas->scale, y = height - 6 * s;
    double nm = round_length(nm_per_px * (double) width / BAR_SHARE);
    ptrdiff_t n = (ptrdiff_t) lrint(nm / nm_per_px);
    char text[32];

    if (nm >= 1000)
        g_snprintf(text, sizeof text, "%g um", nm / 1000);
    else
        g_snprintf(text, sizeof text, "%g nm", nm);
    box(canvas, 4 * s - 1, y - 1, n + 2, 2 * s + 2, black);
    box(canvas, 4 * s, y, n, 2 * s, white);
    write_text(canvas, text, 4 * s, y - (CS_LETTER_ROWS + 3) * s);
}

static void
draw_time(const Canvas *canvas, double time_s)
{
    ptrdiff_t s = canvas->scale;
    char text[32];

    g_snprintf(text, sizeof text, fabs(time_s) < 100 ? "%.2f s" : "%.1f s",
               time_s);
    write_text(canvas, text, 4 * s, 4 * s);
}

static void
draw_rois(const Canvas *canvas, const CsRois *rois, size_t index)
{
    for (size_t i = 0; i < rois->n; i++) {
        const CsRoi *roi = &rois->roi[i];
        int place = roi->slice > 0 ? roi->slice : roi->t;
        guint32 argb = roi->stroke_argb;
        Colour colour = argb != 0 ? (Colour) { (guint8) (argb >> 16),
                                               (guint8) (argb >> 8),
                                               (guint8) argb }
                                  : yellow;

        if (place > 0 && (size_t) place != index + 1)
            continue;
        polygon(canvas, &roi->outline, colour);
        for (size_t k = 0; k < roi->n_rings; k++)
            polygon(canvas, &roi->rings[k], colour);
    }
}

/* ---- All ------------------------------------------------------------------ */

static void
draw_grey(const CsImage *image, const CsMovieStyle *style, CsFrame *picture)
{
    guint8 *to = picture->px;
    double span = style->high - style->low;

    for (size_t i = 0; i < image->width * image->height; i++) {
        double share = ((double) image->px[i] - style->low) / span;
        guint8 grey = share > 0 ? (guint8) lrint(255 * MIN(share, 1)) : 0;

        to[3 * i] = to[3 * i + 1] = to[3 * i + 2] = grey;
    }
}

bool
cs_movie_draw(const CsFrame *frame, size_t index, double time_s,
              const CsMovieStyle *style, CsFrame *picture, GError **error)
{
    g_auto(CsImage) image = CS_IMAGE_INIT;
    Canvas canvas = { picture, 1 };

    if (!cs_image_bin(frame, 1, &image, error)
        || !cs_frame_resize(picture, frame->width, frame->height, 3,
                            CS_PIXEL_U8, error))
        return false;
    draw_grey(&image, style, picture);
    if (style->rois != NULL)
        draw_rois(&canvas, style->rois, index);
    if (!style->has_marks)
        return true;
    canvas.scale = (ptrdiff_t) MAX(MIN(frame->height, frame->width)
                                       / (LINES_A_FRAME * CS_LETTER_ROWS), 1);
    if (style->nm_per_px > 0 && isfinite(style->nm_per_px))
        draw_bar(&canvas, style->nm_per_px);
    if (isfinite(time_s))
        draw_time(&canvas, time_s);
    return true;
}
