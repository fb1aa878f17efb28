/* CsCursor: reads a source field by field, and forgives until asked.
 *
 * Past the end it gives zeros and remembers it, so a parser reads in a
 * straight line and checks once: if (!cs_cursor_ok(&cursor, error)) …
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "coatscope/source.h"

enum { CS_CURSOR_WINDOW = 4096 };

typedef struct {
    const CsSource *source;  /* lent                                        */
    uint64_t        at;      /* the next byte                               */
    bool            big_endian;
    GError         *error;   /* the first thing that went wrong, ours       */
    uint64_t        window_at;
    size_t          window_n;
    uint8_t         window[CS_CURSOR_WINDOW]; /* bytes of the source        */
} CsCursor;

void cs_cursor_init(CsCursor *cursor, const CsSource *source,
                    bool big_endian);
void cs_cursor_clear(CsCursor *cursor);

/* True if all went well so far; otherwise moves the error out. */
bool cs_cursor_ok(CsCursor *cursor, GError **error);

void     cs_cursor_seek(CsCursor *cursor, uint64_t at);
void     cs_cursor_skip(CsCursor *cursor, uint64_t n);
void     cs_cursor_bytes(CsCursor *cursor, void *to, size_t n);
uint8_t  cs_cursor_u8(CsCursor *cursor);
uint16_t cs_cursor_u16(CsCursor *cursor);
uint32_t cs_cursor_u32(CsCursor *cursor);
uint64_t cs_cursor_u64(CsCursor *cursor);
int16_t  cs_cursor_i16(CsCursor *cursor);
int32_t  cs_cursor_i32(CsCursor *cursor);
int64_t  cs_cursor_i64(CsCursor *cursor);
float    cs_cursor_f32(CsCursor *cursor);
double   cs_cursor_f64(CsCursor *cursor);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsCursor, cs_cursor_clear)
