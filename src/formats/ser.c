/* SER: series of images of FEI's (Thermo Fisher's) TIA, with an EMI file
 * beside it for the microscope.
 *
 * Layout: https://www.er-c.org/cbb/info/TIAformat/ and real files, of both
 * sizes of offsets. Rows are stored from the bottom up; frames are given from
 * the top down.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "core/cursor.h"
#include "formats/bytes.h"
#include "formats/opening.h"
#include "formats/readers.h"
#include "formats/ser.h"

enum {
    BYTE_ORDER_MARK = 0x4949, SERIES_MARK = 0x0197,
    OFFSETS_OF_4 = 0x0210, OFFSETS_OF_8 = 0x0220,
    SPECTRA = 0x4120, IMAGES = 0x4122,
    TAG_TIME = 0x4152, TAG_TIME_AND_PLACE = 0x4142,
    HEADER_OF_4 = 30, ELEMENT_HEADER = 50, MAX_DIMENSIONS = 8,
    MAX_IMAGES = 1 << 28,
};

/* No image of a microscope has pixels of a millimetre; a diffraction pattern,
 * in 1/m, has steps of a million and more. */
static const double max_pixel_m = 1e-3;

/* What the element header's type word means, from 1. */
static const struct {
    CsPixelType type;
    unsigned    swap;
} types[] = {
    { CS_PIXEL_U8, 1 },  { CS_PIXEL_U16, 2 }, { CS_PIXEL_U32, 4 },
    { CS_PIXEL_I8, 1 },  { CS_PIXEL_I16, 2 }, { CS_PIXEL_I32, 4 },
    { CS_PIXEL_F32, 4 }, { CS_PIXEL_F64, 8 }, { CS_PIXEL_C64, 4 },
    { CS_PIXEL_C128, 8 },
};

typedef struct {
    double   step_x;
    double   step_y;
    uint16_t type; /* from 1 */
    int32_t  width;
    int32_t  height;
} Element;

typedef struct {
    CsSource *source;
    uint64_t *data_at; /* of each valid image */
    uint64_t *tag_at;  /* 0: none */
    unsigned  offset_bytes;
    uint32_t  n_total;
    uint32_t  n_valid;
    uint64_t  offsets_at;
    uint32_t  n_scanned; /* places beyond the first dimension, 1: a series */
    Element   first;
} State;

static int
probe_ser(const guint8 *head, size_t n)
{
    if (n < 6 || memcmp(head, "\x49\x49\x97\x01", 4) != 0)
        return 0;
    return head[5] == 2 ? 95 : 40;
}

/* ---- The header ----------------------------------------------------------- */

static uint64_t
read_offset(CsCursor *c, unsigned n_bytes)
{
    return n_bytes == 8 ? cs_cursor_u64(c) : cs_cursor_u32(c);
}

static void
skip_text(CsCursor *c)
{
    cs_cursor_skip(c, cs_cursor_u32(c));
}

/* Sizes of the places images were taken at: a series has one dimension. */
static bool
read_dimensions(State *s, CsCursor *c, GError **error)
{
    uint32_t n = cs_cursor_u32(c), n_wide = 0;

    if (c->error == NULL && n > MAX_DIMENSIONS)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "has %u dimensions besides those of the image, not 0"
                       " to %d", n, MAX_DIMENSIONS);
    for (uint32_t i = 0; i < n && c->error == NULL; i++) {
        n_wide += cs_cursor_u32(c) > 1;
        cs_cursor_skip(c, 8 + 8 + 4);
        skip_text(c);
        skip_text(c);
    }
    s->n_scanned = n_wide;
    return true;
}

static bool
check_kind(uint16_t version, uint32_t kind, GError **error)
{
    if (version != OFFSETS_OF_4 && version != OFFSETS_OF_8)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "is of version 0x%04x; 0x0210 and 0x0220 can be read",
                       version);
    if (kind == SPECTRA)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds spectra, not images");
    if (kind != IMAGES)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "holds data of kind 0x%04x, not 0x4122 (images)", kind);
    return true;
}

static bool
check_counts(const State *s, GError **error)
{
    uint64_t size = cs_source_size(s->source);
    uint64_t n_bytes = 2 * (uint64_t) s->n_total * s->offset_bytes;

    if (s->n_valid == 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "holds none of the %u images it has room for",
                       s->n_total);
    if (s->n_valid > s->n_total)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "says that %u of %u images are valid", s->n_valid,
                       s->n_total);
    if (s->offsets_at < HEADER_OF_4 || s->offsets_at > size
        || n_bytes > size - s->offsets_at)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "the table of %u images at byte %" PRIu64
                       " goes beyond the end of the file at %" PRIu64,
                       s->n_total, s->offsets_at, size);
    if (s->n_scanned > 1)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds one image for each place of a scan (4-D data),"
                       " not a series in time");
    return true;
}

static bool
read_header(State *s, GError **error)
{
    g_auto(CsCursor) c = { 0 };
    uint16_t version;
    uint32_t kind;

    cs_cursor_init(&c, s->source, false);
    if (cs_cursor_u16(&c) != BYTE_ORDER_MARK
        || cs_cursor_u16(&c) != SERIES_MARK) {
        if (!cs_cursor_ok(&c, error))
            return false;
        return cs_fail(error, CS_ERROR_FORMAT,
                       "does not begin as a series of TIA (49 49 97 01)");
    }
    version = cs_cursor_u16(&c);
    kind = cs_cursor_u32(&c);
    cs_cursor_skip(&c, 4); /* of tags; each tag says its own */
    s->n_total = cs_cursor_u32(&c);
    s->n_valid = cs_cursor_u32(&c);
    s->offset_bytes = version == OFFSETS_OF_8 ? 8 : 4;
    s->offsets_at = read_offset(&c, s->offset_bytes);
    if (!cs_cursor_ok(&c, error) || !check_kind(version, kind, error))
        return false;
    if (!read_dimensions(s, &c, error))
        return false;
    return cs_cursor_ok(&c, error) && check_counts(s, error);
}

/* The tables of n_total offsets each to images and to tags, of which only
 * the first n_valid are filled. */
static bool
read_offsets(State *s, GError **error)
{
    g_auto(CsCursor) c = { 0 };

    s->data_at = cs_try_alloc(s->n_valid, sizeof *s->data_at,
                              "the table of images", error);
    if (s->data_at == NULL)
        return false;
    s->tag_at = cs_try_alloc(s->n_valid, sizeof *s->tag_at,
                             "the table of tags", error);
    if (s->tag_at == NULL)
        return false;
    cs_cursor_init(&c, s->source, false);
    cs_cursor_seek(&c, s->offsets_at);
    for (uint32_t i = 0; i < s->n_valid; i++)
        s->data_at[i] = read_offset(&c, s->offset_bytes);
    cs_cursor_seek(&c, s->offsets_at
                           + (uint64_t) s->n_total * s->offset_bytes);
    for (uint32_t i = 0; i < s->n_valid; i++)
        s->tag_at[i] = read_offset(&c, s->offset_bytes);
    return cs_cursor_ok(&c, error);
}

/* ---- Elements ------------------------------------------------------------- */

static size_t
frame_bytes(const Element *e)
{
    return (size_t) e->width * (size_t) e->height
           * cs_pixel_size(types[e->type - 1].type);
}

static bool
read_element(const State *s, uint64_t at, Element *e, GError **error)
{
    g_auto(CsCursor) c = { 0 };

    cs_cursor_init(&c, s->source, false);
    cs_cursor_seek(&c, at);
    cs_cursor_skip(&c, 8);
    e->step_x = cs_cursor_f64(&c);
    cs_cursor_skip(&c, 4 + 8);
    e->step_y = cs_cursor_f64(&c);
    cs_cursor_skip(&c, 4);
    e->type = cs_cursor_u16(&c);
    e->width = cs_cursor_i32(&c);
    e->height = cs_cursor_i32(&c);
    if (!cs_cursor_ok(&c, error))
        return false;
    if (e->type < 1 || e->type > G_N_ELEMENTS(types))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "pixels are of type %u, not 1 to 10", e->type);
    if (e->width < 1 || e->width > CS_MAX_SIDE || e->height < 1
        || e->height > CS_MAX_SIDE)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "an image has %d × %d pixels; sides are 1 to %d",
                       e->width, e->height, CS_MAX_SIDE);
    return true;
}

/* Does the image lie in the file, all of it? */
static bool
is_whole(const State *s, uint64_t at, const Element *e)
{
    uint64_t size = cs_source_size(s->source);

    return at <= size && size - at >= ELEMENT_HEADER
           && size - at - ELEMENT_HEADER >= frame_bytes(e);
}

/* Counts the images that are there and like the first. */
static bool
check_elements(const State *s, CsSeriesInfo *info, GError **error)
{
    Element e;
    uint32_t n = 1;

    for (; n < s->n_valid && is_whole(s, s->data_at[n], &s->first); n++) {
        if (!read_element(s, s->data_at[n], &e, error))
            return cs_blame(error, "image %u", n + 1);
        if (e.width != s->first.width || e.height != s->first.height
            || e.type != s->first.type)
            return cs_fail(error, CS_ERROR_UNSUPPORTED,
                           "image %u has %d × %d pixels of type %u, the first"
                           " has %d × %d of type %u", n + 1, e.width,
                           e.height, e.type, s->first.width, s->first.height,
                           s->first.type);
    }
    info->n_frames = n;
    info->n_frames_declared = s->n_valid;
    if (n < s->n_valid)
        cs_series_info_note(info, "%u images are declared, but only %u are"
                            " whole", s->n_valid, n);
    if (s->n_valid < s->n_total)
        cs_series_info_note(info, "%u of %u planned images were taken",
                            s->n_valid, s->n_total);
    return true;
}

static bool
read_elements(State *s, CsSeriesInfo *info, GError **error)
{
    const Element *e = &s->first;
    uint64_t at = s->data_at[0];

    if (!read_element(s, at, &s->first, error))
        return cs_blame(error, "image 1");
    if (!is_whole(s, at, e))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "ends inside the first image, which has %zu bytes from"
                       " byte %" PRIu64 " on; the file has %" PRIu64,
                       frame_bytes(e), at + ELEMENT_HEADER,
                       cs_source_size(s->source));
    info->width = (size_t) e->width;
    info->height = (size_t) e->height;
    info->type = types[e->type - 1].type;
    return check_elements(s, info, error);
}

static bool
fill_pixel_size(const State *s, CsSeriesInfo *info, GError **error)
{
    double x = fabs(s->first.step_x), y = fabs(s->first.step_y);

    if (x > max_pixel_m || y > max_pixel_m) {
        if (x > 1 / max_pixel_m || y > 1 / max_pixel_m)
            return cs_fail(error, CS_ERROR_UNSUPPORTED,
                           "holds diffraction patterns: a pixel of %g is in"
                           " 1/m, not in m", x);
        cs_series_info_note(info, "a pixel of %g × %g m is no pixel of a"
                            " microscope; it is not used", x, y);
        return true;
    }
    if (x > 0 && y > 0) {
        cs_axis_set(&info->x, x, "m");
        cs_axis_set(&info->y, y, "m");
    }
    return true;
}

/* ---- Times ---------------------------------------------------------------- */

/* Seconds since 1970 in a tag, or NAN. */
static double
tag_time(const State *s, uint32_t i)
{
    g_auto(CsCursor) c = { 0 };
    uint16_t kind;
    uint32_t seconds;

    cs_cursor_init(&c, s->source, false);
    cs_cursor_seek(&c, s->tag_at[i]);
    kind = cs_cursor_u16(&c);
    cs_cursor_skip(&c, 2);
    seconds = cs_cursor_u32(&c);
    if (c.error != NULL || seconds == 0
        || (kind != TAG_TIME && kind != TAG_TIME_AND_PLACE))
        return NAN;
    return seconds;
}

/* Tags have whole seconds. The first of the images that share a second keeps
 * it; the others are spread over that second. */
static bool
spread_seconds(CsClock *clock)
{
    bool is_spread = false;

    for (size_t i = 0, n; i < clock->n_frames; i += n) {
        double second = clock->start_s[i];

        for (n = 1; i + n < clock->n_frames
                    && fabs(clock->start_s[i + n] - second) < 0.5; n++)
            ;
        for (size_t k = 1; k < n; k++) {
            clock->start_s[i + k] = second + (double) k / (double) n;
            clock->source[i + k] = CS_TIME_INTERPOLATED;
            is_spread = true;
        }
    }
    return is_spread;
}

/* False if the tags go back in time. */
static bool
fill_times(const State *s, CsClock *clock, double first_s, size_t *n_missing)
{
    double before_s = 0;

    *n_missing = 0;
    for (size_t i = 0; i < clock->n_frames; i++) {
        double time_s = tag_time(s, (uint32_t) i) - first_s;

        if (isnan(time_s)) {
            *n_missing += 1;
            continue;
        }
        if (time_s < before_s)
            return false;
        clock->start_s[i] = before_s = time_s;
        clock->source[i] = CS_TIME_MEASURED;
    }
    return true;
}

static bool
fill_clock(const State *s, CsSeriesInfo *info, GError **error)
{
    g_auto(CsClock) clock = CS_CLOCK_INIT;
    double first_s = tag_time(s, 0);
    size_t n_missing;

    info->start_unix_s = first_s;
    if (isnan(first_s)) {
        cs_series_info_note(info, "the first image has no time tag; the times"
                            " of the others are not used");
        return true;
    }
    if (!cs_clock_resize(&clock, info->n_frames, error))
        return false;
    if (!fill_times(s, &clock, first_s, &n_missing)) {
        cs_series_info_note(info, "the time tags of the images do not go"
                            " forward; they are not used");
        return true;
    }
    if (n_missing > 0)
        cs_series_info_note(info, "%zu of %zu images have no time tag",
                            n_missing, info->n_frames);
    cs_series_info_note(info, spread_seconds(&clock)
        ? "time tags have whole seconds; images that share one are spread over"
          " it" : "time tags have whole seconds");
    clock.start_unix_s = first_s;
    info->clock = clock;
    clock = (CsClock) CS_CLOCK_INIT;
    return true;
}

/* ---- The reader ----------------------------------------------------------- */

static void
close_ser(void *opened)
{
    State *s = opened;

    if (s == NULL)
        return;
    cs_source_unref(s->source);
    g_free(s->data_at);
    g_free(s->tag_at);
    g_free(s);
}

static bool
fill(void *fresh, CsSource *source, CsSeriesInfo *info, GError **error)
{
    State *s = fresh;
    bool is_diffraction = false;

    s->source = cs_source_ref(source);
    if (!read_header(s, error) || !read_offsets(s, error)
        || !read_elements(s, info, error)
        || !fill_pixel_size(s, info, error) || !fill_clock(s, info, error))
        return false;
    cs_emi_read(s->source, info, &is_diffraction);
    if (is_diffraction)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "holds diffraction patterns, says the .emi file beside"
                       " it");
    for (size_t i = 0; i < info->clock.n_frames; i++)
        info->clock.duration_s[i] = info->exposure_s;
    return true;
}

static bool
open_ser(CsSource *source, CsSeriesInfo *info, void **state, GError **error)
{
    return cs_open_filled(g_new0(State, 1), source, fill, close_ser, info,
                          state, error);
}

/* Row by row, so that none has to be moved afterwards. */
static bool
read_ser(void *opened, size_t index, CsFrame *frame, GError **error)
{
    const State *s = opened;
    const Element *e = &s->first;
    size_t height = (size_t) e->height;
    uint64_t at = s->data_at[index] + ELEMENT_HEADER;
    size_t stride;

    if (!cs_frame_resize(frame, (size_t) e->width, height, 1,
                         types[e->type - 1].type, error))
        return false;
    stride = cs_frame_n_bytes(frame) / height;
    for (size_t j = 0; j < height; j++)
        if (!cs_source_read(s->source, at + j * stride,
                            (uint8_t *) frame->px + (height - 1 - j) * stride,
                            stride, "an image", error))
            return false;
    if (G_BYTE_ORDER == G_BIG_ENDIAN)
        cs_bytes_swap(frame->px, cs_frame_n_bytes(frame),
                      types[e->type - 1].swap);
    return true;
}

static const char *const suffixes[] = { ".ser", NULL };

const CsReader cs_reader_ser = {
    .name = "ser",
    .title = "TIA series (SER)",
    .suffixes = suffixes,
    .probe = probe_ser,
    .open = open_ser,
    .read = read_ser,
    .close = close_ser,
};
