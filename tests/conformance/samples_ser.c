/* SER files of TIA: both sizes of offsets, room for more than was taken, bad
 * tags.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "samples.h"

enum { WIDTH = 5, HEIGHT = 3 };

typedef struct {
    unsigned version;
    unsigned n_total, n_valid;
    unsigned type;
    unsigned n_bytes;     /* of a pixel */
    unsigned seconds;     /* between tags; 0: all the same */
    gboolean has_bad_tag; /* the last tag's offset is the file's end */
} Plan;

static guint64
offset_of(const Plan *p, guint first, unsigned i)
{
    return first + i * (50 + WIDTH * HEIGHT * p->n_bytes + 8);
}

static void
add_table(GByteArray *to, const Plan *p, guint first, guint shift)
{
    unsigned n_bytes = p->version == 0x0220 ? 8 : 4;

    for (unsigned i = 0; i < p->n_total; i++) {
        guint64 at = offset_of(p, first, i) + shift;

        if (shift > 0 && p->has_bad_tag && i + 1 == p->n_valid)
            at += 8;
        cs_sample_uint(to, i < p->n_valid ? at : 0, n_bytes, FALSE);
    }
}

static void
add_element(GByteArray *to, const Plan *p, unsigned k)
{
    for (int axis = 0; axis < 2; axis++) {
        cs_sample_double(to, -1e-8, FALSE);
        cs_sample_double(to, 2.5e-10, FALSE);
        cs_sample_uint(to, 0, 4, FALSE);
    }
    cs_sample_uint(to, p->type, 2, FALSE);
    cs_sample_uint(to, WIDTH, 4, FALSE);
    cs_sample_uint(to, HEIGHT, 4, FALSE);
    for (unsigned i = 0; i < WIDTH * HEIGHT; i++)
        if (p->type == 7)
            cs_sample_float(to, (float) (i + 16 * k), FALSE);
        else if (p->type == 10) {
            cs_sample_double(to, i + 16 * k, FALSE);
            cs_sample_double(to, 0, FALSE);
        } else
            cs_sample_uint(to, i + 16 * k, p->n_bytes, FALSE);
    cs_sample_uint(to, 0x4152, 4, FALSE);
    cs_sample_uint(to, 1456076161 + p->seconds * k, 4, FALSE);
}

static GBytes *
draw(const Plan *p)
{
    GByteArray *file = g_byte_array_new();
    unsigned n_bytes = p->version == 0x0220 ? 8 : 4;
    guint table_at = 22 + n_bytes + 4 + 28 + 6 + 4;
    guint first = table_at + 2 * p->n_total * n_bytes;

    cs_sample_text(file, "\x49\x49\x97\x01", 4);
    cs_sample_uint(file, p->version, 2, FALSE);
    cs_sample_uint(file, 0x4122, 4, FALSE);
    cs_sample_uint(file, 0x4152, 4, FALSE);
    cs_sample_uint(file, p->n_total, 4, FALSE);
    cs_sample_uint(file, p->n_valid, 4, FALSE);
    cs_sample_uint(file, table_at, n_bytes, FALSE);
    cs_sample_uint(file, 1, 4, FALSE);
    cs_sample_uint(file, p->n_total, 4, FALSE);
    cs_sample_double(file, 0, FALSE);
    cs_sample_double(file, 1, FALSE);
    cs_sample_uint(file, 0, 4, FALSE);
    cs_sample_uint(file, 6, 4, FALSE);
    cs_sample_text(file, "Number", 6);
    cs_sample_uint(file, 0, 4, FALSE);
    add_table(file, p, first, 0);
    add_table(file, p, first, 50 + WIDTH * HEIGHT * p->n_bytes);
    for (unsigned k = 0; k < p->n_valid; k++)
        add_element(file, p, k);
    return g_byte_array_free_to_bytes(file);
}

GBytes *
cs_sample_ser(int variant)
{
    static const Plan plans[] = {
        { 0x0210, 1, 1, 2, 2, 0, FALSE },  { 0x0220, 3, 3, 7, 4, 2, FALSE },
        { 0x0210, 9, 4, 5, 2, 0, FALSE },  { 0x0220, 4, 2, 1, 1, 1, TRUE },
        { 0x0210, 2, 2, 10, 16, 3, FALSE },
    };

    return variant >= 0 && variant < (int) G_N_ELEMENTS(plans)
               ? draw(&plans[variant])
               : NULL;
}
