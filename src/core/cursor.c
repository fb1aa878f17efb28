/* The cursor.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/cursor.h"

#include <string.h>

void
cs_cursor_init(CsCursor *cursor, const CsSource *source, bool big_endian)
{
    memset(cursor, 0, sizeof *cursor);
    cursor->source = source;
    cursor->big_endian = big_endian;
}

void
cs_cursor_clear(CsCursor *cursor)
{
    g_clear_error(&cursor->error);
}

bool
cs_cursor_ok(CsCursor *cursor, GError **error)
{
    if (cursor->error == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&cursor->error));
    return false;
}

void
cs_cursor_seek(CsCursor *cursor, uint64_t at)
{
    cursor->at = at;
}

void
cs_cursor_skip(CsCursor *cursor, uint64_t n)
{
    cursor->at = n <= UINT64_MAX - cursor->at ? cursor->at + n : UINT64_MAX;
}

static bool
refill(CsCursor *c)
{
    uint64_t size = cs_source_size(c->source);
    uint64_t left = c->at < size ? size - c->at : 0;
    size_t n = (size_t) MIN(left, (uint64_t) CS_CURSOR_WINDOW);

    c->window_n = 0;
    if (!cs_source_read(c->source, c->at, c->window, n, "the header",
                        c->error == NULL ? &c->error : NULL))
        return false;
    c->window_at = c->at;
    c->window_n = n;
    return true;
}

static bool
in_window(const CsCursor *c, size_t n)
{
    return c->at >= c->window_at && n <= c->window_n
           && c->at - c->window_at <= c->window_n - n;
}

void
cs_cursor_bytes(CsCursor *c, void *to, size_t n)
{
    memset(to, 0, n);
    if (c->error != NULL)
        return;
    if (n > CS_CURSOR_WINDOW) {
        cs_source_read(c->source, c->at, to, n, "the header", &c->error);
    } else if (in_window(c, n)
               || (refill(c) && in_window(c, n))) {
        memcpy(to, c->window + (c->at - c->window_at), n);
    } else if (c->error == NULL) {
        cs_source_read(c->source, c->at, to, n, "the header", &c->error);
    }
    cs_cursor_skip(c, n);
}

static uint64_t
read_uint(CsCursor *c, size_t n)
{
    uint8_t b[8];
    uint64_t value = 0;

    cs_cursor_bytes(c, b, n);
    for (size_t i = 0; i < n; i++)
        value = value << 8 | b[c->big_endian ? i : n - 1 - i];
    return value;
}

uint8_t  cs_cursor_u8(CsCursor *c) { return (uint8_t) read_uint(c, 1); }
uint16_t cs_cursor_u16(CsCursor *c) { return (uint16_t) read_uint(c, 2); }
uint32_t cs_cursor_u32(CsCursor *c) { return (uint32_t) read_uint(c, 4); }
uint64_t cs_cursor_u64(CsCursor *c) { return read_uint(c, 8); }
int16_t  cs_cursor_i16(CsCursor *c) { return (int16_t) cs_cursor_u16(c); }
int32_t  cs_cursor_i32(CsCursor *c) { return (int32_t) cs_cursor_u32(c); }
int64_t  cs_cursor_i64(CsCursor *c) { return (int64_t) cs_cursor_u64(c); }

float
cs_cursor_f32(CsCursor *c)
{
    uint32_t bits = cs_cursor_u32(c);
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

double
cs_cursor_f64(CsCursor *c)
{
    uint64_t bits = cs_cursor_u64(c);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}
