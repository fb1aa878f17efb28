/* HDF5 samples, made by HDF5: Velox EMD, NCEM EMD, HyperSpy and DM5.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <hdf5.h>
#include <string.h>

#include "samples.h"

enum { WIDTH = 7, HEIGHT = 5, N_FRAMES = 3, JSON_BYTES = 1024 };

/* ---- Pieces --------------------------------------------------------------- */

static void
set_attribute(hid_t object, const char *name, hid_t type, const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT,
                                 H5P_DEFAULT);

    g_assert_cmpint(H5Awrite(attribute, type, value), >=, 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

static void
set_number(hid_t object, const char *name, double value)
{
    set_attribute(object, name, H5T_NATIVE_DOUBLE, &value);
}

/* Of fixed or of variable length, as different programs write it. */
static void
set_text(hid_t object, const char *name, const char *text, gboolean fixed)
{
    hid_t type = H5Tcopy(H5T_C_S1);

    H5Tset_size(type, fixed ? strlen(text) : H5T_VARIABLE);
    if (fixed)
        set_attribute(object, name, type, text);
    else
        set_attribute(object, name, type, &text);
    H5Tclose(type);
}

static hid_t
add_group(hid_t parent, const char *path)
{
    hid_t list = H5Pcreate(H5P_LINK_CREATE);
    hid_t group;

    H5Pset_create_intermediate_group(list, 1);
    group = H5Gcreate2(parent, path, list, H5P_DEFAULT, H5P_DEFAULT);
    g_assert_cmpint(group, >=, 0);
    H5Pclose(list);
    return group;
}

typedef struct {
    const char    *name;
    hid_t          type;
    int            n_axes;
    const hsize_t *size;
    const hsize_t *chunk; /* NULL: contiguous */
    gboolean       deflate;
} Set;

static hid_t
add_set(hid_t parent, const Set *set, const void *values)
{
    hid_t space = H5Screate_simple(set->n_axes, set->size, NULL);
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    hid_t native = H5Tget_native_type(set->type, H5T_DIR_ASCEND);
    hid_t data;

    if (set->chunk != NULL)
        H5Pset_chunk(list, set->n_axes, set->chunk);
    if (set->deflate) {
        H5Pset_shuffle(list);
        H5Pset_deflate(list, 6);
        H5Pset_fletcher32(list);
    }
    data = H5Dcreate2(parent, set->name, set->type, space, H5P_DEFAULT, list,
                      H5P_DEFAULT);
    g_assert_cmpint(H5Dwrite(data, native, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                             values), >=, 0);
    H5Tclose(native);
    H5Pclose(list);
    H5Sclose(space);
    return data;
}

/* ---- Velox ---------------------------------------------------------------- */

static void
write_json(char *to, int frame, gboolean has_stamps)
{
    g_autofree char *stamp = g_strdup_printf(
        "\"CustomProperties\": {\"Detectors[BM-Ceta].TimeStamp\":"
        " {\"type\": \"int64\", \"value\": \"%" G_GINT64_FORMAT "\"}}",
        G_GINT64_CONSTANT(1575540226238991) + 800000 * frame);

    g_snprintf(to, JSON_BYTES,
               "{\"BinaryResult\": {\"PixelSize\": {\"width\": \"2e-10\","
               " \"height\": \"2e-10\"}, \"PixelUnitX\": \"m\","
               " \"PixelUnitY\": \"m\", \"Detector\": \"BM-Ceta\","
               " \"DetectorIndex\": \"0\"},"
               " \"Optics\": {\"AccelerationVoltage\": \"300000\"},"
               " \"Detectors\": {\"Detector-0\": {\"ExposureTime\":"
               " \"0.75\"}}, %s}",
               has_stamps ? stamp : "\"Scan\": {\"FrameTime\": \"0.8\"}");
}

static void
fill_velox(hid_t file, hsize_t frames_a_chunk)
{
    const hsize_t size[] = { HEIGHT, WIDTH, N_FRAMES };
    const hsize_t chunk[] = { HEIGHT, WIDTH, frames_a_chunk };
    const hsize_t text_size[] = { JSON_BYTES, N_FRAMES };
    const hsize_t text_chunk[] = { JSON_BYTES, 1 };
    hid_t image = add_group(file, "Data/Image/26f60320a61d4f66a73efd8cde34ff");
    gint16 px[HEIGHT * WIDTH * N_FRAMES];
    g_autofree guint8 *texts = g_malloc0(JSON_BYTES * N_FRAMES);

    for (int i = 0; i < HEIGHT * WIDTH * N_FRAMES; i++)
        px[i] = (gint16) (i % N_FRAMES * 1000 - i);
    for (int k = 0; k < N_FRAMES; k++) {
        char json[JSON_BYTES] = "";

        write_json(json, k, frames_a_chunk == 1);
        for (int i = 0; i < JSON_BYTES; i++)
            texts[i * N_FRAMES + k] = (guint8) json[i];
    }
    H5Dclose(add_set(image,
                     &(Set) { "Data", H5T_STD_I16BE, 3, size, chunk,
                              frames_a_chunk > 1 }, px));
    H5Dclose(add_set(image,
                     &(Set) { "Metadata", H5T_STD_U8LE, 2, text_size,
                              text_chunk, FALSE }, texts));
    H5Gclose(image);
}

/* ---- NCEM ----------------------------------------------------------------- */

static void
add_dim(hid_t group, int number, hsize_t n, double step, const char *unit)
{
    g_autofree char *name = g_strdup_printf("dim%d", number);
    g_autofree double *at = g_new(double, n);
    hid_t dim;

    for (hsize_t i = 0; i < n; i++)
        at[i] = 3 + step * (double) i;
    dim = add_set(group, &(Set) { name, H5T_NATIVE_DOUBLE, 1, &n, NULL,
                                  FALSE }, at);
    set_text(dim, "name", "n", TRUE);
    set_text(dim, "units", unit, number == 1);
    H5Dclose(dim);
}

static void
fill_ncem(hid_t file, gboolean is_stack)
{
    const hsize_t size[] = { N_FRAMES, HEIGHT, WIDTH };
    hid_t group = add_group(file, "data/images");
    float px[N_FRAMES * HEIGHT * WIDTH];
    gint32 type = 1;

    for (int i = 0; i < N_FRAMES * HEIGHT * WIDTH; i++)
        px[i] = 0.5F * (float) i;
    set_attribute(group, "emd_group_type", H5T_NATIVE_INT32, &type);
    H5Dclose(add_set(group,
                     &(Set) { "data", H5T_NATIVE_FLOAT, is_stack ? 3 : 2,
                              is_stack ? size : size + 1, NULL, FALSE }, px));
    if (is_stack)
        add_dim(group, 1, N_FRAMES, 0.5, "[s]");
    add_dim(group, is_stack ? 2 : 1, HEIGHT, 0.25, "[n_m]");
    add_dim(group, is_stack ? 3 : 2, 2, 0.25, "[n_m]");
    H5Gclose(group);
}

/* ---- HyperSpy ------------------------------------------------------------- */

static void
add_axis(hid_t experiment, int number, double scale, const char *unit,
         gboolean navigate)
{
    g_autofree char *name = g_strdup_printf("axis-%d", number);
    hid_t axis = add_group(experiment, name);
    gint8 flag = (gint8) navigate;

    set_attribute(axis, "navigate", H5T_NATIVE_INT8, &flag);
    set_text(axis, "units", unit, FALSE);
    if (scale > 0) {
        set_number(axis, "scale", scale);
        set_number(axis, "offset", 1);
    } else {
        const double at[N_FRAMES] = { 2, 2.5, 4 };
        const hsize_t n = N_FRAMES;

        H5Dclose(add_set(axis, &(Set) { "axis", H5T_NATIVE_DOUBLE, 1, &n,
                                        NULL, FALSE }, at));
    }
    H5Gclose(axis);
}

static void
fill_hspy(hid_t file, gboolean is_stack)
{
    const hsize_t size[] = { N_FRAMES, HEIGHT, WIDTH };
    const hsize_t chunk[] = { 2, 3, WIDTH };
    hid_t experiment = add_group(file, "Experiments/particles");
    hid_t general = add_group(experiment, "metadata/General");
    guint8 px[N_FRAMES * HEIGHT * WIDTH];

    for (int i = 0; i < N_FRAMES * HEIGHT * WIDTH; i++)
        px[i] = (guint8) (2 * i);
    set_text(file, "file_format", "HyperSpy", FALSE);
    set_text(general, "title", "A title", FALSE);
    H5Gclose(general);
    H5Dclose(add_set(experiment,
                     &(Set) { "data", H5T_STD_U8LE, is_stack ? 3 : 2,
                              is_stack ? size : size + 1,
                              is_stack ? chunk : chunk + 1, TRUE }, px));
    if (is_stack)
        add_axis(experiment, 0, 0, "s", TRUE);
    add_axis(experiment, is_stack ? 1 : 0, 0.3, "nm", FALSE);
    add_axis(experiment, is_stack ? 2 : 1, 0.3, "nm", FALSE);
    H5Gclose(experiment);
}

/* ---- Gatan ---------------------------------------------------------------- */

/* The director of raw frames: names and values as in a DM4 file. */
static void
fill_dm5(hid_t file)
{
    static const char calibrations[] = "ImageData/Calibrations/Dimension/[%d]";
    const hsize_t size[] = { HEIGHT, WIDTH };
    hid_t object = add_group(file, "DocumentObjectList/[0]");
    hid_t source = add_group(file, "ImageSourceList/[0]");
    hid_t image = add_group(file, "ImageList/[1]");
    hid_t data = add_group(image, "ImageData");
    hid_t recorded = add_group(image, "ImageTags/In-situ/Recorded");
    guint16 px[HEIGHT * WIDTH];

    for (int i = 0; i < HEIGHT * WIDTH; i++)
        px[i] = (guint16) (3 * i);
    set_number(object, "ImageSource", 0);
    set_number(source, "ImageRef", 1);
    set_number(recorded, "# Frames", 5);
    set_text(image, "Name", "K3", FALSE);
    H5Dclose(add_set(data, &(Set) { "Data", H5T_STD_U16LE, 2, size, NULL,
                                    FALSE }, px));
    for (int i = 0; i < 2; i++) {
        g_autofree char *path = g_strdup_printf(calibrations, i);
        hid_t axis = add_group(image, path);

        set_number(axis, "Scale", i == 0 ? 0.25 : 0.5);
        set_text(axis, "Units", "nm", TRUE);
        H5Gclose(axis);
    }
    H5Gclose(recorded);
    H5Gclose(data);
    H5Gclose(image);
    H5Gclose(source);
    H5Gclose(object);
}

/* ---- Files ---------------------------------------------------------------- */

static void
fill(hid_t file, int variant)
{
    if (variant < 2)
        fill_velox(file, variant == 0 ? 1 : 2);
    else if (variant < 4)
        fill_ncem(file, variant == 3);
    else if (variant < 7)
        fill_hspy(file, variant > 4);
    else
        fill_dm5(file);
}

/* By way of the disk: an image of an open file of the newer kind has a
 * checksum that does not fit. */
GBytes *
cs_sample_hdf5(int variant)
{
    g_autofree char *path = NULL;
    char *bytes = NULL;
    gsize n = 0;
    hid_t list, file;

    if (variant > 7)
        return NULL;
    g_close(g_file_open_tmp("sample-XXXXXX.h5", &path, NULL), NULL);
    list = H5Pcreate(H5P_FILE_ACCESS);
    if (variant == 6) /* newer structures, with checksums */
        H5Pset_libver_bounds(list, H5F_LIBVER_V110, H5F_LIBVER_V110);
    file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, list);
    g_assert_cmpint(file, >=, 0);
    fill(file, variant);
    H5Fclose(file);
    H5Pclose(list);
    g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
    g_remove(path);
    return g_bytes_new_take(bytes, n);
}
