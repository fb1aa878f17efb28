/* TIFF directories, written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/tiff_ifd.h"

#include <math.h>
#include <string.h>

typedef struct {
    uint16_t tag;
    uint16_t type;
    uint64_t count;
    GBytes  *value; /* little-endian */
} Entry;

static void
clear_entry(gpointer entry)
{
    g_bytes_unref(((Entry *) entry)->value);
}

void
cs_ifd_init(CsIfd *ifd, bool is_big)
{
    ifd->is_big = is_big;
    ifd->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_array_set_clear_func(ifd->entries, clear_entry);
}

void
cs_ifd_clear(CsIfd *ifd)
{
    g_clear_pointer(&ifd->entries, g_array_unref);
}

static void
add(CsIfd *ifd, uint16_t tag, uint16_t type, uint64_t count,
    const void *value, size_t size)
{
    Entry entry = { tag, type, count, g_bytes_new(value, size) };

    g_array_append_val(ifd->entries, entry);
}

void
cs_ifd_add_short(CsIfd *ifd, uint16_t tag, uint16_t value)
{
    cs_ifd_add_shorts(ifd, tag, value, 1);
}

void
cs_ifd_add_shorts(CsIfd *ifd, uint16_t tag, uint16_t value, unsigned n)
{
    g_autofree uint16_t *values = g_new(uint16_t, n);

    for (unsigned i = 0; i < n; i++)
        values[i] = GUINT16_TO_LE(value);
    add(ifd, tag, TIFF_TYPE_SHORT, n, values, n * sizeof *values);
}

void
cs_ifd_add_long(CsIfd *ifd, uint16_t tag, uint32_t value)
{
    cs_ifd_add_longs(ifd, tag, &value, 1);
}

void
cs_ifd_add_longs(CsIfd *ifd, uint16_t tag, const uint32_t *values, size_t n)
{
    g_autofree uint32_t *swapped = g_new(uint32_t, n);

    for (size_t i = 0; i < n; i++)
        swapped[i] = GUINT32_TO_LE(values[i]);
    add(ifd, tag, TIFF_TYPE_LONG, n, swapped, n * sizeof *swapped);
}

void
cs_ifd_add_offset(CsIfd *ifd, uint16_t tag, uint64_t value)
{
    uint64_t swapped = GUINT64_TO_LE(value);

    if (ifd->is_big)
        add(ifd, tag, TIFF_TYPE_LONG8, 1, &swapped, sizeof swapped);
    else
        cs_ifd_add_long(ifd, tag, (uint32_t) value);
}

void
cs_ifd_add_double(CsIfd *ifd, uint16_t tag, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    bits = GUINT64_TO_LE(bits);
    add(ifd, tag, TIFF_TYPE_DOUBLE, 1, &bits, sizeof bits);
}

void
cs_ifd_add_ascii(CsIfd *ifd, uint16_t tag, const char *text)
{
    size_t n = strlen(text) + 1;

    add(ifd, tag, TIFF_TYPE_ASCII, n, text, n);
}

void
cs_ifd_add_bytes(CsIfd *ifd, uint16_t tag, const void *bytes, size_t n)
{
    add(ifd, tag, TIFF_TYPE_BYTE, n, bytes, n);
}

/* Convergents of the continued fraction, as long as both parts fit. */
static void
best_fraction(double value, uint32_t *over, uint32_t *under)
{
    double h0 = 0, h1 = 1, k0 = 1, k1 = 0, rest = value;

    for (int i = 0; i < 64; i++) {
        double whole = floor(rest);
        double h2 = whole * h1 + h0, k2 = whole * k1 + k0;

        if (h2 > G_MAXUINT32 || k2 > G_MAXUINT32)
            break;
        h0 = h1, k0 = k1;
        h1 = h2, k1 = k2;
        if (!(rest - whole > 1e-15))
            break;
        rest = 1 / (rest - whole);
    }
    *over = (uint32_t) h1;
    *under = (uint32_t) k1;
}

void
cs_ifd_add_rational(CsIfd *ifd, uint16_t tag, double value)
{
    uint32_t parts[2];

    best_fraction(CLAMP(value, 1. / G_MAXUINT32, G_MAXUINT32), &parts[0],
                  &parts[1]);
    if (parts[0] == 0 || parts[1] == 0)
        parts[0] = parts[1] = 1;
    parts[0] = GUINT32_TO_LE(parts[0]);
    parts[1] = GUINT32_TO_LE(parts[1]);
    add(ifd, tag, TIFF_TYPE_RATIONAL, 1, parts, sizeof parts);
}

/* ---- Bytes ---------------------------------------------------------------- */

static void
put(GByteArray *to, uint64_t value, size_t size)
{
    value = GUINT64_TO_LE(value);
    g_byte_array_append(to, (const guint8 *) &value, (guint) size);
}

static void
pad(GByteArray *to, size_t multiple)
{
    static const guint8 zeros[16] = { 0 };
    size_t over = to->len % multiple;

    if (over > 0)
        g_byte_array_append(to, zeros, (guint) (multiple - over));
}

GByteArray *
cs_ifd_bytes(const CsIfd *ifd, uint64_t at, uint64_t next)
{
    static const guint8 zeros[8] = { 0 };
    size_t word = ifd->is_big ? 8 : 4;
    size_t n = ifd->entries->len;
    size_t own = (ifd->is_big ? 8 : 2) + n * (4 + 2 * word) + word;
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(GByteArray) rest = g_byte_array_new();

    own = (own + 7) / 8 * 8;
    put(bytes, n, ifd->is_big ? 8 : 2);
    for (size_t i = 0; i < n; i++) {
        const Entry *entry = &g_array_index(ifd->entries, Entry, i);
        gsize size;
        const guint8 *value = g_bytes_get_data(entry->value, &size);

        put(bytes, entry->tag, 2);
        put(bytes, entry->type, 2);
        put(bytes, entry->count, word);
        if (size <= word) {
            g_byte_array_append(bytes, value, (guint) size);
            g_byte_array_append(bytes, zeros, (guint) (word - size));
        } else {
            put(bytes, at + own + rest->len, word);
            g_byte_array_append(rest, value, (guint) size);
            pad(rest, 8);
        }
    }
    put(bytes, next, word);
    pad(bytes, 8);
    g_byte_array_append(bytes, rest->data, rest->len);
    pad(bytes, 16);
    return bytes;
}
