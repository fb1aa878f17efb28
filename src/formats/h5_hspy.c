/* HyperSpy's own files: /Experiments/NAME with "data" and a group an axis.
 *
 * Axes are even (offset, scale) or a vector of coordinates; frames are the
 * one axis that is navigated, images the two that are not.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/facts.h"
#include "formats/h5_images.h"

enum { MAX_AXES = 8, MAX_VECTOR = 1 << 24 };

static bool
is_hspy(hid_t file)
{
    g_autofree char *format = cs_h5_text(file, "file_format");
    hid_t group = cs_h5_child(file, "Experiments");

    if (group >= 0)
        H5Oclose(group);
    return group >= 0 && format != NULL
           && g_ascii_strcasecmp(format, "HyperSpy") == 0;
}

/* ---- Axes ----------------------------------------------------------------- */

/* One of the words for no unit becomes "". */
static char *
unit_of(hid_t axis)
{
    char *unit = cs_h5_text(axis, "units");

    if (unit != NULL && strcmp(unit, "_None_") == 0)
        *unit = '\0';
    return unit;
}

static bool
is_energy(hid_t axis)
{
    g_autofree char *unit = unit_of(axis);

    return unit != NULL && g_str_has_suffix(unit, "eV");
}

typedef struct {
    unsigned n;          /* axes                             */
    unsigned n_signal;   /* of them not navigated            */
    bool     is_last;    /* the two that are not come last   */
    bool     has_energy;
} Axes;

static Axes
look_at_axes(hid_t experiment)
{
    Axes axes = { 0 };
    bool signal[MAX_AXES] = { false };

    for (; axes.n < MAX_AXES; axes.n++) {
        g_autofree char *name = g_strdup_printf("axis-%u", axes.n);
        hid_t axis = cs_h5_child(experiment, name);

        if (axis < 0)
            break;
        signal[axes.n] = !(cs_h5_number(axis, "navigate") > 0);
        axes.n_signal += signal[axes.n];
        axes.has_energy = axes.has_energy || is_energy(axis);
        H5Oclose(axis);
    }
    axes.is_last = axes.n >= 2 && signal[axes.n - 1] && signal[axes.n - 2];
    return axes;
}

/* Nothing navigated and nothing of a signal: plain arrays of 2 axes. */
static bool
check_axes(const Axes *axes, GError **error)
{
    if (axes->has_energy)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds spectra (an axis in eV), not images");
    if (axes->n > 3)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds data of %u axes (a scan of diffraction patterns"
                       "?); an image has 2, a stack of images 3", axes->n);
    if (axes->n_signal < 2)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds a spectrum, or several (%u of %u axes are of the"
                       " signal), not images", axes->n_signal, axes->n);
    if (axes->n_signal == 2 && !axes->is_last)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "has the axis of its frames after those of its"
                       " images; it must come first");
    return true;
}

static void
set_axis(hid_t experiment, const char *name, CsAxis *to, CsSeriesInfo *info)
{
    hid_t axis = cs_h5_child(experiment, name);
    g_autofree char *unit = NULL;
    double scale;

    if (axis < 0)
        return;
    unit = unit_of(axis);
    scale = cs_h5_number(axis, "scale");
    if (isnan(scale))
        cs_series_info_note(info, "%s has no even steps: no scale is taken"
                            " from it", name);
    cs_axis_set(to, fabs(scale), unit);
    H5Oclose(axis);
}

/* ---- Times ---------------------------------------------------------------- */

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

/* A vector of times, or NULL; false where memory is short. */
static bool
read_vector(hid_t axis, double **at, size_t *n, GError **error)
{
    hid_t vector = cs_h5_child(axis, "axis");
    GError *short_of = NULL;

    *at = NULL;
    if (vector < 0)
        return true;
    *at = cs_h5_vector(vector, MAX_VECTOR, n, &short_of);
    H5Oclose(vector);
    if (short_of == NULL)
        return true;
    g_propagate_error(error, short_of);
    return false;
}

static bool
set_times(hid_t axis, size_t n_frames, CsSeriesInfo *info, GError **error)
{
    g_autofree char *unit = unit_of(axis);
    g_autofree double *at = NULL;
    double scale = cs_h5_number(axis, "scale"), factor;
    size_t n = 0;

    if (cs_unit_kind(unit != NULL ? unit : "", &factor) != CS_UNIT_TIME) {
        cs_series_info_note(info, "the axis of the frames (unit \"%s\") is no"
                            " time: they are read without times",
                            unit != NULL ? unit : "");
        return true;
    }
    if (!read_vector(axis, &at, &n, error))
        return false;
    if (at != NULL && n == n_frames)
        return set_clock(at, n, factor, info, error);
    if (scale > 0)
        info->interval_s = scale * factor;
    else
        cs_series_info_note(info, "the axis of time has no coordinates that"
                            " can be read: frames have no times");
    return true;
}

/* ---- Everything ----------------------------------------------------------- */

static void
fill_facts(hid_t experiment, CsSeriesInfo *info)
{
    static const char tem[] = "metadata/Acquisition_instrument/TEM";
    g_autofree char *date
        = cs_h5_text_at(experiment, "metadata/General", "date");
    g_autofree char *time
        = cs_h5_text_at(experiment, "metadata/General", "time");
    double kV = cs_h5_number_at(experiment, tem, "beam_energy");
    double magnification
        = cs_h5_number_at(experiment, tem, "magnification");
    double exposure_s = cs_h5_number_at(
        experiment,
        "metadata/Acquisition_instrument/TEM/Detector/Camera", "exposure");

    info->title = cs_h5_text_at(experiment, "metadata/General", "title");
    info->microscope = cs_h5_text_at(experiment, tem, "microscope");
    if (date != NULL)
        info->date = g_strstrip(g_strconcat(date, " ",
                                            time != NULL ? time : "", NULL));
    if (kV > 0)
        info->voltage_kV = kV;
    if (magnification > 0)
        info->magnification = magnification;
    if (exposure_s > 0)
        info->exposure_s = exposure_s;
}

static const char own[] = "original_metadata/Coatscope";

/* What our own writer knew besides; HyperSpy's own words come first. */
static void
fill_own_facts(hid_t experiment, CsSeriesInfo *info)
{
    const char *key;

    for (size_t i = 0; (key = cs_facts_key(i)) != NULL; i++) {
        g_autofree char *value = cs_h5_text_at(experiment, own, key);

        if (value != NULL)
            cs_facts_take(info, key, value);
    }
}

static bool
fill_own_sources(hid_t experiment, CsSeriesInfo *info, GError **error)
{
    g_autofree char *sources
        = cs_h5_text_at(experiment, own, "time_source");

    return cs_facts_take_sources(info, sources, error);
}

static bool
fill(hid_t experiment, const CsH5Images *images, CsSeriesInfo *info,
     GError **error)
{
    bool has_frames = images->frame_axis >= 0;
    hid_t axis;
    bool ok = true;

    set_axis(experiment, has_frames ? "axis-1" : "axis-0", &info->y, info);
    set_axis(experiment, has_frames ? "axis-2" : "axis-1", &info->x, info);
    fill_facts(experiment, info);
    fill_own_facts(experiment, info);
    axis = has_frames ? cs_h5_child(experiment, "axis-0") : -1;
    if (axis >= 0) {
        info->n_frames = images->n_frames;
        ok = set_times(axis, images->n_frames, info, error)
             && fill_own_sources(experiment, info, error);
        H5Oclose(axis);
    }
    return ok;
}

static bool
open_experiment(hid_t experiment, CsH5Images *images, CsSeriesInfo *info,
                GError **error)
{
    hid_t data = cs_h5_child(experiment, "data");
    Axes axes = look_at_axes(experiment);
    bool ok;

    if (data < 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "has an experiment without data");
    ok = check_axes(&axes, error)
         && cs_h5_images_take(images, data, 0, error)
         && fill(experiment, images, info, error);
    H5Oclose(data);
    if (!ok)
        cs_h5_images_clear(images);
    return ok;
}

/* The first experiment that holds images; if none does, why the first does
 * not. */
static bool
open_hspy(hid_t file, CsH5Images *images, CsSeriesInfo *info, GError **error)
{
    g_autoptr(GError) first = NULL;
    hid_t group = cs_h5_child(file, "Experiments");
    g_autoptr(GPtrArray) names = cs_h5_names(group);
    bool ok = false;

    for (guint i = 0; i < names->len && !ok; i++) {
        g_auto(CsSeriesInfo) found = CS_SERIES_INFO_INIT;
        hid_t experiment = cs_h5_child(group, names->pdata[i]);

        ok = experiment >= 0
             && open_experiment(experiment, images, &found,
                                first == NULL ? &first : NULL);
        if (experiment >= 0)
            H5Oclose(experiment);
        if (ok) {
            *info = found;
            found = (CsSeriesInfo) CS_SERIES_INFO_INIT;
        }
    }
    H5Oclose(group);
    if (!ok && first == NULL)
        return cs_fail(error, CS_ERROR_FORMAT, "holds no experiment");
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&first));
    else if (names->len > 1)
        cs_series_info_note(info, "the file holds %u more experiments; the"
                            " first with images is read", names->len - 1);
    return ok;
}

const CsH5Layout cs_h5_hspy = { "HyperSpy", is_hspy, open_hspy };
