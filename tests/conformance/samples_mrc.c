/* MRC files: modes, byte orders, extended headers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "samples.h"

enum { HEADER = 1024, FEI1_RECORD = 768 };

typedef struct {
    int         mode;
    unsigned    width, height, n_frames;
    gboolean    big_endian;
    const char *extended; /* "FEI1", "SERI" or "" */
} Plan;

/* Bytes of n pixels of a row. */
static unsigned
row_bytes(int mode, unsigned n)
{
    switch (mode) {
    case 0: return n;
    case 1: case 6: case 12: return 2 * n;
    case 4: return 8 * n;
    case 101: return (n + 1) / 2;
    default: return 4 * n;
    }
}

static void
put(GByteArray *file, guint at, guint64 number, unsigned n, gboolean big)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    cs_sample_uint(bytes, number, n, big);
    memcpy(file->data + at, bytes->data, bytes->len);
}

static void
put_float(GByteArray *file, guint at, float number, gboolean big)
{
    guint32 bits;

    memcpy(&bits, &number, sizeof bits);
    put(file, at, bits, 4, big);
}

static void
put_double(GByteArray *file, guint at, double number, gboolean big)
{
    guint64 bits;

    memcpy(&bits, &number, sizeof bits);
    put(file, at, bits, 8, big);
}

static void
put_header(GByteArray *file, const Plan *p, unsigned n_extended)
{
    const unsigned sizes[] = { p->width, p->height, p->n_frames };

    for (guint i = 0; i < 3; i++) {
        put(file, 4 * i, sizes[i], 4, p->big_endian);
        put(file, 28 + 4 * i, sizes[i], 4, p->big_endian);
        put_float(file, 40 + 4 * i, (float) sizes[i] * 2.5f, p->big_endian);
        put(file, 64 + 4 * i, i + 1, 4, p->big_endian);
    }
    put(file, 12, (guint64) p->mode, 4, p->big_endian);
    put(file, 92, n_extended, 4, p->big_endian);
    memcpy(file->data + 104, p->extended, strlen(p->extended));
    put(file, 108, 20140, 4, p->big_endian);
    memcpy(file->data + 208, "MAP ", 4);
    memcpy(file->data + 212, p->big_endian ? "\x11\x11" : "\x44\x44", 2);
}

/* A time half a second after the one before, a pixel of 0.2 nm, 300 kV, and
 * the masks that say so. */
static void
put_fei_record(GByteArray *file, guint at, unsigned frame, gboolean big)
{
    put(file, at, FEI1_RECORD, 4, big);
    put(file, at + 8, 1u << 0 | 1u << 5 | 1u << 14 | 1u << 15, 4, FALSE);
    put_double(file, at + 12, 43000 + 0.5 * frame / 86400, big);
    put_double(file, at + 84, 300000, big);
    put_double(file, at + 156, 0.2e-9, big);
    put_double(file, at + 164, 0.2e-9, big);
}

static GBytes *
draw(const Plan *p)
{
    unsigned stride = row_bytes(p->mode, p->width) * p->height;
    gboolean is_fei = strcmp(p->extended, "FEI1") == 0;
    unsigned n_extended = is_fei                 ? FEI1_RECORD * p->n_frames
                          : *p->extended != '\0' ? 128
                                                 : 0;
    GByteArray *file = g_byte_array_new();

    cs_sample_text(file, "", HEADER + n_extended);
    put_header(file, p, n_extended);
    for (unsigned k = 0; is_fei && k < p->n_frames; k++)
        put_fei_record(file, HEADER + FEI1_RECORD * k, k, p->big_endian);
    for (unsigned i = 0; i < stride * p->n_frames; i++)
        cs_sample_uint(file, i % 59, 1, FALSE);
    return g_byte_array_free_to_bytes(file);
}

GBytes *
cs_sample_mrc(int variant)
{
    static const Plan plans[] = {
        { 6, 6, 4, 1, FALSE, "" },    { 1, 5, 3, 4, TRUE, "FEI1" },
        { 2, 5, 3, 2, TRUE, "" },     { 0, 7, 4, 3, FALSE, "SERI" },
        { 12, 3, 3, 2, FALSE, "" },   { 101, 5, 3, 2, FALSE, "" },
        { 4, 2, 2, 1, TRUE, "" },     { 6, 5, 4, 3, FALSE, "FEI1" },
    };

    return variant >= 0 && variant < (int) G_N_ELEMENTS(plans)
               ? draw(&plans[variant])
               : NULL;
}
