/* The table of samples.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples.h"

#include <string.h>

static const struct {
    const char *reader;
    GBytes *(*make)(int variant);
} makers[] = {
    { "dm", cs_sample_dm },
    { "mrc", cs_sample_mrc },
    { "tiff", cs_sample_tiff },
    { "png", cs_sample_png },
    { "jpeg", cs_sample_jpeg },
    { "ser", cs_sample_ser },
    { "tvips", cs_sample_tvips },
    { "mib", cs_sample_mib },
    { "seq", cs_sample_seq },
    { "mrc-packed", cs_sample_mrc_packed },
    { "hdf5", cs_sample_hdf5 },
    { "video", cs_sample_video },
    { "zarr", cs_sample_zarr },
};

GBytes *
cs_sample(const char *reader_name, int variant)
{
    for (size_t i = 0; i < G_N_ELEMENTS(makers); i++)
        if (strcmp(makers[i].reader, reader_name) == 0)
            return makers[i].make(variant);
    return NULL;
}

void
cs_sample_uint(GByteArray *to, guint64 value, unsigned n, gboolean big_endian)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned shift = 8 * (big_endian ? n - 1 - i : i);
        guint8 byte = (guint8) (value >> shift);

        g_byte_array_append(to, &byte, 1);
    }
}

void
cs_sample_float(GByteArray *to, float value, gboolean big_endian)
{
    guint32 bits;

    memcpy(&bits, &value, sizeof bits);
    cs_sample_uint(to, bits, 4, big_endian);
}

void
cs_sample_double(GByteArray *to, double value, gboolean big_endian)
{
    guint64 bits;

    memcpy(&bits, &value, sizeof bits);
    cs_sample_uint(to, bits, 8, big_endian);
}

void
cs_sample_text(GByteArray *to, const char *text, size_t n_padded)
{
    size_t n = MIN(strlen(text), n_padded);

    g_byte_array_append(to, (const guint8 *) text, (guint) n);
    for (; n < n_padded; n++)
        g_byte_array_append(to, (const guint8 *) "", 1);
}
