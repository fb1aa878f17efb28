/* Zarr stores in zip files, packed by the libraries that pack real ones.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <blosc.h>
#include <stdbool.h>
#include <string.h>
#include <zip.h>
#include <zlib.h>
#include <zstd.h>

#include "samples.h"

enum { MAX_PACKED = 4096 };

static void
add(zip_t *zip, const char *key, const void *bytes, size_t n)
{
    zip_source_t *source
        = zip_source_buffer(zip, g_memdup2(bytes, n), n, 1);

    /* The memory is malloc's, as GLib's is. */
    g_assert_cmpint(zip_file_add(zip, key, source, 0), >=, 0);
}

static void
add_text(zip_t *zip, const char *key, const char *text)
{
    add(zip, key, text, strlen(text));
}

static GBytes *
finish(zip_t *zip, zip_source_t *memory)
{
    zip_stat_t status;
    guint8 *bytes;

    zip_source_keep(memory);
    g_assert_cmpint(zip_close(zip), ==, 0);
    g_assert_cmpint(zip_source_stat(memory, &status), ==, 0);
    bytes = g_malloc(status.size);
    g_assert_cmpint(zip_source_open(memory), ==, 0);
    g_assert_cmpint(zip_source_read(memory, bytes, status.size), ==,
                    (int) status.size);
    zip_source_close(memory);
    zip_source_free(memory);
    return g_bytes_new_take(bytes, status.size);
}

/* Two frames of 6 x 5, 16 bit, in chunks of 1 x 4 x 3: 16 of them. */
static void
draw_chunk(guint16 px[12], int t, int y, int x)
{
    for (int j = 0; j < 4; j++)
        for (int i = 0; i < 3; i++)
            px[3 * j + i] = (guint16) (1000 * t + 10 * (4 * y + j) + 3 * x + i
                                       + 1);
}

typedef size_t (*Pack)(const guint16 px[12], guint8 *to);

static size_t
pack_blosc(const guint16 px[12], guint8 *to)
{
    int n = blosc_compress_ctx(5, BLOSC_SHUFFLE, 2, 24, px, to, MAX_PACKED,
                               "lz4", 0, 1);

    g_assert_cmpint(n, >, 0);
    return (size_t) n;
}

static size_t
pack_zlib(const guint16 px[12], guint8 *to)
{
    guint8 big[24];
    uLongf n = MAX_PACKED;

    for (int i = 0; i < 12; i++) {
        big[2 * i] = (guint8) (px[i] >> 8);
        big[2 * i + 1] = (guint8) px[i];
    }
    g_assert_cmpint(compress(to, &n, big, sizeof big), ==, Z_OK);
    return n;
}

static size_t
pack_zstd(const guint16 px[12], guint8 *to)
{
    size_t n = ZSTD_compress(to, MAX_PACKED, px, 24, 3);

    g_assert_false(ZSTD_isError(n));
    return n;
}

static void
add_chunks(zip_t *zip, const char *format, Pack pack)
{
    for (int t = 0; t < 2; t++)
        for (int y = 0; y < 2; y++)
            for (int x = 0; x < 2; x++) {
                g_autofree char *key = g_strdup_printf(format, t, y, x);
                guint16 px[12];
                guint8 packed[MAX_PACKED];

                draw_chunk(px, t, y, x);
                add(zip, key, packed, pack(px, packed));
            }
}

static const char axis_format[]
    = "{\"_type\": \"UniformDataAxis\", \"name\": \"%s\", \"units\": \"%s\","
      " \"scale\": %g, \"offset\": 0.0, \"size\": %d, \"navigate\": %s}";

static void
add_axis(zip_t *zip, int number, const char *name, const char *unit,
         double scale)
{
    g_autofree char *key
        = g_strdup_printf("Experiments/gold/axis-%d/.zattrs", number);
    g_autofree char *text
        = g_strdup_printf(axis_format, name, unit, scale, 5,
                          number == 0 ? "true" : "false");

    add_text(zip, key, text);
}

static void
add_hyperspy(zip_t *zip)
{
    add_text(zip, ".zgroup", "{\"zarr_format\": 2}");
    add_text(zip, ".zattrs", "{\"file_format\": \"ZSpy\","
                             " \"file_format_version\": \"3.1\"}");
    add_axis(zip, 0, "time", "s", 0.5);
    add_axis(zip, 1, "y", "nm", 0.25);
    add_axis(zip, 2, "x", "nm", 0.25);
    add_text(zip, "Experiments/gold/data/.zarray",
             "{\"zarr_format\": 2, \"shape\": [2, 5, 6], \"chunks\":"
             " [1, 4, 3], \"dtype\": \"<u2\", \"fill_value\": 0, \"order\":"
             " \"C\", \"filters\": null, \"compressor\": {\"id\": \"blosc\","
             " \"cname\": \"lz4\", \"clevel\": 5, \"shuffle\": 1}}");
    add_chunks(zip, "Experiments/gold/data/%d.%d.%d", pack_blosc);
}

#define OME_IMAGE                                                             \
    "\"multiscales\": [{\"axes\": [{\"name\": \"t\", \"type\": \"time\","     \
    " \"unit\": \"millisecond\"}, {\"name\": \"y\", \"type\": \"space\","     \
    " \"unit\": \"angstrom\"}, {\"name\": \"x\", \"type\": \"space\","        \
    " \"unit\": \"nanometer\"}], \"datasets\": [{\"path\": \"0\","            \
    " \"coordinateTransformations\": [{\"type\": \"scale\", \"scale\":"       \
    " [500, 2.5, 0.25]}]}]}]"

static void
add_ome_4(zip_t *zip)
{
    add_text(zip, ".zgroup", "{\"zarr_format\": 2}");
    add_text(zip, ".zattrs", "{" OME_IMAGE "}");
    add_text(zip, "0/.zarray",
             "{\"zarr_format\": 2, \"shape\": [2, 5, 6], \"chunks\":"
             " [1, 4, 3], \"dtype\": \">u2\", \"fill_value\": 0, \"order\":"
             " \"C\", \"filters\": null, \"dimension_separator\": \"/\","
             " \"compressor\": {\"id\": \"zlib\", \"level\": 1}}");
    add_chunks(zip, "0/%d/%d/%d", pack_zlib);
}

static void
add_ome_5(zip_t *zip)
{
    add_text(zip, "zarr.json",
             "{\"zarr_format\": 3, \"node_type\": \"group\","
             " \"attributes\": {\"ome\": {\"version\": \"0.5\", " OME_IMAGE
             "}}}");
    add_text(zip, "0/zarr.json",
             "{\"zarr_format\": 3, \"node_type\": \"array\", \"shape\":"
             " [2, 5, 6], \"data_type\": \"uint16\", \"chunk_grid\":"
             " {\"name\": \"regular\", \"configuration\": {\"chunk_shape\":"
             " [1, 4, 3]}}, \"chunk_key_encoding\": {\"name\": \"default\"},"
             " \"fill_value\": 7, \"codecs\": [{\"name\": \"bytes\","
             " \"configuration\": {\"endian\": \"little\"}}, {\"name\":"
             " \"zstd\", \"configuration\": {\"level\": 3}}]}");
    add_chunks(zip, "0/c/%d/%d/%d", pack_zstd);
}

/* Three frames in two chunks, of which the second is not stored. */
static void
add_plain(zip_t *zip)
{
    guint8 px[24];

    for (int i = 0; i < 24; i++)
        px[i] = (guint8) (5 * i);
    add_text(zip, ".zarray",
             "{\"zarr_format\": 2, \"shape\": [3, 3, 4], \"chunks\":"
             " [2, 3, 4], \"dtype\": \"|u1\", \"fill_value\": 9, \"order\":"
             " \"C\", \"filters\": null, \"compressor\": null}");
    add(zip, "0.0.0", px, sizeof px);
}

/* ---- Shards --------------------------------------------------------------- */

/* CRC-32C, bit by bit. */
static guint32
crc32c(const guint8 *bytes, size_t n)
{
    guint32 sum = 0xffffffffu;

    for (size_t i = 0; i < 8 * n; i++) {
        guint32 bit = (sum ^ bytes[i / 8] >> i % 8) & 1;

        sum = sum >> 1 ^ bit * 0x82f63b78u;
    }
    return ~sum;
}

static void
put_number(guint8 *to, guint64 number)
{
    for (int i = 0; i < 8; i++)
        to[i] = (guint8) (number >> 8 * i);
}

/* One shard of 2 x 1 x 2 chunks, those of row y, last ones first; the chunk
 * at t 1, x 1 of row 1 is not stored. */
static void
add_shard(zip_t *zip, int y, bool index_is_first)
{
    guint8 bytes[MAX_PACKED * 5], index[4 * 16 + 4];
    size_t lead = index_is_first ? 64 : 0, n = lead;
    g_autofree char *key = g_strdup_printf("c/0/%d/0", y);

    memset(index, 0xff, sizeof index);
    for (int i = 3; i >= 0; i--) {
        guint16 px[12];
        size_t n_packed;

        if (y == 1 && i == 3)
            continue;
        draw_chunk(px, i / 2, y, i % 2);
        n_packed = pack_zstd(px, bytes + n);
        put_number(index + 16 * i, n);
        put_number(index + 16 * i + 8, n_packed);
        n += n_packed;
    }
    if (index_is_first) {
        memcpy(bytes, index, 64);
    } else {
        guint32 sum = GUINT32_TO_LE(crc32c(index, 64));

        memcpy(bytes + n, index, 64);
        memcpy(bytes + n + 64, &sum, sizeof sum);
        n += 68;
    }
    add(zip, key, bytes, n);
}

static void
add_sharded(zip_t *zip, bool index_is_first)
{
    g_autofree char *json = g_strdup_printf(
        "{\"zarr_format\": 3, \"node_type\": \"array\", \"shape\":"
        " [2, 5, 6], \"data_type\": \"uint16\", \"chunk_grid\":"
        " {\"name\": \"regular\", \"configuration\": {\"chunk_shape\":"
        " [2, 4, 6]}}, \"chunk_key_encoding\": {\"name\": \"default\"},"
        " \"fill_value\": 7, \"codecs\": [{\"name\":"
        " \"sharding_indexed\", \"configuration\": {\"chunk_shape\":"
        " [1, 4, 3], \"codecs\": [{\"name\": \"bytes\","
        " \"configuration\": {\"endian\": \"little\"}}, {\"name\":"
        " \"zstd\", \"configuration\": {\"level\": 3}}],"
        " \"index_codecs\": [{\"name\": \"bytes\", \"configuration\":"
        " {\"endian\": \"little\"}}%s], \"index_location\": \"%s\"}}]}",
        index_is_first ? "" : ", {\"name\": \"crc32c\"}",
        index_is_first ? "start" : "end");

    add_text(zip, "zarr.json", json);
    add_shard(zip, 0, index_is_first);
    add_shard(zip, 1, index_is_first);
}

static void
add_sharded_end(zip_t *zip)
{
    add_sharded(zip, false);
}

static void
add_sharded_start(zip_t *zip)
{
    add_sharded(zip, true);
}

GBytes *
cs_sample_zarr(int variant)
{
    static void (*const makers[])(zip_t *)
        = { add_hyperspy, add_ome_4, add_ome_5, add_plain, add_sharded_end,
            add_sharded_start };
    zip_source_t *memory;
    zip_t *zip;

    if (variant < 0 || variant >= (int) G_N_ELEMENTS(makers))
        return NULL;
    memory = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip = zip_open_from_source(memory, ZIP_TRUNCATE, NULL);
    g_assert_nonnull(zip);
    makers[variant](zip);
    return finish(zip, memory);
}
