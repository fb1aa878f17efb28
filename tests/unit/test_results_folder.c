/* The results folder: exact headers, what the tables hold, and that nothing
 * half written and nobody else's file is ever touched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include "coatscope/roi.h"
#include "core/csv.h"
#include "core/text.h"
#include "drawn_results.h"

#define AREAS_HEADER                                                          \
    "recording,coating,particle_id,frame,time_s,time_source,area_nm2,"        \
    "area_sd_nm2,core_area_nm2,core_area_sd_nm2,coat_thickness_nm,"           \
    "coat_thickness_sd_nm,expansion,expansion_sd,volume_ratio,x,"             \
    "centroid_x_px,centroid_y_px,solidity,rim_gap_fraction,intensity,bias_V," \
    "current_A,dose_e_per_A2,state,broken,edited"
#define PARTICLES_HEADER                                                      \
    "recording,coating,particle_id,diameter0_nm,onset_s,onset_lo_s,"          \
    "onset_hi_s,contact_s,expansion_final,expansion_final_sd,rate_per_s,"     \
    "rate_sd_per_s,front_speed_nm_per_s,t50_s,model,model_weight,verdict,"    \
    "break_lo_s,break_hi_s,break_angle_deg,strain_at_break,"                  \
    "dose_at_break_e_per_A2,smallest_visible_gap_nm,flags,"                   \
    "expansion_free,expansion_of_free"
#define DRIFT_HEADER "recording,frame,dx_px,dy_px,sd_px,jump"
#define EVENTS_HEADER                                                         \
    "recording,particle_id,event,time_lo_s,time_hi_s,frame_lo,frame_hi,detail"

static const DrawnRecipe recipe = {
    .name = "needle, \"second\" try", .coating = "TiO2 5 nm", .n_frames = 40,
    .n_particles = 2, .growth = 2, .tau_frames = 12,
};

typedef struct {
    char          *root; /* of this test alone */
    char          *dir;  /* in it: where results go */
    Drawn          drawn;
    CsResultsItem  item;
    CsResultsInput input;
} Fixture;

static void
set_up(Fixture *t, gconstpointer recipe_of_test)
{
    t->root = g_dir_make_tmp("coatscope-results-XXXXXX", NULL);
    t->dir = g_build_filename(t->root, "out", NULL);
    drawn_make(recipe_of_test != NULL ? recipe_of_test : &recipe, &t->drawn);
    t->item = drawn_item(&t->drawn);
    t->input = (CsResultsInput) { .n = 1, .item = &t->item,
                                  .date_unix_s = 1.6e9 };
}

static int
remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
    (void) s;
    (void) kind;
    (void) at;
    return remove(path);
}

static void
tear_down(Fixture *t, gconstpointer data)
{
    (void) data;
    nftw(t->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    drawn_clear(&t->drawn);
    g_free(t->root);
    g_free(t->dir);
}

static char *
read_text(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void
write_results(Fixture *t, bool force)
{
    g_autoptr(GError) error = NULL;

    cs_results_write(&t->input, t->dir, force, NULL, &error);
    g_assert_no_error(error);
}

static size_t
count_entries(const char *dir)
{
    g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
    size_t n = 0;

    while (d != NULL && g_dir_read_name(d) != NULL)
        n++;
    return n;
}

static void
assert_header(const char *dir, const char *name, const char *header)
{
    g_autofree char *text = read_text(dir, name);

    text[strcspn(text, "\n")] = '\0';
    g_assert_cmpstr(text, ==, header);
}

static void
headers_are_those_of_the_contract(Fixture *t, gconstpointer data)
{
    (void) data;
    write_results(t, false);
    assert_header(t->dir, "areas.csv", AREAS_HEADER);
    assert_header(t->dir, "particles.csv", PARTICLES_HEADER);
    assert_header(t->dir, "drift.csv", DRIFT_HEADER);
    assert_header(t->dir, "events.csv", EVENTS_HEADER);
    g_assert_cmpuint(count_entries(t->root), ==, 1);
}

static double
number_at(const CsCsv *csv, size_t row, const char *column)
{
    double value = 0;

    g_assert_cmpint(cs_csv_column(csv, column), >=, 0);
    g_assert_true(cs_csv_number(csv, row, cs_csv_column(csv, column), &value,
                                NULL));
    return value;
}

static void
read_csv(const char *dir, const char *name, CsCsv *csv)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autoptr(GError) error = NULL;

    cs_csv_read(path, csv, &error);
    g_assert_no_error(error);
}

static void
areas_read_back_as_they_were(Fixture *t, gconstpointer data)
{
    g_auto(CsCsv) csv = CS_CSV_INIT;

    (void) data;
    write_results(t, false);
    read_csv(t->dir, "areas.csv", &csv);
    g_assert_cmpuint(csv.n_rows, ==, t->drawn.measures.n);
    for (size_t i = 0; i < csv.n_rows; i++) {
        const CsMeasure *m = &t->drawn.measures.row[i];
        double area = number_at(&csv, i, "area_nm2");

        g_assert_cmpstr(cs_csv_text(&csv, i, 0), ==, recipe.name);
        g_assert_cmpfloat(number_at(&csv, i, "time_s"), ==, m->time_s);
        g_assert_true(isnan(m->area_nm2) ? isnan(area)
                                         : area == m->area_nm2);
        g_assert_cmpstr(
            cs_csv_text(&csv, i, cs_csv_column(&csv, "state")), ==,
            cs_outline_state_name(m->state));
        g_assert_cmpstr(
            cs_csv_text(&csv, i, cs_csv_column(&csv, "broken")), ==, "");
    }
}

static void
particles_say_size_and_final_expansion(Fixture *t, gconstpointer data)
{
    g_auto(CsCsv) csv = CS_CSV_INIT;
    /* the median of frames 35 … 39 is frame 37 */
    double final = drawn_radius(&recipe, 0, 37) / drawn_radius(&recipe, 0, 0);

    (void) data;
    write_results(t, false);
    read_csv(t->dir, "particles.csv", &csv);
    g_assert_cmpuint(csv.n_rows, ==, 2);
    g_assert_cmpfloat_with_epsilon(number_at(&csv, 0, "diameter0_nm"),
                                   2 * 16 * 1.5, 1e-9);
    g_assert_cmpfloat_with_epsilon(number_at(&csv, 0, "expansion_final"),
                                   final * final, 1e-9);
    g_assert_cmpstr(cs_csv_text(&csv, 1, cs_csv_column(&csv, "flags")), ==,
                    "lost=4;edge=3");
    g_assert_cmpstr(cs_csv_text(&csv, 0, cs_csv_column(&csv, "verdict")), ==,
                    "");
}

static void
events_are_intervals(Fixture *t, gconstpointer data)
{
    g_auto(CsCsv) csv = CS_CSV_INIT;

    (void) data;
    write_results(t, false);
    read_csv(t->dir, "events.csv", &csv);
    g_assert_cmpstr(cs_csv_text(&csv, 0, 2), ==, "jump");
    g_assert_cmpfloat(number_at(&csv, 0, "frame_lo"), ==, 19);
    g_assert_cmpfloat(number_at(&csv, 0, "time_hi_s"), ==, 40);
    g_assert_cmpstr(cs_csv_text(&csv, 2, 2), ==, "lost");
    g_assert_cmpfloat(number_at(&csv, 2, "frame_lo"), ==, 10);
    g_assert_cmpfloat(number_at(&csv, 2, "frame_hi"), ==, 13);
}

static void
pixels_are_not_called_nm(Fixture *t, gconstpointer data)
{
    g_autofree char *text = NULL;
    g_auto(CsCsv) csv = CS_CSV_INIT;

    (void) data;
    write_results(t, false);
    text = read_text(t->dir, "areas.csv");
    text[strcspn(text, "\n")] = '\0';
    g_assert_null(strstr(text, "_nm"));
    g_assert_nonnull(strstr(text, ",area_px2,area_sd_px2,core_area_px2,"
                                  "core_area_sd_px2,coat_thickness_px,"
                                  "coat_thickness_sd_px,expansion,"));
    read_csv(t->dir, "areas.csv", &csv);
    g_assert_cmpstr(cs_csv_text(&csv, 3, cs_csv_column(&csv, "time_s")), ==,
                    "");
}

static void
regions_carry_their_slices(Fixture *t, gconstpointer data)
{
    g_autofree char *file = cs_text_file_name(recipe.name);
    g_autofree char *path
        = g_strdup_printf("%s/outlines/%s.zip", t->dir, file);
    g_auto(CsRois) rois = CS_ROIS_INIT;
    g_autoptr(GError) error = NULL;
    size_t n_outer = 0;

    (void) data;
    write_results(t, false);
    cs_rois_read(path, &rois, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(rois.n, ==, 40 * 2 + 36);
    for (size_t i = 0; i < rois.n; i++) {
        int p = 0, f = -1;

        if (strstr(rois.roi[i].name, "_core") != NULL)
            continue;
        n_outer++;
        g_assert_cmpint(sscanf(rois.roi[i].name, "p%d_f%d", &p, &f), ==, 2);
        g_assert_cmpint(rois.roi[i].slice, ==, f + 1);
        g_assert_cmpint(rois.roi[i].t, ==, 0); /* outlines.c says why */
        /* float vertices: 1e-6 of the area is far above their rounding */
        g_assert_cmpfloat_with_epsilon(
            cs_polygon_area(&rois.roi[i].outline)
                / (pow(drawn_radius(&recipe, (size_t) p - 1, (size_t) f), 2)
                   * G_PI),
            1, 1e-5);
    }
    g_assert_cmpuint(n_outer, ==, 40 + 36);
}

static void
provenance_hashes_the_input(Fixture *t, gconstpointer data)
{
    g_autofree char *text = NULL;
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *root;

    (void) data;
    write_results(t, false);
    text = read_text(t->dir, "provenance.json");
    g_assert_true(json_parser_load_from_data(parser, text, -1, NULL));
    root = json_node_get_object(json_parser_get_root(parser));
    g_assert_cmpstr(json_object_get_string_member(root, "program"), ==,
                    "coatscope");
    g_assert_cmpstr(json_object_get_string_member(root, "date"), ==,
                    "2020-09-13T12:26:40Z");
    g_assert_cmpuint(
        json_array_get_length(json_object_get_array_member(root, "files")),
        ==, 6);
}

static void
the_same_input_gives_the_same_bytes(Fixture *t, gconstpointer data)
{
    g_autofree char *file = cs_text_file_name(recipe.name);
    g_autofree char *zip = g_strdup_printf("outlines/%s.zip", file);
    const char *const names[] = { "areas.csv", "particles.csv", "events.csv",
                                  "drift.csv", "provenance.json", zip };
    g_autofree char *other = g_build_filename(t->root, "again", NULL);

    (void) data;
    write_results(t, false);
    g_assert_true(cs_results_write(&t->input, other, false, NULL, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *a = g_build_filename(t->dir, names[i], NULL);
        g_autofree char *b = g_build_filename(other, names[i], NULL);
        g_autofree char *x = NULL, *y = NULL;
        gsize nx = 0, ny = 0;

        g_assert_true(g_file_get_contents(a, &x, &nx, NULL));
        g_assert_true(g_file_get_contents(b, &y, &ny, NULL));
        g_assert_cmpmem(x, nx, y, ny);
    }
}

/* ---- Refusals ---------------------------------------------------------- */

static void
assert_refused(Fixture *t, const char *dir, bool force, const char *word)
{
    g_autoptr(GError) error = NULL;
    size_t n = count_entries(t->root);

    g_assert_false(cs_results_write(&t->input, dir, force, NULL, &error));
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, word));
    g_assert_null(strchr(error->message, '\n'));
    g_assert_cmpuint(count_entries(t->root), ==, n);
}

static void
put_file(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    g_assert_true(g_file_set_contents(path, "mine", -1, NULL));
}

static void
an_empty_folder_is_fine(Fixture *t, gconstpointer data)
{
    (void) data;
    g_assert_cmpint(g_mkdir(t->dir, 0755), ==, 0);
    write_results(t, false);
    assert_header(t->dir, "areas.csv", AREAS_HEADER);
}

static void
other_things_stay(Fixture *t, gconstpointer data)
{
    g_autofree char *mine = NULL;

    (void) data;
    g_assert_cmpint(g_mkdir(t->dir, 0755), ==, 0);
    put_file(t->dir, "thesis.txt");
    assert_refused(t, t->dir, false, "thesis.txt");
    assert_refused(t, t->dir, true, "thesis.txt");
    mine = read_text(t->dir, "thesis.txt");
    g_assert_cmpstr(mine, ==, "mine");
}

static void
results_are_replaced_only_when_told(Fixture *t, gconstpointer data)
{
    (void) data;
    write_results(t, false);
    assert_refused(t, t->dir, false, "--force");
    write_results(t, true);
    put_file(t->dir, "outlines/mine.zip");
    assert_refused(t, t->dir, true, "mine.zip");
    g_assert_cmpuint(count_entries(t->root), ==, 1);
}

static void
a_link_to_a_folder_stays_a_link(Fixture *t, gconstpointer data)
{
    g_autofree char *real = g_build_filename(t->root, "real", NULL);

    (void) data;
    g_assert_cmpint(g_mkdir(real, 0755), ==, 0);
    g_assert_cmpint(symlink("real", t->dir), ==, 0);
    write_results(t, false);
    g_assert_true(g_file_test(t->dir, G_FILE_TEST_IS_SYMLINK));
    assert_header(real, "areas.csv", AREAS_HEADER);
}

static void
the_current_folder_stays_itself(Fixture *t, gconstpointer data)
{
    g_autofree char *before = g_get_current_dir();
    g_autoptr(GError) error = NULL;

    (void) data;
    g_assert_cmpint(g_mkdir(t->dir, 0755), ==, 0);
    g_assert_cmpint(g_chdir(t->dir), ==, 0);
    cs_results_write(&t->input, ".", false, NULL, &error);
    g_assert_no_error(error);
    cs_results_write(&t->input, ".", true, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(g_file_test("areas.csv", G_FILE_TEST_EXISTS));
    g_assert_cmpuint(count_entries("."), ==, 6);
    g_assert_cmpint(g_chdir(before), ==, 0);
}

static void
what_cannot_be_a_folder_is_refused(Fixture *t, gconstpointer data)
{
    g_autofree char *file = g_build_filename(t->root, "file", NULL);
    g_autofree char *below = g_build_filename(file, "out", NULL);
    g_autofree char *deep = g_build_filename(t->root, "no", "out", NULL);

    (void) data;
    put_file(t->root, "file");
    assert_refused(t, file, false, "is a file");
    assert_refused(t, below, true, "file/out");
    assert_refused(t, deep, false, "there is no folder");
}

static void
a_full_disk_leaves_nothing_behind(Fixture *t, gconstpointer data)
{
    struct rlimit old, small;
    g_autoptr(GError) error = NULL;
    bool ok;

    (void) data;
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &old), ==, 0);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t limit = 100; limit < 8000; limit += 1500) {
        small = (struct rlimit) { limit, old.rlim_max };
        g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
        ok = cs_results_write(&t->input, t->dir, false, NULL, &error);
        g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old), ==, 0);
        g_assert_false(ok);
        g_assert_error(error, CS_ERROR, CS_ERROR_IO);
        g_assert_nonnull(strstr(error->message, t->dir));
        g_assert_cmpuint(count_entries(t->root), ==, 0);
        g_clear_error(&error);
    }
}

static void
a_cancelled_job_leaves_nothing_behind(Fixture *t, gconstpointer data)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    CsJob job = { .cancellable = cancellable };

    (void) data;
    g_cancellable_cancel(cancellable);
    g_assert_false(cs_results_write(&t->input, t->dir, false, &job, &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_CANCELLED);
    g_assert_cmpuint(count_entries(t->root), ==, 0);
}

static const DrawnRecipe in_pixels = {
    .name = "../../up", .coating = "", .n_frames = 6, .n_particles = 1,
    .growth = 1.2, .tau_frames = 4, .in_pixels = true,
};

static void
a_name_cannot_lead_out_of_the_folder(Fixture *t, gconstpointer data)
{
    g_autofree char *file = cs_text_file_name(in_pixels.name);
    g_autofree char *path
        = g_strdup_printf("%s/outlines/%s.zip", t->dir, file);

    (void) data;
    write_results(t, false);
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_cmpuint(count_entries(t->root), ==, 1);
}

/* A log joined to the recording: its events have its own times, and frames
 * have the extremes; a step of three intervals is missing frames. */
static void
the_circuit_and_the_clock_are_told(Fixture *t, gconstpointer data)
{
    g_autofree char *log = g_build_filename(t->root, "smu.csv", NULL);
    const CsLogOptions options = { .path = log, .offset_s = NAN };
    CsRecordingInfo *info
        = (CsRecordingInfo *) cs_recording_info(t->drawn.recording);
    double step_s = cs_clock_median_interval(&info->clock);
    g_autofree char *text = g_strdup_printf(
        "time_s,bias_V,current_A\n0,0,\n%g,2,\n%g,2,\n", 0.25 * step_s,
        1.25 * step_s);
    g_autofree char *events = NULL;
    g_autofree char *electrical = NULL;
    g_autofree char *bias_on = g_strdup_printf(",,bias-on,0,%g,0,1,2 V\n",
                                               0.25 * step_s);
    g_autoptr(GError) error = NULL;

    (void) data;
    for (size_t i = 20; i < info->clock.n_frames; i++)
        info->clock.start_s[i] += 2 * step_s;
    for (size_t i = 0; i < info->clock.n_frames; i++)
        info->clock.duration_s[i] = step_s / 2;
    g_assert_true(g_file_set_contents(log, text, -1, NULL));
    cs_recording_join_log(t->drawn.recording, &options, NULL, &error);
    g_assert_no_error(error);
    write_results(t, false);
    events = read_text(t->dir, "events.csv");
    electrical = read_text(t->dir, "electrical.csv");
    g_assert_nonnull(strstr(events, bias_on));
    g_assert_nonnull(strstr(events, ",,frames-dropped,"));
    g_assert_nonnull(strstr(events, ",19,20,"));
    g_assert_nonnull(strstr(electrical, ",0,0,1,0,2,2,")); /* frame 0 */
    g_remove(log);
}

#define TEST(name, recipe_of_test)                                            \
    g_test_add("/results/" #name, Fixture, recipe_of_test, set_up, name,      \
               tear_down)

/* A folder as a killed program leaves it, of some age. */
static char *
leave_work_folder(const Fixture *t, const char *name, long age_s)
{
    char *path = g_build_filename(t->root, name, NULL);
    g_autofree char *file = g_build_filename(path, "areas.csv", NULL);
    struct timespec then = { .tv_sec = g_get_real_time() / 1000000 - age_s };
    struct timespec times[2] = { then, then };

    g_assert_cmpint(g_mkdir(path, 0777), ==, 0);
    g_assert_true(g_file_set_contents(file, "half", -1, NULL));
    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
    return path;
}

static void
removes_what_a_killed_program_left(Fixture *t, gconstpointer data)
{
    g_autofree char *dead = leave_work_folder(t, ".out.partial-Ab12cD", 600);
    g_autofree char *new = leave_work_folder(t, ".out.partial-Ef34gH", 0);
    g_autofree char *held = leave_work_folder(t, ".out.partial-Ij56kL", 600);
    g_autofree char *other = leave_work_folder(t, ".out2.partial-Mn78oP", 600);
    int fd = open(held, O_RDONLY | O_DIRECTORY);

    (void) data;
    g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
    write_results(t, false);
    g_assert_false(g_file_test(dead, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_test(new, G_FILE_TEST_IS_DIR));
    g_assert_true(g_file_test(held, G_FILE_TEST_IS_DIR));
    g_assert_true(g_file_test(other, G_FILE_TEST_IS_DIR));
    close(fd);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(headers_are_those_of_the_contract, NULL);
    TEST(areas_read_back_as_they_were, NULL);
    TEST(particles_say_size_and_final_expansion, NULL);
    TEST(events_are_intervals, NULL);
    TEST(the_circuit_and_the_clock_are_told, NULL);
    TEST(pixels_are_not_called_nm, &in_pixels);
    TEST(regions_carry_their_slices, NULL);
    TEST(provenance_hashes_the_input, NULL);
    TEST(the_same_input_gives_the_same_bytes, NULL);
    TEST(an_empty_folder_is_fine, NULL);
    TEST(other_things_stay, NULL);
    TEST(results_are_replaced_only_when_told, NULL);
    TEST(a_link_to_a_folder_stays_a_link, NULL);
    TEST(the_current_folder_stays_itself, NULL);
    TEST(what_cannot_be_a_folder_is_refused, NULL);
    TEST(a_full_disk_leaves_nothing_behind, NULL);
    TEST(a_cancelled_job_leaves_nothing_behind, NULL);
    TEST(a_name_cannot_lead_out_of_the_folder, &in_pixels);
    TEST(removes_what_a_killed_program_left, NULL);
    return g_test_run();
}
