/* ImageJ's regions: what is written is read back, what others wrote is read
 * as they meant it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/roi.h"

static CsRoi
draw(const char *name, size_t n, const double *xy)
{
    CsRoi roi = CS_ROI_INIT;

    roi.name = g_strdup(name);
    roi.type = CS_ROI_POLYGON;
    g_assert_true(cs_polygon_resize(&roi.outline, n, NULL));
    for (size_t i = 0; i < n; i++)
        roi.outline.points[i] = (CsPoint) { xy[2 * i], xy[2 * i + 1] };
    return roi;
}

static void
check_same_points(const CsPolygon *a, const CsPolygon *b, double tolerance)
{
    g_assert_cmpuint(a->n, ==, b->n);
    for (size_t i = 0; i < a->n; i++) {
        g_assert_cmpfloat_with_epsilon(a->points[i].x, b->points[i].x,
                                       tolerance);
        g_assert_cmpfloat_with_epsilon(a->points[i].y, b->points[i].y,
                                       tolerance);
    }
}

static void
keeps_points_position_and_name(void)
{
    static const double whole[] = { 3, 4, 13, 4, 13, 24, -3, 20 };
    static const double part[] = { 3.25, 4, 13.125, 4.5, 13, 24 };
    const double *points[] = { whole, part };
    const size_t n[] = { 4, 3 };

    for (int k = 0; k < 2; k++) {
        g_auto(CsRoi) roi = draw("Si µ 7", n[k], points[k]);
        g_auto(CsRoi) back = CS_ROI_INIT;
        g_autoptr(GBytes) bytes = NULL;

        roi.slice = k == 0 ? 3 : 0;
        roi.t = 4;
        roi.group = 7;
        roi.stroke_argb = 0xff00ff80;
        bytes = cs_roi_encode(&roi);
        g_assert_true(cs_roi_decode(bytes, &back, NULL));
        check_same_points(&back.outline, &roi.outline, 1e-12);
        g_assert_cmpstr(back.name, ==, "Si µ 7");
        g_assert_cmpint(back.slice, ==, k == 0 ? 3 : 0);
        g_assert_cmpint(back.t, ==, k == 0 ? 0 : 4);
        g_assert_cmpint(back.group, ==, 7);
        g_assert_cmpuint(back.stroke_argb, ==, 0xff00ff80);
        g_assert_false(back.is_composite);
    }
}

static void
thins_outlines_imagej_cannot_hold(void)
{
    enum { N = 150000 };
    g_autofree double *xy = g_new(double, 2 * N);
    g_auto(CsRoi) roi = CS_ROI_INIT;
    g_auto(CsRoi) back = CS_ROI_INIT;
    g_autoptr(GBytes) bytes = NULL;

    for (int i = 0; i < N; i++) {
        xy[2 * i] = 500 + 400 * cos(2 * G_PI * i / N);
        xy[2 * i + 1] = 500 + 400 * sin(2 * G_PI * i / N);
    }
    roi = draw("big", N, xy);
    bytes = cs_roi_encode(&roi);
    g_assert_true(cs_roi_decode(bytes, &back, NULL));
    g_assert_cmpuint(back.outline.n, ==, N / 3);
    /* floats of 400 are good to 3e-5 */
    g_assert_cmpfloat_with_epsilon(cs_polygon_area(&back.outline),
                                   G_PI * 400 * 400, 0.1);
}

/* ---- Zip ------------------------------------------------------------------ */

static void
a_set_is_reproducible_and_names_are_unique(void)
{
    static const double square[] = { 0, 0, 10, 0, 10, 10, 0, 10 };
    g_autofree char *folder = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    g_autofree char *one = g_build_filename(folder, "one.zip", NULL);
    g_autofree char *two = g_build_filename(folder, "two.zip", NULL);
    g_autofree char *a = NULL, *b = NULL;
    gsize n_a, n_b;
    CsRoi drawn[3] = { draw("p/1", 4, square), draw("p_1", 4, square),
                       draw(NULL, 4, square) };
    const CsRois rois = { 3, drawn };
    g_auto(CsRois) back = CS_ROIS_INIT;

    drawn[2].slice = 12;
    g_assert_true(cs_rois_write(&rois, one, NULL));
    g_usleep(1100000); /* a zip's clock ticks every other second */
    g_assert_true(cs_rois_write(&rois, two, NULL));
    g_assert_true(g_file_get_contents(one, &a, &n_a, NULL));
    g_assert_true(g_file_get_contents(two, &b, &n_b, NULL));
    g_assert_cmpmem(a, n_a, b, n_b);

    g_assert_true(cs_rois_read(one, &back, NULL));
    g_assert_cmpuint(back.n, ==, 3);
    g_assert_cmpstr(back.roi[0].name, ==, "p/1");
    g_assert_cmpstr(back.roi[1].name, ==, "p_1");
    g_assert_cmpstr(back.roi[2].name, ==, "0012-0005-0005");
    g_unlink(one);
    g_unlink(two);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
    for (int i = 0; i < 3; i++)
        cs_roi_clear(&drawn[i]);
}

static void
explains_what_is_no_set_of_regions(void)
{
    g_autofree char *folder = g_dir_make_tmp("coatscope-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "x.zip", NULL);
    g_auto(CsRois) rois = CS_ROIS_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_false(cs_rois_read(path, &rois, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
    g_clear_error(&error);
    g_assert_true(g_file_set_contents(path, "PK\3\4 but no zip", -1, NULL));
    g_assert_false(cs_rois_read(path, &rois, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_FORMAT);
    g_assert_true(g_str_has_prefix(error->message, path));
    g_clear_error(&error);
    g_assert_false(cs_rois_write(&rois, path, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_unlink(path);
    g_rmdir(folder);
}

/* ---- Damage --------------------------------------------------------------- */

static void
damage(GBytes *bytes)
{
    gsize n;
    const guint8 *data = g_bytes_get_data(bytes, &n);

    for (gsize at = 0; at < n; at++) {
        guint8 *copy = g_memdup2(data, n);
        g_autoptr(GBytes) cut = g_bytes_new_from_bytes(bytes, 0, at);
        g_autoptr(GBytes) flipped = NULL;
        g_auto(CsRoi) roi = CS_ROI_INIT;
        g_autoptr(GError) error = NULL;

        if (!cs_roi_decode(cut, &roi, &error)) {
            g_assert_error(error, CS_ERROR, CS_ERROR_FORMAT);
            g_clear_error(&error);
        }
        copy[at] ^= 0xff;
        flipped = g_bytes_new_take(copy, n);
        g_assert_true(cs_roi_decode(flipped, &roi, &error)
                      == (error == NULL));
    }
}

static void
survives_damage(void)
{
    static const double part[] = { 3.25, 4, 13.125, 4.5, 13, 24 };
    g_auto(CsRoi) roi = draw("name", 3, part);
    g_autoptr(GBytes) bytes = cs_roi_encode(&roi);

    damage(bytes);
}

/* ---- Real files ----------------------------------------------------------- */

static GBytes *
real_file(const char *name)
{
    const char *folder = g_getenv("COATSCOPE_TEST_DATA");
    g_autofree char *path
        = folder != NULL ? g_build_filename(folder, "roi", name, NULL) : NULL;
    char *data;
    gsize n;

    if (path == NULL || !g_file_get_contents(path, &data, &n, NULL)) {
        g_test_skip("there is no folder of real files");
        return NULL;
    }
    return g_bytes_new_take(data, n);
}

static CsPolygon
points_of_json(JsonArray *x, JsonArray *y)
{
    CsPolygon polygon = CS_POLYGON_INIT;

    g_assert_true(cs_polygon_resize(&polygon, json_array_get_length(x),
                                    NULL));
    for (guint i = 0; i < polygon.n; i++)
        polygon.points[i] = (CsPoint) { json_array_get_double_element(x, i),
                                        json_array_get_double_element(y, i) };
    return polygon;
}

static void
check_ring(JsonArray *points, const CsPolygon *ring)
{
    g_assert_cmpuint(json_array_get_length(points), ==, ring->n);
    for (guint i = 0; i < ring->n; i++) {
        JsonArray *xy = json_array_get_array_element(points, i);

        g_assert_cmpfloat_with_epsilon(json_array_get_double_element(xy, 0),
                                       ring->points[i].x, 1e-4);
        g_assert_cmpfloat_with_epsilon(json_array_get_double_element(xy, 1),
                                       ring->points[i].y, 1e-4);
    }
}

static void
check_twin(JsonObject *twin, const CsRoi *roi)
{
    if (json_object_has_member(twin, "x")) {
        g_auto(CsPolygon) want
            = points_of_json(json_object_get_array_member(twin, "x"),
                             json_object_get_array_member(twin, "y"));

        check_same_points(&roi->outline, &want, 1e-4);
    } else if (json_object_has_member(twin, "paths")) {
        JsonArray *paths = json_object_get_array_member(twin, "paths");

        g_assert_cmpuint(json_array_get_length(paths), ==, roi->n_rings);
        for (guint i = 0; i < roi->n_rings; i++)
            check_ring(json_array_get_array_element(paths, i),
                       &roi->rings[i]);
    } else if (json_object_has_member(twin, "width")) {
        double w = json_object_get_double_member(twin, "width");
        double h = json_object_get_double_member(twin, "height");
        CsPoint centre = cs_polygon_centroid(&roi->outline);

        g_assert_cmpfloat_with_epsilon(cs_polygon_area(&roi->outline),
                                       G_PI / 4 * w * h, 1e-9 * w * h);
        g_assert_cmpfloat_with_epsilon(
            centre.x, json_object_get_double_member(twin, "left") + w / 2,
            1e-9);
    } else {
        g_assert_true(json_object_has_member(twin, "aspect_ratio"));
        g_assert_cmpuint(roi->outline.n, ==, 72);
    }
}

static void
reads_a_region_as_its_twin_says(gconstpointer name)
{
    g_autofree char *roi_name = g_strdup_printf("read-roi/%s.roi",
                                                (const char *) name);
    g_autofree char *json_name = g_strdup_printf("read-roi/%s.json",
                                                 (const char *) name);
    g_autoptr(GBytes) bytes = real_file(roi_name);
    g_autoptr(GBytes) json = bytes != NULL ? real_file(json_name) : NULL;
    g_autoptr(JsonParser) parser = json_parser_new();
    g_auto(CsRoi) roi = CS_ROI_INIT;
    g_autoptr(GError) error = NULL;
    JsonObject *root;

    if (json == NULL)
        return;
    g_assert_true(json_parser_load_from_data(
        parser, g_bytes_get_data(json, NULL),
        (gssize) g_bytes_get_size(json), NULL));
    root = json_node_get_object(json_parser_get_root(parser));
    cs_roi_decode(bytes, &roi, &error);
    g_assert_no_error(error);
    check_twin(json_object_get_object_member(root, name), &roi);
    damage(bytes);
}

static void
reads_subpixel_regions_of_imagej(void)
{
    g_autoptr(GBytes) bytes = real_file("ijroi/polygon_circle.roi");
    g_auto(CsRoi) roi = CS_ROI_INIT;

    if (bytes == NULL)
        return;
    g_assert_true(cs_roi_decode(bytes, &roi, NULL));
    g_assert_cmpuint(roi.outline.n, ==, 100);
    /* A circle of radius 1: its 100-gon has 3.1395 px2. */
    g_assert_cmpfloat_with_epsilon(cs_polygon_area(&roi.outline),
                                   50 * sin(G_PI / 50), 1e-3);
}

int
main(int argc, char **argv)
{
    static const char *const twins[]
        = { "composite-brush-donut", "composite-oval-in-rect",
            "composite-rect-in-rect", "composite-two-ellipses",
            "ellipse", "ellipse-left", "freehand", "oval", "oval-left",
            "oval-top", "point", "polygon", "polygon-left", "polyline" };

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/formats/roi/keeps-points-position-and-name",
                    keeps_points_position_and_name);
    g_test_add_func("/formats/roi/thins-outlines-imagej-cannot-hold",
                    thins_outlines_imagej_cannot_hold);
    g_test_add_func("/formats/roi/a-set-is-reproducible",
                    a_set_is_reproducible_and_names_are_unique);
    g_test_add_func("/formats/roi/explains-what-is-no-set",
                    explains_what_is_no_set_of_regions);
    g_test_add_func("/formats/roi/survives-damage", survives_damage);
    for (size_t i = 0; i < G_N_ELEMENTS(twins); i++) {
        g_autofree char *path
            = g_strdup_printf("/formats/roi/twin/%s", twins[i]);

        g_test_add_data_func(path, twins[i],
                             reads_a_region_as_its_twin_says);
    }
    g_test_add_func("/formats/roi/reads-subpixel-regions-of-imagej",
                    reads_subpixel_regions_of_imagej);
    return g_test_run();
}
