/* Runs a fuzz target once on each file of the given folders: what fuzzing
 * found once is an ordinary test ever after, with any compiler.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
replay_file(gconstpointer path)
{
    g_autofree char *data = NULL;
    g_autoptr(GError) error = NULL;
    gsize n;

    g_file_get_contents(path, &data, &n, &error);
    g_assert_no_error(error);
    g_assert_cmpint(LLVMFuzzerTestOneInput((const uint8_t *) data, n), ==, 0);
}

static void
add_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *test = g_strdup_printf("/replay/%s", name);

        g_test_add_data_func_full(test, g_build_filename(folder, name, NULL),
                                  replay_file, g_free);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (int i = 1; i < argc; i++)
        add_folder(argv[i]);
    return g_test_run();
}
