/* Zarr: HyperSpy's ZSPY, OME-Zarr and plain arrays, in a folder or a zip.
 *
 * The last two axes are the image; all axes before count its frames.
 *
 * ZSPY as HyperSpy 1.7 writes it; OME-Zarr 0.4 and 0.5 (NGFF specification).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/facts.h"
#include "formats/json_text.h"
#include "formats/readers.h"
#include "formats/zarr_array.h"

enum { MAX_PLANES = 10000000, MAX_FRAME_BYTES = 1 << 30 };

typedef struct {
    CsZarrStore *store;
    CsZarrArray *array;
} State;

/* One axis as it is described. */
typedef struct {
    char        name[24];
    char        unit[24];
    double      step; /* NAN: none          */
    char       *path; /* of a vector of coordinates, or NULL */
    bool        is_signal;
} Axis;

typedef struct {
    Axis     axis[CS_ZARR_MAX_AXES];
    unsigned n;
} Axes;

static void
axes_clear(Axes *axes)
{
    for (unsigned i = 0; i < axes->n; i++)
        g_free(axes->axis[i].path);
    axes->n = 0;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Axes, axes_clear)

static bool
contains(const guint8 *head, size_t n, const char *word)
{
    return head != NULL && memmem(head, n, word, strlen(word)) != NULL;
}

/* JSON that names its Zarr format, or a zip whose first entries are such. */
static int
probe_zarr(const guint8 *head, size_t n)
{
    if (n >= 4 && memcmp(head, "PK\3\4", 4) == 0)
        return contains(head, n, ".zgroup") || contains(head, n, ".zarray")
                       || contains(head, n, "zarr.json")
                       || contains(head, n, ".zattrs")
                   ? 90 : 0;
    return n > 0 && *head == '{' && contains(head, n, "\"zarr_format\"") ? 90
                                                                        : 0;
}

/* ---- HyperSpy ------------------------------------------------------------- */

static char *
child(const char *path, const char *name)
{
    return g_strdup_printf("%s%s%s", path, *path != '\0' ? "/" : "", name);
}

static void
copy_word(char *to, size_t n, const char *word)
{
    const char *end;

    g_strlcpy(to, word != NULL ? word : "", n);
    if (!g_utf8_validate(to, -1, &end))
        to[end - to] = '\0';
    if (strcmp(to, "_None_") == 0)
        *to = '\0';
}

static bool
describe_hspy(CsZarrStore *store, const char *experiment, Axes *axes,
              GError **error)
{
    for (unsigned i = 0; i < CS_ZARR_MAX_AXES; i++) {
        g_autofree char *name = g_strdup_printf("axis-%u", i);
        g_autofree char *path = child(experiment, name);
        g_autoptr(GError) why = NULL;
        g_autoptr(JsonObject) json = cs_zarr_attributes(store, path, &why);
        Axis *axis = &axes->axis[i];

        if (why != NULL) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
        if (json == NULL)
            break;
        copy_word(axis->name, sizeof axis->name,
                  cs_json_text(json, "name"));
        copy_word(axis->unit, sizeof axis->unit,
                  cs_json_text(json, "units"));
        axis->step = cs_json_number(json, "scale");
        axis->is_signal = !(cs_json_number(json, "navigate") > 0);
        axis->path = child(path, "axis");
        axes->n = i + 1;
    }
    return true;
}

static bool
check_hspy(const Axes *axes, GError **error)
{
    unsigned n_signal = 0;

    for (unsigned i = 0; i < axes->n; i++) {
        n_signal += axes->axis[i].is_signal;
        if (g_str_has_suffix(axes->axis[i].unit, "eV"))
            return cs_fail(error, CS_ERROR_UNSUPPORTED,
                           "holds spectra (an axis in eV), not images");
    }
    if (axes->n > 3)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds data of %u axes (a scan of diffraction patterns"
                       "?); an image has 2, a stack of images 3", axes->n);
    if (n_signal < 2 || !axes->axis[axes->n - 1].is_signal
        || !axes->axis[axes->n - 2].is_signal)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds no images: of its %u axes %u are of the signal,"
                       " where the last two must be", axes->n, n_signal);
    return true;
}

static void
fill_hspy_facts(CsZarrStore *store, const char *experiment,
                CsSeriesInfo *info)
{
    g_autofree char *general_path = child(experiment, "metadata/General");
    g_autofree char *tem_path
        = child(experiment, "metadata/Acquisition_instrument/TEM");
    g_autoptr(JsonObject) general = cs_zarr_attributes(store, general_path,
                                                       NULL);
    g_autoptr(JsonObject) tem = cs_zarr_attributes(store, tem_path, NULL);
    double kV = cs_json_number(tem, "beam_energy");
    double magnification = cs_json_number(tem, "magnification");

    info->title = g_strdup(cs_json_text(general, "title"));
    info->date = g_strdup(cs_json_text(general, "date"));
    info->microscope = g_strdup(cs_json_text(tem, "microscope"));
    if (kV > 0)
        info->voltage_kV = kV;
    if (magnification > 0)
        info->magnification = magnification;
}

static bool
open_experiment(State *s, const char *name, Axes *axes, CsSeriesInfo *info,
                GError **error)
{
    g_autofree char *path = child("Experiments", name);
    g_autofree char *data = child(path, "data");
    g_autoptr(GError) why = NULL;

    if (!describe_hspy(s->store, path, axes, error))
        return false;
    s->array = cs_zarr_array_open(s->store, data, &why);
    if (why != NULL) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (s->array == NULL || axes->n != s->array->n_axes)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "has an experiment without data, or axes that are not"
                       " those of its data");
    fill_hspy_facts(s->store, path, info);
    return check_hspy(axes, error);
}

static bool
open_hspy(State *s, Axes *axes, CsSeriesInfo *info, GError **error)
{
    g_autoptr(GPtrArray) names = cs_zarr_store_list(s->store, "Experiments");

    for (guint i = names->len; i-- > 0;)
        if (*(const char *) names->pdata[i] == '.'
            || strcmp(names->pdata[i], "zarr.json") == 0)
            g_ptr_array_remove_index(names, i);
    if (names->len == 0)
        return cs_fail(error, CS_ERROR_FORMAT, "holds no experiment");
    if (names->len > 1)
        cs_series_info_note(info, "the store holds %u more experiments; the"
                            " first is read", names->len - 1);
    return open_experiment(s, names->pdata[0], axes, info, error);
}

/* ---- OME ------------------------------------------------------------------ */

/* The factors of the "scale" among coordinate transformations, or NULL. */
static JsonArray *
scale_of(JsonObject *json)
{
    JsonArray *list = cs_json_list(json, "coordinateTransformations");

    for (guint i = 0; i < cs_json_length(list); i++) {
        JsonArray *scale = cs_json_list(cs_json_object_of(list, i), "scale");

        if (scale != NULL)
            return scale;
    }
    return NULL;
}

/* A scale that all resolutions share comes on top of that of the first. */
static void
describe_ome(JsonObject *image, Axes *axes)
{
    JsonArray *list = cs_json_list(image, "axes");
    JsonArray *shared = scale_of(image);
    JsonArray *own
        = scale_of(cs_json_object_of(cs_json_list(image, "datasets"), 0));

    axes->n = MIN(cs_json_length(list), CS_ZARR_MAX_AXES);
    for (unsigned i = 0; i < axes->n; i++) {
        JsonObject *json = cs_json_object_of(list, i);
        double factor = cs_json_number_of(shared, i);
        Axis *axis = &axes->axis[i];

        copy_word(axis->name, sizeof axis->name,
                  cs_json_text(json, "name"));
        copy_word(axis->unit, sizeof axis->unit,
                  cs_json_text(json, "unit"));
        axis->step = cs_json_number_of(own, i)
                     * (isnan(factor) ? 1 : factor);
    }
}

/* Where the images are, of 0.5 or of 0.4, or NULL. */
static JsonObject *
find_multiscales(JsonObject *attributes)
{
    JsonObject *ome = cs_json_member(attributes, "ome");

    return cs_json_object_of(
        cs_json_list(ome != NULL ? ome : attributes, "multiscales"), 0);
}

static bool
open_ome(State *s, const char *group, JsonObject *image, Axes *axes,
         GError **error)
{
    JsonObject *first
        = cs_json_object_of(cs_json_list(image, "datasets"), 0);
    const char *name = cs_json_text(first, "path");
    g_autofree char *path = child(group, name != NULL ? name : "0");
    g_autoptr(GError) why = NULL;

    describe_ome(image, axes);
    s->array = cs_zarr_array_open(s->store, path, &why);
    if (why != NULL) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (s->array != NULL && axes->n == s->array->n_axes)
        return true;
    return cs_fail(error, CS_ERROR_FORMAT,
                   "has no array of full resolution, or one whose axes are not"
                   " those described");
}

/* ---- Series --------------------------------------------------------------- */

static bool
check_shape(const CsZarrArray *array, GError **error)
{
    size_t n_planes, width, height;

    if (array->n_axes < 2)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds a spectrum of %zu channels, not an image",
                       array->size[0]);
    n_planes = cs_zarr_n_planes(array);
    height = array->size[array->n_axes - 2];
    width = array->size[array->n_axes - 1];
    if (width > CS_MAX_SIDE || height > CS_MAX_SIDE
        || width * height * cs_pixel_size(array->type) > MAX_FRAME_BYTES)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "has frames of %zu × %zu pixels; sides up to %d and %d"
                       " bytes are read", width, height, CS_MAX_SIDE,
                       MAX_FRAME_BYTES);
    if (n_planes > MAX_PLANES)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "has %zu frames; up to %d are read", n_planes,
                       MAX_PLANES);
    return true;
}

static void
set_scale(CsAxis *to, const Axis *axis, CsSeriesInfo *info)
{
    cs_axis_set(to, fabs(axis->step), axis->unit);
    if (isnan(axis->step))
        cs_series_info_note(info, "axis %s has no even steps: no scale is"
                            " taken from it", axis->name);
}

static bool
set_clock(const double *at, size_t n, double factor, CsSeriesInfo *info,
          GError **error)
{
    if (!cs_clock_resize(&info->clock, n, error))
        return false;
    for (size_t i = 0; i < n; i++) {
        info->clock.start_s[i] = (at[i] - at[0]) * factor;
        info->clock.source[i] = CS_TIME_MEASURED;
    }
    return true;
}

/* The axis that counts the frames: the only one before the image that is
 * longer than 1, else the first; -1 where several count. */
static int
frame_axis(const CsZarrArray *array)
{
    int found = 0;
    unsigned n_long = 0;

    for (unsigned i = 0; i + 2 < array->n_axes; i++)
        if (array->size[i] > 1) {
            found = (int) i;
            n_long++;
        }
    return n_long > 1 ? -1 : found;
}

static bool
set_times(const State *s, const Axes *axes, CsSeriesInfo *info,
          GError **error)
{
    int number = frame_axis(s->array);
    const Axis *axis = &axes->axis[MAX(number, 0)];
    g_autofree double *at = NULL;
    double factor;
    size_t n = 0;

    if (s->array->n_axes < 3 || info->clock.n_frames > 0)
        return true;
    if (number < 0 || axes->n == 0
        || cs_unit_kind(axis->unit, &factor) != CS_UNIT_TIME) {
        cs_series_info_note(info, "%s: frames are read without times",
                            number < 0 ? "several axes count the frames"
                                       : "the axis of the frames is no time");
        return true;
    }
    if (axis->path != NULL && isnan(axis->step))
        at = cs_zarr_vector(s->store, axis->path, MAX_PLANES, &n);
    if (at != NULL && n == info->n_frames)
        return set_clock(at, n, factor, info, error);
    if (axis->step > 0)
        info->interval_s = axis->step * factor;
    return true;
}

static const char *
own_text(JsonObject *attributes, const char *key)
{
    return cs_json_text(cs_json_member(attributes, "coatscope"), key);
}

static void
take_own_facts(JsonObject *attributes, CsSeriesInfo *info)
{
    const char *key;

    for (size_t i = 0; (key = cs_facts_key(i)) != NULL; i++) {
        const char *value = own_text(attributes, key);

        if (value != NULL)
            cs_facts_take(info, key, value);
    }
}

/* Uneven times, as our own writer puts them beside the axes of OME. */
static bool
set_own_times(JsonObject *attributes, CsSeriesInfo *info, GError **error)
{
    JsonArray *list = cs_json_list(cs_json_member(attributes, "coatscope"),
                                   "time_s");

    if (list == NULL || cs_json_length(list) != info->n_frames)
        return true;
    for (guint i = 0; i < info->n_frames; i++)
        if (!isfinite(cs_json_number_of(list, i)))
            return true;
    if (!cs_clock_resize(&info->clock, info->n_frames, error))
        return false;
    for (guint i = 0; i < info->n_frames; i++) {
        info->clock.start_s[i] = cs_json_number_of(list, i);
        info->clock.source[i] = CS_TIME_MEASURED;
    }
    return true;
}

static bool
tell(const State *s, const Axes *axes, JsonObject *attributes,
     CsSeriesInfo *info, GError **error)
{
    const CsZarrArray *array = s->array;

    if (!check_shape(array, error))
        return false;
    info->width = array->size[array->n_axes - 1];
    info->height = array->size[array->n_axes - 2];
    info->n_frames = info->n_frames_declared = cs_zarr_n_planes(array);
    info->type = array->type;
    if (axes->n >= 2) {
        set_scale(&info->x, &axes->axis[axes->n - 1], info);
        set_scale(&info->y, &axes->axis[axes->n - 2], info);
    }
    take_own_facts(attributes, info);
    return set_own_times(attributes, info, error)
           && set_times(s, axes, info, error)
           && cs_facts_take_sources(info, own_text(attributes, "time_source"),
                                    error);
}

/* ---- The reader ----------------------------------------------------------- */

static void
close_zarr(void *opened)
{
    State *s = opened;

    if (s == NULL)
        return;
    cs_zarr_array_free(s->array);
    cs_zarr_store_free(s->store);
    g_free(s);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(State, close_zarr)

static bool
open_plain(State *s, GError **error)
{
    g_autoptr(GError) why = NULL;

    s->array = cs_zarr_array_open(s->store, "", &why);
    if (why != NULL)
        g_propagate_error(error, g_steal_pointer(&why));
    else if (s->array == NULL)
        cs_fail(error, CS_ERROR_UNSUPPORTED,
                "is a Zarr store in which nothing is where HyperSpy or"
                " OME-Zarr put images: name the folder of one array in it");
    return s->array != NULL;
}

/* The attributes that name the images, and the group they are of. */
static bool
find_attributes(CsZarrStore *store, JsonObject **attributes,
                const char **group, GError **error)
{
    g_autoptr(GError) why = NULL;
    JsonObject *top = cs_zarr_attributes(store, "", &why);

    *group = "";
    if (why == NULL && find_multiscales(top) == NULL
        && !isnan(cs_json_number(top, "bioformats2raw.layout"))) {
        *group = "0";
        json_object_unref(top);
        top = cs_zarr_attributes(store, *group, &why);
    }
    *attributes = top;
    if (why == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

static bool
fill(State *s, CsSeriesInfo *info, GError **error)
{
    g_autoptr(JsonObject) attributes = NULL;
    g_auto(Axes) axes = { .n = 0 };
    const char *format, *group;
    JsonObject *image;
    bool is_hspy, ok;

    if (!find_attributes(s->store, &attributes, &group, error))
        return false;
    format = cs_json_text(attributes, "file_format");
    image = find_multiscales(attributes);
    is_hspy = format != NULL && g_ascii_strcasecmp(format, "ZSpy") == 0;
    info->layout = is_hspy ? "HyperSpy" : image != NULL ? "OME-Zarr" : NULL;
    if (is_hspy)
        ok = open_hspy(s, &axes, info, error);
    else if (image != NULL)
        ok = open_ome(s, group, image, &axes, error);
    else
        ok = open_plain(s, error);
    return ok && tell(s, &axes, attributes, info, error);
}

static bool
open_zarr(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    g_auto(CsSeriesInfo) found = CS_SERIES_INFO_INIT;
    g_autoptr(State) s = g_new0(State, 1);

    s->store = cs_zarr_store_open(source, error);
    if (s->store == NULL || !fill(s, &found, error))
        return false;
    *state = g_steal_pointer(&s);
    *info = found;
    found = (CsSeriesInfo) CS_SERIES_INFO_INIT;
    return true;
}

static bool
read_zarr(void *opened, size_t index, CsFrame *frame, GError **error)
{
    State *s = opened;
    const CsZarrArray *array = s->array;

    return cs_frame_resize(frame, array->size[array->n_axes - 1],
                           array->size[array->n_axes - 2], 1, array->type,
                           error)
           && cs_zarr_read_plane(s->array, index, frame->px, error);
}

static const char *const suffixes[]
    = { ".zspy", ".zarr", ".ozx", ".zgroup", ".zarray", "zarr.json", NULL };

const CsReader cs_reader_zarr = {
    .name = "zarr",
    .title = "Zarr (HyperSpy ZSPY, OME-Zarr)",
    .suffixes = suffixes,
    .probe = probe_zarr,
    .open = open_zarr,
    .read = read_zarr,
    .close = close_zarr,
};
