/* TVIPS: streams of the TVIPS recorder, one file or a set of NAME_000.tvips,
 * NAME_001.tvips, …, of which only the first has a header.
 *
 * Layout: as LiberTEM (src/libertem/io/dataset/tvips.py) and RosettaSciIO
 * describe it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/cursor.h"
#include "formats/beside.h"
#include "formats/bytes.h"
#include "formats/opening.h"
#include "formats/readers.h"
#include "formats/stamps.h"

enum {
    HEADER = 256, STAMP = 12, MODE_AT = 24, DIFFRACTION = 2,
    MAX_FRAME_HEADER = 1 << 20, MAX_PARTS = 1000,
    /* A pixel of a camera has micrometres; of an image at the least
     * magnification of a microscope, less than one. */
    CAMERA_PIXEL_NM = 1000,
};

typedef struct {
    CsSource *source;
    size_t    first; /* number of its first frame */
    size_t    n_frames;
    uint64_t  data_at;
} Part;

typedef struct {
    GArray     *parts; /* of Part */
    CsPixelType type;
    uint32_t    version;
    uint32_t    width;
    uint32_t    height;
    uint32_t    n_bits;
    uint32_t    binning;
    uint32_t    pixel_nm;
    uint32_t    voltage_kV;
    uint32_t    magnification;
    uint32_t    header_bytes; /* of a frame */
    uint64_t    stride;
    size_t      n_frames;
    size_t      n_cut;        /* parts that end inside a frame */
} State;

static uint32_t
word_at(const guint8 *head, size_t at)
{
    return (uint32_t) head[at] | (uint32_t) head[at + 1] << 8
           | (uint32_t) head[at + 2] << 16 | (uint32_t) head[at + 3] << 24;
}

static int
probe_tvips(const guint8 *head, size_t n)
{
    uint32_t version, n_bits;

    if (n < 20 || word_at(head, 0) != HEADER)
        return 0;
    version = word_at(head, 4);
    n_bits = word_at(head, 16);
    if (version < 1 || version > 2 || (n_bits != 8 && n_bits != 16))
        return 0;
    if (word_at(head, 8) - 1 >= CS_MAX_SIDE
        || word_at(head, 12) - 1 >= CS_MAX_SIDE)
        return 0;
    return 92;
}

/* ---- The header ----------------------------------------------------------- */

static bool
check_header(State *s, uint32_t size, GError **error)
{
    if (size != HEADER || s->version < 1 || s->version > 2)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "no header of the TVIPS recorder: %u bytes of version"
                       " %u, not 256 of version 1 or 2", size, s->version);
    if (s->width - 1 >= CS_MAX_SIDE || s->height - 1 >= CS_MAX_SIDE)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a frame has %u × %u pixels; sides are 1 to %d",
                       s->width, s->height, CS_MAX_SIDE);
    if (s->n_bits != 8 && s->n_bits != 16)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "pixels have %u bits; 8 and 16 can be read",
                       s->n_bits);
    if (s->header_bytes < STAMP || s->header_bytes > MAX_FRAME_HEADER)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "each frame has a header of %u bytes, not %d to %d",
                       s->header_bytes, STAMP, MAX_FRAME_HEADER);
    s->type = s->n_bits == 8 ? CS_PIXEL_U8 : CS_PIXEL_U16;
    s->stride = s->header_bytes
                + (uint64_t) s->width * s->height * (s->n_bits / 8);
    return true;
}

static bool
read_header(State *s, const CsSource *source, GError **error)
{
    g_auto(CsCursor) c = { 0 };
    uint32_t size;

    cs_cursor_init(&c, source, false);
    size = cs_cursor_u32(&c);
    s->version = cs_cursor_u32(&c);
    s->width = cs_cursor_u32(&c);
    s->height = cs_cursor_u32(&c);
    s->n_bits = cs_cursor_u32(&c);
    cs_cursor_skip(&c, 8);
    s->binning = cs_cursor_u32(&c);
    cs_cursor_skip(&c, 4);
    s->pixel_nm = cs_cursor_u32(&c);
    s->voltage_kV = cs_cursor_u32(&c);
    s->magnification = cs_cursor_u32(&c);
    s->header_bytes = cs_cursor_u32(&c);
    if (s->version == 1)
        s->header_bytes = STAMP;
    return cs_cursor_ok(&c, error) && check_header(s, size, error);
}

/* ---- The parts of the set ------------------------------------------------- */

static void
clear_part(void *data)
{
    cs_source_unref(((Part *) data)->source);
}

/* Takes the source. */
static void
add_part(State *s, CsSource *source, uint64_t data_at)
{
    uint64_t size = cs_source_size(source);
    uint64_t n_bytes = size > data_at ? size - data_at : 0;
    Part part = { source, s->n_frames, (size_t) (n_bytes / s->stride),
                  data_at };

    s->n_frames += part.n_frames;
    s->n_cut += n_bytes % s->stride != 0;
    g_array_append_val(s->parts, part);
}

/* "a_000.tvips" to "a_007.tvips"; NULL if the name is not of this form. */
static char *
name_of_part(const CsSource *first, unsigned k)
{
    g_autofree char *base = cs_beside_base(first);
    size_t n = strlen(base), n_tail = strlen("_000.tvips");

    if (n < n_tail || g_ascii_strcasecmp(base + n - n_tail, "_000.tvips") != 0)
        return NULL;
    return g_strdup_printf("%.*s_%03u%s", (int) (n - n_tail), base, k,
                           base + n - strlen(".tvips"));
}

static bool
add_other_parts(State *s, const CsSource *first, GError **error)
{
    for (unsigned k = 1; k < MAX_PARTS; k++) {
        g_autofree char *name = name_of_part(first, k);
        g_autofree char *path
            = name != NULL ? cs_beside_path(first, name) : NULL;
        CsSource *source;

        if (path == NULL || !g_file_test(path, G_FILE_TEST_EXISTS))
            break;
        source = cs_source_open(path, error);
        if (source == NULL)
            return false;
        add_part(s, source, 0);
    }
    return true;
}

static bool
count_frames(State *s, CsSource *first, CsSeriesInfo *info, GError **error)
{
    add_part(s, cs_source_ref(first), HEADER);
    if (!add_other_parts(s, first, error))
        return false;
    if (s->n_frames == 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "ends inside the first frame: a frame has %" PRIu64
                       " bytes, and the file %" PRIu64, s->stride,
                       cs_source_size(first));
    info->n_frames = s->n_frames;
    info->n_frames_declared = s->n_frames + s->n_cut;
    cs_series_info_note(info, "the header does not tell how many frames there"
                        " should be; %u file%s %zu", s->parts->len,
                        s->parts->len == 1 ? " holds" : "s hold",
                        s->n_frames);
    if (s->n_cut > 0)
        cs_series_info_note(info, "%zu of %u files end inside a frame, which"
                            " is left out", s->n_cut, s->parts->len);
    return true;
}

static const Part *
find_part(const State *s, size_t index)
{
    guint low = 0, high = s->parts->len;

    while (high - low > 1) {
        guint middle = low + (high - low) / 2;

        if (g_array_index(s->parts, Part, middle).first <= index)
            low = middle;
        else
            high = middle;
    }
    while (index - g_array_index(s->parts, Part, low).first
           >= g_array_index(s->parts, Part, low).n_frames)
        low--; /* files without a whole frame */
    return &g_array_index(s->parts, Part, low);
}

static uint64_t
place_of(const State *s, const Part *part, size_t index)
{
    return part->data_at + (uint64_t) (index - part->first) * s->stride;
}

/* ---- What frames tell ----------------------------------------------------- */

static bool
fill_clock(const State *s, CsSeriesInfo *info, GError **error)
{
    g_auto(CsClock) stamps = CS_CLOCK_INIT;

    if (!cs_clock_resize(&stamps, s->n_frames, error))
        return false;
    for (size_t i = 0; i < s->n_frames; i++) {
        const Part *part = find_part(s, i);
        guint8 head[STAMP];
        uint32_t seconds, ms;

        if (!cs_source_read(part->source, place_of(s, part, i), head, STAMP,
                            "a frame's header", error))
            return false;
        seconds = word_at(head, 4);
        ms = word_at(head, 8);
        if (seconds > 0 && ms < 1000)
            stamps.start_s[i] = seconds + ms / 1e3;
    }
    cs_stamps_take(info, &stamps, true);
    return true;
}

/* The header's pixel size is a whole number of nm. */
static void
fill_pixel_size(const State *s, bool is_diffraction, CsSeriesInfo *info)
{
    if (s->pixel_nm == 0)
        return;
    if (is_diffraction) {
        cs_axis_set(&info->x, s->pixel_nm, "1/nm");
        cs_axis_set(&info->y, s->pixel_nm, "1/nm");
        cs_series_info_note(info, "the frames are diffraction patterns");
    } else if (s->pixel_nm < CAMERA_PIXEL_NM) {
        cs_axis_set(&info->x, s->pixel_nm, "nm");
        cs_axis_set(&info->y, s->pixel_nm, "nm");
        cs_series_info_note(info, "the pixel size is a whole number of nm in"
                            " this format; check it");
    } else
        cs_series_info_note(info, "the header has pixels of %u nm (binning %u,"
                            " magnification %u), which are the camera's and"
                            " not the specimen's", s->pixel_nm, s->binning,
                            s->magnification);
}

static bool
fill_from_frames(const State *s, CsSeriesInfo *info, GError **error)
{
    const Part *first = find_part(s, 0);
    guint8 mode[4] = { 0 };
    bool is_diffraction;

    if (s->header_bytes >= MODE_AT + sizeof mode
        && !cs_source_read(first->source, place_of(s, first, 0) + MODE_AT,
                           mode, sizeof mode, "a frame's header", error))
        return false;
    is_diffraction = word_at(mode, 0) == DIFFRACTION;
    fill_pixel_size(s, is_diffraction, info);
    if (s->magnification > 0 && !is_diffraction)
        info->magnification = s->magnification;
    return fill_clock(s, info, error);
}

/* ---- The reader ----------------------------------------------------------- */

static void
close_tvips(void *opened)
{
    State *s = opened;

    if (s == NULL)
        return;
    g_array_unref(s->parts);
    g_free(s);
}

static bool
fill(void *fresh, CsSource *source, CsSeriesInfo *info, GError **error)
{
    State *s = fresh;

    if (!read_header(s, source, error)
        || !count_frames(s, source, info, error))
        return false;
    info->width = s->width;
    info->height = s->height;
    info->type = s->type;
    if (s->voltage_kV > 0 && s->voltage_kV < 10000)
        info->voltage_kV = s->voltage_kV;
    return fill_from_frames(s, info, error);
}

static bool
open_tvips(CsSource *source, CsSeriesInfo *info, void **state,
           GError **error)
{
    State *fresh = g_new0(State, 1);

    fresh->parts = g_array_new(FALSE, FALSE, sizeof(Part));
    g_array_set_clear_func(fresh->parts, clear_part);
    return cs_open_filled(fresh, source, fill, close_tvips, info, state,
                          error);
}

static bool
read_tvips(void *opened, size_t index, CsFrame *frame, GError **error)
{
    const State *s = opened;
    const Part *part = find_part(s, index);

    if (!cs_frame_resize(frame, s->width, s->height, 1, s->type, error)
        || !cs_source_read(part->source,
                           place_of(s, part, index) + s->header_bytes,
                           frame->px, cs_frame_n_bytes(frame), "a frame",
                           error))
        return false;
    if (G_BYTE_ORDER == G_BIG_ENDIAN)
        cs_bytes_swap(frame->px, cs_frame_n_bytes(frame), s->n_bits / 8);
    return true;
}

static const char *const suffixes[] = { ".tvips", NULL };

const CsReader cs_reader_tvips = {
    .name = "tvips",
    .title = "TVIPS recorder stream",
    .suffixes = suffixes,
    .probe = probe_tvips,
    .open = open_tvips,
    .read = read_tvips,
    .close = close_tvips,
};
