/* Formats of outlines: every entry of the table that can be written and read
 * brings back what was put in; what other programs write is read as they mean
 * it; damaged and hostile files are one clear error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/reader.h"
#include "coatscope/shapes.h"
#include "coatscope/writer.h"
#include "formats/shapes.h"

enum { WIDTH = 80, HEIGHT = 60, N_FRAMES = 4, N_REGIONS = 5 };

/* Particle, frame, centre, half axes. */
static const struct {
    int    id;
    size_t frame;
    double x, y, a, b;
} drawn[N_REGIONS] = {
    { 1, 0, 20.25, 30.5, 10, 8 },  { 2, 0, 60, 20, 9.5, 9.5 },
    { 1, 1, 20.5, 30.25, 11, 9 },  { 2, 3, 60, 21, 12, 12 },
    { 3, 3, 25, 45, 7.5, 6 },
};

typedef struct {
    char *dir;
} Place;

static void
remove_tree(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        remove_tree(inside);
    }
    g_remove(path);
}

static void
set_up(Place *place, gconstpointer data)
{
    (void) data;
    place->dir = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    g_assert_nonnull(place->dir);
}

static void
tear_down(Place *place, gconstpointer data)
{
    (void) data;
    remove_tree(place->dir);
    g_free(place->dir);
}

static void
draw(CsRois *rois)
{
    enum { CORNERS = 90 };

    rois->n = N_REGIONS;
    rois->roi = g_new0(CsRoi, N_REGIONS);
    for (int i = 0; i < N_REGIONS; i++) {
        CsRoi *roi = &rois->roi[i];

        roi->name = g_strdup_printf("p%02d_f%04zu", drawn[i].id,
                                    drawn[i].frame);
        roi->type = CS_ROI_POLYGON;
        roi->slice = (int) drawn[i].frame + 1;
        roi->group = drawn[i].id;
        g_assert_true(cs_polygon_resize(&roi->outline, CORNERS, NULL));
        for (int k = 0; k < CORNERS; k++)
            roi->outline.points[k] = (CsPoint) {
                drawn[i].x + drawn[i].a * cos(2 * G_PI * k / CORNERS),
                drawn[i].y + drawn[i].b * sin(2 * G_PI * k / CORNERS),
            };
    }
}

static bool
read_frame(void *user, size_t index, CsFrame *frame, GError **error)
{
    (void) user;
    if (!cs_frame_resize(frame, WIDTH, HEIGHT, 1, CS_PIXEL_U16, error))
        return false;
    for (size_t i = 0; i < WIDTH * HEIGHT; i++)
        ((guint16 *) frame->px)[i] = (guint16) (100 * index + i % 7);
    return true;
}

static CsShapesImage
image_of(size_t n_frames)
{
    CsShapesImage image = CS_SHAPES_IMAGE_INIT;

    image.width = WIDTH;
    image.height = HEIGHT;
    image.n_frames = n_frames;
    image.image = "drawn.tif";
    image.read = read_frame;
    return image;
}

/* The file name of a format: with its own suffix; a folder without. */
static char *
path_of(const Place *place, const CsShapesFormat *format, size_t n_frames)
{
    bool folder = format->is_folder && n_frames > 1;

    return g_strdup_printf("%s/out%s", place->dir,
                           folder || format->suffixes == NULL
                               ? "" : format->suffixes[0]);
}

static void
must_write(const CsShapesFormat *format, const CsRois *rois,
           const CsShapesImage *image, const char *path)
{
    g_autoptr(GError) error = NULL;
    bool ok = cs_shapes_write(format, rois, image, path, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

/* ---- Every entry ----------------------------------------------------- */

/* A mask loses what is smaller than a pixel: its area is off by less than a
 * third of a pixel for each pixel of the rim, at random. */
static void
assert_alike(const CsShapesFormat *format, const CsRoi *out, const CsRoi *in)
{
    bool mask = format == &cs_shapes_labels;
    double rim = cs_polygon_perimeter(&out->outline);
    CsPoint a = cs_polygon_centroid(&out->outline);
    CsPoint b = cs_polygon_centroid(&in->outline);

    g_assert_cmpint(in->slice, ==, out->slice);
    if (format != &cs_shapes_napari) /* which has no place for it */
        g_assert_cmpint(in->group, ==, out->group);
    if (!mask && format != &cs_shapes_napari)
        g_assert_cmpstr(in->name, ==, out->name);
    g_assert_cmpfloat(fabs(cs_polygon_area(&in->outline)
                           - cs_polygon_area(&out->outline)),
                      <, mask ? rim / 3 : 1e-3);
    g_assert_cmpfloat(hypot(a.x - b.x, a.y - b.y), <, mask ? 0.3 : 1e-5);
}

static void
brings_back_what_was_put_in(Place *place, gconstpointer data)
{
    const CsShapesFormat *format = data;
    CsShapesImage image = image_of(N_FRAMES);
    g_autofree char *path = path_of(place, format, N_FRAMES);
    g_auto(CsRois) out = CS_ROIS_INIT;
    g_auto(CsRois) in = CS_ROIS_INIT;
    g_autoptr(GError) error = NULL;

    draw(&out);
    must_write(format, &out, &image, path);
    if (format->read == NULL)
        return;
    g_assert_true(cs_shapes_read(path, &in, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(in.n, ==, out.n);
    for (size_t i = 0; i < in.n; i++)
        assert_alike(format, &out.roi[i], &in.roi[i]);
}

/* A single picture is one file, and its regions are on slice 1. */
static void
takes_single_pictures(Place *place, gconstpointer data)
{
    const CsShapesFormat *format = data;
    CsShapesImage image = image_of(1);
    g_autofree char *path = path_of(place, format, 1);
    g_auto(CsRois) out = CS_ROIS_INIT;
    g_auto(CsRois) in = CS_ROIS_INIT;
    g_autoptr(GError) error = NULL;

    draw(&out);
    out.n = 2; /* those of frame 0 */
    must_write(format, &out, &image, path);
    g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
    if (format->read != NULL) {
        g_assert_true(cs_shapes_read(path, &in, &error));
        g_assert_cmpuint(in.n, ==, 2);
        g_assert_cmpint(in.roi[1].slice, ==, 1);
    }
    out.n = N_REGIONS;
}

static void
writes_nothing_half(Place *place, gconstpointer data)
{
    const CsShapesFormat *format = data;
    CsShapesImage image = image_of(2); /* regions lie on four */
    g_autofree char *path = path_of(place, format, 2);
    g_auto(CsRois) out = CS_ROIS_INIT;
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = NULL;

    draw(&out);
    g_assert_false(cs_shapes_write(format, &out, &image, path, &error));
    g_assert_nonnull(strstr(error->message, "frame 3"));
    g_clear_error(&error);
    image.n_frames = N_FRAMES;
    image.width = 0;
    g_assert_false(cs_shapes_write(format, &out, &image, path, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    dir = g_dir_open(place->dir, 0, NULL);
    g_assert_null(g_dir_read_name(dir));
}

/* Cut at any place or with a byte changed, a file is read or refused. */
static void
survives_damage(Place *place, gconstpointer data)
{
    const CsShapesFormat *format = data;
    CsShapesImage image = image_of(1);
    g_autofree char *path = path_of(place, format, 1);
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);
    g_auto(CsRois) out = CS_ROIS_INIT;
    g_autofree char *whole = NULL;
    gsize n = 0;

    if (format->read == NULL)
        return;
    draw(&out);
    out.n = 2;
    must_write(format, &out, &image, path);
    g_assert_true(g_file_get_contents(path, &whole, &n, NULL));
    for (int i = 0; i < 300; i++) {
        g_autofree char *text = g_memdup2(whole, n);
        gsize length = n;
        g_auto(CsRois) in = CS_ROIS_INIT;
        g_autoptr(GError) error = NULL;
        bool ok;

        if (i % 2 == 0)
            length = (gsize) g_rand_int_range(rand, 0, (gint32) n);
        else
            text[g_rand_int_range(rand, 0, (gint32) n)]
                = (char) g_rand_int_range(rand, 0, 256);
        g_assert_true(g_file_set_contents(path, text, (gssize) length, NULL));
        ok = cs_shapes_read(path, &in, &error);
        g_assert_true(ok == (error == NULL));
        g_assert_true(ok || in.n == 0);
        if (!ok)
            g_assert_nonnull(strstr(error->message, "out"));
    }
    out.n = N_REGIONS;
}

/* ---- What others write ----------------------------------------------- */

static void
read_text(const Place *place, const char *name, const char *text,
          CsRois *rois)
{
    g_autofree char *path = g_build_filename(place->dir, name, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_true(cs_shapes_read(path, rois, &error));
    g_assert_no_error(error);
}

/* Rows 1 to 3, columns 1 to 3 of 6 rows and 5 columns, as runs down the
 * columns; packed by the algorithm of pycocotools. */
static void
reads_runs_of_coco(Place *place, gconstpointer data)
{
    static const char *const counts[]
        = { "[7, 3, 3, 3, 3, 3, 8]", "\"7330005\"" };

    (void) data;
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_auto(CsRois) rois = CS_ROIS_INIT;
        g_autofree char *text = g_strdup_printf(
            "{\"images\": [{\"id\": 7}, {\"id\": 3}], \"annotations\": [{"
            "\"image_id\": 7, \"segmentation\": {\"size\": [6, 5], "
            "\"counts\": %s}}]}", counts[i]);

        read_text(place, "a.json", text, &rois);
        g_assert_cmpuint(rois.n, ==, 1);
        g_assert_cmpint(rois.roi[0].slice, ==, 2); /* ids in order: 3, 7 */
        g_assert_cmpuint(rois.roi[0].outline.n, ==, 4);
        g_assert_cmpfloat(cs_polygon_area(&rois.roi[0].outline), ==, 9);
        g_assert_cmpfloat(cs_polygon_centroid(&rois.roi[0].outline).x, ==,
                          2.5);
        g_assert_cmpfloat(cs_polygon_centroid(&rois.roi[0].outline).y, ==,
                          2.5);
    }
}

static void
reads_shapes_of_labelme(Place *place, gconstpointer data)
{
    g_auto(CsRois) rois = CS_ROIS_INIT;

    (void) data;
    read_text(place, "a.json",
              "{\"version\": \"5.4.1\", \"flags\": {}, \"shapes\": ["
              "{\"label\": \"Si\", \"points\": [[2, 3], [6, 10]], "
              "\"group_id\": null, \"shape_type\": \"rectangle\"}, "
              "{\"label\": \"Si\", \"points\": [[20, 20], [25, 20]], "
              "\"group_id\": 4, \"shape_type\": \"circle\"}], "
              "\"imageData\": null}", &rois);
    g_assert_cmpuint(rois.n, ==, 2);
    g_assert_cmpfloat(cs_polygon_area(&rois.roi[0].outline), ==, 28);
    g_assert_cmpfloat(fabs(cs_polygon_area(&rois.roi[1].outline) / 25 / G_PI
                           - 1), <, 2e-4);
    g_assert_cmpint(rois.roi[1].group, ==, 4);
    g_assert_cmpstr(rois.roi[0].name, ==, "Si");
}

static void
reads_geometries_of_qupath(Place *place, gconstpointer data)
{
    g_auto(CsRois) rois = CS_ROIS_INIT;

    (void) data;
    read_text(place, "a.geojson",
              "{\"type\": \"FeatureCollection\", \"features\": [{\"type\": "
              "\"Feature\", \"geometry\": {\"type\": \"MultiPolygon\", "
              "\"plane\": {\"c\": -1, \"z\": 0, \"t\": 2}, \"coordinates\": "
              "[[[[0,0],[1,0],[1,1],[0,0]]], [[[5,5],[9,5],[9,9],[5,9],"
              "[5,5]], [[6,6],[7,6],[7,7],[6,6]]]]}, \"properties\": {"
              "\"objectType\": \"annotation\"}}]}", &rois);
    g_assert_cmpuint(rois.n, ==, 1);
    g_assert_cmpfloat(cs_polygon_area(&rois.roi[0].outline), ==, 16);
    g_assert_cmpint(rois.roi[0].slice, ==, 3);
}

/* Rows before columns, centres of pixels at whole numbers. */
static void
reads_shapes_of_napari(Place *place, gconstpointer data)
{
    g_auto(CsRois) rois = CS_ROIS_INIT;

    (void) data;
    read_text(place, "a.csv",
              "index,shape-type,vertex-index,axis-0,axis-1,axis-2\n"
              "0,rectangle,0,2.0,10.0,20.0\n0,rectangle,1,2.0,10.0,30.0\n"
              "0,rectangle,2,2.0,14.0,30.0\n0,rectangle,3,2.0,14.0,20.0\n"
              "1,ellipse,0,0.0,0.0,0.0\n1,ellipse,1,0.0,0.0,8.0\n"
              "1,ellipse,2,0.0,6.0,8.0\n1,ellipse,3,0.0,6.0,0.0\n", &rois);
    g_assert_cmpuint(rois.n, ==, 2);
    g_assert_cmpint(rois.roi[0].slice, ==, 3);
    g_assert_cmpfloat(cs_polygon_area(&rois.roi[0].outline), ==, 40);
    g_assert_cmpfloat(cs_polygon_centroid(&rois.roi[0].outline).x, ==, 25.5);
    g_assert_cmpfloat(cs_polygon_centroid(&rois.roi[0].outline).y, ==, 12.5);
    g_assert_cmpfloat(fabs(cs_polygon_area(&rois.roi[1].outline) / 12 / G_PI
                           - 1), <, 2e-4);
}

static void
refuses_with_a_reason(Place *place, gconstpointer data)
{
    static const struct {
        const char *name, *text, *words;
    } all[] = {
        { "a.json", "{}", "without annotations" },
        { "a.json", "[]", "no object" },
        { "a.json", "{\"shapes\": 5}", "shapes is no list" },
        { "a.json", "{\"shapes\": [5]}", "shape 0" },
        { "a.json", "{\"shapes\": [{\"points\": [[1, 2], [3, 4]]}]}",
          "2 corners" },
        { "a.json", "{\"shapes\": [{\"shape_type\": \"line\", \"points\": "
                    "[[1, 2], [3, 4]]}]}", "is a line" },
        { "a.json", "{\"shapes\": [{\"points\": [[1, 2], [3, 1e300], "
                    "[5, 5]]}]}", "no place in a picture" },
        { "a.json", "{\"annotations\": [{\"image_id\": 1, \"segmentation\": "
                    "[[1,2,3,4,5,6]]}]}", "none of the images" },
        { "a.json", "{\"images\": [{\"id\": 1}], \"annotations\": [{"
                    "\"image_id\": 1, \"segmentation\": {\"size\": [3, 3], "
                    "\"counts\": [4, 99]}}]}", "do not fit" },
        { "a.json", "{\"images\": [{\"id\": 1}], \"annotations\": [{"
                    "\"image_id\": 1, \"segmentation\": {\"size\": [65536, "
                    "65536], \"counts\": [4, 99]}}]}", "pixels allowed" },
        { "a.geojson", "{\"features\": [{\"geometry\": {\"type\": \"Point\", "
                       "\"coordinates\": [1, 2]}}]}", "is Point" },
        { "a.csv", "index,shape-type,vertex-index,axis-0,axis-1\n"
                   "0,path,0,1,1\n0,path,1,2,2\n", "line 2" },
        { "a.csv", "a,b\n1,2\n", "no column index" },
        { "a.tif", "II*", "a.tif" },
        { "a.txt", "x", "no name of a file with outlines" },
    };

    (void) data;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autofree char *path
            = g_build_filename(place->dir, all[i].name, NULL);
        g_auto(CsRois) rois = CS_ROIS_INIT;
        g_autoptr(GError) error = NULL;

        g_test_message("%s", all[i].text);
        g_assert_true(g_file_set_contents(path, all[i].text, -1, NULL));
        g_assert_false(cs_shapes_read(path, &rois, &error));
        g_assert_nonnull(error);
        if (strstr(error->message, all[i].words) == NULL)
            g_error("“%s” does not say “%s”", error->message, all[i].words);
        g_assert_nonnull(strstr(error->message, all[i].name));
    }
}

static void
refuses_deep_nesting(Place *place, gconstpointer data)
{
    g_autoptr(GString) text = g_string_new("{\"shapes\":");
    g_autofree char *path = g_build_filename(place->dir, "a.json", NULL);
    g_auto(CsRois) rois = CS_ROIS_INIT;
    g_autoptr(GError) error = NULL;

    (void) data;
    for (int i = 0; i < 100000; i++)
        g_string_append_c(text, '[');
    g_assert_true(g_file_set_contents(path, text->str, -1, NULL));
    g_assert_false(cs_shapes_read(path, &rois, &error));
    g_assert_nonnull(strstr(error->message, "nested"));
}

/* ---- Masks ----------------------------------------------------------- */

/* Random blots: the traced outline encloses as many pixels as its patch has
 * (holes filled), and painting it gives the patch again. */
static void
tracing_and_painting_agree(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(9);

    for (int run = 0; run < 200; run++) {
        enum { SIDE = 12 };
        guint32 px[SIDE * SIDE], again[SIDE * SIDE] = { 0 };
        g_autoptr(GArray) list = cs_shapes_list_new();

        for (int i = 0; i < SIDE * SIDE; i++)
            px[i] = (guint32) g_rand_int_range(rand, 0, 3);
        g_assert_true(cs_mask_trace(px, SIDE, SIDE, 1, false, list, NULL));
        for (guint k = 0; k < list->len; k++) {
            const CsRoi *roi = &g_array_index(list, CsRoi, k);
            size_t n = cs_mask_paint(&roi->outline, (guint32) roi->group,
                                     again, SIDE, SIDE);

            g_assert_cmpfloat(fabs(cs_polygon_area(&roi->outline)
                                   - (double) n), <, 1e-9);
        }
        g_assert_cmpuint(list->len, ==, 2);
    }
}

/* A picture of one label holds as many particles as pieces; those of several
 * labels are told apart by them, and what is left out is counted. */
static void
pieces_of_one_label_are_particles(void)
{
    static const guint32 one[] = {
        7, 0, 0, 0, 7,
        0, 7, 0, 0, 7,
        0, 0, 0, 0, 0,
        7, 7, 0, 0, 0,
    };
    static const guint32 two[] = { 7, 7, 0, 7, 3 };
    g_autoptr(GArray) pieces = cs_shapes_list_new();
    g_autoptr(GArray) labels = cs_shapes_list_new();
    static const double areas[] = { 2, 2, 2 };

    g_assert_true(cs_mask_trace(one, 5, 4, 1, true, pieces, NULL));
    g_assert_cmpuint(pieces->len, ==, 3);
    for (guint i = 0; i < 3; i++) {
        const CsRoi *roi = &g_array_index(pieces, CsRoi, i);

        g_assert_cmpfloat(cs_polygon_area(&roi->outline), ==, areas[i]);
        g_assert_true(roi->is_piece);
        g_assert_cmpuint(roi->n_pieces, ==, 3);
    }
    g_assert_true(cs_mask_trace(two, 5, 1, 1, false, labels, NULL));
    g_assert_cmpuint(labels->len, ==, 2);
    g_assert_cmpuint(g_array_index(labels, CsRoi, 0).n_pieces, ==, 0);
    g_assert_cmpuint(g_array_index(labels, CsRoi, 1).n_pieces, ==, 2);
    g_assert_false(g_array_index(labels, CsRoi, 1).is_piece);
    g_assert_cmpfloat(
        cs_polygon_area(&g_array_index(labels, CsRoi, 1).outline), ==, 2);
}

/* A TIFF of RGB with two blots; blue of the second is as given. */
static void
write_rgb(const char *path, guint8 blue)
{
    CsWriterInfo info = CS_WRITER_INFO_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(CsOutput) output = NULL;
    guint8 *px;

    info.width = 9;
    info.height = 4;
    info.n_frames = 1;
    info.n_channels = 3;
    output = cs_output_open(cs_writer_named("tiff"), path, &info, NULL);
    g_assert_true(cs_frame_resize(&frame, 9, 4, 3, CS_PIXEL_U8, NULL));
    px = frame.px;
    memset(px, 0, 9 * 4 * 3);
    memset(px + 3 * 10, 255, 3 * 2);
    memset(px + 3 * 15, 255, 3 * 2);
    px[3 * 15 + 2] = blue;
    g_assert_true(cs_output_write(output, &frame, NULL));
    g_assert_true(cs_output_finish(output, NULL));
}

static void
grey_colours_are_labels(Place *place, gconstpointer unused)
{
    g_autofree char *path = g_build_filename(place->dir, "rgb.tif", NULL);
    g_auto(CsRois) rois = CS_ROIS_INIT;
    g_autoptr(GError) error = NULL;

    (void) unused;
    write_rgb(path, 255);
    g_assert_true(cs_shapes_read(path, &rois, &error));
    g_assert_cmpuint(rois.n, ==, 2);
    g_assert_cmpint(rois.roi[0].group, ==, 0);
    g_assert_cmpint(g_remove(path), ==, 0);
    write_rgb(path, 254);
    g_assert_false(cs_shapes_read(path, &rois, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_UNSUPPORTED);
    g_assert_nonnull(strstr(error->message, "in colour (at x 6, y 1)"));
}

#define ADD(name)                                                             \
    g_test_add("/shapes/" #name, Place, NULL, set_up, name, tear_down)

static void
add_for(const CsShapesFormat *format, const char *what,
        void (*test)(Place *, gconstpointer))
{
    g_autofree char *path
        = g_strdup_printf("/shapes/%s/%s", format->name, what);

    g_test_add(path, Place, format, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; cs_shapes_formats[i] != NULL; i++) {
        const CsShapesFormat *f = cs_shapes_formats[i];

        add_for(f, "round_trip", brings_back_what_was_put_in);
        add_for(f, "single", takes_single_pictures);
        add_for(f, "nothing_half", writes_nothing_half);
        add_for(f, "damage", survives_damage);
    }
    ADD(reads_runs_of_coco);
    ADD(reads_shapes_of_labelme);
    ADD(reads_geometries_of_qupath);
    ADD(reads_shapes_of_napari);
    ADD(refuses_with_a_reason);
    ADD(refuses_deep_nesting);
    ADD(grey_colours_are_labels);
    g_test_add_func("/shapes/pieces", pieces_of_one_label_are_particles);
    g_test_add_func("/shapes/masks", tracing_and_painting_agree);
    return g_test_run();
}
