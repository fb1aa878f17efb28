/* Masks of labels: TIFF out; TIFF and PNG in, of whole numbers (0 is
 * background). As napari, cellpose and scikit-image keep them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/reader.h"
#include "coatscope/writer.h"
#include "core/alloc.h"
#include "formats/shapes.h"

/* ---- Out --------------------------------------------------------------------- */

static bool
write_frames(CsOutput *output, const CsRois *rois,
             const CsShapesImage *image, CsFrame *frame, GError **error)
{
    size_t n = image->width * image->height;
    g_autofree guint32 *px = cs_try_alloc(n, sizeof *px, "the mask", error);

    if (px == NULL
        || !cs_frame_resize(frame, image->width, image->height, 1,
                            CS_PIXEL_U16, error))
        return false;
    for (size_t f = 0; f < image->n_frames; f++) {
        memset(px, 0, n * sizeof *px);
        for (size_t i = 0; i < rois->n; i++)
            if (cs_shapes_frame(&rois->roi[i]) == f)
                cs_mask_paint(&rois->roi[i].outline,
                              (guint32) cs_shapes_id(rois, i), px,
                              image->width, image->height);
        for (size_t i = 0; i < n; i++)
            ((guint16 *) frame->px)[i] = (guint16) px[i];
        if (!cs_output_write(output, frame, error))
            return false;
    }
    return cs_output_finish(output, error);
}

static bool
write_labels(const CsRois *rois, const CsShapesImage *image,
             const char *path, GError **error)
{
    CsWriterInfo info = CS_WRITER_INFO_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(CsOutput) output = NULL;

    for (size_t i = 0; i < rois->n; i++)
        if (cs_shapes_id(rois, i) > G_MAXUINT16)
            return cs_fail(error, CS_ERROR_UNSUPPORTED,
                           "there are more than the %d labels a mask holds",
                           G_MAXUINT16);
    info.width = image->width;
    info.height = image->height;
    info.n_frames = image->n_frames;
    info.type = CS_PIXEL_U16;
    info.nm_per_px_x = image->nm_per_px_x;
    info.nm_per_px_y = image->nm_per_px_y;
    output = cs_output_open(cs_writer_named("tiff"), path, &info, error);
    return output != NULL && write_frames(output, rois, image, &frame, error);
}

/* ---- In ---------------------------------------------------------------------- */

/* Labels of all frames together: so much takes some seconds. */
static const double max_mask_px = (double) ((guint64) 1 << 32);

static bool
to_labels(const CsFrame *frame, guint32 *px, GError **error)
{
    for (size_t j = 0; j < frame->height; j++)
        for (size_t i = 0; i < frame->width; i++) {
            double value = cs_frame_value(frame, i, j);

            if (!(value >= 0 && value <= G_MAXUINT32))
                return cs_fail(error, CS_ERROR_FORMAT,
                               "holds %g, which is no label: those are whole "
                               "numbers from 0", value);
            px[j * frame->width + i] = (guint32) value;
        }
    return true;
}

static bool
check(const CsSeriesInfo *info, GError **error)
{
    double n = (double) info->width * (double) info->height
               * (double) info->n_frames;

    if (info->n_channels != 1 || info->type > CS_PIXEL_I32)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "has %u channels of %s; labels are one channel of "
                       "whole numbers", info->n_channels,
                       cs_pixel_name(info->type));
    return n <= max_mask_px
           || cs_fail(error, CS_ERROR_LIMIT,
                      "has more than the %g pixels allowed of a mask",
                      max_mask_px);
}

/* All of one frame. */
static bool
read_frame(const CsReader *reader, void *state, size_t index, GArray *list,
           GError **error)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autofree guint32 *px = NULL;

    if (!reader->read(state, index, &frame, error))
        return false;
    px = cs_try_alloc(frame.width * frame.height, sizeof *px, "the mask",
                      error);
    return px != NULL && to_labels(&frame, px, error)
           && cs_mask_trace(px, frame.width, frame.height, (int) index + 1,
                            list, error);
}

static bool
read_labels(const char *path, CsRois *rois, GError **error)
{
    g_autoptr(CsSource) source = cs_source_open(path, error);
    g_autoptr(GArray) list = cs_shapes_list_new();
    g_auto(CsSeriesInfo) info = CS_SERIES_INFO_INIT;
    const CsReader *reader
        = source != NULL ? cs_reader_for(source, error) : NULL;
    void *state = NULL;
    bool ok;

    if (reader == NULL || !reader->open(source, &info, &state, error))
        return false;
    ok = check(&info, error);
    for (size_t f = 0; ok && f < info.n_frames; f++)
        ok = read_frame(reader, state, f, list, error);
    reader->close(state);
    if (ok && list->len == 0)
        ok = cs_fail(error, CS_ERROR_FORMAT, "has no label above 0");
    if (ok)
        cs_shapes_take(g_steal_pointer(&list), rois);
    return ok;
}

static const char *const suffixes[] = { ".tif", ".tiff", ".png", NULL };

const CsShapesFormat cs_shapes_labels = {
    .name = "labels",
    .title = "mask of labels (TIFF)",
    .suffixes = suffixes,
    .read = read_labels,
    .write = write_labels,
};
