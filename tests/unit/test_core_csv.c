/* CSV in: quoting, line ends, and errors with their line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/csv.h"

static bool
parse(const char *text, CsCsv *csv, GError **error)
{
    return cs_csv_parse(text, strlen(text), "t.csv", csv, error);
}

static void
reads_quotes_blanks_and_line_ends(void)
{
    g_auto(CsCsv) csv = CS_CSV_INIT;
    double value;

    g_assert_true(parse("\xef\xbb\xbf" "a, b\r\n\"x, \"\"y\"\"\",1.5\r\n\n"
                        "\"two\nlines\",\nz,-2e3", &csv, NULL));
    g_assert_cmpuint(csv.n_columns, ==, 2);
    g_assert_cmpuint(csv.n_rows, ==, 3);
    g_assert_cmpstr(cs_csv_text(&csv, 0, 0), ==, "x, \"y\"");
    g_assert_cmpstr(cs_csv_text(&csv, 1, 0), ==, "two\nlines");
    g_assert_cmpuint(csv.line[2], ==, 6);
    g_assert_cmpint(cs_csv_column(&csv, "b"), ==, 1);
    g_assert_true(cs_csv_number(&csv, 0, 1, &value, NULL));
    g_assert_cmpfloat(value, ==, 1.5);
    g_assert_true(cs_csv_number(&csv, 1, 1, &value, NULL));
    g_assert_true(isnan(value));
    g_assert_true(cs_csv_number(&csv, 2, 1, &value, NULL));
    g_assert_cmpfloat(value, ==, -2000);
}

static void
refuse(const char *text, const char *words)
{
    g_auto(CsCsv) csv = CS_CSV_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_false(parse(text, &csv, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_FORMAT);
    g_assert_nonnull(strstr(error->message, words));
    g_assert_null(csv.text);
}

static void
says_where_it_is_wrong(void)
{
    refuse("a,b\n1,2\n3\n", "line 3");
    refuse("a,b\n1,\"2\n", "line 2");
    refuse("", "empty");
    refuse("\n\n", "empty");
}

static void
names_what_is_not_a_number_or_not_there(void)
{
    g_auto(CsCsv) csv = CS_CSV_INIT;
    g_autoptr(GError) error = NULL;
    double value = 7;
    int column;

    g_assert_true(parse("frame,time_s\n0,soon\n", &csv, NULL));
    g_assert_false(cs_csv_number(&csv, 0, 1, &value, &error));
    g_assert_nonnull(strstr(error->message, "line 2"));
    g_assert_cmpfloat(value, ==, 7);
    g_clear_error(&error);
    g_assert_false(cs_csv_need_column(&csv, "dose", &column, &error));
    g_assert_nonnull(strstr(error->message, "frame, time_s"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/csv/reads", reads_quotes_blanks_and_line_ends);
    g_test_add_func("/core/csv/refuses", says_where_it_is_wrong);
    g_test_add_func("/core/csv/cells",
                    names_what_is_not_a_number_or_not_there);
    return g_test_run();
}
