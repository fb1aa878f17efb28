/* TIFF directories, read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/tiff_dir.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "core/cursor.h"

enum { MAX_ENTRIES = 4096, MAX_PAGES = 4 << 20 };

typedef struct {
    uint16_t    tag;
    CsTiffField field;
} Tag;

static size_t
type_size(uint16_t type)
{
    static const guint8 sizes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2,
                                    4, 8, 4, 8, 4, 0, 0, 8, 8, 8 };

    return type < sizeof sizes ? sizes[type] : 0;
}

/* ---- Values --------------------------------------------------------------- */

static uint64_t
join(const guint8 *bytes, size_t n, bool big_endian)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[big_endian ? i : n - 1 - i];
    return value;
}

static bool
is_whole(uint16_t type)
{
    return type == TIFF_TYPE_BYTE || type == TIFF_TYPE_SHORT
           || type == TIFF_TYPE_LONG || type == 13 || type == TIFF_TYPE_LONG8
           || type == 18;
}

bool
cs_tiff_element(const CsTiffDir *dir, const CsTiffField *field, uint64_t i,
                uint64_t *value, GError **error)
{
    size_t size = type_size(field->type);
    guint8 bytes[8];

    if (i >= field->count || !is_whole(field->type))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a directory lacks a number that is needed");
    if (i > (G_MAXUINT64 - field->at) / 8)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a directory points beyond the end");
    if (!cs_source_read(dir->source, field->at + i * size, bytes, size,
                        "a directory", error))
        return false;
    *value = join(bytes, size, dir->big_endian);
    return true;
}

bool
cs_tiff_elements(const CsTiffDir *dir, const CsTiffField *field,
                 uint64_t *values, size_t n, GError **error)
{
    size_t size = type_size(field->type);
    g_autofree guint8 *bytes = NULL;

    if (n > field->count || !is_whole(field->type))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a directory has %" PRIu64 " of %zu numbers",
                       field->count, n);
    if (field->at > cs_source_size(dir->source)
        || n > (cs_source_size(dir->source) - field->at) / size)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "ends at byte %" PRIu64 ", inside a list of strips",
                       cs_source_size(dir->source));
    bytes = cs_try_alloc(n, size, "a list of strips", error);
    if (bytes == NULL
        || !cs_source_read(dir->source, field->at, bytes, n * size,
                           "the list of strips", error))
        return false;
    for (size_t i = 0; i < n; i++)
        values[i] = join(bytes + i * size, size, dir->big_endian);
    return true;
}

const CsTiffField *
cs_tiff_tag(const CsTiffDir *dir, uint16_t tag)
{
    for (size_t i = 0; i < dir->tags->len; i++)
        if (g_array_index(dir->tags, Tag, i).tag == tag)
            return &g_array_index(dir->tags, Tag, i).field;
    return NULL;
}

static double
number_of_bytes(const guint8 *bytes, uint16_t type, bool big)
{
    uint64_t bits = join(bytes, MIN(type_size(type), 8), big);
    uint32_t low = (uint32_t) bits;
    float single;
    double wide;

    switch (type) {
    case 5: /* RATIONAL */
        return (double) join(bytes, 4, big) / (double) join(bytes + 4, 4, big);
    case 10: /* SRATIONAL */
        return (double) (int32_t) join(bytes, 4, big)
               / (double) (int32_t) join(bytes + 4, 4, big);
    case 6: /* SBYTE, SSHORT, SLONG, SLONG8 */
        return (int8_t) bits;
    case 8:
        return (int16_t) bits;
    case 9:
        return (int32_t) bits;
    case 17:
        return (double) (int64_t) bits;
    case 11:
        memcpy(&single, &low, sizeof single);
        return single;
    case TIFF_TYPE_DOUBLE:
        memcpy(&wide, &bits, sizeof wide);
        return wide;
    default:
        return (double) bits;
    }
}

double
cs_tiff_number(const CsTiffDir *dir, uint16_t tag, size_t i)
{
    const CsTiffField *field = cs_tiff_tag(dir, tag);
    guint8 bytes[8];
    size_t size;

    if (field == NULL || i >= field->count || type_size(field->type) == 0)
        return NAN;
    size = type_size(field->type);
    if (i > G_MAXUINT64 / 16 || field->at > G_MAXUINT64 / 2
        || !cs_source_read(dir->source, field->at + i * size, bytes, size,
                           "a tag", NULL))
        return NAN;
    return number_of_bytes(bytes, field->type, dir->big_endian);
}

GBytes *
cs_tiff_bytes(const CsTiffDir *dir, uint16_t tag)
{
    const CsTiffField *field = cs_tiff_tag(dir, tag);
    uint64_t room = cs_source_size(dir->source);
    size_t size;
    char *bytes;

    if (field == NULL || type_size(field->type) == 0 || field->at > room)
        return NULL;
    size = type_size(field->type);
    if (field->count > (room - field->at) / size)
        return NULL;
    bytes = cs_try_alloc(field->count * size + 1, 1, "a tag", NULL);
    if (bytes == NULL
        || !cs_source_read(dir->source, field->at, bytes,
                           field->count * size, "a tag", NULL)) {
        g_free(bytes);
        return NULL;
    }
    return g_bytes_new_take(bytes, field->count * size);
}

char *
cs_tiff_text(const CsTiffDir *dir, uint16_t tag)
{
    g_autoptr(GBytes) bytes = cs_tiff_bytes(dir, tag);
    const char *text;

    if (bytes == NULL)
        return NULL;
    text = g_bytes_get_data(bytes, NULL);
    if (g_utf8_validate(text, -1, NULL))
        return g_strdup(text);
    return g_convert(text, -1, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
}

/* ---- Directories ---------------------------------------------------------- */

/* Numbers of a page by tag: where they go, how wide they are there. */
static const struct {
    uint16_t tag;
    size_t   at;
    size_t   size;
} page_numbers[] = {
    { 254, offsetof(CsTiffPage, subfile), 4 },
    { TAG_WIDTH, offsetof(CsTiffPage, width), 4 },
    { TAG_HEIGHT, offsetof(CsTiffPage, height), 4 },
    { TAG_BITS, offsetof(CsTiffPage, bits), 2 },
    { TAG_COMPRESSION, offsetof(CsTiffPage, compression), 2 },
    { TAG_PHOTOMETRIC, offsetof(CsTiffPage, photometric), 2 },
    { 266, offsetof(CsTiffPage, fill_order), 2 },
    { TAG_SAMPLES, offsetof(CsTiffPage, n_samples), 2 },
    { TAG_ROWS_PER_STRIP, offsetof(CsTiffPage, rows_per_strip), 4 },
    { TAG_PLANAR, offsetof(CsTiffPage, planar), 2 },
    { 322, offsetof(CsTiffPage, tile_width), 4 },
    { 323, offsetof(CsTiffPage, tile_height), 4 },
    { TAG_SAMPLE_FORMAT, offsetof(CsTiffPage, format), 2 },
};

/* Stores the first value of a field in the page, if it is one we know. Values
 * that do not fit become the largest that does, which no check lets pass. */
static bool
take_number(const CsTiffDir *dir, uint16_t tag, const CsTiffField *field,
            CsTiffPage *page, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(page_numbers); i++) {
        char *to = (char *) page + page_numbers[i].at;
        uint64_t value;

        if (page_numbers[i].tag != tag)
            continue;
        if (!cs_tiff_element(dir, field, 0, &value, error))
            return cs_blame(error, "tag %u", tag);
        if (page_numbers[i].size == 4)
            *(uint32_t *) to = (uint32_t) MIN(value, G_MAXUINT32);
        else
            *(uint16_t *) to = (uint16_t) MIN(value, G_MAXUINT16);
    }
    if (tag == TAG_STRIP_OFFSETS || tag == 324)
        page->offsets = *field;
    if (tag == TAG_STRIP_BYTES || tag == 325)
        page->sizes = *field;
    return true;
}

static uint64_t
word(CsCursor *cursor, bool is_big)
{
    return is_big ? cs_cursor_u64(cursor) : cs_cursor_u32(cursor);
}

static Tag
read_entry(CsCursor *cursor, bool is_big)
{
    size_t room = is_big ? 8 : 4;
    Tag tag = { 0 };

    tag.tag = cs_cursor_u16(cursor);
    tag.field.type = cs_cursor_u16(cursor);
    tag.field.count = word(cursor, is_big);
    tag.field.at = cursor->at;
    /* A value that fits is in the entry itself. */
    if (tag.field.count > room
        || tag.field.count * type_size(tag.field.type) > room)
        tag.field.at = word(cursor, is_big);
    else
        cs_cursor_skip(cursor, room);
    return tag;
}

/* Reads the directory at `at`; *next is the offset of the one after it. */
static bool
read_page(CsTiffDir *dir, CsCursor *cursor, uint64_t at, CsTiffPage *page,
          uint64_t *next, GError **error)
{
    bool is_first = dir->pages->len == 0;
    uint64_t n;

    *page = (CsTiffPage) {
        .ifd_at = at, .rows_per_strip = G_MAXUINT32, .bits = 1,
        .n_samples = 1, .format = 1, .compression = 1, .photometric = 1,
        .planar = 1, .fill_order = 1,
    };
    cs_cursor_seek(cursor, at);
    n = dir->is_big ? cs_cursor_u64(cursor) : cs_cursor_u16(cursor);
    if (!cs_cursor_ok(cursor, error))
        return false;
    if (n == 0 || n > MAX_ENTRIES)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "a directory at byte %" PRIu64 " has %" PRIu64
                       " entries (1 to %d can be)",
                       at, n, MAX_ENTRIES);
    for (uint64_t i = 0; i < n; i++) {
        Tag tag = read_entry(cursor, dir->is_big);

        if (!cs_cursor_ok(cursor, error)
            || !take_number(dir, tag.tag, &tag.field, page, error))
            return false;
        if (is_first)
            g_array_append_val(dir->tags, tag);
    }
    *next = word(cursor, dir->is_big);
    return cs_cursor_ok(cursor, error);
}

static bool
read_header(CsTiffDir *dir, CsCursor *cursor, uint64_t *first,
            GError **error)
{
    uint8_t order = cs_cursor_u8(cursor);
    uint16_t version;

    dir->big_endian = order == 'M';
    cursor->big_endian = dir->big_endian;
    cs_cursor_skip(cursor, 1);
    version = cs_cursor_u16(cursor);
    dir->is_big = version == 43;
    if (dir->is_big)
        cs_cursor_skip(cursor, 4);
    *first = word(cursor, dir->is_big);
    if (!cs_cursor_ok(cursor, error))
        return false;
    if ((order != 'I' && order != 'M') || (version != 42 && version != 43))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "does not begin like a TIFF file");
    if (*first == 0)
        return cs_fail(error, CS_ERROR_FORMAT, "there is no image in it");
    return true;
}

/* Walks the chain from `at`. False with an error only where the directory
 * that is being read is bad; pages before it stay. */
static bool
walk(CsTiffDir *dir, CsCursor *cursor, uint64_t at, GError **error)
{
    g_autoptr(GHashTable) seen = NULL;

    seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    while (at != 0) {
        CsTiffPage page;
        uint64_t next = 0;

        if (!g_hash_table_add(seen, g_memdup2(&at, sizeof at)))
            return cs_fail(error, CS_ERROR_FORMAT,
                           "its directories run in a circle at byte %" PRIu64,
                           at);
        if (dir->pages->len == MAX_PAGES)
            return cs_fail(error, CS_ERROR_LIMIT, "more than %d pages",
                           MAX_PAGES);
        if (!read_page(dir, cursor, at, &page, &next, error))
            return false;
        g_array_append_val(dir->pages, page);
        at = next;
    }
    return true;
}

bool
cs_tiff_dir_read(const CsSource *source, CsTiffDir *dir, GError **error)
{
    g_auto(CsCursor) cursor;
    g_auto(CsTiffDir) got = { .source = source };
    g_autoptr(GError) broken = NULL;
    uint64_t first;

    cs_cursor_init(&cursor, source, false);
    got.pages = g_array_new(FALSE, FALSE, sizeof(CsTiffPage));
    got.tags = g_array_new(FALSE, FALSE, sizeof(Tag));
    if (!read_header(&got, &cursor, &first, error))
        return false;
    if (!walk(&got, &cursor, first, &broken)) {
        if (got.pages->len == 0) {
            g_propagate_error(error, g_steal_pointer(&broken));
            return false;
        }
        got.broken = g_strdup(broken->message);
    }
    *dir = got;
    got = (CsTiffDir) { 0 };
    return true;
}

void
cs_tiff_dir_clear(CsTiffDir *dir)
{
    g_clear_pointer(&dir->pages, g_array_unref);
    g_clear_pointer(&dir->tags, g_array_unref);
    g_clear_pointer(&dir->broken, g_free);
}
