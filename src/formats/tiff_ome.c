/* OME-TIFF: scale, times and which page is which plane.
 *
 * After the OME model 2016-06. Of several images in the XML the first is
 * read; of a set of files, the planes of this file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "formats/tiff_meta.h"
#include "formats/xml.h"

enum { MAX_PLANES = 4 << 20 };

typedef struct {
    const CsTiffDir *dir;
    CsTiffMeta      *meta;
    unsigned         n_images;
    size_t           size[3];  /* of the axes in order, fastest first       */
    char             order[4]; /* their letters: "CZT"                      */
    double           increment_s;
    GArray          *times;    /* CsPageTime by plane                       */
    bool             has_tiff_data;
    bool             has_all_here; /* a TiffData without attributes         */
    bool             elsewhere;    /* planes in other files                 */
    size_t           ifd, n_ifds, plane; /* of the TiffData being read      */
    bool             ours;         /* MapAnnotation of ourselves            */
    char            *key;
} Ome;

bool
cs_tiff_is_ome(const char *description)
{
    return description[strspn(description, " \t\r\n\xef\xbb\xbf")] == '<'
           && strstr(description, "<OME") != NULL;
}

static double
in_seconds(const char *const *attrs, const char *name, const char *unit_name)
{
    double value = cs_xml_attr_number(attrs, name);
    const char *unit = cs_xml_attr(attrs, unit_name);
    double factor = 1;

    if (unit != NULL && cs_unit_kind(unit, &factor) != CS_UNIT_TIME)
        return NAN;
    return value * factor;
}

static void
take_scale(CsAxis *axis, const char *const *attrs, const char *name,
           const char *unit_name)
{
    double step = cs_xml_attr_number(attrs, name);
    const char *unit = cs_xml_attr(attrs, unit_name);

    if (step > 0 && isfinite(step))
        cs_axis_set(axis, step, unit != NULL ? unit : "µm");
}

static size_t
size_of(const char *const *attrs, char letter)
{
    const char name[] = { 'S', 'i', 'z', 'e', letter, '\0' };
    double value = cs_xml_attr_number(attrs, name);

    return value >= 1 && value <= MAX_PLANES ? (size_t) value : 1;
}

static void
take_pixels(Ome *ome, const char *const *attrs)
{
    const char *order = cs_xml_attr(attrs, "DimensionOrder");
    size_t n = 1;

    take_scale(&ome->meta->info->x, attrs, "PhysicalSizeX",
               "PhysicalSizeXUnit");
    take_scale(&ome->meta->info->y, attrs, "PhysicalSizeY",
               "PhysicalSizeYUnit");
    ome->increment_s = in_seconds(attrs, "TimeIncrement",
                                  "TimeIncrementUnit");
    if (order != NULL && strlen(order) == 5
        && strspn(order + 2, "CZT") == 3)
        memcpy(ome->order, order + 2, 4);
    for (int i = 0; i < 3; i++) {
        ome->size[i] = size_of(attrs, ome->order[i]);
        n = n <= MAX_PLANES / ome->size[i] ? n * ome->size[i] : 0;
    }
    if (n == 0 || n > cs_source_size(ome->dir->source))
        n = 1;
    ome->times = g_array_new(FALSE, FALSE, sizeof(CsPageTime));
    for (size_t i = 0; i < n; i++) {
        CsPageTime none = { NAN, NAN, CS_TIME_NONE };

        g_array_append_val(ome->times, none);
    }
}

/* Number of a plane from attributes like TheC, TheZ, TheT or FirstC, … */
static size_t
plane_of(const Ome *ome, const char *const *attrs, const char *prefix)
{
    size_t plane = 0, stride = 1;

    for (int i = 0; i < 3; i++) {
        g_autofree char *name = g_strdup_printf("%s%c", prefix,
                                                ome->order[i]);
        double at = cs_xml_attr_number(attrs, name);

        if (at >= (double) ome->size[i])
            return SIZE_MAX;
        plane += at > 0 ? (size_t) at * stride : 0;
        stride *= ome->size[i];
    }
    return plane;
}

static void
take_plane(Ome *ome, const char *const *attrs)
{
    size_t plane = plane_of(ome, attrs, "The");
    CsPageTime time = { NAN, NAN, CS_TIME_MEASURED };

    if (plane >= ome->times->len)
        return;
    time.start_s = in_seconds(attrs, "DeltaT", "DeltaTUnit");
    time.duration_s = in_seconds(attrs, "ExposureTime", "ExposureTimeUnit");
    if (!isfinite(time.start_s))
        time.source = CS_TIME_NONE;
    g_array_index(ome->times, CsPageTime, plane) = time;
}

static void
take_tiff_data(Ome *ome, const char *const *attrs)
{
    double ifd = cs_xml_attr_number(attrs, "IFD");
    double count = cs_xml_attr_number(attrs, "PlaneCount");

    ome->has_tiff_data = true;
    ome->has_all_here = attrs[0] == NULL;
    ome->ifd = ifd >= 0 && ifd < MAX_PLANES ? (size_t) ifd : 0;
    ome->n_ifds = count >= 1 ? (size_t) MIN(count, MAX_PLANES)
                  : isnan(ifd) ? SIZE_MAX
                               : 1;
    ome->plane = plane_of(ome, attrs, "First");
}

/* UUID FileName= inside TiffData: is it another file? A set that was renamed
 * as a whole is not told apart from that. */
static void
take_file_name(Ome *ome, const char *const *attrs)
{
    const char *name = cs_xml_attr(attrs, "FileName");
    g_autofree char *own
        = g_path_get_basename(cs_source_name(ome->dir->source));

    if (name == NULL || strcmp(name, own) == 0)
        return;
    ome->elsewhere = true;
}

static void
end_tiff_data(Ome *ome)
{
    GArray *planes = ome->meta->planes;

    if (planes == NULL || ome->plane == SIZE_MAX)
        return;
    for (size_t i = 0; i < ome->n_ifds && ome->ifd + i < planes->len
                       && ome->plane + i < ome->times->len;
         i++)
        g_array_index(planes, size_t, ome->ifd + i) = ome->plane + i;
}

static void
on_start(const char *name, const char *const *attrs, void *user)
{
    Ome *ome = user;

    if (strcmp(name, "Image") == 0) {
        ome->n_images++;
    } else if (strcmp(name, "MapAnnotation") == 0) {
        ome->ours = g_strcmp0(cs_xml_attr(attrs, "Namespace"), "coatscope")
                    == 0;
    } else if (strcmp(name, "M") == 0) {
        g_free(ome->key);
        ome->key = g_strdup(cs_xml_attr(attrs, "K"));
    } else if (ome->n_images != 1) {
        return;
    } else if (strcmp(name, "Pixels") == 0 && ome->times == NULL) {
        take_pixels(ome, attrs);
    } else if (ome->times == NULL) {
        return;
    } else if (strcmp(name, "Plane") == 0) {
        take_plane(ome, attrs);
    } else if (strcmp(name, "TiffData") == 0) {
        take_tiff_data(ome, attrs);
    } else if (strcmp(name, "UUID") == 0) {
        take_file_name(ome, attrs);
    }
}

static void
on_end(const char *name, const char *parent, const char *text, void *user)
{
    Ome *ome = user;
    CsSeriesInfo *info = ome->meta->info;

    if (strcmp(name, "TiffData") == 0 && ome->n_images == 1
        && ome->times != NULL)
        end_tiff_data(ome);
    if (strcmp(name, "AcquisitionDate") == 0 && ome->n_images == 1
        && info->date == NULL)
        info->date = g_strdup(text);
    if (strcmp(name, "M") == 0 && strcmp(parent, "Value") == 0 && ome->ours
        && ome->key != NULL)
        cs_tiff_meta_take_fact(ome->meta, ome->key, text);
}

/* ---- What it comes to ----------------------------------------------------- */

static size_t
size_on_axis(const Ome *ome, char letter)
{
    return ome->size[strchr(ome->order, letter) - ome->order];
}

/* The time of a plane: its own, or the increment times its T. */
static CsPageTime
time_of_plane(const Ome *ome, size_t plane)
{
    CsPageTime time = { NAN, NAN, CS_TIME_NONE };
    size_t rest = plane;

    if (plane < ome->times->len)
        time = g_array_index(ome->times, CsPageTime, plane);
    if (isfinite(time.start_s) || isnan(ome->increment_s))
        return time;
    for (int i = 0; ome->order[i] != 'T'; i++)
        rest /= ome->size[i];
    time.start_s = (double) (rest % size_on_axis(ome, 'T'))
                   * ome->increment_s;
    time.source = CS_TIME_INTERPOLATED;
    return time;
}

static bool
has_own_times(const Ome *ome)
{
    for (size_t i = 0; i < ome->times->len; i++)
        if (isfinite(g_array_index(ome->times, CsPageTime, i).start_s))
            return true;
    return false;
}

static void
conclude_times(Ome *ome)
{
    CsTiffMeta *meta = ome->meta;
    size_t n_pages = meta->planes->len;
    bool plain = size_on_axis(ome, 'C') * size_on_axis(ome, 'Z') == 1;

    if (plain && !has_own_times(ome)) {
        if (ome->increment_s > 0)
            meta->info->interval_s = ome->increment_s;
        return;
    }
    cs_tiff_meta_make_times(meta, n_pages);
    for (size_t i = 0; i < n_pages && i < meta->times->len; i++)
        g_array_index(meta->times, CsPageTime, i)
            = time_of_plane(ome, g_array_index(meta->planes, size_t, i));
}

static void
conclude(Ome *ome)
{
    CsSeriesInfo *info = ome->meta->info;
    GArray *planes = ome->meta->planes;
    unsigned samples
        = g_array_index(ome->dir->pages, CsTiffPage, 0).n_samples;

    /* Colours within a pixel are no planes. */
    if (samples > 1 && size_on_axis(ome, 'C') == samples)
        ome->size[strchr(ome->order, 'C') - ome->order] = 1;
    if (!ome->has_tiff_data || ome->has_all_here)
        for (size_t i = 0; i < planes->len; i++)
            g_array_index(planes, size_t, i) = i;
    if (size_on_axis(ome, 'C') * size_on_axis(ome, 'Z') > 1)
        cs_series_info_note(info,
                            "%zu channels x %zu slices x %zu times: every "
                            "plane counts as a frame here, in the order %s, "
                            "fastest first",
                            size_on_axis(ome, 'C'), size_on_axis(ome, 'Z'),
                            size_on_axis(ome, 'T'), ome->order);
    if (ome->n_images > 1)
        cs_series_info_note(info, "the first of its %u images was read",
                            ome->n_images);
    if (ome->elsewhere)
        cs_series_info_note(info,
                            "it belongs to a set of files (or was renamed); "
                            "the planes in this file were read");
    conclude_times(ome);
}

void
cs_tiff_read_ome(const CsTiffDir *dir, const char *description,
                 CsTiffMeta *meta)
{
    static const CsXmlHandler handler = { on_start, on_end };
    Ome ome = { .dir = dir, .meta = meta, .size = { 1, 1, 1 },
                .order = "CZT", .increment_s = NAN };
    g_autoptr(GError) error = NULL;

    meta->planes = g_array_new(FALSE, FALSE, sizeof(size_t));
    for (size_t i = 0; i < dir->pages->len; i++) {
        size_t none = SIZE_MAX;

        g_array_append_val(meta->planes, none);
    }
    if (!cs_xml_walk(description, strlen(description), &handler, &ome, &error))
        cs_series_info_note(meta->info, "%s", error->message);
    if (ome.times != NULL)
        conclude(&ome);
    else
        g_clear_pointer(&meta->planes, g_array_unref);
    if (ome.times != NULL)
        g_array_unref(ome.times);
    g_free(ome.key);
}
