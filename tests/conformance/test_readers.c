/* What every reader must do, asked of each entry of cs_readers alike.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/reader.h"
#include "core/alloc.h"
#include "samples.h"

enum {
    ALL_BYTES = 4096, /* of a sample are cut or flipped; further on some */
    FEW_BYTES = 8,    /* the same where a process is forked for each      */
    SOME_MORE = 199,
    FEWER_MORE = 12,
    FEW_MORE = 3,     /* where a program is started for every one        */
    MAX_FRAMES = 8,   /* looked at in a damaged file                     */
};

typedef struct {
    const CsReader *reader;
    CsSource       *source;
    CsSeriesInfo    info;
    void           *state;
} Opened;

static CsSource *
memory_source(GBytes *bytes, const CsReader *reader)
{
    g_autofree char *name = g_strconcat("sample", reader->suffixes[0], NULL);

    return cs_source_from_bytes(bytes, name);
}

static bool
open_bytes(Opened *o, const CsReader *reader, GBytes *bytes, GError **error)
{
    *o = (Opened) { reader, memory_source(bytes, reader),
                    CS_SERIES_INFO_INIT, NULL };
    return reader->open(o->source, &o->info, &o->state, error);
}

static void
close_opened(Opened *o)
{
    o->reader->close(o->state);
    cs_series_info_clear(&o->info);
    cs_source_unref(o->source);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Opened, close_opened)

static char *
fingerprint(const CsFrame *frame)
{
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, frame->px,
                                       cs_frame_n_bytes(frame));
}

/* Checks that a failure is one of ours and told in words. */
static void
assert_explained(const GError *error)
{
    g_assert_nonnull(error);
    g_assert_true(error->domain == CS_ERROR);
    g_assert_cmpuint(strlen(error->message), >, 5);
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
}

static void
assert_info_is_sane(const CsSeriesInfo *info)
{
    g_assert_cmpuint(info->width, >, 0);
    g_assert_cmpuint(info->width, <=, CS_MAX_SIDE);
    g_assert_cmpuint(info->height, >, 0);
    g_assert_cmpuint(info->height, <=, CS_MAX_SIDE);
    g_assert_cmpuint(info->n_frames, >, 0);
    g_assert_cmpuint(info->n_frames, <=, info->n_frames_declared);
    g_assert_cmpuint(info->n_channels, >=, 1);
    g_assert_cmpuint(info->n_channels, <=, 4);
    g_assert_cmpint(info->type, <, CS_N_PIXEL_TYPES);
    g_assert_true(info->clock.n_frames == 0
                  || info->clock.n_frames == info->n_frames);
}

static void
assert_frame_is_as_told(const CsFrame *frame, const CsSeriesInfo *info)
{
    g_assert_cmpuint(frame->width, ==, info->width);
    g_assert_cmpuint(frame->height, ==, info->height);
    g_assert_cmpuint(frame->n_channels, ==, info->n_channels);
    g_assert_cmpint(frame->type, ==, info->type);
    g_assert_nonnull(frame->px);
}

static bool
starts_programs(const CsReader *reader)
{
    return strcmp(reader->name, "video") == 0;
}

static void
no_sample(const CsReader *reader)
{
    g_autofree char *program = g_find_program_in_path("ffmpeg");

    if (starts_programs(reader) && program == NULL)
        g_test_skip("ffmpeg is not installed");
    else
        g_error("reader %s has no sample in tests/conformance", reader->name);
}

/* Runs check on every sample of a reader. */
static void
for_each_sample(const CsReader *reader,
                void (*check)(const CsReader *, GBytes *))
{
    int n = 0;

    for (;; n++) {
        g_autoptr(GBytes) bytes = cs_sample(reader->name, n);

        if (bytes == NULL)
            break;
        check(reader, bytes);
    }
    if (n == 0)
        no_sample(reader);
}

/* HDF5 goes first in a copy of the process, some milliseconds for each file;
 * our own readers take microseconds. */
static bool
forks(const CsReader *reader)
{
    return strcmp(reader->name, "hdf5") == 0;
}

static gsize
all_bytes(const CsReader *reader)
{
    if (starts_programs(reader))
        return 1;
    return forks(reader) ? FEW_BYTES : ALL_BYTES;
}

/* ---- Properties ----------------------------------------------------------- */

static void
check_claim(const CsReader *reader, GBytes *bytes)
{
    gsize n;
    const guint8 *head = g_bytes_get_data(bytes, &n);
    int own;

    n = MIN(n, CS_PROBE_BYTES);
    own = reader->probe(head, n);
    g_assert_cmpint(own, >, 0);
    g_assert_cmpint(own, <=, 100);
    for (size_t i = 0; cs_readers[i] != NULL; i++)
        if (cs_readers[i] != reader)
            g_assert_cmpint(cs_readers[i]->probe(head, n), <, own);
    for (gsize k = 0; k <= n; k++) {
        g_autofree guint8 *copy = g_memdup2(head, k);

        reader->probe(copy, k);
    }
}

static void
claims_its_own_and_not_the_others(gconstpointer reader)
{
    for_each_sample(reader, check_claim);
}

static void
check_reading(const CsReader *reader, GBytes *bytes)
{
    g_auto(Opened) o;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    open_bytes(&o, reader, bytes, &error);
    g_assert_no_error(error);
    assert_info_is_sane(&o.info);
    g_assert_cmpuint(o.info.n_frames, ==, o.info.n_frames_declared);
    for (size_t i = 0; i < o.info.n_frames; i++) {
        g_assert_true(reader->read(o.state, i, &frame, &error));
        g_assert_no_error(error);
        assert_frame_is_as_told(&frame, &o.info);
        g_ptr_array_add(seen, fingerprint(&frame));
        for (size_t j = 0; j < i; j++)
            g_assert_cmpstr(seen->pdata[i], !=, seen->pdata[j]);
    }
    for (size_t i = o.info.n_frames; i-- > 0;) {
        g_autofree char *again = NULL;

        g_assert_true(reader->read(o.state, i, &frame, &error));
        again = fingerprint(&frame);
        g_assert_cmpstr(seen->pdata[i], ==, again);
    }
}

static void
reads_what_its_info_says_in_any_order(gconstpointer reader)
{
    for_each_sample(reader, check_reading);
}

/* Opens and reads a damaged file. Failures must be explained; what is read
 * must be as told. Gives the number of frames read, -1 if it did not open. */
static int
try_damaged(const CsReader *reader, GBytes *bytes, Opened *o,
            GPtrArray *fingerprints, GError **error)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    int n = 0;

    if (!open_bytes(o, reader, bytes, error)) {
        g_assert_null(o->state);
        g_assert_cmpuint(o->info.width, ==, 0);
        g_assert_null(o->info.notes);
        assert_explained(error != NULL ? *error : NULL);
        return -1;
    }
    assert_info_is_sane(&o->info);
    for (size_t i = 0; i < MIN(o->info.n_frames, MAX_FRAMES); i++) {
        if (!reader->read(o->state, i, &frame, error)) {
            assert_explained(*error);
            break;
        }
        assert_frame_is_as_told(&frame, &o->info);
        if (fingerprints != NULL)
            g_ptr_array_add(fingerprints, fingerprint(&frame));
        n++;
    }
    return n;
}

/* A cut file either gives the same frames as the whole one, or fewer with a
 * note, or an error that says the bytes are at fault. */
static void
check_cut(const CsReader *reader, GBytes *bytes, gsize n, GPtrArray *whole)
{
    g_autoptr(GBytes) cut = g_bytes_new_from_bytes(bytes, 0, n);
    g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_auto(Opened) o;
    int n_read = try_damaged(reader, cut, &o, seen, &error);

    if (error != NULL) {
        g_assert_cmpint(error->code, ==, CS_ERROR_FORMAT);
        return;
    }
    g_assert_cmpint(n_read, <=, (int) whole->len);
    for (guint i = 0; i < seen->len; i++)
        g_assert_cmpstr(seen->pdata[i], ==, whole->pdata[i]);
    if (seen->len < whole->len)
        g_assert_true(o.info.notes != NULL && o.info.notes->len > 0);
}

/* The next place to cut or flip: each one first, then about 200 more. */
static gsize
next_place(const CsReader *reader, gsize at, gsize n, gsize all)
{
    gsize more = starts_programs(reader) ? FEW_MORE
                 : forks(reader)         ? FEWER_MORE
                                         : SOME_MORE;

    return at < all ? at + 1 : at + 1 + (n - all) / more;
}

static void
cut_everywhere(const CsReader *reader, GBytes *bytes, gsize all)
{
    g_autoptr(GPtrArray) whole = g_ptr_array_new_with_free_func(g_free);
    gsize n = g_bytes_get_size(bytes);
    g_autoptr(GError) error = NULL;
    g_auto(Opened) o;

    if (try_damaged(reader, bytes, &o, whole, &error) < 0)
        return; /* a file that is refused; its parts may be anything */
    for (gsize at = 0; at < n; at = next_place(reader, at, n, all))
        check_cut(reader, bytes, at, whole);
}

static void
check_cuts(const CsReader *reader, GBytes *bytes)
{
    cut_everywhere(reader, bytes, all_bytes(reader));
}

static void
explains_every_truncation(gconstpointer reader)
{
    for_each_sample(reader, check_cuts);
}

static void
flip_everywhere(const CsReader *reader, GBytes *bytes, gsize all)
{
    static const guint8 masks[] = { 0xff, 0x01, 0x80 };
    gsize n;
    const guint8 *data = g_bytes_get_data(bytes, &n);

    for (gsize at = 0; at < n; at = next_place(reader, at, n, all))
        for (size_t m = 0; m < G_N_ELEMENTS(masks); m++) {
            guint8 *copy = g_memdup2(data, n);
            g_autoptr(GBytes) flipped = NULL;
            g_autoptr(GError) error = NULL;
            g_auto(Opened) o;

            copy[at] ^= masks[m];
            flipped = g_bytes_new_take(copy, n);
            try_damaged(reader, flipped, &o, NULL, &error);
        }
}

static void
check_flips(const CsReader *reader, GBytes *bytes)
{
    flip_everywhere(reader, bytes, all_bytes(reader));
}

static void
survives_flipped_bytes(gconstpointer reader)
{
    for_each_sample(reader, check_flips);
}

static gpointer
read_all(gpointer opened)
{
    const Opened *o = opened;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    GString *seen = g_string_new(NULL);

    for (size_t k = 0; k < 8 * o->info.n_frames; k++) {
        g_autofree char *print = NULL;

        if (!o->reader->read(o->state, k % o->info.n_frames, &frame, NULL))
            break;
        print = fingerprint(&frame);
        g_string_append(seen, print);
    }
    return g_string_free(seen, FALSE);
}

static void
check_threads(const CsReader *reader, GBytes *bytes)
{
    enum { N_THREADS = 4 };
    GThread *threads[N_THREADS];
    g_auto(Opened) o;
    g_autofree char *alone = NULL;

    g_assert_true(open_bytes(&o, reader, bytes, NULL));
    alone = read_all(&o);
    for (int i = 0; i < N_THREADS; i++)
        threads[i] = g_thread_new("reader", read_all, &o);
    for (int i = 0; i < N_THREADS; i++) {
        g_autofree char *seen = g_thread_join(threads[i]);

        g_assert_cmpstr(seen, ==, alone);
    }
}

static void
gives_threads_the_same_bytes(gconstpointer reader)
{
    for_each_sample(reader, check_threads);
}

/* Lets the first, the second, … allocation fail until all went well. That
 * nothing leaks is for the address sanitizer to see. */
static void
check_allocations(const CsReader *reader, GBytes *bytes)
{
    for (unsigned n = 1;; n++) {
        g_autoptr(GError) error = NULL;
        g_auto(Opened) o;

        cs_alloc_fail_at(n);
        try_damaged(reader, bytes, &o, NULL, &error);
        cs_alloc_fail_at(0);
        if (error == NULL)
            break;
        g_assert_cmpint(error->code, ==, CS_ERROR_LIMIT);
        g_assert_cmpuint(n, <, 1000);
    }
}

static void
survives_each_failed_allocation(gconstpointer reader)
{
    for_each_sample(reader, check_allocations);
}

static void
closes_null(gconstpointer reader)
{
    ((const CsReader *) reader)->close(NULL);
}

/* ---- Real files ----------------------------------------------------------- */

static void
damage_file(const char *path)
{
    enum { HEAD = 40, MAX_BYTES = 4 << 20 };
    g_autoptr(CsSource) source = cs_source_open(path, NULL);
    const CsReader *reader
        = source != NULL ? cs_reader_for(source, NULL) : NULL;
    g_autofree char *data = NULL;
    g_autoptr(GBytes) bytes = NULL;
    gsize n;

    if (reader == NULL || cs_source_size(source) > MAX_BYTES
        || !g_file_get_contents(path, &data, &n, NULL))
        return;
    bytes = g_bytes_new_take(g_steal_pointer(&data), n);
    cut_everywhere(reader, bytes, MIN(MIN(HEAD, n), all_bytes(reader)));
}

static void
damage_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            damage_folder(path);
        else
            damage_file(path);
    }
}

static void
explains_truncations_of_real_files(void)
{
    const char *folder = g_getenv("COATSCOPE_TEST_DATA");

    if (folder == NULL || !g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        g_test_skip("no folder of real files");
        return;
    }
    damage_folder(folder);
}

/* ---- Shards of Zarr ------------------------------------------------------- */

enum { ALONE = 2, SHARDED_END = 4, SHARDED_START = 5 }; /* of the samples */

/* The same chunks, alone under their keys and in shards; one that is not in
 * its shard is 7, the fill value. */
static void
shards_hold_the_chunks_that_lie_alone(gconstpointer variant)
{
    const CsReader *zarr = cs_reader_named("zarr");
    g_autoptr(GBytes) alone = cs_sample("zarr", ALONE);
    g_autoptr(GBytes) sharded = cs_sample("zarr", GPOINTER_TO_INT(variant));
    g_auto(Opened) a;
    g_auto(Opened) b;
    g_auto(CsFrame) one = CS_FRAME_INIT;
    g_auto(CsFrame) other = CS_FRAME_INIT;
    int n_missing = 0;

    g_assert_true(open_bytes(&a, zarr, alone, NULL));
    g_assert_true(open_bytes(&b, zarr, sharded, NULL));
    g_assert_cmpuint(b.info.n_frames, ==, a.info.n_frames);
    for (size_t k = 0; k < a.info.n_frames; k++) {
        g_assert_true(zarr->read(a.state, k, &one, NULL));
        g_assert_true(zarr->read(b.state, k, &other, NULL));
        for (size_t j = 0; j < one.height; j++)
            for (size_t i = 0; i < one.width; i++) {
                bool is_missing = k == 1 && j >= 4 && i >= 3;

                g_assert_cmpfloat(cs_frame_value(&other, i, j), ==,
                                  is_missing ? 7
                                             : cs_frame_value(&one, i, j));
                n_missing += is_missing;
            }
    }
    g_assert_cmpint(n_missing, ==, 3);
}

static const struct {
    const char *name;
    void (*check)(gconstpointer reader);
} properties[] = {
    { "claims_its_own_and_not_the_others", claims_its_own_and_not_the_others },
    { "reads_what_its_info_says_in_any_order",
      reads_what_its_info_says_in_any_order },
    { "explains_every_truncation", explains_every_truncation },
    { "survives_flipped_bytes", survives_flipped_bytes },
    { "gives_threads_the_same_bytes", gives_threads_the_same_bytes },
    { "survives_each_failed_allocation", survives_each_failed_allocation },
    { "closes_null", closes_null },
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; cs_readers[i] != NULL; i++)
        for (size_t k = 0; k < G_N_ELEMENTS(properties); k++) {
            g_autofree char *path
                = g_strdup_printf("/readers/%s/%s", cs_readers[i]->name,
                                  properties[k].name);

            g_test_add_data_func(path, cs_readers[i], properties[k].check);
        }
    g_test_add_data_func("/readers/zarr/shards_with_the_index_at_their_end",
                         GINT_TO_POINTER(SHARDED_END),
                         shards_hold_the_chunks_that_lie_alone);
    g_test_add_data_func("/readers/zarr/shards_with_the_index_first",
                         GINT_TO_POINTER(SHARDED_START),
                         shards_hold_the_chunks_that_lie_alone);
    g_test_add_func("/readers/real/explains_truncations",
                    explains_truncations_of_real_files);
    return g_test_run();
}
