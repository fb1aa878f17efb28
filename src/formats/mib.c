/* MIB: frames of the Merlin detectors (Medipix3) of Quantum Detectors, each
 * behind a header of text, with NAME.hdr beside it.
 *
 * Layout: real files; of raw frames, as LiberTEM
 * (src/libertem/io/dataset/mib.py) describes them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "formats/beside.h"
#include "formats/bytes.h"
#include "formats/opening.h"
#include "formats/readers.h"
#include "formats/stamps.h"

enum {
    MAX_HEADER = 4096, /* 384 for one chip, 768 for four */
    MIN_HEADER = 100, MAX_HDR_BYTES = 1 << 20,
    CHIP = 256,
};

/* What the header's sixth field may say. */
static const struct {
    const char *word;
    CsPixelType type;
    unsigned    n_bytes;
} types[] = {
    { "U08", CS_PIXEL_U8, 1 },
    { "U16", CS_PIXEL_U16, 2 },
    { "U32", CS_PIXEL_U32, 4 },
};

/* How counters of a raw frame ("R64") are packed, by their depth in bits. */
typedef enum {
    NOT_RAW = 0, RAW_1 = 1, RAW_6 = 6, RAW_12 = 12, RAW_24 = 24
} Raw;

typedef struct {
    size_t      header_bytes;
    size_t      width;
    size_t      height;
    CsPixelType type;
    unsigned    n_bytes;     /* of a pixel, in memory */
    Raw         raw;
    size_t      frame_bytes; /* in the file, without the header */
    double      unix_s;
    bool        is_utc;
    double      exposure_s;
} Header;

typedef struct {
    CsSource *source;
    Header    first;
    uint64_t  stride;
} State;

static int
probe_mib(const guint8 *head, size_t n)
{
    if (n < 12 || memcmp(head, "MQ1,", 4) != 0)
        return 0;
    return 95;
}

/* ---- Headers -------------------------------------------------------------- */

/* A field as a whole number of at most 9 digits, or -1. */
static long
whole(const char *field)
{
    char *end;
    guint64 number;

    if (!g_ascii_isdigit(*field) || strlen(field) > 9)
        return -1;
    number = g_ascii_strtoull(field, &end, 10);
    return *end == '\0' ? (long) number : -1;
}

/* Local time "2021-05-07 18:51:10.905800", or UTC with "T" and "Z" and nine
 * digits; GLib's own parser keeps six. */
static double
parse_time(const char *text, bool *is_utc)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autofree char *whole_s = g_strndup(text, strlen("2021-05-07 18:51:10"));
    g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(whole_s, utc);
    const char *rest = text + strlen(whole_s);
    double fraction = 0;

    if (date == NULL)
        return NAN;
    if (*rest == '.' && g_ascii_isdigit(rest[1]))
        fraction = g_ascii_strtod(rest, NULL);
    *is_utc = g_str_has_suffix(text, "Z");
    return (double) g_date_time_to_unix(date)
           + (fraction >= 0 && fraction < 1 ? fraction : 0);
}

/* Stamp, exposure and depth stand behind "MQ1A" in newer headers, stamp and
 * shutter time in the fields 9 and 10 of all. */
static void
take_times(Header *h, char **fields, guint n, long *depth)
{
    h->unix_s = parse_time(fields[9], &h->is_utc);
    h->exposure_s = g_ascii_strtod(fields[10], NULL);
    *depth = -1;
    for (guint i = 11; i + 3 < n; i++)
        if (strcmp(fields[i], "MQ1A") == 0) {
            double precise_s = parse_time(fields[i + 1], &h->is_utc);

            if (!isnan(precise_s))
                h->unix_s = precise_s;
            *depth = whole(fields[i + 3]);
        }
    if (!(h->exposure_s > 0) || !(h->exposure_s < 1e6))
        h->exposure_s = NAN;
}

static bool
set_raw(Header *h, const char *layout, long depth, GError **error)
{
    if (h->width != CHIP || h->height != CHIP)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "is a raw recording of %s chips, %zu × %zu px; raw"
                       " frames of one chip can be read", layout, h->width,
                       h->height);
    if (depth != RAW_1 && depth != RAW_6 && depth != RAW_12
        && depth != RAW_24)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "counters of %ld bits; there are 1, 6, 12 and 24",
                       depth);
    h->raw = (Raw) depth;
    h->type = depth <= RAW_6    ? CS_PIXEL_U8
              : depth == RAW_12 ? CS_PIXEL_U16
                                : CS_PIXEL_U32;
    h->n_bytes = (unsigned) cs_pixel_size(h->type);
    h->frame_bytes = depth == RAW_1 ? CHIP * CHIP / 8
                                    : (size_t) CHIP * CHIP * h->n_bytes;
    return true;
}

static bool
set_type(Header *h, const char *word, const char *layout, long depth,
         GError **error)
{
    if (strcmp(word, "R64") == 0)
        return set_raw(h, layout, depth, error);
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (strcmp(types[i].word, word) == 0) {
            h->type = types[i].type;
            h->n_bytes = types[i].n_bytes;
            h->frame_bytes = h->width * h->height * h->n_bytes;
            return true;
        }
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "pixels are of type %.8s; U08, U16, U32 and R64 can be"
                   " read", g_str_is_ascii(word) ? word : "?");
}

/* "MQ1,000001,00384,01,0256,0256,U08,   1x1,01,TIME,EXPOSURE,…" */
static bool
parse_header(const char *text, Header *h, GError **error)
{
    g_auto(GStrv) fields = g_strsplit(text, ",", 256);
    guint n = g_strv_length(fields);
    long n_bytes, width, height, depth;

    if (n < 12 || strcmp(fields[0], "MQ1") != 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "no header of a Merlin frame: %u fields behind MQ1, at"
                       " least 11 are needed", n > 0 ? n - 1 : 0);
    n_bytes = whole(fields[2]);
    width = whole(fields[4]);
    height = whole(fields[5]);
    if (n_bytes < MIN_HEADER || n_bytes > MAX_HEADER || width < 1
        || width > CS_MAX_SIDE || height < 1 || height > CS_MAX_SIDE)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "the header of a frame says %ld bytes and %ld × %ld px;"
                       " %d to %d bytes and sides of 1 to %d are possible",
                       n_bytes, width, height, MIN_HEADER, MAX_HEADER,
                       CS_MAX_SIDE);
    h->header_bytes = (size_t) n_bytes;
    h->width = (size_t) width;
    h->height = (size_t) height;
    take_times(h, fields, n, &depth);
    return set_type(h, fields[6], g_strstrip(fields[7]), depth, error);
}

static bool
read_header(const CsSource *source, uint64_t at, size_t n, Header *h,
            GError **error)
{
    char text[MAX_HEADER + 1];

    if (!cs_source_read(source, at, text, n, "the header of a frame", error))
        return false;
    text[n] = '\0';
    *h = (Header) { 0 };
    return parse_header(text, h, error);
}

static bool
read_first(State *s, GError **error)
{
    uint64_t size = cs_source_size(s->source);

    if (size == 0)
        return cs_fail(error, CS_ERROR_FORMAT, "is empty");
    if (!read_header(s->source, 0, (size_t) MIN(size, MAX_HEADER), &s->first,
                     error))
        return false;
    s->stride = s->first.header_bytes + (uint64_t) s->first.frame_bytes;
    if (size < s->stride)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "ends inside the first frame: it has %" PRIu64
                       " bytes, and the file %" PRIu64, s->stride, size);
    return true;
}

/* ---- Series --------------------------------------------------------------- */

/* Frames there should be, by NAME.hdr; 0 if that does not say. */
static size_t
frames_by_hdr(const CsSource *source)
{
    static const char key[] = "Frames in Acquisition (Number):";
    g_autofree char *base = cs_beside_base(source);
    char *dot = strrchr(base, '.');
    g_autofree char *name = g_strdup_printf(
        "%.*s.hdr", (int) (dot != NULL ? dot - base : (long) strlen(base)),
        base);
    size_t n = 0;
    g_autofree char *text = cs_beside_text(source, name, MAX_HDR_BYTES, &n);
    const char *at = text != NULL ? strstr(text, key) : NULL;
    guint64 number;

    if (at == NULL)
        return 0;
    number = g_ascii_strtoull(at + strlen(key), NULL, 10);
    return number <= G_MAXINT32 ? (size_t) number : 0;
}

static void
count_frames(const State *s, CsSeriesInfo *info)
{
    uint64_t size = cs_source_size(s->source);
    size_t n_told = frames_by_hdr(s->source);

    info->n_frames = (size_t) (size / s->stride);
    info->n_frames_declared = info->n_frames + (size % s->stride != 0);
    if (size % s->stride != 0)
        cs_series_info_note(info, "ends inside frame %zu, which is left out",
                            info->n_frames + 1);
    if (n_told == 0)
        cs_series_info_note(info, "no .hdr file tells how many frames there"
                            " should be; the file holds %zu", info->n_frames);
    else if (n_told > info->n_frames) {
        cs_series_info_note(info, "the .hdr file beside it tells of %zu"
                            " frames; the file holds %zu", n_told,
                            info->n_frames);
        info->n_frames_declared = n_told;
    }
}

/* Header by header, as each frame has its own time. */
static bool
fill_clock(const State *s, CsSeriesInfo *info, GError **error)
{
    g_auto(CsClock) stamps = CS_CLOCK_INIT;
    bool is_utc = true;

    if (!cs_clock_resize(&stamps, info->n_frames, error))
        return false;
    for (size_t i = 0; i < info->n_frames; i++) {
        Header h;

        if (!read_header(s->source, i * s->stride, s->first.header_bytes, &h,
                         error))
            return cs_blame(error, "frame %zu", i + 1);
        if (h.width != s->first.width || h.height != s->first.height
            || h.header_bytes != s->first.header_bytes
            || h.type != s->first.type || h.raw != s->first.raw)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "frame %zu is not like the first (%zu × %zu px of"
                           " %s, not %zu × %zu of %s)", i + 1, h.width,
                           h.height, cs_pixel_name(h.type), s->first.width,
                           s->first.height, cs_pixel_name(s->first.type));
        stamps.start_s[i] = h.unix_s;
        is_utc = is_utc && h.is_utc;
    }
    cs_stamps_take(info, &stamps, is_utc);
    return true;
}

/* ---- Raw counters --------------------------------------------------------- */

/* 64 bits each, the last pixel's in the first bit. The packed ones lie at the
 * end of the frame's memory; eight bytes are taken before 64 are written. */
static void
unpack_bits(uint8_t *px, size_t n)
{
    const uint8_t *packed = px + n - n / 8;

    for (size_t k = 0; k < n / 64; k++) {
        uint8_t word[8];

        memcpy(word, packed + 8 * k, sizeof word);
        for (size_t i = 0; i < 64; i++)
            px[64 * k + i] = word[7 - i / 8] >> (i % 8) & 1;
    }
}

/* Turns round the bytes of every eight: pixels of one or two bytes then lie
 * in order and in the byte order of small ends first. */
static void
turn_words(uint8_t *bytes, size_t n)
{
    for (size_t at = 0; at + 8 <= n; at += 8)
        for (size_t i = 0; i < 4; i++) {
            uint8_t one = bytes[at + i];

            bytes[at + i] = bytes[at + 7 - i];
            bytes[at + 7 - i] = one;
        }
}

/* Two images of 12 bits, the high ones first: pixel i is put together from
 * the words i and n + i. */
static bool
join_halves(CsFrame *frame, GError **error)
{
    size_t n = frame->width * frame->height;
    g_autofree uint8_t *halves = cs_try_alloc(n, 4, "a frame", error);
    uint32_t *px = frame->px;

    if (halves == NULL)
        return false;
    memcpy(halves, frame->px, 4 * n);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *high = halves + 2 * i, *low = halves + 2 * (n + i);

        px[i] = ((uint32_t) high[0] | (uint32_t) high[1] << 8) << 12
                | ((uint32_t) low[0] | (uint32_t) low[1] << 8);
    }
    return true;
}

static bool
unpack(const State *s, CsFrame *frame, GError **error)
{
    size_t n = cs_frame_n_bytes(frame);

    if (s->first.raw == RAW_1) {
        unpack_bits(frame->px, n);
        return true;
    }
    turn_words(frame->px, n);
    if (s->first.raw == RAW_24)
        return join_halves(frame, error);
    if (s->first.raw == RAW_12 && G_BYTE_ORDER == G_BIG_ENDIAN)
        cs_bytes_swap(frame->px, n, 2);
    return true;
}

/* ---- The reader ----------------------------------------------------------- */

static void
close_mib(void *opened)
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
    if (!read_first(s, error))
        return false;
    info->width = s->first.width;
    info->height = s->first.height;
    info->type = s->first.type;
    info->exposure_s = s->first.exposure_s;
    info->camera = g_strdup("Merlin");
    count_frames(s, info);
    return fill_clock(s, info, error);
}

static bool
open_mib(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    return cs_open_filled(g_new0(State, 1), source, fill, close_mib, info,
                          state, error);
}

static bool
read_mib(void *opened, size_t index, CsFrame *frame, GError **error)
{
    const State *s = opened;
    const Header *h = &s->first;
    uint8_t *to;

    if (!cs_frame_resize(frame, h->width, h->height, 1, h->type, error))
        return false;
    to = (uint8_t *) frame->px + cs_frame_n_bytes(frame) - h->frame_bytes;
    if (!cs_source_read(s->source, index * s->stride + h->header_bytes, to,
                        h->frame_bytes, "a frame", error))
        return false;
    if (h->raw != NOT_RAW)
        return unpack(s, frame, error);
    if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
        cs_bytes_swap(frame->px, h->frame_bytes, h->n_bytes);
    return true;
}

static const char *const suffixes[] = { ".mib", NULL };

const CsReader cs_reader_mib = {
    .name = "mib",
    .title = "Merlin MIB",
    .suffixes = suffixes,
    .probe = probe_mib,
    .open = open_mib,
    .read = read_mib,
    .close = close_mib,
};
