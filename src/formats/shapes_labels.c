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

/* Whether the colours of a pixel are one grey; alpha says nothing. */
static bool
is_grey(const CsFrame *frame, size_t at)
{
    size_t n = cs_pixel_size(frame->type);
    const guint8 *px
        = (const guint8 *) frame->px + at * frame->n_channels * n;

    return frame->n_channels < 3
           || (memcmp(px, px + n, n) == 0 && memcmp(px, px + 2 * n, n) == 0);
}

static bool
to_labels(const CsFrame *frame, guint32 *px, GError **error)
{
    for (size_t j = 0; j < frame->height; j++)
        for (size_t i = 0; i < frame->width; i++) {
            double value = cs_frame_value(frame, i, j);

            if (!is_grey(frame, j * frame->width + i))
                return cs_fail(error, CS_ERROR_UNSUPPORTED,
                               "is in colour (at x %zu, y %zu); labels are "
                               "grey values: whole numbers, 0 for background",
                               i, j);
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

    if (info->n_channels > 4 || info->type > CS_PIXEL_I32)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "has %u channels of %s; labels are grey values that "
                       "are whole numbers", info->n_channels,
                       cs_pixel_name(info->type));
    return n <= max_mask_px
           || cs_fail(error, CS_ERROR_LIMIT,
                      "has more than the %g pixels allowed of a mask",
                      max_mask_px);
}

typedef struct {
    const CsReader *reader;
    void           *state;
    size_t          n_frames;
    guint32         label;  /* the only one up to now; 0: none yet */
    bool            has_many; /* labels, in all frames together */
    GArray         *list;
} Mask;

static void
look_for_labels(Mask *m, const guint32 *px, size_t n)
{
    for (size_t i = 0; i < n && !m->has_many; i++) {
        if (px[i] == 0)
            continue;
        m->has_many = m->label != 0 && m->label != px[i];
        m->label = px[i];
    }
}

/* One frame: only looked at, or traced. */
static bool
read_frame(Mask *m, size_t index, bool traces, GError **error)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autofree guint32 *px = NULL;

    if (!m->reader->read(m->state, index, &frame, error))
        return false;
    px = cs_try_alloc(frame.width * frame.height, sizeof *px, "the mask",
                      error);
    if (px == NULL || !to_labels(&frame, px, error))
        return false;
    if (!traces) {
        look_for_labels(m, px, frame.width * frame.height);
        return true;
    }
    return cs_mask_trace(px, frame.width, frame.height, (int) index + 1,
                         !m->has_many, m->list, error);
}

/* Pieces of one label are particles of their own: none carries its number. */
static void
take_numbers_away(GArray *list)
{
    bool has_pieces = false;

    for (guint i = 0; i < list->len; i++)
        has_pieces |= g_array_index(list, CsRoi, i).is_piece;
    for (guint i = 0; has_pieces && i < list->len; i++)
        g_array_index(list, CsRoi, i).group = 0;
}

/* A mask with a single label says where particles are, not which is which. */
static bool
read_frames(Mask *m, GError **error)
{
    for (size_t f = 0; f < m->n_frames && !m->has_many; f++)
        if (!read_frame(m, f, false, error))
            return false;
    for (size_t f = 0; f < m->n_frames; f++)
        if (!read_frame(m, f, true, error))
            return false;
    take_numbers_away(m->list);
    return true;
}

static bool
read_labels(const char *path, CsRois *rois, GError **error)
{
    g_autoptr(CsSource) source = cs_source_open(path, error);
    g_autoptr(GArray) list = cs_shapes_list_new();
    g_auto(CsSeriesInfo) info = CS_SERIES_INFO_INIT;
    const CsReader *reader
        = source != NULL ? cs_reader_for(source, error) : NULL;
    Mask mask = { .reader = reader, .list = list };
    bool ok;

    if (reader == NULL || !reader->open(source, &info, &mask.state, error))
        return false;
    mask.n_frames = info.n_frames;
    ok = check(&info, error) && read_frames(&mask, error);
    reader->close(mask.state);
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
