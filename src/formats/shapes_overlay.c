/* The frames as a TIFF with the outlines in ImageJ's overlay (tag 50839, type
 * "over": one .roi file each), out and in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/writer.h"
#include "formats/shapes.h"
#include "formats/tiff_meta.h"

/* ---- Out --------------------------------------------------------------------- */

static GPtrArray *
encode_all(const CsRois *rois)
{
    GPtrArray *all
        = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref);

    for (size_t i = 0; i < rois->n; i++)
        g_ptr_array_add(all, cs_roi_encode(&rois->roi[i]));
    return all;
}

static bool
write_frames(const CsShapesImage *image, CsOutput *output, CsFrame *frame,
             GError **error)
{
    for (size_t f = 0; f < image->n_frames; f++)
        if ((f > 0 && !image->read(image->user, f, frame, error))
            || !cs_output_write(output, frame, error))
            return false;
    return cs_output_finish(output, error);
}

static bool
write_overlay(const CsRois *rois, const CsShapesImage *image,
              const char *path, GError **error)
{
    g_autoptr(GPtrArray) overlay = encode_all(rois);
    CsWriterInfo info = CS_WRITER_INFO_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(CsOutput) output = NULL;

    if (!image->read(image->user, 0, &frame, error))
        return false;
    info.width = frame.width;
    info.height = frame.height;
    info.n_frames = image->n_frames;
    info.n_channels = frame.n_channels;
    info.type = frame.type;
    info.value_offset = frame.value_offset;
    info.value_gain = frame.value_gain;
    info.nm_per_px_x = image->nm_per_px_x;
    info.nm_per_px_y = image->nm_per_px_y;
    info.overlay = overlay;
    output = cs_output_open(cs_writer_named("tiff"), path, &info, error);
    return output != NULL && write_frames(image, output, &frame, error);
}

/* ---- In ---------------------------------------------------------------------- */

static GPtrArray *
find_overlay(const char *path, GError **error)
{
    g_autoptr(CsSource) source = cs_source_open(path, error);
    g_autoptr(GPtrArray) regions
        = source != NULL ? cs_tiff_overlay(source, error) : NULL;

    if (regions == NULL)
        return NULL;
    if (regions->len > CS_SHAPES_MAX_REGIONS) {
        cs_fail(error, CS_ERROR_LIMIT,
                "its overlay has more than the %d regions allowed",
                CS_SHAPES_MAX_REGIONS);
        return NULL;
    }
    return g_steal_pointer(&regions);
}

bool
cs_shapes_has_overlay(const char *path)
{
    g_autoptr(GPtrArray) regions = find_overlay(path, NULL);

    return regions != NULL && regions->len > 0;
}

/* Lines, texts and points lie in overlays too (scale bars, say): what has no
 * inside is left out. */
static bool
has_inside(const CsRoi *roi)
{
    return roi->outline.n >= 3 && roi->type != CS_ROI_LINE
           && roi->type != CS_ROI_FREELINE && roi->type != CS_ROI_POLYLINE
           && roi->type != CS_ROI_ANGLE && roi->type != CS_ROI_POINT;
}

static bool
add_region(GBytes *bytes, guint number, GArray *list, GError **error)
{
    g_auto(CsRoi) roi = CS_ROI_INIT;

    if (!cs_roi_decode(bytes, &roi, error)) {
        g_prefix_error(error, "region %u of its overlay: ", number);
        return false;
    }
    if (!has_inside(&roi))
        return true;
    if (roi.name == NULL)
        roi.name = g_strdup_printf("overlay-%u", number);
    return cs_shapes_add(list, &roi, error);
}

static bool
read_overlay(const char *path, CsRois *rois, GError **error)
{
    g_autoptr(GPtrArray) regions = find_overlay(path, error);
    g_autoptr(GArray) list = cs_shapes_list_new();

    if (regions == NULL)
        return false;
    for (guint i = 0; i < regions->len; i++)
        if (!add_region(regions->pdata[i], i + 1, list, error))
            return false;
    if (list->len == 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "has no outline in ImageJ's overlay");
    cs_shapes_take(g_steal_pointer(&list), rois);
    return true;
}

static const char *const suffixes[] = { ".tif", ".tiff", NULL };

const CsShapesFormat cs_shapes_overlay = {
    .name = "overlay",
    .title = "TIFF with ImageJ's overlay",
    .suffixes = suffixes,
    .needs_frames = true,
    .read = read_overlay,
    .write = write_overlay,
};
