/* The report: complete, self-contained, and safe against hostile names.
 *
 * COATSCOPE_KEEP=DIR in the environment keeps the page there, to look at.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>

#include "coatscope/report.h"
#include "drawn_results.h"
#include "report/figure.h"
#include "report/gnuplot.h"

static const DrawnRecipe recipes[] = {
    { .name = "5nm/particle1</title><script>alert(1)</script>'\"",
      .coating = "TiO2 5 nm", .n_frames = 80, .n_particles = 2, .growth = 2,
      .tau_frames = 20 },
    { .name = "10nm `touch x`\n'; system 'touch x'", .coating = "TiO2 10 nm",
      .n_frames = 150, .n_particles = 1, .growth = 1.2, .tau_frames = 60 },
    { .name = "empty field", .coating = "", .n_frames = 3, .growth = 1,
      .tau_frames = 1 },
};

static int
remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
    (void) s;
    (void) kind;
    (void) at;
    return remove(path);
}

/* The page of n recipes from the first-th; its folder in *dir. */
static char *
make_page(size_t first, size_t n, char **dir)
{
    static const CsResultsSetting settings[] = { { "edge", "model & <fit>" } };
    g_autofree char *root = g_dir_make_tmp("coatscope-report-XXXXXX", NULL);
    g_autofree char *path = NULL;
    Drawn drawn[G_N_ELEMENTS(recipes)];
    CsResultsItem items[G_N_ELEMENTS(recipes)];
    CsResultsInput input = {
        .n = n, .item = items, .date_unix_s = 1.6e9, .n_settings = 1,
        .setting = settings, .report = cs_report_write,
    };
    g_autoptr(GError) error = NULL;
    const CsPictureBudget budget = cs_picture_budget(n);
    char *text = NULL;

    for (size_t i = 0; i < n; i++) {
        drawn_make(&recipes[first + i], &drawn[i]);
        g_assert_true(cs_pictures_take(drawn[i].recording, &budget, NULL,
                                       &drawn[i].pictures, NULL));
        items[i] = drawn_item(&drawn[i]);
    }
    *dir = g_build_filename(root, "out", NULL);
    cs_results_write(&input, *dir, false, NULL, &error);
    g_assert_no_error(error);
    path = g_build_filename(*dir, "report.html", NULL);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    for (size_t i = 0; i < n; i++)
        drawn_clear(&drawn[i]);
    return text;
}

static void
remove_page(char *dir)
{
    g_autofree char *root = g_path_get_dirname(dir);

    if (g_getenv("COATSCOPE_KEEP") != NULL)
        g_rename(root, g_getenv("COATSCOPE_KEEP"));
    else
        nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static size_t
count(const char *text, const char *word)
{
    size_t n = 0;

    while ((text = strstr(text, word)) != NULL) {
        text += strlen(word);
        n++;
    }
    return n;
}

static void
page_holds_all_that_was_measured(void)
{
    g_autofree char *dir = NULL;
    g_autofree char *page = make_page(0, 2, &dir);

    g_assert_cmpuint(count(page, "<g id=\"r0p"), ==, 25);
    g_assert_cmpuint(count(page, "<g id=\"r1p"), ==, 25);
    g_assert_nonnull(strstr(page, "<g id=\"r0p24\""));
    g_assert_cmpuint(count(page, "data:image/jpeg;base64,"), ==, 50);
    g_assert_nonnull(strstr(page, "TiO2 10 nm"));
    g_assert_nonnull(strstr(page, "the time step of 2 s is assumed"));
    g_assert_cmpuint(count(page, "are not plain ok in all frames"), ==, 2);
    g_assert_nonnull(strstr(page, "rests on a guess"));
    g_assert_nonnull(strstr(page, "Of no coating could it be told whether it broke"));
    g_assert_cmpuint(strlen(page), <, 10u << 20);
    remove_page(dir);
}

/* Namespaces are names, not requests; everything else with a host is one. */
static void
page_asks_no_host(void)
{
    g_autofree char *dir = NULL;
    g_autofree char *page = make_page(0, 1, &dir);

    g_assert_cmpuint(count(page, "http://"), ==,
                     count(page, "xmlns=\"http://www.w3.org/")
                         + count(page, "xmlns:xlink=\"http://www.w3.org/"));
    g_assert_cmpuint(count(page, "https://"), ==, 0);
    g_assert_cmpuint(count(page, "src="), ==, 0);
    g_assert_cmpuint(count(page, "@import"), ==, 0);
    g_assert_cmpuint(count(page, "url(//"), ==, 0);
    remove_page(dir);
}

static void
hostile_names_stay_names(void)
{
    g_autofree char *dir = NULL;
    g_autofree char *page = make_page(0, 2, &dir);
    g_autofree char *touched = g_build_filename(dir, "x", NULL);

    g_assert_cmpuint(count(page, "<script>"), ==, 1);
    g_assert_cmpuint(count(page, "</title>"), ==, 1 + count(page, "<title>")
                                                      - 1);
    g_assert_null(strstr(page, "alert(1)</script>"));
    g_assert_null(strstr(page, "<by you>"));
    g_assert_false(g_file_test(touched, G_FILE_TEST_EXISTS));
    remove_page(dir);
}

static void
a_field_without_particles_is_said(void)
{
    g_autofree char *dir = NULL;
    g_autofree char *page = make_page(2, 1, &dir);
    g_autofree char *figure
        = g_build_filename(dir, "figures", "areas.svg", NULL);

    g_assert_nonnull(strstr(page, "no particle was found"));
    g_assert_nonnull(strstr(page, "No particle was measured"));
    g_assert_null(strstr(page, "drawn by the user"));
    g_assert_false(g_file_test(figure, G_FILE_TEST_EXISTS));
    remove_page(dir);
}

static void
gnuplot_errors_are_told(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(cs_gnuplot_run("plot 'not there.csv'\n", "/", NULL,
                                  &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "gnuplot failed"));
    g_assert_null(strchr(error->message, '\n'));
}

static void
a_missing_gnuplot_names_its_package(void)
{
    g_autofree char *path = g_strdup(g_getenv("PATH"));
    g_autoptr(GError) error = NULL;

    g_setenv("PATH", "/nowhere", TRUE);
    g_assert_false(cs_gnuplot_run("", "/", NULL, &error));
    g_setenv("PATH", path, TRUE);
    g_assert_error(error, CS_ERROR, CS_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "gnuplot-nox"));
}

/* The script takes the nearest frame's reading: where the particle was lost
 * there, that is none (particle 2 was in frames 10 to 13, 20 to 26 s). */
static void
lost_frames_are_readings_of_nothing(void)
{
    Drawn drawn;
    CsResultsItem item;
    CsResultsInput input = { .n = 1, .item = &item };
    g_autofree char *json = NULL;
    const char *second;

    drawn_make(&recipes[0], &drawn);
    item = drawn_item(&drawn);
    json = cs_figure_areas_json(&input);
    drawn_clear(&drawn);
    second = strstr(json, "particle 2");
    g_assert_nonnull(second);
    g_assert_nonnull(strstr(second, ",18,20,22,24,26,28,"));
    g_assert_nonnull(strstr(second, ",null,null,null,null,"));
}

/* Of nine alike all are A0's; where growth is seen, fewer do. */
static void
final_expansion_is_none_of_the_first_frames(void)
{
    CsMeasure row[11] = { 0 };
    double expansion, sd;

    for (int i = 0; i < 11; i++) {
        row[i].expansion = i == 3 ? NAN : 1 + 0.001 * (i % 2);
        row[i].expansion_sd = 0.01;
    }
    cs_final_expansion(row, 11, &expansion, &sd);
    g_assert_cmpfloat_with_epsilon(expansion, 1, 0.001);
    g_assert_cmpfloat_with_epsilon(sd, 0.01, 1e-12);
    cs_final_expansion(row, 10, &expansion, &sd);
    g_assert_true(isnan(expansion));
    g_assert_true(isnan(sd));
    for (int i = 0; i < 3; i++)
        row[i].expansion = 1 + 0.5 * i;
    cs_final_expansion(row, 3, &expansion, &sd);
    g_assert_cmpfloat_with_epsilon(expansion, 1.75, 1e-12);
    cs_final_expansion(row, 1, &expansion, &sd);
    g_assert_true(isnan(expansion));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/report/whole", page_holds_all_that_was_measured);
    g_test_add_func("/report/no-host", page_asks_no_host);
    g_test_add_func("/report/hostile-names", hostile_names_stay_names);
    g_test_add_func("/report/no-particle", a_field_without_particles_is_said);
    g_test_add_func("/report/lost", lost_frames_are_readings_of_nothing);
    g_test_add_func("/report/final", final_expansion_is_none_of_the_first_frames);
    g_test_add_func("/report/gnuplot-fails", gnuplot_errors_are_told);
    g_test_add_func("/report/no-gnuplot", a_missing_gnuplot_names_its_package);
    return g_test_run();
}
