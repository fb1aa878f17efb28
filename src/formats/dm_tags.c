/* The tag tree of DM3 and DM4, after the public descriptions of the format
 * (RosettaSciIO and openNCEM read it alike).
 *
 *     group: u8 sorted, u8 open, L number of entries, entries
 *     entry: u8 kind, u16 bytes of name, name, [DM4: L bytes of what follows],
 *            a group or a value
 *     value: "%%%%", L words of definition, definition, bytes
 *
 * L is 4 bytes in DM3 and 8 in DM4; the tree is big-endian, the bytes of the
 * values are in the byte order the header names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/dm_tags.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"

enum {
    KIND_END = 0,
    KIND_GROUP = 0x14,
    KIND_VALUE = 0x15,

    TYPE_I16 = 2,
    TYPE_I32 = 3,
    TYPE_U16 = 4,
    TYPE_U32 = 5,
    TYPE_F32 = 6,
    TYPE_F64 = 7,
    TYPE_BOOL = 8,
    TYPE_I8 = 9,
    TYPE_U8 = 10,
    TYPE_I64 = 11,
    TYPE_U64 = 12,
    TYPE_STRUCT = 15,
    TYPE_STRING = 18,
    TYPE_ARRAY = 20,

    MAX_DEPTH = 64,       /* of groups in groups; real files have about 12  */
    MAX_TYPE_DEPTH = 8,   /* of arrays of structs of …; real files have 2   */
    MAX_PATH = 256,       /* longer paths are never asked for               */
    MAX_TEXT = 1024,      /* UTF-16 units looked at                         */
};

typedef struct {
    CsCursor           cursor;
    const CsDmVisitor *visitor;
    unsigned           version;
    bool               values_big_endian;
    char               path[MAX_PATH];
} Walk;

int
cs_dm_probe(const uint8_t *head, size_t n)
{
    size_t flag_at = n >= 4 && head[3] == 4 ? 12 : 8;

    if (n < 4 || memcmp(head, "\0\0\0", 3) != 0
        || (head[3] != 3 && head[3] != 4))
        return 0;
    if (n < flag_at + 4)
        return 30;
    return memcmp(head + flag_at, "\0\0\0", 3) == 0 && head[flag_at + 3] <= 1
               ? 90
               : 0;
}

static uint64_t
read_length(Walk *w)
{
    return w->version == 4 ? cs_cursor_u64(&w->cursor)
                           : cs_cursor_u32(&w->cursor);
}

static bool
is_broken(Walk *w, GError **error)
{
    return !cs_cursor_ok(&w->cursor, error);
}

static uint64_t
n_bytes_of_simple(uint64_t type)
{
    switch (type) {
    case TYPE_BOOL: case TYPE_I8: case TYPE_U8: return 1;
    case TYPE_I16: case TYPE_U16: return 2;
    case TYPE_I32: case TYPE_U32: case TYPE_F32: return 4;
    case TYPE_F64: case TYPE_I64: case TYPE_U64: return 8;
    default: return 0;
    }
}

static bool read_type(Walk *w, unsigned depth, CsDmTag *tag, GError **error);

/* The bytes of a struct, from the types of its fields. */
static bool
read_struct_type(Walk *w, unsigned depth, CsDmTag *tag, GError **error)
{
    uint64_t n_fields, n_bytes = 0;

    read_length(w); /* of its name: always 0 */
    n_fields = read_length(w);
    for (uint64_t i = 0; i < n_fields; i++) {
        CsDmTag field = { 0 };

        read_length(w); /* of the field's name */
        if (!read_type(w, depth + 1, &field, error))
            return false;
        if (field.n_bytes > UINT64_MAX - n_bytes)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "a structure of impossible size");
        n_bytes += field.n_bytes;
    }
    tag->n_bytes = n_bytes;
    tag->count = 1;
    return !is_broken(w, error);
}

static bool
read_array_type(Walk *w, unsigned depth, CsDmTag *tag, GError **error)
{
    CsDmTag element = { 0 };
    uint64_t count;

    if (!read_type(w, depth + 1, &element, error))
        return false;
    count = read_length(w);
    if (element.n_bytes > 0 && count > UINT64_MAX / element.n_bytes)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "an array of %" PRIu64 " elements of %" PRIu64
                       " bytes is impossible", count, element.n_bytes);
    tag->type = element.type;
    tag->is_array = true;
    tag->count = count;
    tag->n_bytes = count * element.n_bytes;
    return !is_broken(w, error);
}

/* Reads the definition of a value into type, is_array, count, n_bytes. */
static bool
read_type(Walk *w, unsigned depth, CsDmTag *tag, GError **error)
{
    tag->type = read_length(w);
    if (is_broken(w, error))
        return false;
    if (depth > MAX_TYPE_DEPTH)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "types nested more than %d deep", MAX_TYPE_DEPTH);
    switch (tag->type) {
    case TYPE_STRUCT:
        return read_struct_type(w, depth, tag, error);
    case TYPE_ARRAY:
        return read_array_type(w, depth, tag, error);
    case TYPE_STRING:
        tag->is_array = true;
        tag->count = tag->n_bytes = read_length(w);
        return !is_broken(w, error);
    default:
        tag->count = 1;
        tag->n_bytes = n_bytes_of_simple(tag->type);
        if (tag->n_bytes == 0)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "a value of unknown type %" PRIu64, tag->type);
        return true;
    }
}

/* What whole frames there are cannot be told: width and height come behind. */
static bool
refuse_cut(const Walk *w, const CsDmTag *tag, uint64_t size, GError **error)
{
    bool is_pixels = g_str_has_suffix(w->path, ":ImageData:Data");

    return cs_fail(error, CS_ERROR_FORMAT,
                   "ends at byte %" PRIu64 ", inside %s of %" PRIu64
                   " bytes from byte %" PRIu64 "%s", size,
                   is_pixels ? "the pixels" : "a value", tag->n_bytes,
                   tag->at,
                   is_pixels ? "; the size of its frames stood behind them,"
                               " so none can be read: copy it again" : "");
}

static bool
read_value(Walk *w, bool is_wanted, GError **error)
{
    char mark[4];
    CsDmTag tag = { .cursor = &w->cursor };
    uint64_t size = cs_source_size(w->cursor.source);

    cs_cursor_bytes(&w->cursor, mark, sizeof mark);
    read_length(w); /* words of definition: follows from the definition */
    if (is_broken(w, error))
        return false;
    if (memcmp(mark, "%%%%", sizeof mark) != 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "no %%%%%%%% before a value at byte %" PRIu64,
                       w->cursor.at);
    if (!read_type(w, 0, &tag, error))
        return false;
    tag.at = w->cursor.at;
    if (tag.at > size || tag.n_bytes > size - tag.at)
        return refuse_cut(w, &tag, size, error);
    if (is_wanted) {
        w->cursor.big_endian = w->values_big_endian;
        if (!w->visitor->tag(w->visitor->user, w->path, &tag, error))
            return false;
        w->cursor.big_endian = true;
    }
    cs_cursor_seek(&w->cursor, tag.at + tag.n_bytes);
    return true;
}

/* Appends the name of the entry, or its number, to the path of path_n bytes.
 * Gives the bytes then, or 0 if there is no room. */
static size_t
read_name(Walk *w, size_t path_n, uint64_t number)
{
    size_t n = cs_cursor_u16(&w->cursor);
    size_t room = sizeof w->path - path_n;
    const char *colon = path_n > 0 ? ":" : "";
    size_t wrote;

    if (n + 2 > room) {
        cs_cursor_skip(&w->cursor, n);
        return 0;
    }
    if (n == 0) {
        wrote = (size_t) g_snprintf(w->path + path_n, room, "%s%" PRIu64,
                                    colon, number);
        return wrote < room ? path_n + wrote : 0;
    }
    path_n += g_strlcpy(w->path + path_n, colon, room);
    cs_cursor_bytes(&w->cursor, w->path + path_n, n);
    w->path[path_n + n] = '\0';
    return path_n + n;
}

static bool read_group(Walk *w, unsigned depth, size_t path_n, bool is_wanted,
                       GError **error);

/* An entry of a group; *is_last if it says that no more follow. */
static bool
read_entry(Walk *w, unsigned depth, size_t path_n, uint64_t number,
           bool is_wanted, bool *is_last, GError **error)
{
    unsigned kind = cs_cursor_u8(&w->cursor);
    uint64_t n_bytes = 0;

    *is_last = kind == KIND_END;
    if (is_broken(w, error))
        return false;
    if (*is_last)
        return true;
    path_n = read_name(w, path_n, number);
    is_wanted = is_wanted && path_n > 0;
    if (w->version == 4)
        n_bytes = cs_cursor_u64(&w->cursor);
    if (is_broken(w, error))
        return false;
    if (kind == KIND_VALUE)
        return read_value(w, is_wanted, error);
    if (kind != KIND_GROUP)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "an entry of kind %u before byte %" PRIu64
                       "; there are 20 and 21", kind, w->cursor.at);
    is_wanted = is_wanted && w->visitor->wants(w->visitor->user, w->path);
    if (is_wanted || n_bytes == 0)
        return read_group(w, depth + 1, path_n, is_wanted, error);
    cs_cursor_skip(&w->cursor, n_bytes);
    return true;
}

static bool
read_group(Walk *w, unsigned depth, size_t path_n, bool is_wanted,
           GError **error)
{
    uint64_t n_entries;
    bool is_last = false;

    if (depth > MAX_DEPTH)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "groups nested more than %d deep", MAX_DEPTH);
    cs_cursor_skip(&w->cursor, 2); /* sorted, open */
    n_entries = read_length(w);
    for (uint64_t i = 0; i < n_entries && !is_last; i++) {
        if (!read_entry(w, depth, path_n, i, is_wanted, &is_last, error))
            return false;
        w->path[path_n] = '\0';
    }
    return !is_broken(w, error);
}

bool
cs_dm_walk(const CsSource *source, const CsDmVisitor *visitor,
           CsDmHeader *header, GError **error)
{
    Walk w = { .visitor = visitor };
    uint32_t little;
    bool is_ok;

    cs_cursor_init(&w.cursor, source, true);
    w.version = cs_cursor_u32(&w.cursor);
    read_length(&w); /* of the file, by one of several countings */
    little = cs_cursor_u32(&w.cursor);
    if (is_broken(&w, error))
        return false;
    if ((w.version != 3 && w.version != 4) || little > 1)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "no DM3 or DM4 header: version %u, byte order %u",
                       w.version, little);
    w.values_big_endian = little == 0;
    is_ok = read_group(&w, 0, 0, true, error);
    if (is_ok)
        *header = (CsDmHeader) { w.version, w.values_big_endian, w.cursor.at };
    cs_cursor_clear(&w.cursor);
    return is_ok;
}

double
cs_dm_tag_number(const CsDmTag *tag)
{
    CsCursor *c = tag->cursor;

    if (tag->is_array)
        return NAN;
    cs_cursor_seek(c, tag->at);
    switch (tag->type) {
    case TYPE_I16: return cs_cursor_i16(c);
    case TYPE_I32: return cs_cursor_i32(c);
    case TYPE_U16: return cs_cursor_u16(c);
    case TYPE_U32: return cs_cursor_u32(c);
    case TYPE_F32: return (double) cs_cursor_f32(c);
    case TYPE_F64: return cs_cursor_f64(c);
    case TYPE_BOOL: case TYPE_U8: return cs_cursor_u8(c);
    case TYPE_I8: return (int8_t) cs_cursor_u8(c);
    case TYPE_I64: return (double) cs_cursor_i64(c);
    case TYPE_U64: return (double) cs_cursor_u64(c);
    default: return NAN;
    }
}

void
cs_dm_tag_text(const CsDmTag *tag, char *to, size_t room)
{
    gunichar2 units[MAX_TEXT + 1];
    glong n = (glong) MIN(tag->count, MAX_TEXT);
    g_autofree char *text = NULL;

    to[0] = '\0';
    if (!tag->is_array || tag->type != TYPE_U16)
        return;
    cs_cursor_seek(tag->cursor, tag->at);
    for (glong i = 0; i < n; i++)
        units[i] = cs_cursor_u16(tag->cursor);
    text = g_utf16_to_utf8(units, n, NULL, NULL, NULL);
    if (text == NULL)
        return;
    if (strlen(text) >= room)
        *g_utf8_find_prev_char(text, text + room) = '\0';
    g_strlcpy(to, text, room);
}
