/* Core: errors, parallel loops, sources, cursors, text.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/job.h"
#include "coatscope/source.h"
#include "core/alloc.h"
#include "core/cursor.h"
#include "core/text.h"

static bool
add_one(size_t i, unsigned worker, void *data, GError **error)
{
    int *seen = data;

    (void) worker;
    (void) error;
    seen[i]++;
    return true;
}

static void
loop_runs_every_item_once(void)
{
    for (unsigned n_threads = 1; n_threads <= 7; n_threads += 3) {
        int seen[1000] = { 0 };
        CsJob job = { .n_threads = n_threads };

        g_assert_true(cs_parallel_for(&job, 1000, add_one, seen, NULL));
        for (size_t i = 0; i < 1000; i++)
            g_assert_cmpint(seen[i], ==, 1);
    }
    g_assert_true(cs_parallel_for(NULL, 0, add_one, NULL, NULL));
}

static bool
fail_from_40(size_t i, unsigned worker, void *data, GError **error)
{
    (void) worker;
    (void) data;
    if (i < 40)
        return true;
    return cs_fail(error, CS_ERROR_FORMAT, "item %zu", i);
}

static void
loop_reports_the_first_error(void)
{
    for (unsigned n_threads = 1; n_threads <= 7; n_threads += 2) {
        CsJob job = { .n_threads = n_threads };
        g_autoptr(GError) error = NULL;

        g_assert_false(cs_parallel_for(&job, 100, fail_from_40, NULL, &error));
        g_assert_cmpstr(error->message, ==, "item 40");
    }
}

static void
loop_stops_when_cancelled(void)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    CsJob job = { .cancellable = cancellable };
    g_autoptr(GError) error = NULL;
    int seen[10] = { 0 };

    g_cancellable_cancel(cancellable);
    g_assert_false(cs_parallel_for(&job, 10, add_one, seen, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_CANCELLED);
}

static void
refused_memory_is_an_error(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(cs_try_alloc(SIZE_MAX / 2, 8, "the moon", &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_LIMIT);
    g_clear_error(&error);
    g_assert_null(cs_try_alloc_aligned(SIZE_MAX / 2, 8, "the moon", &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_LIMIT);
    cs_alloc_fail_at(1);
    g_assert_null(cs_try_alloc(1, 1, "a byte", NULL));
}

static void
cursor_reads_both_byte_orders(void)
{
    static const guint8 data[] = { 1, 2, 3, 4, 0, 0, 0x80, 0x3f };
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, sizeof data);
    g_autoptr(CsSource) source = cs_source_from_bytes(bytes, "test");
    g_auto(CsCursor) cursor = { 0 };

    cs_cursor_init(&cursor, source, false);
    g_assert_cmphex(cs_cursor_u32(&cursor), ==, 0x04030201);
    g_assert_cmpfloat(cs_cursor_f32(&cursor), ==, 1.0f);
    cs_cursor_seek(&cursor, 0);
    cursor.big_endian = true;
    g_assert_cmphex(cs_cursor_u32(&cursor), ==, 0x01020304);
    g_assert_true(cs_cursor_ok(&cursor, NULL));
}

static void
cursor_remembers_the_end(void)
{
    static const guint8 data[] = { 1, 2 };
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, sizeof data);
    g_autoptr(CsSource) source = cs_source_from_bytes(bytes, "test");
    g_autoptr(GError) error = NULL;
    g_auto(CsCursor) cursor = { 0 };

    cs_cursor_init(&cursor, source, false);
    g_assert_cmpuint(cs_cursor_u32(&cursor), ==, 0);
    cs_cursor_seek(&cursor, 0);
    g_assert_cmpuint(cs_cursor_u8(&cursor), ==, 0);
    g_assert_false(cs_cursor_ok(&cursor, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_FORMAT);
}

static void
doubles_round_trip_and_missing_is_empty(void)
{
    const double values[] = { 0, 0.1, 1.0 / 3, 1e-300, -2.5e17, G_PI };

    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        double back = NAN;

        cs_text_add_double(text, values[i]);
        g_assert_true(cs_text_to_double(text->str, &back));
        g_assert_cmpfloat(back, ==, values[i]);
    }
    {
        g_autoptr(GString) text = g_string_new(NULL);

        cs_text_add_double(text, 0.1);
        cs_text_add_double(text, NAN);
        g_assert_cmpstr(text->str, ==, "0.1");
    }
}

static void
natural_order_counts(void)
{
    g_assert_cmpint(cs_text_natural_order("f_2.tif", "f_10.tif"), <, 0);
    g_assert_cmpint(cs_text_natural_order("f_010", "f_9"), >, 0);
    g_assert_cmpint(cs_text_natural_order("a1b2", "a1b10"), <, 0);
    g_assert_cmpint(cs_text_natural_order("a", "a1"), <, 0);
    g_assert_cmpint(cs_text_natural_order("same", "same"), ==, 0);
    g_assert_cmpint(cs_text_natural_order("f01", "f1"), !=, 0);
}

static void
escapes(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    cs_text_add_csv(text, "a,\"b\"");
    cs_text_add_json(text, "c\"\n");
    cs_text_add_html(text, "<d>");
    g_assert_cmpstr(text->str, ==,
                    "\"a,\"\"b\"\"\"\"c\\\"\\u000a\"&lt;d&gt;");
}

static void
file_names_are_safe_and_never_meet(void)
{
    g_autofree char *plain = cs_text_file_name("run_1-a.tif");
    g_autofree char *path = cs_text_file_name("../a/b");
    g_autofree char *other = cs_text_file_name("../a_b");
    g_autofree char *hidden = cs_text_file_name(".x");
    g_autofree char *none = cs_text_file_name("");

    g_assert_cmpstr(plain, ==, "run_1-a.tif");
    g_assert_null(strchr(path, '/'));
    g_assert_true(g_str_has_prefix(path, "_._a_b-"));
    g_assert_cmpstr(path, !=, other);
    g_assert_cmpint(hidden[0], ==, '_');
    g_assert_cmpuint(strlen(none), >, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/loop/every-item", loop_runs_every_item_once);
    g_test_add_func("/core/loop/error", loop_reports_the_first_error);
    g_test_add_func("/core/loop/cancelled", loop_stops_when_cancelled);
    g_test_add_func("/core/alloc/refused", refused_memory_is_an_error);
    g_test_add_func("/core/cursor/order", cursor_reads_both_byte_orders);
    g_test_add_func("/core/cursor/end", cursor_remembers_the_end);
    g_test_add_func("/core/text/doubles",
                    doubles_round_trip_and_missing_is_empty);
    g_test_add_func("/core/text/natural", natural_order_counts);
    g_test_add_func("/core/text/escapes", escapes);
    g_test_add_func("/core/text/file-name",
                    file_names_are_safe_and_never_meet);
    return g_test_run();
}
