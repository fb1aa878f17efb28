/* MIB files of Merlin detectors: all depths, and raw counters of one chip.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "samples.h"

enum { CHIP = 256 };

typedef struct {
    const char *type;
    int         depth;
    unsigned    side;     /* of raw frames 256 */
    unsigned    n_bytes;  /* a pixel; 0: eight pixels a byte */
    unsigned    n_frames;
    unsigned    n_header;
    gboolean    is_old;   /* without the fields behind "MQ1A" */
} Plan;

static void
add_header(GByteArray *to, const Plan *p, unsigned k)
{
    g_autofree char *tail = p->is_old ? g_strdup("") : g_strdup_printf(
        "MQ1A,2021-05-07T16:51:10.%09uZ,100000000ns,%d,", 905800928 + k * 5000,
        p->depth);
    g_autofree char *text = g_strdup_printf(
        "MQ1,%06u,%05u,01,%04u,%04u,%s,   1x1,01,2021-05-07 18:51:%02u.905800,"
        "0.100000,0,0,0,4.0E+1,3RX,068,511,%s",
        k + 1, p->n_header, p->side, p->side, p->type, 10 + k, tail);

    cs_sample_text(to, text, p->n_header);
}

static GBytes *
draw(const Plan *p)
{
    GByteArray *file = g_byte_array_new();
    unsigned n = p->side * p->side;

    for (unsigned k = 0; k < p->n_frames; k++) {
        add_header(file, p, k);
        if (p->n_bytes == 0)
            for (unsigned i = 0; i < n / 8; i++)
                cs_sample_uint(file, i + k, 1, TRUE);
        else
            for (unsigned i = 0; i < n; i++)
                cs_sample_uint(file, i % 59 + k, p->n_bytes, TRUE);
    }
    return g_byte_array_free_to_bytes(file);
}

/* The large ones, which would take the suite long, are numbered from 100. */
GBytes *
cs_sample_mib(int variant)
{
    static const Plan plans[] = {
        { "U08", 6, 8, 1, 3, 384, FALSE },
        { "U16", 12, 8, 2, 2, 384, TRUE },
        { "U32", 24, 4, 4, 2, 768, FALSE },
        { "R64", 1, CHIP, 0, 1, 384, FALSE },
    };
    static const Plan large[] = {
        { "R64", 6, CHIP, 1, 1, 384, FALSE },
        { "R64", 12, CHIP, 2, 1, 384, FALSE },
        { "R64", 24, CHIP, 4, 1, 384, FALSE },
    };

    if (variant >= 100 && variant < 100 + (int) G_N_ELEMENTS(large))
        return draw(&large[variant - 100]);
    return variant >= 0 && variant < (int) G_N_ELEMENTS(plans)
               ? draw(&plans[variant])
               : NULL;
}
