/* The frames as a TIFF with the outlines in ImageJ's overlay (tag 50839, type
 * "over": one .roi file each).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/writer.h"
#include "formats/shapes.h"

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

const CsShapesFormat cs_shapes_overlay = {
    .name = "overlay",
    .title = "TIFF with ImageJ's overlay",
    .needs_frames = true,
    .write = write_overlay,
};
