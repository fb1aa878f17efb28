/* The 1024 bytes of MRC2014 (Cheng et al., J. Struct. Biol. 192, 146, 2015)
 * and of its forerunners, in whatever byte order makes sense.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/mrc_header.h"

#include <string.h>

#include "coatscope/error.h"
#include "core/cursor.h"

enum { IMOD_STAMP = 1146047817, MAX_SECTIONS = 1000000000 };

static uint32_t
word_at(const uint8_t *head, size_t at, bool big_endian)
{
    const uint8_t *b = head + at;

    return big_endian
        ? (uint32_t) b[0] << 24 | (uint32_t) b[1] << 16 | (uint32_t) b[2] << 8
              | b[3]
        : (uint32_t) b[3] << 24 | (uint32_t) b[2] << 16 | (uint32_t) b[1] << 8
              | b[0];
}

/* Could these four first words be sizes and a mode? */
static bool
is_plausible(const uint8_t *head, bool big_endian)
{
    uint32_t mode = word_at(head, 12, big_endian);

    for (size_t at = 0; at < 12; at += 4) {
        uint32_t size = word_at(head, at, big_endian);

        if (size < 1 || size > (at < 8 ? CS_MAX_SIDE : MAX_SECTIONS))
            return false;
    }
    return mode <= 16 || mode == 101;
}

static bool
has_map_word(const uint8_t *head)
{
    return memcmp(head + 208, "MAP", 3) == 0;
}

/* 1 big-endian, 0 little-endian, -1 neither: by the machine stamp. */
static int
stamped_order(const uint8_t *head)
{
    if (head[212] == 0x44)
        return 0;
    return head[212] == 0x11 && head[213] == 0x11 ? 1 : -1;
}

/* Do the three axes have the numbers 1, 2, 3, or none? */
static bool
has_axes(const uint8_t *head, bool big_endian)
{
    uint32_t a = word_at(head, 64, big_endian);
    uint32_t b = word_at(head, 68, big_endian);
    uint32_t c = word_at(head, 72, big_endian);

    return (a == 0 && b == 0 && c == 0)
           || (a >= 1 && a <= 3 && b >= 1 && b <= 3 && c >= 1 && c <= 3
               && a != b && b != c && a != c);
}

int
cs_mrc_probe(const uint8_t *head, size_t n)
{
    bool little, big;

    if (n < 216)
        return 0;
    little = is_plausible(head, false);
    big = is_plausible(head, true);
    if (!little && !big)
        return has_map_word(head) ? 50 : 0;
    if (has_map_word(head))
        return 90;
    if (!has_axes(head, big))
        return 0;
    return stamped_order(head) >= 0 ? 60 : 25;
}

static bool
find_order(CsMrcHeader *h, const uint8_t *head, GError **error)
{
    int stamp = stamped_order(head);

    h->big_endian = stamp == 1;
    if (is_plausible(head, h->big_endian))
        return true;
    if (is_plausible(head, !h->big_endian)) {
        h->big_endian = !h->big_endian;
        h->is_other_order = stamp >= 0;
        return true;
    }
    return cs_fail(error, CS_ERROR_FORMAT,
                   "no MRC header: %d × %d pixels, %d sections, mode %d (sides"
                   " are 1 to %d)",
                   (int) word_at(head, 0, h->big_endian),
                   (int) word_at(head, 4, h->big_endian),
                   (int) word_at(head, 8, h->big_endian),
                   (int) word_at(head, 12, h->big_endian), CS_MAX_SIDE);
}

/* Columns, rows and sections run along x, y and z unless the header gives
 * another order. */
static void
find_axes(CsMrcHeader *h, const int32_t given[3])
{
    bool is_order = true;

    for (int i = 0; i < 3; i++)
        is_order = is_order && given[i] >= 1 && given[i] <= 3
                   && given[i] != given[(i + 1) % 3];
    for (int i = 0; i < 3; i++)
        h->axis[i] = is_order ? given[i] - 1 : i;
}

static void
read_fields(CsMrcHeader *h, CsCursor *c)
{
    int32_t axis[3];

    for (int i = 0; i < 3; i++)
        h->size[i] = cs_cursor_i32(c);
    h->mode = cs_cursor_i32(c);
    cs_cursor_seek(c, 28);
    for (int i = 0; i < 3; i++)
        h->grid[i] = cs_cursor_i32(c);
    for (int i = 0; i < 3; i++)
        h->cell_A[i] = cs_cursor_f32(c);
    cs_cursor_seek(c, 64);
    for (int i = 0; i < 3; i++)
        axis[i] = cs_cursor_i32(c);
    find_axes(h, axis);
    h->lowest = cs_cursor_f32(c);
    h->highest = cs_cursor_f32(c);
    cs_cursor_seek(c, 88);
    h->space_group = cs_cursor_i32(c);
    h->n_extended = cs_cursor_i32(c);
    cs_cursor_seek(c, 104);
    cs_cursor_bytes(c, h->extended, 4);
    cs_cursor_seek(c, 128);
    h->serial_em_bytes = cs_cursor_i16(c);
    h->serial_em_fields = cs_cursor_i16(c);
    cs_cursor_seek(c, 152);
    h->has_imod_flags = cs_cursor_i32(c) == IMOD_STAMP;
    h->imod_flags = cs_cursor_i32(c);
    cs_cursor_seek(c, CS_MRC_LABELS_AT);
    cs_cursor_bytes(c, h->labels, sizeof h->labels - 1);
}

bool
cs_mrc_header_read(CsMrcHeader *header, const CsSource *source,
                   GError **error)
{
    g_auto(CsCursor) cursor = { 0 };
    CsMrcHeader h = { 0 };
    uint8_t head[CS_MRC_HEADER_BYTES];

    cs_cursor_init(&cursor, source, false);
    cs_cursor_bytes(&cursor, head, sizeof head);
    if (!cs_cursor_ok(&cursor, error) || !find_order(&h, head, error))
        return false;
    cursor.big_endian = h.big_endian;
    cs_cursor_seek(&cursor, 0);
    read_fields(&h, &cursor);
    if (!cs_cursor_ok(&cursor, error))
        return false;
    *header = h;
    return true;
}
