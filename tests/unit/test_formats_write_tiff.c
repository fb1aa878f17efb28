/* Writers: the TIFF kinds and the file under a passing name. What comes out
 * is judged by libtiff here, by other programs in tests/peers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <tiffio.h>

#include "coatscope/error.h"
#include "coatscope/writer.h"

enum { WIDTH = 7, HEIGHT = 5, N_FRAMES = 4 };

typedef struct {
    char *folder;
    char *path;
} Place;

static Place
place_init(const char *name)
{
    Place place = { g_dir_make_tmp("coatscope-XXXXXX", NULL), NULL };

    g_assert_nonnull(place.folder);
    place.path = g_build_filename(place.folder, name, NULL);
    return place;
}

static size_t
n_files(const Place *place)
{
    g_autoptr(GDir) dir = g_dir_open(place->folder, 0, NULL);
    size_t n = 0;

    while (g_dir_read_name(dir) != NULL)
        n++;
    return n;
}

static void
place_clear(Place *place)
{
    g_unlink(place->path);
    g_assert_cmpint(g_rmdir(place->folder), ==, 0);
    g_free(place->path);
    g_free(place->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static CsWriterInfo
small(CsPixelType type)
{
    CsWriterInfo info = CS_WRITER_INFO_INIT;

    info.width = WIDTH;
    info.height = HEIGHT;
    info.n_frames = N_FRAMES;
    info.type = type;
    return info;
}

/* Byte k of frame i: anything that differs between frames. */
static void
draw(CsFrame *frame, const CsWriterInfo *info, size_t i)
{
    guint8 *bytes;

    g_assert_true(cs_frame_resize(frame, info->width, info->height,
                                  info->n_channels, info->type, NULL));
    bytes = frame->px;
    for (size_t k = 0; k < cs_frame_n_bytes(frame); k++)
        bytes[k] = (guint8) (k * 3 + i * 41);
}

static void
write_file(const char *path, const CsWriterInfo *info)
{
    g_autoptr(CsOutput) output = NULL;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    GError *error = NULL;

    output = cs_output_open(NULL, path, info, &error);
    g_assert_no_error(error);
    for (size_t i = 0; i < info->n_frames; i++) {
        draw(&frame, info, i);
        cs_output_write(output, &frame, &error);
        g_assert_no_error(error);
    }
    cs_output_finish(output, &error);
    g_assert_no_error(error);
}

/* Private tags are no news to us. */
static TIFF *
open_quietly(const char *path)
{
    TIFF *tiff;

    TIFFSetWarningHandler(NULL);
    tiff = TIFFOpen(path, "r");
    g_assert_nonnull(tiff);
    return tiff;
}

static void
check_pages(const char *path, const CsWriterInfo *info)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autofree guint8 *got = NULL;
    TIFF *tiff = open_quietly(path);

    for (size_t i = 0; i < info->n_frames; i++) {
        size_t n;

        draw(&frame, info, i);
        n = cs_frame_n_bytes(&frame);
        got = g_realloc(got, n);
        g_assert_true(TIFFSetDirectory(tiff, (tdir_t) i));
        g_assert_cmpint(TIFFReadEncodedStrip(tiff, 0, got, (tmsize_t) n), ==,
                        (tmsize_t) n);
        g_assert_cmpmem(got, n, frame.px, n);
    }
    g_assert_true(TIFFLastDirectory(tiff));
    TIFFClose(tiff);
}

static void
keeps_every_sample_of_every_type(void)
{
    static const char *const names[] = { "a.tif", "a.ome.tif" };

    for (size_t k = 0; k < G_N_ELEMENTS(names); k++)
        for (int type = 0; type < CS_PIXEL_C64; type++)
            for (unsigned n = 1; n <= 4; n++) {
                g_auto(Place) place = place_init(names[k]);
                CsWriterInfo info = small((CsPixelType) type);

                info.n_channels = n;
                write_file(place.path, &info);
                check_pages(place.path, &info);
            }
}

static void
keeps_the_scale_and_says_it_is_no_printer(void)
{
    g_auto(Place) place = place_init("a.tif");
    CsWriterInfo info = small(CS_PIXEL_U16);
    float x = 0, y = 0;
    uint16_t unit = 0;
    const char *description = NULL;
    TIFF *tiff;

    info.nm_per_px_x = 0.25;
    info.nm_per_px_y = 0.2507141;
    write_file(place.path, &info);
    tiff = open_quietly(place.path);
    g_assert_true(TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x));
    g_assert_true(TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &y));
    g_assert_true(TIFFGetField(tiff, TIFFTAG_RESOLUTIONUNIT, &unit));
    g_assert_true(TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &description));
    g_assert_cmpfloat_with_epsilon(1 / x, 0.25, 1e-7);
    g_assert_cmpfloat_with_epsilon(1 / y, 0.2507141, 1e-7);
    g_assert_cmpuint(unit, ==, RESUNIT_NONE);
    g_assert_nonnull(strstr(description, "ImageJ="));
    g_assert_nonnull(strstr(description, "\nunit=nm\n"));
    TIFFClose(tiff);
}

static void
invents_neither_scale_nor_interval(void)
{
    g_auto(Place) place = place_init("a.tif");
    CsWriterInfo info = small(CS_PIXEL_U8);
    const char *description = NULL;
    TIFF *tiff;

    write_file(place.path, &info);
    tiff = open_quietly(place.path);
    g_assert_true(TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &description));
    g_assert_null(strstr(description, "unit="));
    g_assert_null(strstr(description, "finterval"));
    TIFFClose(tiff);
}

static void
goes_to_bigtiff_before_it_overflows(void)
{
    g_auto(Place) place = place_init("a.tif");
    g_autoptr(CsOutput) output = NULL;
    CsWriterInfo info = small(CS_PIXEL_F64);
    g_autoptr(GDir) dir = NULL;
    g_autofree char *part = NULL;
    FILE *file;
    guint8 head[4] = { 0 };

    info.width = info.height = 16384; /* 2 GiB a frame */
    info.n_frames = 2;
    output = cs_output_open(NULL, place.path, &info, NULL);
    g_assert_nonnull(output);
    dir = g_dir_open(place.folder, 0, NULL);
    part = g_build_filename(place.folder, g_dir_read_name(dir), NULL);
    file = g_fopen(part, "rb");
    g_assert_cmpint(fread(head, 1, 4, file), ==, 4);
    fclose(file);
    g_assert_cmpint(head[2], ==, 43);
}

static void
appears_only_when_finished(void)
{
    g_auto(Place) place = place_init("a.tif");
    CsWriterInfo info = small(CS_PIXEL_U8);
    g_autoptr(CsOutput) output = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    output = cs_output_open(NULL, place.path, &info, NULL);
    draw(&frame, &info, 0);
    g_assert_true(cs_output_write(output, &frame, NULL));
    g_assert_false(g_file_test(place.path, G_FILE_TEST_EXISTS));
    g_assert_false(cs_output_finish(output, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_nonnull(strstr(error->message, "1 of 4 frames"));
    g_clear_pointer(&output, cs_output_free);
    g_assert_cmpuint(n_files(&place), ==, 0);

    write_file(place.path, &info);
    g_assert_cmpuint(n_files(&place), ==, 1);
}

static void
refuses_what_was_not_announced(void)
{
    g_auto(Place) place = place_init("a.tif");
    CsWriterInfo info = small(CS_PIXEL_U8);
    g_autoptr(CsOutput) output = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    output = cs_output_open(NULL, place.path, &info, NULL);
    info.type = CS_PIXEL_U16;
    draw(&frame, &info, 0);
    g_assert_false(cs_output_write(output, &frame, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_clear_error(&error);

    info.n_frames = 0;
    g_assert_null(cs_output_open(NULL, place.path, &info, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_clear_error(&error);

    info = small(CS_PIXEL_C64);
    g_assert_null(cs_output_open(NULL, place.path, &info, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_UNSUPPORTED);
    g_clear_error(&error);

    info = small(CS_PIXEL_U8);
    g_assert_null(cs_output_open(NULL, "movie.doc", &info, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_nonnull(strstr(error->message, ".ome.tif"));
}

static void
the_longest_suffix_decides(void)
{
    g_assert_cmpstr(cs_writer_for("a/b.TIF", NULL)->name, ==, "tiff");
    g_assert_cmpstr(cs_writer_for("b.ome.tiff", NULL)->name, ==, "ome-tiff");
    g_assert_true(cs_writer_named("tiff") == cs_writer_for("x.tif", NULL));
    g_assert_null(cs_writer_named("doc"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/formats/write/keeps-every-sample-of-every-type",
                    keeps_every_sample_of_every_type);
    g_test_add_func("/formats/write/keeps-the-scale",
                    keeps_the_scale_and_says_it_is_no_printer);
    g_test_add_func("/formats/write/invents-neither-scale-nor-interval",
                    invents_neither_scale_nor_interval);
    g_test_add_func("/formats/write/goes-to-bigtiff-before-it-overflows",
                    goes_to_bigtiff_before_it_overflows);
    g_test_add_func("/formats/write/appears-only-when-finished",
                    appears_only_when_finished);
    g_test_add_func("/formats/write/refuses-what-was-not-announced",
                    refuses_what_was_not_announced);
    g_test_add_func("/formats/write/the-longest-suffix-decides",
                    the_longest_suffix_decides);
    return g_test_run();
}
