/* Streams of the TVIPS recorder: both versions, 8 and 16 bits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples.h"

enum { WIDTH = 5, HEIGHT = 4 };

typedef struct {
    unsigned version, n_bits, header_bytes, n_frames;
    unsigned pixel_nm, mode;
} Plan;

static void
add_frame(GByteArray *to, const Plan *p, unsigned k)
{
    unsigned n_header = p->version == 1 ? 12 : p->header_bytes;
    guint from = to->len;

    cs_sample_uint(to, k, 4, FALSE);
    cs_sample_uint(to, 1456076161 + (900 + 40 * k) / 1000, 4, FALSE);
    cs_sample_uint(to, (900 + 40 * k) % 1000, 4, FALSE);
    if (n_header >= 28) {
        cs_sample_text(to, "", 12);
        cs_sample_uint(to, p->mode, 4, FALSE);
    }
    cs_sample_text(to, "", n_header - (to->len - from));
    for (unsigned i = 0; i < WIDTH * HEIGHT; i++)
        cs_sample_uint(to, i + 20 * k, p->n_bits / 8, FALSE);
}

static GBytes *
draw(const Plan *p)
{
    GByteArray *file = g_byte_array_new();
    const unsigned words[] = {
        256, p->version, WIDTH, HEIGHT, p->n_bits, 0, 0, 2, 2, p->pixel_nm,
        300, 25000, p->header_bytes,
    };

    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        cs_sample_uint(file, words[i], 4, FALSE);
    while (file->len < 256)
        cs_sample_text(file, "TVIPS ", MIN(6, 256 - file->len));
    for (unsigned k = 0; k < p->n_frames; k++)
        add_frame(file, p, k);
    return g_byte_array_free_to_bytes(file);
}

GBytes *
cs_sample_tvips(int variant)
{
    static const Plan plans[] = {
        { 2, 16, 108, 3, 2, 1 },
        { 1, 8, 0, 4, 15500, 0 },
        { 2, 8, 60, 1, 1, 2 },
        { 2, 16, 12, 2, 0, 0 },
    };

    return variant >= 0 && variant < (int) G_N_ELEMENTS(plans)
               ? draw(&plans[variant])
               : NULL;
}
