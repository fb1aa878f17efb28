/* StreamPix sequences: old and new headers, with and without stamps.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "samples.h"

enum { WIDTH = 6, HEIGHT = 3 };

typedef struct {
    unsigned version, n_bits, n_frames, n_told;
    unsigned n_filled; /* bytes behind the pixels */
} Plan;

static GBytes *
draw(const Plan *p)
{
    GByteArray *file = g_byte_array_new();
    unsigned n = WIDTH * HEIGHT * p->n_bits / 8;
    const unsigned words[] = {
        WIDTH, HEIGHT, p->n_bits, p->n_bits, n, 100, p->n_told, 0,
        n + p->n_filled,
    };

    cs_sample_uint(file, 0xfeed, 4, FALSE);
    for (const char *at = "Norpix seq"; *at != '\0'; at++)
        cs_sample_uint(file, (guint8) *at, 2, FALSE);
    cs_sample_text(file, "", 28 - file->len);
    cs_sample_uint(file, p->version, 4, FALSE);
    cs_sample_uint(file, 1024, 4, FALSE);
    cs_sample_text(file, "", 512);
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        cs_sample_uint(file, words[i], 4, FALSE);
    cs_sample_double(file, 25, FALSE);
    cs_sample_text(file, "", (p->version >= 5 ? 8192 : 1024) - file->len);
    for (unsigned k = 0; k < p->n_frames; k++) {
        guint end = file->len + n + p->n_filled;

        for (unsigned i = 0; i < WIDTH * HEIGHT; i++)
            cs_sample_uint(file, i + 20 * k, p->n_bits / 8, FALSE);
        if (p->n_filled >= 8) {
            cs_sample_uint(file, 1456076161, 4, FALSE);
            cs_sample_uint(file, 100 + 40 * k, 2, FALSE);
            cs_sample_uint(file, 250 + k, 2, FALSE);
        }
        cs_sample_text(file, "", end - file->len);
    }
    return g_byte_array_free_to_bytes(file);
}

GBytes *
cs_sample_seq(int variant)
{
    static const Plan plans[] = {
        { 3, 8, 3, 3, 10 }, { 5, 16, 2, 0, 8 }, { 3, 32, 2, 2, 0 },
    };

    return variant >= 0 && variant < (int) G_N_ELEMENTS(plans)
               ? draw(&plans[variant])
               : NULL;
}
