/* The HyperSpy writer: HDF5 with axes in nm and s, a vector of times where
 * they are not uniform.
 *
 * After HyperSpy's own files, version 3.0 of their format.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <hdf5.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/facts.h"
#include "formats/h5.h"
#include "formats/writers.h"

enum { MAX_CHUNK_BYTES = 1 << 30 };

typedef struct {
    CsWriterInfo info;
    hid_t        file;
    hid_t        data;
    hsize_t      n_written;
} Hspy;

static void
close_file(Hspy *hspy)
{
    if (hspy->data >= 0)
        H5Dclose(hspy->data);
    if (hspy->file >= 0)
        H5Fclose(hspy->file);
    hspy->data = hspy->file = -1;
}

static void
hspy_close(void *state)
{
    Hspy *hspy = state;

    if (hspy == NULL)
        return;
    close_file(hspy);
    g_free(hspy);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hspy, hspy_close)

/* ---- Attributes and groups ------------------------------------------------ */

/* Each returns whether HDF5 agreed; the group may be one that failed. */
static bool
set_attribute(hid_t group, const char *name, hid_t type, const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(group, name, type, space, H5P_DEFAULT,
                                 H5P_DEFAULT);
    bool ok = attribute >= 0 && H5Awrite(attribute, type, value) >= 0;

    if (attribute >= 0)
        H5Aclose(attribute);
    H5Sclose(space);
    return ok;
}

static bool
set_text(hid_t group, const char *name, const char *text)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    bool ok;

    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    ok = set_attribute(group, name, type, &text);
    H5Tclose(type);
    return ok;
}

static bool
set_double(hid_t group, const char *name, double value)
{
    return set_attribute(group, name, H5T_NATIVE_DOUBLE, &value);
}

/* A boolean as h5py keeps it. */
static bool
set_bool(hid_t group, const char *name, bool value)
{
    hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
    gint8 no = 0, yes = 1, byte = value;
    bool ok;

    H5Tenum_insert(type, "FALSE", &no);
    H5Tenum_insert(type, "TRUE", &yes);
    ok = set_attribute(group, name, type, &byte);
    H5Tclose(type);
    return ok;
}

static hid_t
make_group(hid_t parent, const char *name)
{
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    hid_t group;

    H5Pset_create_intermediate_group(links, 1);
    group = H5Gcreate2(parent, name, links, H5P_DEFAULT, H5P_DEFAULT);
    H5Pclose(links);
    return group;
}

/* ---- Axes ----------------------------------------------------------------- */

typedef struct {
    const char *name;
    const char *unit;  /* NULL: none */
    double      scale; /* NAN: none  */
    hsize_t     size;
    bool        is_navigation;
} Axis;

static bool
set_vector(hid_t group, const double *values, hsize_t n)
{
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t set = H5Dcreate2(group, "axis", H5T_NATIVE_DOUBLE, space,
                           H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = set >= 0
              && H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL,
                          H5P_DEFAULT, values)
                     >= 0;

    if (set >= 0)
        H5Dclose(set);
    H5Sclose(space);
    return ok;
}

/* An axis with `values` (or, where that is NULL, even steps). */
static bool
make_axis(hid_t experiment, int number, const Axis *axis,
          const double *values)
{
    g_autofree char *name = g_strdup_printf("axis-%d", number);
    hid_t group = make_group(experiment, name);
    gint64 size = (gint64) axis->size;
    bool ok = group >= 0 && set_text(group, "name", axis->name)
              && set_text(group, "units",
                          axis->unit != NULL ? axis->unit : "_None_")
              && set_bool(group, "navigate", axis->is_navigation)
              && set_bool(group, "is_binned", false);

    if (ok && values != NULL)
        ok = set_text(group, "_type", "DataAxis")
             && set_vector(group, values, axis->size);
    else if (ok)
        ok = set_text(group, "_type", "UniformDataAxis")
             && set_attribute(group, "size", H5T_NATIVE_INT64, &size)
             && set_double(group, "offset", 0)
             && set_double(group, "scale",
                           axis->scale > 0 ? axis->scale : 1);
    if (group >= 0)
        H5Gclose(group);
    return ok;
}

/* Times that rise can be an axis of their own; others only frame numbers. */
static bool
is_rising(const CsClock *clock)
{
    for (size_t i = 0; i < clock->n_frames; i++)
        if (!isfinite(clock->start_s[i])
            || (i > 0 && !(clock->start_s[i] > clock->start_s[i - 1])))
            return false;
    return clock->n_frames > 1;
}

static bool
make_axes(hid_t experiment, const CsWriterInfo *info)
{
    double interval = cs_uniform_interval(info->clock);
    bool has_scale = info->nm_per_px_x > 0 && info->nm_per_px_y > 0;
    bool is_uneven = info->clock != NULL && isnan(interval)
                     && is_rising(info->clock);
    const Axis time
        = { "time", interval > 0 || is_uneven ? "s" : NULL, interval,
            info->n_frames, true };
    const Axis y = { "y", has_scale ? "nm" : NULL,
                     has_scale ? info->nm_per_px_y : NAN, info->height,
                     false };
    const Axis x = { "x", has_scale ? "nm" : NULL,
                     has_scale ? info->nm_per_px_x : NAN, info->width,
                     false };

    int n = 0;

    return (info->n_frames == 1
            || make_axis(experiment, n++, &time,
                         is_uneven ? info->clock->start_s : NULL))
           && make_axis(experiment, n, &y, NULL)
           && make_axis(experiment, n + 1, &x, NULL);
}

/* ---- Everything but the frames -------------------------------------------- */

static void
set_fact(const char *key, const char *value, void *user)
{
    set_text(*(hid_t *) user, key, value);
}

static bool
set_known(hid_t group, const char *name, double value)
{
    return !isfinite(value) || set_double(group, name, value);
}

/* The same where HyperSpy's users look for it. */
static bool
make_instrument(hid_t experiment, const CsSeriesInfo *facts)
{
    static const char tem_path[] = "metadata/Acquisition_instrument/TEM";
    hid_t tem = make_group(experiment, tem_path);
    hid_t camera = make_group(tem, "Detector/Camera");
    bool ok = tem >= 0 && camera >= 0
              && set_known(tem, "beam_energy", facts->voltage_kV)
              && set_known(tem, "magnification", facts->magnification)
              && set_known(camera, "exposure", facts->exposure_s)
              && (facts->microscope == NULL
                  || set_text(tem, "microscope", facts->microscope));

    if (camera >= 0)
        H5Gclose(camera);
    if (tem >= 0)
        H5Gclose(tem);
    return ok;
}

static bool
make_metadata(hid_t experiment, const CsWriterInfo *info)
{
    const char *title = info->facts != NULL ? info->facts->title : NULL;
    hid_t general = make_group(experiment, "metadata/General");
    hid_t signal = make_group(experiment, "metadata/Signal");
    hid_t original = make_group(experiment, "original_metadata/Coatscope");
    bool ok = general >= 0 && signal >= 0 && original >= 0
              && set_text(general, "title", title != NULL ? title : "")
              && set_text(signal, "signal_type", "")
              && (info->facts == NULL
                  || make_instrument(experiment, info->facts));

    if (ok)
        cs_facts_tell(info, set_fact, &original);
    H5Gclose(general);
    H5Gclose(signal);
    H5Gclose(original);
    return ok;
}

/* One frame a chunk (HyperSpy reads lazily by chunks), or part of a frame. */
static hid_t
make_data(hid_t experiment, const CsWriterInfo *info)
{
    const hsize_t size[3] = { info->n_frames, info->height, info->width };
    hsize_t row = info->width * cs_pixel_size(info->type);
    hsize_t chunk[3] = { 1, info->height, info->width };
    hid_t type = cs_h5_native_type(info->type);
    int without = info->n_frames == 1; /* an image is no stack of one */
    hid_t space = H5Screate_simple(3 - without, size + without, NULL);
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    hid_t data;

    chunk[1] = CLAMP(MAX_CHUNK_BYTES / row, 1, chunk[1]);
    H5Pset_chunk(list, 3 - without, chunk + without);
    H5Pset_fill_time(list, H5D_FILL_TIME_NEVER);
    data = H5Dcreate2(experiment, "data", type, space, H5P_DEFAULT, list,
                      H5P_DEFAULT);
    H5Pclose(list);
    H5Sclose(space);
    return data;
}

static bool
fill_file(Hspy *hspy)
{
    hid_t experiment = make_group(hspy->file, "Experiments/recording");
    bool ok;

    ok = experiment >= 0 && set_text(hspy->file, "file_format", "HyperSpy")
         && set_text(hspy->file, "file_format_version", "3.0")
         && set_text(experiment, "package", "")
         && set_text(experiment, "package_version", "")
         && make_axes(experiment, &hspy->info)
         && make_metadata(experiment, &hspy->info);
    if (ok)
        hspy->data = make_data(experiment, &hspy->info);
    if (experiment >= 0)
        H5Gclose(experiment);
    return ok && hspy->data >= 0;
}

static bool
start_file(Hspy *hspy, const char *path)
{
    bool ok;

    /* HDF5 prints its errors unless told not to. */
    H5E_BEGIN_TRY {
        hspy->file = H5Fcreate(path, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
        ok = hspy->file >= 0 && fill_file(hspy);
    } H5E_END_TRY
    return ok;
}

/* ---- The writer ----------------------------------------------------------- */

static bool
hspy_open(const char *path, const CsWriterInfo *info, void **state,
          GError **error)
{
    g_autoptr(Hspy) hspy = g_new0(Hspy, 1);

    hspy->file = hspy->data = -1;
    hspy->info = *info;
    if (info->n_channels != 1 || cs_h5_native_type(info->type) < 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "%u channels of %s are not written to HyperSpy files "
                       "(grey integers and floats are)",
                       info->n_channels, cs_pixel_name(info->type));
    if (!start_file(hspy, path))
        return cs_fail(error, CS_ERROR_IO, "cannot be created by HDF5");
    *state = g_steal_pointer(&hspy);
    return true;
}

static bool
write_frame(Hspy *hspy, const CsFrame *frame)
{
    const hsize_t start[3] = { hspy->n_written, 0, 0 };
    const hsize_t count[3] = { 1, frame->height, frame->width };
    hid_t file_space = H5Dget_space(hspy->data);
    int without = hspy->info.n_frames == 1;
    hid_t space = H5Screate_simple(3 - without, count + without, NULL);
    bool ok;

    H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start + without, NULL,
                        count + without, NULL);
    ok = H5Dwrite(hspy->data, cs_h5_native_type(frame->type), space, file_space,
                  H5P_DEFAULT, frame->px)
         >= 0;
    H5Sclose(space);
    H5Sclose(file_space);
    return ok;
}

static bool
hspy_write(void *state, const CsFrame *frame, GError **error)
{
    Hspy *hspy = state;
    bool ok;

    H5E_BEGIN_TRY {
        ok = write_frame(hspy, frame);
    } H5E_END_TRY
    if (!ok)
        return cs_fail(error, CS_ERROR_IO, "cannot be written by HDF5");
    hspy->n_written++;
    return true;
}

static bool
hspy_finish(void *state, GError **error)
{
    Hspy *hspy = state;
    bool ok;

    H5E_BEGIN_TRY {
        ok = H5Dclose(hspy->data) >= 0;
        ok = H5Fclose(hspy->file) >= 0 && ok;
    } H5E_END_TRY
    hspy->data = hspy->file = -1;
    if (ok)
        return true;
    return cs_fail(error, CS_ERROR_IO, "cannot be completed by HDF5");
}

const CsWriter cs_writer_hspy = {
    .name = "hspy",
    .title = "HyperSpy HDF5",
    .suffixes = (const char *const[]) { ".hspy", ".hdf5", NULL },
    .open = hspy_open,
    .write = hspy_write,
    .finish = hspy_finish,
    .close = hspy_close,
};
