/* MRC 2014 and what came before it: images, stacks, and volumes, whose
 * slices are read as frames.
 *
 * Magic: "MAP " at byte 208 in newer files, else only plausible sizes. Rows
 * are given in the order they are stored.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/bytes.h"
#include "formats/mrc_beside.h"
#include "formats/mrc_header.h"
#include "formats/readers.h"

enum { MODE_I8 = 0, MODE_F16 = 12, MODE_U4 = 101, VOLUME_STACK = 401 };

/* What is in the file and what is given for it. */
static const struct {
    int         mode;
    CsPixelType type;
    unsigned    swap; /* bytes of a number */
} modes[] = {
    { MODE_I8, CS_PIXEL_I8, 1 }, { 1, CS_PIXEL_I16, 2 },
    { 2, CS_PIXEL_F32, 4 },      { 4, CS_PIXEL_C64, 4 },
    { 6, CS_PIXEL_U16, 2 },      { MODE_F16, CS_PIXEL_F32, 2 },
    { MODE_U4, CS_PIXEL_U8, 1 },
};

typedef struct {
    CsSource   *source;
    uint64_t    data_at;
    size_t      width;
    size_t      height;
    size_t      row_bytes; /* in the file */
    int         mode;
    CsPixelType type;
    unsigned    swap;
} State;

static bool
find_mode(const CsMrcHeader *h, State *s, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++)
        if (modes[i].mode == h->mode) {
            s->mode = h->mode;
            s->type = modes[i].type;
            s->swap = h->big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN)
                          ? modes[i].swap
                          : 1;
            return true;
        }
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "pixels are of MRC mode %d; modes 0, 1, 2, 4, 6, 12 and 101"
                   " can be read", (int) h->mode);
}

/* Mode 0 is signed by the standard, but much software meant unsigned. */
static void
find_sign(const CsMrcHeader *h, State *s, CsSeriesInfo *info)
{
    bool is_signed = true;

    if (h->mode != MODE_I8)
        return;
    if (h->has_imod_flags)
        is_signed = (h->imod_flags & 1) != 0;
    else if (h->lowest >= 0 && h->highest > 127) {
        is_signed = false;
        cs_series_info_note(info, "bytes are read as unsigned, because the"
                            " header gives values from %g to %g",
                            (double) h->lowest, (double) h->highest);
    }
    s->type = is_signed ? CS_PIXEL_I8 : CS_PIXEL_U8;
}

static bool
find_shape(const CsMrcHeader *h, State *s, CsSeriesInfo *info, GError **error)
{
    uint64_t size = cs_source_size(s->source), frame_bytes, n_whole, n_left;

    s->width = (size_t) h->size[0];
    s->height = (size_t) h->size[1];
    s->row_bytes = h->mode == MODE_U4     ? (s->width + 1) / 2
                   : h->mode == MODE_F16 ? s->width * 2
                                         : s->width * cs_pixel_size(s->type);
    frame_bytes = (uint64_t) s->row_bytes * s->height;
    if (h->n_extended < 0
        || (uint64_t) h->n_extended > size - CS_MRC_HEADER_BYTES)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "the extended header has %d bytes, but only %" PRIu64
                       " follow the header", (int) h->n_extended,
                       size - CS_MRC_HEADER_BYTES);
    s->data_at = CS_MRC_HEADER_BYTES + (uint64_t) h->n_extended;
    n_left = size - s->data_at;
    n_whole = n_left / frame_bytes;
    if (n_whole == 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "ends inside the first frame: a frame has %" PRIu64
                       " bytes, and %" PRIu64 " follow the header",
                       frame_bytes, n_left);
    info->width = s->width;
    info->height = s->height;
    info->n_frames_declared = (size_t) h->size[2];
    info->n_frames = (size_t) MIN(n_whole, (uint64_t) h->size[2]);
    info->type = s->type;
    return true;
}

/* Cell by grid, along the axes that columns and rows run along. */
static void
fill_pixel_size(const CsMrcHeader *h, CsSeriesInfo *info)
{
    CsAxis *axes[] = { &info->x, &info->y };
    bool is_known = true;

    for (int i = 0; i < 2; i++) {
        int along = h->axis[i];
        double step_A = (double) h->cell_A[along] / h->grid[along];

        if (h->grid[along] > 0 && step_A > 0 && isfinite(step_A))
            cs_axis_set(axes[i], step_A, "Å");
        else
            is_known = false;
    }
    if (is_known && fabs(info->x.step - 1) < 1e-6)
        cs_series_info_note(info, "the pixel size is 1 Å, which many programs"
                            " write where they know none");
    if (is_known)
        return;
    cs_axis_set(&info->x, NAN, "");
    cs_axis_set(&info->y, NAN, "");
    cs_series_info_note(info, "the header has no pixel size (a cell of %g × %g"
                        " Å)", (double) h->cell_A[h->axis[0]],
                        (double) h->cell_A[h->axis[1]]);
}

static void
note_oddities(const CsMrcHeader *h, CsSeriesInfo *info)
{
    if (h->is_other_order)
        cs_series_info_note(info, "the byte order is %s, although the machine"
                            " stamp says otherwise",
                            h->big_endian ? "big-endian" : "little-endian");
    if (info->n_frames < info->n_frames_declared)
        cs_series_info_note(info, "%zu frames are declared, but only %zu are"
                            " there", info->n_frames_declared,
                            info->n_frames);
    if (info->n_frames_declared > 1
        && (h->space_group == 1 || h->space_group == VOLUME_STACK))
        cs_series_info_note(info, "the header calls this a volume (space group"
                            " %d); its slices are read as frames",
                            (int) h->space_group);
}

static bool
fill(State *s, CsSeriesInfo *info, GError **error)
{
    CsMrcHeader h;

    if (!cs_mrc_header_read(&h, s->source, error)
        || !find_mode(&h, s, error))
        return false;
    find_sign(&h, s, info);
    if (!find_shape(&h, s, info, error))
        return false;
    fill_pixel_size(&h, info);
    note_oddities(&h, info);
    return cs_mrc_extended_read(&h, s->source, info, error)
           && cs_mrc_beside_read(s->source, info, error);
}

static bool
open_mrc(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    g_auto(CsSeriesInfo) found = CS_SERIES_INFO_INIT;
    g_autofree State *fresh = g_new0(State, 1);

    fresh->source = source;
    if (!fill(fresh, &found, error))
        return false;
    cs_source_ref(source);
    *state = g_steal_pointer(&fresh);
    *info = found;
    found = (CsSeriesInfo) CS_SERIES_INFO_INIT;
    return true;
}

/* ---- Pixels --------------------------------------------------------------- */

static float
float_from_half(uint16_t half)
{
    double sign = (half & 0x8000) != 0 ? -1 : 1;
    int exponent = half >> 10 & 0x1f;
    int fraction = half & 0x3ff;

    if (exponent == 0x1f)
        return fraction != 0 ? NAN : (float) (sign * INFINITY);
    if (exponent == 0)
        return (float) (sign * ldexp(fraction, -24));
    return (float) (sign * ldexp(fraction + 0x400, exponent - 25));
}

/* The packed numbers lie at the end of the frame's own memory, so that the
 * unpacked ones never overtake those still to be read. */
static void
unpack_halves(CsFrame *frame)
{
    size_t n = frame->width * frame->height;
    const uint8_t *packed = (uint8_t *) frame->px + 2 * n;
    float *px = frame->px;

    for (size_t i = 0; i < n; i++) {
        uint16_t half;

        memcpy(&half, packed + 2 * i, sizeof half);
        px[i] = float_from_half(half);
    }
}

/* Two pixels a byte, the first in the low half; rows start with a byte. */
static void
unpack_nibbles(CsFrame *frame, size_t row_bytes)
{
    size_t n = frame->width * frame->height;
    uint8_t *px = frame->px;
    const uint8_t *packed = px + n - row_bytes * frame->height;

    for (size_t j = 0; j < frame->height; j++)
        for (size_t k = 0; k < row_bytes; k++) {
            uint8_t byte = packed[j * row_bytes + k];

            px[j * frame->width + 2 * k] = byte & 0xf;
            if (2 * k + 1 < frame->width)
                px[j * frame->width + 2 * k + 1] = byte >> 4;
        }
}

static bool
read_mrc(void *opened, size_t index, CsFrame *frame, GError **error)
{
    const State *s = opened;
    size_t n_stored = s->row_bytes * s->height;
    uint8_t *to;

    if (!cs_frame_resize(frame, s->width, s->height, 1, s->type, error))
        return false;
    to = (uint8_t *) frame->px + cs_frame_n_bytes(frame) - n_stored;
    if (!cs_source_read(s->source, s->data_at + (uint64_t) index * n_stored,
                        to, n_stored, "a frame", error))
        return false;
    cs_bytes_swap(to, n_stored, s->swap);
    if (s->mode == MODE_F16)
        unpack_halves(frame);
    if (s->mode == MODE_U4)
        unpack_nibbles(frame, s->row_bytes);
    return true;
}

static void
close_mrc(void *opened)
{
    State *s = opened;

    if (s == NULL)
        return;
    cs_source_unref(s->source);
    g_free(s);
}

static const char *const suffixes[]
    = { ".mrc", ".mrcs", ".map", ".ccp4", ".st", ".ali", ".rec", NULL };

const CsReader cs_reader_mrc = {
    .name = "mrc",
    .title = "MRC 2014",
    .suffixes = suffixes,
    .probe = cs_mrc_probe,
    .open = open_mrc,
    .read = read_mrc,
    .close = close_mrc,
};
