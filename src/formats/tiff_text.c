/* The texts inside our TIFF files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/tiff_text.h"

#include <string.h>

#include "core/text.h"
#include "formats/facts.h"
#include "formats/writers.h"

static void
add_key_double(GString *text, const char *before, double value,
               const char *after)
{
    g_string_append(text, before);
    cs_text_add_double(text, value);
    g_string_append(text, after);
}

static bool
has_scale(const CsWriterInfo *info)
{
    return info->nm_per_px_x > 0 && info->nm_per_px_y > 0;
}

/* ---- ImageJ --------------------------------------------------------------- */

char *
cs_tiff_imagej_description(const CsWriterInfo *info)
{
    double interval = cs_uniform_interval(info->clock);
    GString *text = g_string_new("ImageJ=1.53t\n");

    g_string_append_printf(text, "images=%" G_GSIZE_FORMAT "\n",
                           info->n_frames);
    if (info->n_frames > 1)
        g_string_append_printf(text,
                               "frames=%" G_GSIZE_FORMAT
                               "\nhyperstack=true\nmode=grayscale\n",
                               info->n_frames);
    if (has_scale(info))
        g_string_append(text, "unit=nm\n");
    if (interval > 0) {
        add_key_double(text, "finterval=", interval, "\n");
        add_key_double(text, "fps=", 1 / interval, "\n");
        g_string_append(text, "tunit=sec\n");
    }
    if (info->value_offset < 0 || info->value_offset > 0
        || info->value_gain < 1 || info->value_gain > 1) {
        add_key_double(text, "cf=0\nc0=", info->value_offset, "\n");
        add_key_double(text, "c1=", info->value_gain, "\n");
    }
    g_string_append(text, "loop=false\n");
    return g_string_free(text, FALSE);
}

char *
cs_tiff_time_label(const CsClock *clock, size_t i)
{
    GString *text = g_string_new(NULL);

    if (clock != NULL && isfinite(clock->start_s[i])) {
        add_key_double(text, "t=", clock->start_s[i], " s");
        if (clock->duration_s[i] >= 0)
            add_key_double(text, " exposure=", clock->duration_s[i], " s");
        if (clock->source[i] != CS_TIME_MEASURED)
            g_string_append_printf(text, " (%s)",
                                   cs_time_source_name(clock->source[i]));
    }
    return g_string_free(text, FALSE);
}

static void
add_info_line(const char *key, const char *value, void *user)
{
    g_string_append_printf(user, "%s = %s\n", key, value);
}

static void
append_u32(GByteArray *to, guint32 value)
{
    value = GUINT32_TO_LE(value);
    g_byte_array_append(to, (const guint8 *) &value, sizeof value);
}

/* Appends text as UTF-16 and its length in bytes to the counts. */
static void
append_utf16(GByteArray *to, const char *text, GArray *counts)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    glong n = 0;
    g_autofree gunichar2 *words = g_utf8_to_utf16(valid, -1, NULL, &n, NULL);
    guint32 size = (guint32) n * 2;

    for (glong i = 0; i < n; i++)
        words[i] = GUINT16_TO_LE(words[i]);
    if (n > 0)
        g_byte_array_append(to, (const guint8 *) words, size);
    g_array_append_val(counts, size);
}

GByteArray *
cs_tiff_imagej_metadata(const CsWriterInfo *info, GArray *counts)
{
    size_t n_labels = info->clock != NULL ? info->n_frames : 0;
    guint n_over = info->overlay != NULL ? info->overlay->len : 0;
    guint32 header = 4 + 8 + (n_labels > 0 ? 8 : 0) + (n_over > 0 ? 8 : 0);
    g_autoptr(GString) lines = g_string_new("Written by Coatscope\n");
    GByteArray *bytes = g_byte_array_new();

    g_array_append_val(counts, header);
    append_u32(bytes, 0x494a494a); /* "IJIJ" */
    append_u32(bytes, 0x696e666f); /* "info" */
    append_u32(bytes, 1);
    if (n_labels > 0) {
        append_u32(bytes, 0x6c61626c); /* "labl" */
        append_u32(bytes, (guint32) n_labels);
    }
    if (n_over > 0) {
        append_u32(bytes, 0x6f766572); /* "over" */
        append_u32(bytes, n_over);
    }
    cs_facts_tell(info, add_info_line, lines);
    append_utf16(bytes, lines->str, counts);
    for (size_t i = 0; i < n_labels; i++) {
        g_autofree char *label = cs_tiff_time_label(info->clock, i);

        append_utf16(bytes, label, counts);
    }
    for (guint i = 0; i < n_over; i++) {
        gsize n = 0;
        const void *roi = g_bytes_get_data(info->overlay->pdata[i], &n);
        guint32 size = (guint32) n;

        g_byte_array_append(bytes, roi, size);
        g_array_append_val(counts, size);
    }
    return bytes;
}

/* ---- OME ------------------------------------------------------------------ */

static const char *
ome_type(CsPixelType type)
{
    switch (type) {
    case CS_PIXEL_F32:
        return "float";
    case CS_PIXEL_F64:
        return "double";
    default:
        return cs_pixel_name(type);
    }
}

static void
add_ome_pixels_head(GString *xml, const CsWriterInfo *info)
{
    double interval = cs_uniform_interval(info->clock);

    g_string_append_printf(
        xml,
        "<Pixels ID=\"Pixels:0\" DimensionOrder=\"XYCZT\" Type=\"%s\" "
        "SizeX=\"%" G_GSIZE_FORMAT "\" SizeY=\"%" G_GSIZE_FORMAT
        "\" SizeC=\"%u\" SizeZ=\"1\" SizeT=\"%" G_GSIZE_FORMAT "\"",
        ome_type(info->type), info->width, info->height, info->n_channels,
        info->n_frames);
    if (info->n_channels > 1)
        g_string_append(xml, " Interleaved=\"true\"");
    if (has_scale(info)) {
        add_key_double(xml, " PhysicalSizeX=\"", info->nm_per_px_x,
                       "\" PhysicalSizeXUnit=\"nm\"");
        add_key_double(xml, " PhysicalSizeY=\"", info->nm_per_px_y,
                       "\" PhysicalSizeYUnit=\"nm\"");
    }
    if (interval > 0)
        add_key_double(xml, " TimeIncrement=\"", interval,
                       "\" TimeIncrementUnit=\"s\"");
    g_string_append_printf(xml,
                           "><Channel ID=\"Channel:0:0\" SamplesPerPixel="
                           "\"%u\"/><TiffData IFD=\"0\" PlaneCount=\"%"
                           G_GSIZE_FORMAT "\"/>",
                           info->n_channels, info->n_frames);
}

static void
add_ome_plane(GString *xml, const CsClock *clock, size_t i)
{
    g_string_append_printf(
        xml, "<Plane TheZ=\"0\" TheT=\"%" G_GSIZE_FORMAT "\" TheC=\"0\"", i);
    if (isfinite(clock->start_s[i]))
        add_key_double(xml, " DeltaT=\"", clock->start_s[i],
                       "\" DeltaTUnit=\"s\"");
    if (clock->duration_s[i] >= 0)
        add_key_double(xml, " ExposureTime=\"", clock->duration_s[i],
                       "\" ExposureTimeUnit=\"s\"");
    g_string_append(xml, "/>\n");
}

static void
add_ome_fact(const char *key, const char *value, void *user)
{
    g_string_append_printf(user, "<M K=\"%s\">", key);
    cs_text_add_html(user, value);
    g_string_append(user, "</M>\n");
}

/* <AcquisitionDate>2026-11-24T09:30:00.25Z</AcquisitionDate> where known. */
static void
add_ome_date(GString *xml, const CsWriterInfo *info)
{
    double unix_s = NAN;
    g_autoptr(GDateTime) date = NULL;
    g_autofree char *text = NULL;

    if (info->clock != NULL)
        unix_s = info->clock->start_unix_s;
    if (isnan(unix_s) && info->facts != NULL)
        unix_s = info->facts->start_unix_s;
    if (!(fabs(unix_s) < 1e11))
        return;
    date = g_date_time_new_from_unix_utc((gint64) floor(unix_s));
    if (date == NULL)
        return;
    text = g_date_time_format(date, "%Y-%m-%dT%H:%M:%S");
    g_string_append_printf(xml, "<AcquisitionDate>%s</AcquisitionDate>", text);
}

char *
cs_tiff_ome_xml(const CsWriterInfo *info)
{
    static const char schema[] = "http://www.openmicroscopy.org/Schemas/OME/"
                                 "2016-06";
    const char *title = info->facts != NULL ? info->facts->title : NULL;
    GString *xml = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");

    g_string_append_printf(
        xml,
        "<OME xmlns=\"%s\" xmlns:xsi=\"http://www.w3.org/2001/"
        "XMLSchema-instance\" xsi:schemaLocation=\"%s %s/ome.xsd\" "
        "Creator=\"Coatscope\"><Image ID=\"Image:0\" Name=\"",
        schema, schema, schema);
    cs_text_add_html(xml, title != NULL ? title : "recording");
    g_string_append(xml, "\">");
    add_ome_date(xml, info);
    add_ome_pixels_head(xml, info);
    for (size_t i = 0; info->clock != NULL && i < info->n_frames; i++)
        add_ome_plane(xml, info->clock, i);
    g_string_append(xml, "</Pixels></Image><StructuredAnnotations>"
                         "<MapAnnotation ID=\"Annotation:0\" "
                         "Namespace=\"coatscope\"><Value>");
    cs_facts_tell(info, add_ome_fact, xml);
    g_string_append(xml, "</Value></MapAnnotation></StructuredAnnotations>"
                         "</OME>\n");
    return g_string_free(xml, FALSE);
}
