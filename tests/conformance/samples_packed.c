/* MRC files packed by zlib and libbz2, whole and in two members.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <bzlib.h>
#include <string.h>
#include <zlib.h>

#include "samples.h"

static void
add_gzip(GByteArray *to, const guint8 *from, gsize n)
{
    guint8 packed[1 << 14];
    z_stream z = { 0 };

    g_assert_cmpint(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8,
                                 Z_DEFAULT_STRATEGY), ==, Z_OK);
    z.next_in = (Bytef *) from;
    z.avail_in = (uInt) n;
    z.next_out = packed;
    z.avail_out = sizeof packed;
    g_assert_cmpint(deflate(&z, Z_FINISH), ==, Z_STREAM_END);
    g_byte_array_append(to, packed, (guint) (sizeof packed - z.avail_out));
    deflateEnd(&z);
}

static void
add_bzip2(GByteArray *to, const guint8 *from, gsize n)
{
    char packed[1 << 14];
    unsigned n_packed = sizeof packed;

    g_assert_cmpint(BZ2_bzBuffToBuffCompress(packed, &n_packed,
                                             (char *) from, (unsigned) n, 1,
                                             0, 0), ==, BZ_OK);
    g_byte_array_append(to, (const guint8 *) packed, n_packed);
}

GBytes *
cs_sample_mrc_packed(int variant)
{
    g_autoptr(GBytes) plain = NULL;
    GByteArray *file;
    const guint8 *data;
    gsize n;

    if (variant < 0 || variant > 3)
        return NULL;
    plain = cs_sample("mrc", 2 + variant / 2);
    data = g_bytes_get_data(plain, &n);
    file = g_byte_array_new();
    if (variant == 0)
        add_gzip(file, data, n);
    if (variant == 1)
        add_bzip2(file, data, n);
    if (variant == 2) {
        add_gzip(file, data, 1050);
        add_gzip(file, data + 1050, n - 1050);
    }
    if (variant == 3) {
        add_bzip2(file, data, 1050);
        add_bzip2(file, data + 1050, n - 1050);
    }
    return g_byte_array_free_to_bytes(file);
}
