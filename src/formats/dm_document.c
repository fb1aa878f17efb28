/* The images of a DM3 or DM4 file. Each tag we use is a row of a table.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/dm_document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"

enum {
    MAX_ENTRIES = 1000, /* images, sources, thumbnails: real files have two */
    RGB_SCREEN = 23,    /* the data type of thumbnails                      */
};

typedef struct {
    const char *path;   /* below the image */
    size_t      offset; /* of a member of CsDmImage */
    bool        is_text;
} Wanted;

#define NUMBER(path, member) { path, offsetof(CsDmImage, member), false }
#define TEXT(path, member) { path, offsetof(CsDmImage, member), true }
#define AXIS(i)                                                               \
    NUMBER("ImageData:Dimensions:" #i, size[i]),                              \
    NUMBER("ImageData:Calibrations:Dimension:" #i ":Scale", scale[i]),        \
    TEXT("ImageData:Calibrations:Dimension:" #i ":Units", unit[i])

static const char data_path[] = "ImageData:Data";

static const Wanted image_tags[] = {
    NUMBER("ImageData:DataType", data_type),
    NUMBER("ImageData:PixelDepth", pixel_depth),
    AXIS(0), AXIS(1), AXIS(2), AXIS(3), AXIS(4),
    NUMBER("ImageData:Calibrations:Brightness:Scale", value_scale),
    TEXT("ImageData:Calibrations:Brightness:Units", value_unit),
    TEXT("Name", name),
    TEXT("ImageTags:Meta Data:Format", format),
    TEXT("ImageTags:Meta Data:Signal", signal),
    TEXT("ImageTags:DataBar:Acquisition Date", date),
    TEXT("ImageTags:DataBar:Acquisition Time", time),
    TEXT("ImageTags:Timestamp", time_stamp),
    NUMBER("ImageTags:DataBar:Acquisition Time (OS)", os_time),
    NUMBER("ImageTags:DataBar:System Info", system_info),
    NUMBER("ImageTags:Acquisition:Frame:Sequence:"
           "Acquisition Start Time (epoch)", epoch_ms),
    NUMBER("ImageTags:Acquisition:Frame:Sequence:Exposure Start (ns)",
           exposure_start_ns),
    NUMBER("ImageTags:DataBar:Exposure Time (s)", exposure_s),
    NUMBER("ImageTags:Acquisition:Parameters:High Level:Exposure (s)",
           high_level_exposure_s),
    NUMBER("ImageTags:Acquisition:Parameters:Detector:exposure (s)",
           detector_exposure_s),
    NUMBER("ImageTags:Acquisition:Frame:Sequence:Exposure Time (ns)",
           exposure_ns),
    NUMBER("ImageTags:In-situ:Recorded:# Frames", n_recorded),
    NUMBER("ImageTags:Microscope Info:Voltage", voltage_V),
    NUMBER("ImageTags:Microscope Info:Indicated Magnification",
           magnification),
    TEXT("ImageTags:DataBar:Device Name", device),
    TEXT("ImageTags:Acquisition:Device:Name", camera),
    TEXT("ImageTags:Microscope Info:Microscope", microscope),
    TEXT("ImageTags:Session Info:Microscope", session_microscope),
    TEXT("ImageTags:Microscope Info:Name", microscope_name),
};

/* True if path is group or lies in it; *rest is what follows, or "". */
static bool
is_below(const char *path, const char *group, const char **rest)
{
    size_t n = strlen(group);

    if (strncmp(path, group, n) != 0 || (path[n] != ':' && path[n] != '\0'))
        return false;
    *rest = path[n] == ':' ? path + n + 1 : path + n;
    return true;
}

/* The same for an entry of a list: *number is which. "" for the list itself
 * and its entries. */
static bool
is_in_list(const char *path, const char *list, unsigned *number,
           const char **rest)
{
    char *end;
    unsigned long value;

    *number = 0;
    if (!is_below(path, list, rest))
        return false;
    if (**rest == '\0')
        return true;
    if (!g_ascii_isdigit(**rest))
        return false;
    value = strtoul(*rest, &end, 10);
    if (value >= MAX_ENTRIES || (*end != ':' && *end != '\0'))
        return false;
    *number = (unsigned) value;
    *rest = *end == ':' ? end + 1 : end;
    return true;
}

/* Stacks built from single images keep those tags of the first one in a group
 * of their own. The same path in the image's own tags goes to `to`. */
static const char *
without_origin(const char *path, char to[CS_DM_TEXT])
{
    const char *rest;

    if (!is_below(path, "ImageTags:source:Tags at creation", &rest))
        return path;
    g_snprintf(to, CS_DM_TEXT, "ImageTags%s%s", *rest != '\0' ? ":" : "",
               rest);
    return to;
}

static bool
wants_of_image(const char *group)
{
    char buffer[CS_DM_TEXT];
    const char *rest;

    if (*group == '\0' || strcmp(group, "ImageTags:source") == 0)
        return true;
    group = without_origin(group, buffer);
    for (size_t i = 0; i < G_N_ELEMENTS(image_tags); i++)
        if (is_below(image_tags[i].path, group, &rest))
            return true;
    return false;
}

static bool
wants(void *user, const char *path)
{
    const char *rest;
    unsigned number;

    (void) user;
    if (is_in_list(path, "ImageList", &number, &rest))
        return wants_of_image(rest);
    if (is_in_list(path, "ImageSourceList", &number, &rest)
        || is_in_list(path, "DocumentObjectList", &number, &rest)
        || is_in_list(path, "Thumbnails", &number, &rest))
        return *rest == '\0';
    return strcmp(path, "DataBar") == 0;
}

static const CsDmImage empty_image = {
    .data_type = NAN, .pixel_depth = NAN,
    .size = { NAN, NAN, NAN, NAN, NAN },
    .scale = { NAN, NAN, NAN, NAN, NAN }, .value_scale = NAN,
    .os_time = NAN, .system_info = NAN, .epoch_ms = NAN,
    .exposure_start_ns = NAN, .exposure_s = NAN,
    .high_level_exposure_s = NAN, .detector_exposure_s = NAN,
    .exposure_ns = NAN, .n_recorded = NAN, .voltage_V = NAN, .magnification = NAN,
};

static CsDmImage *
image_number(CsDmDocument *d, unsigned number)
{
    while (d->images->len <= number)
        g_array_append_val(d->images, empty_image);
    return &g_array_index(d->images, CsDmImage, number);
}

static void
take_wanted(CsDmImage *image, const Wanted *wanted, bool is_origin,
            const CsDmTag *tag)
{
    char *text = (char *) image + wanted->offset;
    double *number = (double *) (void *) text;

    if (wanted->is_text && !(is_origin && *text != '\0'))
        cs_dm_tag_text(tag, text, CS_DM_TEXT);
    else if (!wanted->is_text && !(is_origin && !isnan(*number)))
        *number = cs_dm_tag_number(tag);
}

static void
take_image_tag(CsDmImage *image, const char *path, const CsDmTag *tag)
{
    char buffer[CS_DM_TEXT];
    const char *own = without_origin(path, buffer);

    for (size_t i = 0; i < G_N_ELEMENTS(image_tags); i++)
        if (strcmp(image_tags[i].path, own) == 0) {
            take_wanted(image, &image_tags[i], own != path, tag);
            return;
        }
    if (strcmp(path, data_path) == 0 && tag->is_array) {
        image->has_data = true;
        image->data_at = tag->at;
        image->data_n_bytes = tag->n_bytes;
    }
}

static void
set_number(GArray *numbers, unsigned at, double value)
{
    double none = NAN;

    while (numbers->len <= at)
        g_array_append_val(numbers, none);
    g_array_index(numbers, double, at) = value;
}

static bool
take_tag(void *user, const char *path, const CsDmTag *tag, GError **error)
{
    CsDmDocument *d = user;
    const char *rest;
    unsigned number;

    (void) error;
    if (is_in_list(path, "ImageList", &number, &rest)) {
        take_image_tag(image_number(d, number), rest, tag);
    } else if (is_in_list(path, "ImageSourceList", &number, &rest)) {
        if (strcmp(rest, "ImageRef") == 0)
            set_number(d->refs, number, cs_dm_tag_number(tag));
    } else if (is_in_list(path, "Thumbnails", &number, &rest)) {
        if (strcmp(rest, "ImageIndex") == 0)
            set_number(d->thumbnails, number, cs_dm_tag_number(tag));
    } else if (is_in_list(path, "DocumentObjectList", &number, &rest)) {
        if (strcmp(rest, "ImageSource") == 0 && isnan(d->shown_source))
            d->shown_source = cs_dm_tag_number(tag);
    } else if (strcmp(path, "DataBar:Acquisition Date") == 0) {
        cs_dm_tag_text(tag, d->date, sizeof d->date);
    } else if (strcmp(path, "DataBar:Acquisition Time") == 0) {
        cs_dm_tag_text(tag, d->time, sizeof d->time);
    }
    return true;
}

static bool
is_index(double number, guint n)
{
    return number >= 0 && number < n && number <= floor(number);
}

/* By the file's own list, else by the data type that only they have. */
static void
mark_thumbnails(CsDmDocument *d)
{
    CsDmImage *images = (CsDmImage *) (void *) d->images->data;
    guint n_images = d->images->len;

    for (guint i = 0; i < d->thumbnails->len; i++) {
        double number = g_array_index(d->thumbnails, double, i);

        if (is_index(number, n_images))
            images[(guint) number].is_thumbnail = true;
    }
    for (guint i = 0; d->thumbnails->len == 0 && i + 1 < n_images; i++)
        images[i].is_thumbnail = fabs(images[i].data_type - RGB_SCREEN) < 0.5;
}

bool
cs_dm_document_read(CsDmDocument *document, const CsSource *source,
                    GError **error)
{
    CsDmVisitor visitor = { document, wants, take_tag };

    document->images = g_array_new(FALSE, TRUE, sizeof(CsDmImage));
    document->refs = g_array_new(FALSE, TRUE, sizeof(double));
    document->thumbnails = g_array_new(FALSE, TRUE, sizeof(double));
    if (!cs_dm_walk(source, &visitor, &document->header, error))
        return false;
    mark_thumbnails(document);
    return true;
}

void
cs_dm_document_clear(CsDmDocument *document)
{
    g_clear_pointer(&document->images, g_array_unref);
    g_clear_pointer(&document->refs, g_array_unref);
    g_clear_pointer(&document->thumbnails, g_array_unref);
    *document = (CsDmDocument) CS_DM_DOCUMENT_INIT;
}

const CsDmImage *
cs_dm_document_image(const CsDmDocument *document, size_t *n_others)
{
    const CsDmImage *images
        = (const CsDmImage *) (const void *) document->images->data;
    guint n_images = document->images->len;
    const CsDmImage *best = NULL;
    size_t n = 0;
    double shown = NAN;

    for (guint i = 0; i < n_images; i++)
        if (images[i].has_data && !images[i].is_thumbnail) {
            best = best != NULL ? best : &images[i];
            n++;
        }
    if (is_index(document->shown_source, document->refs->len))
        shown = g_array_index(document->refs, double,
                              (guint) document->shown_source);
    if (is_index(shown, n_images) && images[(guint) shown].has_data
        && !images[(guint) shown].is_thumbnail)
        best = &images[(guint) shown];
    *n_others = n > 0 ? n - 1 : 0;
    return best;
}
