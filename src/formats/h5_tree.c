/* What hangs in an HDF5 file: hard links, attributes, vectors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "core/text.h"
#include "formats/h5_chunks.h"

enum { MAX_LINKS = 4096, MAX_TEXT = 1 << 16 };

/* ---- Links ---------------------------------------------------------------- */

static bool
is_hard(hid_t group, const char *name)
{
    H5L_info_t info;

    return H5Lget_info(group, name, &info, H5P_DEFAULT) >= 0
           && info.type == H5L_TYPE_HARD;
}

hid_t
cs_h5_child(hid_t parent, const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, "/", 8);
    hid_t at = parent;

    for (char **name = names; *name != NULL; name++) {
        hid_t next = is_hard(at, *name) ? H5Oopen(at, *name, H5P_DEFAULT)
                                        : -1;

        if (at != parent)
            H5Oclose(at);
        if (next < 0)
            return -1;
        at = next;
    }
    return at;
}

static herr_t
add_name(hid_t group, const char *name, const H5L_info_t *info, void *names)
{
    (void) group;
    if (info->type == H5L_TYPE_HARD && strchr(name, '/') == NULL)
        g_ptr_array_add(names, g_strdup(name));
    return ((GPtrArray *) names)->len < MAX_LINKS ? 0 : 1;
}

static int
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

GPtrArray *
cs_h5_names(hid_t group)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    if (H5Iget_type(group) == H5I_GROUP || H5Iget_type(group) == H5I_FILE)
        H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, add_name,
                   names);
    g_ptr_array_sort(names, by_name);
    return names;
}

bool
cs_h5_is_dataset(hid_t object)
{
    return H5Iget_type(object) == H5I_DATASET;
}

/* ---- Attributes ----------------------------------------------------------- */

/* An attribute that holds one value, or -1. */
static hid_t
open_attribute(hid_t object, const char *name)
{
    hid_t attribute, space;
    bool is_single;

    if (H5Aexists(object, name) <= 0)
        return -1;
    attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return -1;
    space = H5Aget_space(attribute);
    is_single = space >= 0 && H5Sget_simple_extent_npoints(space) == 1;
    if (space >= 0)
        H5Sclose(space);
    if (is_single)
        return attribute;
    H5Aclose(attribute);
    return -1;
}

/* Text in whatever it was, as UTF-8 without blanks at its ends. */
static char *
clean(const char *text)
{
    char *utf8 = g_utf8_validate(text, -1, NULL)
                     ? g_strdup(text)
                     : g_convert(text, -1, "UTF-8", "ISO-8859-1", NULL, NULL,
                                 NULL);

    return utf8 != NULL ? g_strstrip(utf8) : NULL;
}

static char *
read_far_text(hid_t attribute)
{
    guint8 reference[CS_H5_REFERENCE_BYTES];
    hid_t raw = H5Tcreate(H5T_OPAQUE, sizeof reference);
    bool ok = H5Aread(attribute, raw, reference) >= 0;
    g_autofree char *text = ok ? cs_h5_heap_text(reference) : NULL;

    H5Tclose(raw);
    return text != NULL ? clean(text) : NULL;
}

static char *
read_text(hid_t attribute, hid_t type)
{
    size_t n = H5Tget_size(type);
    char *text, *found = NULL;

    if (H5Tget_class(type) != H5T_STRING)
        return NULL;
    if (H5Tis_variable_str(type) > 0)
        return read_far_text(attribute);
    if (n == 0 || n > MAX_TEXT)
        return NULL;
    text = g_malloc0(n + 1);
    if (H5Aread(attribute, type, text) >= 0)
        found = clean(text);
    g_free(text);
    return found;
}

char *
cs_h5_text(hid_t object, const char *name)
{
    hid_t attribute = open_attribute(object, name);
    hid_t type;
    char *text = NULL;

    if (attribute < 0)
        return NULL;
    type = H5Aget_type(attribute);
    if (type >= 0) {
        text = read_text(attribute, type);
        H5Tclose(type);
    }
    H5Aclose(attribute);
    return text;
}

/* Numbers, and booleans as h5py keeps them (an enumeration of 8 bits). */
static double
read_number(hid_t attribute, hid_t type)
{
    H5T_class_t class = H5Tget_class(type);
    double value = NAN;
    gint8 byte = 0;

    if (class == H5T_INTEGER || class == H5T_FLOAT)
        H5Aread(attribute, H5T_NATIVE_DOUBLE, &value);
    else if (class == H5T_ENUM && H5Tget_size(type) == 1
             && H5Aread(attribute, type, &byte) >= 0)
        value = byte;
    return value;
}

double
cs_h5_number(hid_t object, const char *name)
{
    hid_t attribute = open_attribute(object, name);
    hid_t type;
    double value = NAN;
    g_autofree char *text = NULL;

    if (attribute < 0)
        return NAN;
    type = H5Aget_type(attribute);
    if (type >= 0) {
        text = read_text(attribute, type);
        if (text == NULL || !cs_text_to_double(text, &value))
            value = read_number(attribute, type);
        H5Tclose(type);
    }
    H5Aclose(attribute);
    return value;
}

double
cs_h5_number_at(hid_t parent, const char *path, const char *name)
{
    hid_t object = cs_h5_child(parent, path);
    double value = NAN;

    if (object >= 0) {
        value = cs_h5_number(object, name);
        H5Oclose(object);
    }
    return value;
}

char *
cs_h5_text_at(hid_t parent, const char *path, const char *name)
{
    hid_t object = cs_h5_child(parent, path);
    char *text = NULL;

    if (object >= 0) {
        text = cs_h5_text(object, name);
        H5Oclose(object);
    }
    return text;
}

/* ---- Vectors -------------------------------------------------------------- */

static bool
is_numbers(hid_t data)
{
    hid_t type = H5Dget_type(data);
    H5T_class_t class;

    if (type < 0)
        return false;
    class = H5Tget_class(type);
    H5Tclose(type);
    return class == H5T_INTEGER || class == H5T_FLOAT;
}

static hssize_t
count_points(hid_t data)
{
    hid_t space = H5Dget_space(data);
    hssize_t n;

    if (space < 0)
        return -1;
    n = H5Sget_simple_extent_ndims(space) <= 1
            ? H5Sget_simple_extent_npoints(space) : -1;
    H5Sclose(space);
    return n;
}

/* Room for n numbers, and for n as the file holds them. */
static double *
read_chunked(hid_t data, hsize_t n, GError **error)
{
    const hsize_t start = 0;
    g_auto(CsH5Chunks) chunks = { 0 };
    g_autofree double *numbers = NULL;
    hid_t type;
    bool ok;

    if (!cs_h5_chunks_take(&chunks, data, error))
        return NULL;
    numbers = cs_try_alloc(n, MAX(chunks.item_bytes, sizeof *numbers),
                           "an axis", error);
    if (numbers == NULL
        || !cs_h5_chunks_read(&chunks, data, &start, &n, numbers, error))
        return NULL;
    type = H5Dget_type(data);
    ok = H5Tconvert(type, H5T_NATIVE_DOUBLE, n, numbers, NULL, H5P_DEFAULT)
         >= 0;
    H5Tclose(type);
    return ok ? g_steal_pointer(&numbers) : NULL;
}

/* The same, where damage counts as missing. */
static double *
read_chunked_or_none(hid_t data, hsize_t n, GError **error)
{
    g_autoptr(GError) why = NULL;
    double *numbers = read_chunked(data, n, &why);

    if (g_error_matches(why, CS_ERROR, CS_ERROR_LIMIT))
        g_propagate_error(error, g_steal_pointer(&why));
    return numbers;
}

static double *
read_plain(hid_t data, hsize_t n, GError **error)
{
    g_autofree double *numbers
        = cs_try_alloc(n, sizeof *numbers, "an axis", error);

    if (numbers == NULL
        || H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                   numbers) < 0)
        return NULL;
    return g_steal_pointer(&numbers);
}

double *
cs_h5_vector(hid_t data, size_t max, size_t *n, GError **error)
{
    hssize_t n_points;
    g_autofree double *numbers = NULL;

    if (!cs_h5_is_dataset(data) || !is_numbers(data))
        return NULL;
    n_points = count_points(data);
    if (n_points < 1 || (guint64) n_points > max)
        return NULL;
    numbers = cs_h5_is_chunked(data)
                  ? read_chunked_or_none(data, (hsize_t) n_points, error)
                  : read_plain(data, (hsize_t) n_points, error);
    if (numbers == NULL)
        return NULL;
    *n = (size_t) n_points;
    return g_steal_pointer(&numbers);
}
