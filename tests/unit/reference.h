/* Reference: numbers computed elsewhere, in a table that is not part of the
 * project: key, value, unit, note. Tests that need it skip where it is
 * missing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>

/* The lines of the table, or NULL after marking the test as skipped. */
static inline char **
reference_lines(void)
{
    const char *dir = g_getenv("COATSCOPE_TEST_DATA");
    g_autofree char *path
        = g_build_filename(dir != NULL ? dir : ".", "reference_cases.tsv",
                           NULL);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        g_test_skip("../shared/data/reference_cases.tsv is not beside the project");
        return NULL;
    }
    return g_strsplit(text, "\n", 0);
}

/* The value of a key that occurs once. */
static inline double
reference_value(char **lines, const char *key)
{
    double value = NAN;
    int    found = 0;

    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) cell = g_strsplit(*line, "\t", 3);

        if (g_strv_length(cell) < 2 || g_strcmp0(cell[0], key) != 0)
            continue;
        value = g_ascii_strtod(cell[1], NULL);
        found++;
    }
    g_test_message("%s", key);
    g_assert_cmpint(found, ==, 1);
    return value;
}

/* `value` agrees with the table to `relative`. */
static inline void
assert_reference(char **lines, const char *key, double value, double relative)
{
    double expected = reference_value(lines, key);

    g_assert_cmpfloat_with_epsilon(value / expected, 1, relative);
}
