/* Writes the files that other programs are asked to read, into a folder.
 *
 * Pixel (i, j) of frame k holds (7 i + 13 j + 1000 k) modulo 60000 (as the
 * type allows); 0.25 nm a pixel across and 0.5 nm down; frames every 0.4 s, or
 * at 0, 0.4, 0.9, 1.7 s in the files called uneven.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "coatscope/roi.h"
#include "coatscope/shapes.h"
#include "coatscope/writer.h"

enum { WIDTH = 64, HEIGHT = 48, N_FRAMES = 4 };

static void
check(bool ok, GError *error)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", error->message);
    exit(1);
}

static void
draw(CsFrame *frame, CsPixelType type, size_t k)
{
    GError *error = NULL;

    check(cs_frame_resize(frame, WIDTH, HEIGHT, 1, type, &error), error);
    for (size_t j = 0; j < HEIGHT; j++)
        for (size_t i = 0; i < WIDTH; i++) {
            unsigned value = (unsigned) (7 * i + 13 * j + 1000 * k) % 60000;

            if (type == CS_PIXEL_U8)
                ((guint8 *) frame->px)[j * WIDTH + i] = (guint8) value;
            else if (type == CS_PIXEL_U16)
                ((guint16 *) frame->px)[j * WIDTH + i] = (guint16) value;
            else
                ((float *) frame->px)[j * WIDTH + i] = (float) value;
        }
}

static void
write_file(const char *folder, const char *name, CsPixelType type,
           bool is_uneven)
{
    static const double times[N_FRAMES] = { 0, 0.4, 0.9, 1.7 };
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_auto(CsClock) clock = CS_CLOCK_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(CsOutput) output = NULL;
    CsWriterInfo info = CS_WRITER_INFO_INIT;
    GError *error = NULL;

    check(cs_clock_resize(&clock, N_FRAMES, &error), error);
    cs_clock_fill(&clock, 0.4, 0.3, CS_TIME_MEASURED);
    for (size_t k = 0; is_uneven && k < N_FRAMES; k++)
        clock.start_s[k] = times[k];
    info.width = WIDTH;
    info.height = HEIGHT;
    info.n_frames = N_FRAMES;
    info.type = type;
    info.nm_per_px_x = 0.25;
    info.nm_per_px_y = 0.5;
    info.clock = &clock;
    output = cs_output_open(NULL, path, &info, &error);
    check(output != NULL, error);
    for (size_t k = 0; k < N_FRAMES; k++) {
        draw(&frame, type, k);
        check(cs_output_write(output, &frame, &error), error);
    }
    check(cs_output_finish(output, &error), error);
}

static bool
read_drawn(void *user, size_t index, CsFrame *frame, GError **error)
{
    (void) user;
    (void) error;
    draw(frame, CS_PIXEL_U16, index);
    return true;
}

/* The same regions in the formats of shapes.h. */
static void
write_shapes(const char *folder, const CsRois *rois)
{
    static const struct {
        const char *format, *name;
    } files[] = { { "overlay", "overlay.tif" }, { "labels", "labels.tif" } };
    CsShapesImage image = CS_SHAPES_IMAGE_INIT;

    image.width = WIDTH;
    image.height = HEIGHT;
    image.n_frames = N_FRAMES;
    image.nm_per_px_x = 0.25;
    image.nm_per_px_y = 0.5;
    image.read = read_drawn;
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(folder, files[i].name, NULL);
        GError *error = NULL;

        check(cs_shapes_write(cs_shapes_named(files[i].format), rois, &image,
                              path, &error), error);
    }
}

/* One disc a frame, growing: radius 8 + 2 k about (30.5, 20.25). */
static void
write_rois(const char *folder)
{
    enum { N_POINTS = 72 };
    g_autofree char *path = g_build_filename(folder, "RoiSet.zip", NULL);
    CsRoi drawn[N_FRAMES] = { 0 };
    const CsRois rois = { N_FRAMES, drawn };
    GError *error = NULL;

    for (int k = 0; k < N_FRAMES; k++) {
        CsRoi *roi = &drawn[k];

        roi->type = CS_ROI_POLYGON;
        roi->name = g_strdup_printf("particle 1 frame %d", k);
        roi->slice = roi->t = k + 1;
        roi->stroke_argb = 0xff00ff00;
        check(cs_polygon_resize(&roi->outline, N_POINTS, &error), error);
        for (int i = 0; i < N_POINTS; i++) {
            double angle = 2 * G_PI * i / N_POINTS, r = 8 + 2 * k;

            roi->outline.points[i] = (CsPoint) { 30.5 + r * cos(angle),
                                                 20.25 + r * sin(angle) };
        }
    }
    check(cs_rois_write(&rois, path, &error), error);
    write_shapes(folder, &rois);
    for (int k = 0; k < N_FRAMES; k++)
        cs_roi_clear(&drawn[k]);
}

int
main(int argc, char **argv)
{
    static const char *const suffixes[] = { "tif", "ome.tif", "mrc", "hspy",
                                            "zarr" };
    g_autofree char *ffmpeg = g_find_program_in_path("ffmpeg");

    if (argc != 2)
        return 2;
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *even = g_strconcat("even.", suffixes[i], NULL);
        g_autofree char *uneven = g_strconcat("uneven.", suffixes[i], NULL);
        g_autofree char *real = g_strconcat("float.", suffixes[i], NULL);
        g_autofree char *byte = g_strconcat("byte.", suffixes[i], NULL);

        write_file(argv[1], even, CS_PIXEL_U16, false);
        write_file(argv[1], uneven, CS_PIXEL_U16, true);
        write_file(argv[1], real, CS_PIXEL_F32, false);
        write_file(argv[1], byte, CS_PIXEL_U8, false);
    }
    if (ffmpeg != NULL) {
        write_file(argv[1], "even.mp4", CS_PIXEL_U8, false);
        write_file(argv[1], "even.avi", CS_PIXEL_U8, false);
    }
    write_rois(argv[1]);
    return 0;
}
