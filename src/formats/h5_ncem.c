/* NCEM (Berkeley) EMD: any group with attribute emd_group_type = 1, pixels in
 * "data", one vector of coordinates an axis.
 *
 * The order of the axes is that of HDF5: the last runs along a row. py4DSTEM
 * and Prismatic name the dataset otherwise.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/error.h"
#include "formats/h5_images.h"

enum {
    MAX_DEPTH = 8,
    MAX_VISITS = 4096,   /* groups looked at                           */
    MAX_FOUND = 64,      /* groups with data kept                      */
    MAX_VECTOR = 1 << 24 /* coordinates of an axis; 128 MiB of numbers */
};

#define UNEVEN_SHARE 1e-3 /* of a step; float32 coordinates of 4096 pixels
                             are good to a few 1e-4 */

static const char *const data_names[]
    = { "data", "realslice", "diffractionslice", "datacube", NULL };

typedef struct {
    hid_t    group[MAX_FOUND];
    unsigned n;
    unsigned n_visits;
} Search;

/* ---- Finding -------------------------------------------------------------- */

static hid_t
open_data(hid_t group)
{
    for (size_t i = 0; data_names[i] != NULL; i++) {
        hid_t data = cs_h5_child(group, data_names[i]);

        if (data >= 0 && cs_h5_is_dataset(data))
            return data;
        if (data >= 0)
            H5Oclose(data);
    }
    return -1;
}

/* Keeps the group, or closes it after looking below. */
static void
visit(Search *search, hid_t group, int depth)
{
    g_autoptr(GPtrArray) names = NULL;

    search->n_visits++;
    if (fabs(cs_h5_number(group, "emd_group_type") - 1) < 0.5
        && search->n < MAX_FOUND) {
        search->group[search->n++] = group;
        return;
    }
    if (depth < MAX_DEPTH)
        names = cs_h5_names(group);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        hid_t child = search->n_visits < MAX_VISITS
                          ? cs_h5_child(group, names->pdata[i]) : -1;

        if (child >= 0 && H5Iget_type(child) == H5I_GROUP)
            visit(search, child, depth + 1);
        else if (child >= 0)
            H5Oclose(child);
    }
    H5Oclose(group);
}

static void
search_file(Search *search, hid_t file)
{
    hid_t root = H5Gopen2(file, "/", H5P_DEFAULT);

    *search = (Search) { .n = 0 };
    if (root >= 0)
        visit(search, root, 0);
}

static void
close_search(Search *search)
{
    for (unsigned i = 0; i < search->n; i++)
        H5Oclose(search->group[i]);
    search->n = 0;
}

static bool
is_ncem(hid_t file)
{
    Search search;
    bool found;

    search_file(&search, file);
    found = search.n > 0;
    close_search(&search);
    return found;
}

/* ---- Axes ----------------------------------------------------------------- */

typedef struct {
    char   *unit;   /* NULL: none                            */
    double *at;     /* coordinates, NULL if not one a pixel  */
    double  step;   /* NAN: none                             */
    bool    is_even;
} Dim;

static void
clear_dim(Dim *dim)
{
    g_clear_pointer(&dim->unit, g_free);
    g_clear_pointer(&dim->at, g_free);
}

/* Two coordinates are enough for an even axis of any length. */
static void
find_step(Dim *dim, size_t n_at, size_t n_pixels)
{
    dim->is_even = true;
    if (n_at < 2)
        return;
    dim->step = (dim->at[n_at - 1] - dim->at[0]) / (double) (n_at - 1);
    for (size_t i = 1; i < n_at; i++)
        if (!(fabs(dim->at[i] - dim->at[i - 1] - dim->step)
              <= UNEVEN_SHARE * fabs(dim->step)))
            dim->is_even = false;
    if (n_at != n_pixels)
        g_clear_pointer(&dim->at, g_free);
}

/* Array axis k (from 0) of n pixels: dim1, dim2, … or, newer, dim0, dim1, … */
static bool
read_dim(hid_t group, int k, size_t n, Dim *dim, GError **error)
{
    hid_t zero = cs_h5_child(group, "dim0");
    g_autofree char *name = g_strdup_printf("dim%d", k + (zero < 0));
    hid_t vector = cs_h5_child(group, name);
    GError *short_of = NULL;
    size_t n_at = 0;

    *dim = (Dim) { .step = NAN, .is_even = true };
    if (zero >= 0)
        H5Oclose(zero);
    if (vector < 0)
        return true;
    dim->unit = cs_h5_text(vector, "units");
    dim->at = cs_h5_vector(vector, MAX_VECTOR, &n_at, &short_of);
    H5Oclose(vector);
    if (n_at == n || n_at == 2)
        find_step(dim, n_at, n);
    else
        g_clear_pointer(&dim->at, g_free);
    if (short_of == NULL)
        return true;
    clear_dim(dim);
    g_propagate_error(error, short_of);
    return false;
}

static void
set_axis(CsAxis *axis, const Dim *dim, char letter, CsSeriesInfo *info)
{
    if (dim->is_even)
        cs_axis_set(axis, fabs(dim->step), dim->unit);
    else
        cs_series_info_note(info, "the coordinates along %c are not evenly"
                            " spaced: no scale is taken from them", letter);
}

static bool
set_times(const Dim *dim, size_t n_frames, CsSeriesInfo *info,
          GError **error)
{
    double factor;

    if (dim->at == NULL && isnan(dim->step))
        return true;
    if (cs_unit_kind(dim->unit != NULL ? dim->unit : "", &factor)
        != CS_UNIT_TIME) {
        cs_series_info_note(info, "the axis of the frames (step %g%s%s) is no"
                            " time: they are read without times", dim->step,
                            dim->unit != NULL ? " " : "",
                            dim->unit != NULL ? dim->unit : "");
        return true;
    }
    if (dim->is_even || dim->at == NULL) {
        info->interval_s = dim->step > 0 ? dim->step * factor : NAN;
        return true;
    }
    if (!cs_clock_resize(&info->clock, n_frames, error))
        return false;
    for (size_t i = 0; i < n_frames; i++) {
        info->clock.start_s[i] = (dim->at[i] - dim->at[0]) * factor;
        info->clock.source[i] = CS_TIME_MEASURED;
    }
    return true;
}

/* ---- One group ------------------------------------------------------------ */

static bool
has_energy_axis(hid_t group)
{
    bool found = false;

    for (int k = 0; k < 4; k++) {
        g_autofree char *name = g_strdup_printf("dim%d", k);
        g_autofree char *unit = cs_h5_text_at(group, name, "units");

        found = found
                || (unit != NULL
                    && (g_str_has_suffix(unit, "eV")
                        || g_str_has_suffix(unit, "eV]")));
    }
    return found;
}

static bool
read_axes(hid_t group, const CsH5Images *images, CsSeriesInfo *info,
          GError **error)
{
    const size_t sizes[] = { images->n_frames, images->height,
                             images->width };
    int first = images->frame_axis == 0 ? 0 : 1;
    Dim dim[3] = { { .step = NAN }, { .step = NAN }, { .step = NAN } };
    bool ok = true;

    for (int k = first; ok && k < 3; k++)
        ok = read_dim(group, k - first, sizes[k], &dim[k], error);
    if (ok) {
        set_axis(&info->y, &dim[1], 'y', info);
        set_axis(&info->x, &dim[2], 'x', info);
        ok = first == 1
             || set_times(&dim[0], images->n_frames, info, error);
    }
    for (int k = 0; k < 3; k++)
        clear_dim(&dim[k]);
    return ok;
}

static bool
open_group(hid_t group, CsH5Images *images, CsSeriesInfo *info,
           GError **error)
{
    hid_t data = open_data(group);
    bool ok;

    if (data < 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "has a group for an image without its data");
    if (has_energy_axis(group)) {
        H5Oclose(data);
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds spectra (an axis in eV), not images");
    }
    ok = cs_h5_images_take(images, data, 0, error)
         && read_axes(group, images, info, error);
    H5Oclose(data);
    if (!ok)
        cs_h5_images_clear(images);
    return ok;
}

/* The first group that holds images; if none does, why the first does not. */
static bool
open_ncem(hid_t file, CsH5Images *images, CsSeriesInfo *info, GError **error)
{
    g_autoptr(GError) first = NULL;
    Search search;
    unsigned n;
    bool ok = false;

    search_file(&search, file);
    n = search.n;
    for (unsigned i = 0; i < n && !ok; i++) {
        g_auto(CsSeriesInfo) found = CS_SERIES_INFO_INIT;

        ok = open_group(search.group[i], images, &found,
                        first == NULL ? &first : NULL);
        if (ok) {
            *info = found;
            found = (CsSeriesInfo) CS_SERIES_INFO_INIT;
        }
    }
    close_search(&search);
    if (!ok && first == NULL)
        return cs_fail(error, CS_ERROR_FORMAT, "holds no data set");
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&first));
    else if (n > 1)
        cs_series_info_note(info, "the file holds %u more data sets; the first"
                            " with images is read", n - 1);
    return ok;
}

const CsH5Layout cs_h5_ncem = { "NCEM EMD", is_ncem, open_ncem };
