/* SEQ: sequences of Norpix StreamPix, which Direct Electron's cameras write
 * too; grey and not compressed.
 *
 * Layout: as LiberTEM (src/libertem/io/dataset/seq.py) and PIMS
 * (pims/norpix_reader.py) describe it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/cursor.h"
#include "formats/bytes.h"
#include "formats/opening.h"
#include "formats/readers.h"
#include "formats/stamps.h"

enum {
    MAGIC = 0xfeed, VERSION_AT = 28, SIZES_AT = 548, COMPRESSION_AT = 620,
    DATA_AT = 1024, DATA_AT_OF_5 = 8192, STAMP = 8, GREY = 100,
};

typedef struct {
    CsSource   *source;
    uint32_t    version;
    uint32_t    width;
    uint32_t    height;
    uint32_t    n_bits;
    uint32_t    image_bytes;
    uint32_t    image_format;
    uint32_t    n_told;
    uint32_t    stride;
    uint32_t    compression;
    double      frames_per_s;
    CsPixelType type;
    uint64_t    data_at;
} State;

static int
probe_seq(const guint8 *head, size_t n)
{
    static const guint8 name[] = { 'N', 0, 'o', 0, 'r', 0, 'p', 0, 'i', 0 };

    if (n < 36 || memcmp(head, "\xed\xfe\0\0", 4) != 0)
        return 0;
    return memcmp(head + 4, name, sizeof name) == 0 ? 95 : 60;
}

/* ---- The header ----------------------------------------------------------- */

static bool
check_kind(const State *s, GError **error)
{
    if (s->compression != 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "is compressed (kind %u); export it without"
                       " compression", s->compression);
    if (s->image_format != GREY && s->image_format != 0)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "frames are of kind %u; 100 (grey) can be read",
                       s->image_format);
    if (s->n_bits != 8 && s->n_bits != 16 && s->n_bits != 32)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "pixels have %u bits; 8, 16 and 32 can be read",
                       s->n_bits);
    return true;
}

static bool
check_sizes(State *s, GError **error)
{
    uint64_t n_bytes = (uint64_t) s->width * s->height * (s->n_bits / 8);

    if (s->width - 1 >= CS_MAX_SIDE || s->height - 1 >= CS_MAX_SIDE)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a frame has %u × %u pixels; sides are 1 to %d",
                       s->width, s->height, CS_MAX_SIDE);
    if (s->image_bytes != n_bytes || s->stride < n_bytes)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a frame of %u × %u pixels of %u bits has %" PRIu64
                       " bytes, not %u in %u", s->width, s->height, s->n_bits,
                       n_bytes, s->image_bytes, s->stride);
    s->type = s->n_bits == 8    ? CS_PIXEL_U8
              : s->n_bits == 16 ? CS_PIXEL_U16
                                : CS_PIXEL_U32;
    s->data_at = s->version >= 5 ? DATA_AT_OF_5 : DATA_AT;
    return true;
}

static bool
read_header(State *s, GError **error)
{
    g_auto(CsCursor) c = { 0 };
    uint32_t magic;

    cs_cursor_init(&c, s->source, false);
    magic = cs_cursor_u32(&c);
    cs_cursor_seek(&c, VERSION_AT);
    s->version = cs_cursor_u32(&c);
    cs_cursor_seek(&c, SIZES_AT);
    s->width = cs_cursor_u32(&c);
    s->height = cs_cursor_u32(&c);
    s->n_bits = cs_cursor_u32(&c);
    cs_cursor_skip(&c, 4); /* bits that are used */
    s->image_bytes = cs_cursor_u32(&c);
    s->image_format = cs_cursor_u32(&c);
    s->n_told = cs_cursor_u32(&c);
    cs_cursor_skip(&c, 4);
    s->stride = cs_cursor_u32(&c);
    s->frames_per_s = cs_cursor_f64(&c);
    cs_cursor_seek(&c, COMPRESSION_AT);
    s->compression = cs_cursor_u32(&c);
    if (!cs_cursor_ok(&c, error))
        return false;
    if (magic != MAGIC)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "does not begin as a sequence of StreamPix (ed fe)");
    return check_kind(s, error) && check_sizes(s, error);
}

/* The last frame may lack what fills its stride, not its stamp. */
static bool
count_frames(const State *s, CsSeriesInfo *info, GError **error)
{
    uint64_t size = cs_source_size(s->source);
    uint64_t left = size > s->data_at ? size - s->data_at : 0, n;
    uint64_t needed = MIN((uint64_t) s->image_bytes + STAMP, s->stride);

    n = left < needed ? 0 : (left - needed) / s->stride + 1;
    if (n == 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "ends inside the first frame, which goes to byte %"
                       PRIu64 "; the file has %" PRIu64, s->data_at + needed,
                       size);
    info->n_frames = (size_t) n;
    info->n_frames_declared = (size_t) n;
    if (s->n_told == 0)
        cs_series_info_note(info, "the header does not tell how many frames"
                            " there should be; the file holds %" PRIu64, n);
    else if (s->n_told < n)
        info->n_frames = info->n_frames_declared = s->n_told;
    else if (s->n_told > n) {
        info->n_frames_declared = s->n_told;
        cs_series_info_note(info, "%u frames are declared, but only %" PRIu64
                            " are there", s->n_told, n);
    }
    return true;
}

/* ---- Times ---------------------------------------------------------------- */

/* Behind the pixels: seconds since 1970, milliseconds and, from version 5 on,
 * microseconds. */
static double
stamp_of(const State *s, const uint8_t at[STAMP])
{
    uint32_t seconds = (uint32_t) at[0] | (uint32_t) at[1] << 8
                       | (uint32_t) at[2] << 16 | (uint32_t) at[3] << 24;
    unsigned ms = at[4] | at[5] << 8, us = at[6] | at[7] << 8;

    if (seconds == 0 || ms >= 1000)
        return NAN;
    return seconds + ms / 1e3 + (s->version >= 5 && us < 1000 ? us / 1e6 : 0);
}

static bool
fill_clock(const State *s, CsSeriesInfo *info, GError **error)
{
    g_auto(CsClock) stamps = CS_CLOCK_INIT;

    if (s->frames_per_s > 0 && s->frames_per_s < 1e9)
        info->interval_s = 1 / s->frames_per_s;
    if (s->stride < s->image_bytes + (uint64_t) STAMP)
        return true;
    if (!cs_clock_resize(&stamps, info->n_frames, error))
        return false;
    for (size_t i = 0; i < info->n_frames; i++) {
        uint8_t at[STAMP];

        if (!cs_source_read(s->source,
                            s->data_at + (uint64_t) i * s->stride
                                + s->image_bytes,
                            at, STAMP, "the time of a frame", error))
            return false;
        stamps.start_s[i] = stamp_of(s, at);
    }
    cs_stamps_take(info, &stamps, true);
    return true;
}

/* ---- The reader ----------------------------------------------------------- */

static void
close_seq(void *opened)
{
    State *s = opened;

    if (s == NULL)
        return;
    cs_source_unref(s->source);
    g_free(s);
}

static bool
fill(void *fresh, CsSource *source, CsSeriesInfo *info, GError **error)
{
    State *s = fresh;

    s->source = cs_source_ref(source);
    if (!read_header(s, error) || !count_frames(s, info, error))
        return false;
    info->width = s->width;
    info->height = s->height;
    info->type = s->type;
    return fill_clock(s, info, error);
}

static bool
open_seq(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    return cs_open_filled(g_new0(State, 1), source, fill, close_seq, info,
                          state, error);
}

static bool
read_seq(void *opened, size_t index, CsFrame *frame, GError **error)
{
    const State *s = opened;

    if (!cs_frame_resize(frame, s->width, s->height, 1, s->type, error)
        || !cs_source_read(s->source,
                           s->data_at + (uint64_t) index * s->stride,
                           frame->px, s->image_bytes, "a frame", error))
        return false;
    if (G_BYTE_ORDER == G_BIG_ENDIAN)
        cs_bytes_swap(frame->px, s->image_bytes, s->n_bits / 8);
    return true;
}

static const char *const suffixes[] = { ".seq", NULL };

const CsReader cs_reader_seq = {
    .name = "seq",
    .title = "StreamPix sequence (SEQ)",
    .suffixes = suffixes,
    .probe = probe_seq,
    .open = open_seq,
    .read = read_seq,
    .close = close_seq,
};
