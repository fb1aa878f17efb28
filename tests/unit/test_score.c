/* Score: results and truths with errors we put in come out as those numbers.
 *
 * Folders are drawn: discs as regions, areas as the text of tables.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/roi.h"
#include "coatscope/score.h"

enum { N_FRAMES = 20, N_POINTS = 256, MAX_DISCS = 4 };

/* One disc in all frames, and by what its table departs from it. */
typedef struct {
    int    id;
    double x_px, y_px, r0_px;
    double factor;       /* of areas in the table                          */
    double slope;        /* of the factor, per unit of A/A0 - 1            */
    double grow;         /* of r in the region: r * grow                   */
    double sd;           /* relative, stated                               */
    int    from, to;     /* frames it is there: [from, to)                 */
    const char *state;   /* of the last five frames                        */
    const char *particle; /* end of its row of particles.csv               */
} Disc;

typedef struct {
    const char *recording;
    double      drift_px; /* added to dx                                   */
    size_t      n;
    Disc        disc[MAX_DISCS];
} Drawn;

/* Twice the area at the last frame. */
static double
expansion_at(int frame)
{
    return 1 + (double) frame / (N_FRAMES - 1);
}

static void
write_file(const char *dir, const char *name, const GString *text)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    g_assert_true(g_file_set_contents(path, text->str, -1, NULL));
}

static void
add_row(GString *text, const Drawn *drawn, const Disc *d, int frame)
{
    double expansion = expansion_at(frame);
    double area = G_PI * d->r0_px * d->r0_px * expansion;
    double factor = d->factor + d->slope * (expansion - 1);

    g_string_append_printf(
        text, "%s,%d,%d,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%s\n",
        drawn->recording, d->id, frame, area * factor, area * factor * d->sd,
        area * 0.8 * factor, area * 0.8 * factor * d->sd,
        5 * factor, expansion * factor, expansion * factor * d->sd,
        frame >= N_FRAMES - 5 ? d->state : "ok");
}

static void
write_tables(const Drawn *drawn, const char *dir)
{
    g_autoptr(GString) areas = g_string_new(
        "recording,particle_id,frame,area_nm2,area_sd_nm2,core_area_nm2,"
        "core_area_sd_nm2,coat_thickness_nm,expansion,expansion_sd,state\n");
    g_autoptr(GString) particles = g_string_new(
        "recording,particle_id,rate_per_s,onset_s,break_lo_s,break_hi_s,"
        "verdict\n");
    g_autoptr(GString) drift
        = g_string_new("recording,frame,dx_px,dy_px\n");

    for (size_t i = 0; i < drawn->n; i++) {
        const Disc *d = &drawn->disc[i];

        for (int f = d->from; f < d->to; f++)
            add_row(areas, drawn, d, f);
        g_string_append_printf(particles, "%s,%d,%s\n", drawn->recording,
                               d->id, d->particle);
    }
    for (int f = 0; f < N_FRAMES; f++)
        g_string_append_printf(drift, "%s,%d,%.9g,%.9g\n", drawn->recording,
                               f, 0.1 * f + drawn->drift_px, -0.2 * f);
    write_file(dir, "areas.csv", areas);
    write_file(dir, "particles.csv", particles);
    write_file(dir, "drift.csv", drift);
}

static void
fill_disc(const Disc *d, int frame, CsRoi *roi)
{
    double r = d->r0_px * sqrt(expansion_at(frame)) * d->grow;

    roi->name = g_strdup_printf("p%02d_f%04d", d->id, frame);
    g_assert_true(cs_polygon_resize(&roi->outline, N_POINTS, NULL));
    for (int k = 0; k < N_POINTS; k++)
        roi->outline.points[k]
            = (CsPoint) { d->x_px + r * cos(2 * G_PI * k / N_POINTS),
                          d->y_px + r * sin(2 * G_PI * k / N_POINTS) };
}

static void
write_regions(const Drawn *drawn, const char *dir)
{
    g_autofree char *folder = g_build_filename(dir, "outlines", NULL);
    g_autofree char *file = g_strconcat(drawn->recording, ".zip", NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_auto(CsRois) rois = CS_ROIS_INIT;

    rois.roi = g_new0(CsRoi, drawn->n * N_FRAMES);
    for (size_t i = 0; i < drawn->n; i++)
        for (int f = drawn->disc[i].from; f < drawn->disc[i].to; f++)
            fill_disc(&drawn->disc[i], f, &rois.roi[rois.n++]);
    g_assert_cmpint(g_mkdir(folder, 0777), ==, 0);
    g_assert_true(cs_rois_write(&rois, path, NULL));
}

static void
write_folder(const Drawn *drawn, const char *dir)
{
    g_assert_cmpint(g_mkdir_with_parents(dir, 0777), ==, 0);
    write_tables(drawn, dir);
    write_regions(drawn, dir);
}

static void
remove_all(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *inside = g_build_filename(path, name, NULL);

        remove_all(inside);
    }
    g_remove(path);
}

static const Disc NEAR = { 1, 60, 60, 20, 1, 0, 1, 0, 0, N_FRAMES, "ok",
                           "0.01,20,,,intact" };
static const Disc FAR = { 2, 180, 70, 25, 1, 0, 1, 0, 0, N_FRAMES, "overlap",
                          "0.02,30,40,40,broken" };

/* Scores two drawings, as a folder each; scores->score[0] is the recording,
 * [1] the total. */
static void
score_drawn(const Drawn *found, const Drawn *truth, CsScores *scores)
{
    g_autofree char *top = g_dir_make_tmp("coatscope-score-XXXXXX", NULL);
    g_autofree char *results = g_build_filename(top, "results", NULL);
    g_autofree char *known = g_build_filename(top, "known", "truth", NULL);
    const char *const truths[] = { top, NULL };
    g_autoptr(GError) error = NULL;
    bool ok;

    write_folder(found, results);
    write_folder(truth, known);
    ok = cs_score(results, truths, scores, &error);
    remove_all(top);
    g_assert_no_error(error);
    g_assert_true(ok);
    g_assert_cmpuint(scores->n, ==, 2);
    g_assert_cmpstr(scores->score[1].recording, ==, "total");
}

/* Tables carry nine digits. */
static void
assert_near(double value, double expected)
{
    g_assert_cmpfloat_with_epsilon(value, expected, 1e-7);
}

static void
assert_summary(CsErrorSummary s, size_t n, double median, double p95,
               double bias)
{
    g_assert_cmpuint(s.n, ==, n);
    assert_near(s.median_abs, median);
    assert_near(s.p95_abs, p95);
    assert_near(s.bias, bias);
}

static void
the_truth_scores_without_error(void)
{
    Drawn truth = { "one", 0, 2, { NEAR, FAR } };
    g_auto(CsScores) scores = CS_SCORES_INIT;
    const CsScore *s;

    score_drawn(&truth, &truth, &scores);
    s = &scores.score[0];
    g_assert_cmpuint(s->n_true, ==, 2);
    g_assert_cmpuint(s->n_found, ==, 2);
    g_assert_cmpuint(s->n_missed + s->n_invented + s->n_swaps
                         + s->n_lost_frames, ==, 0);
    assert_summary(s->area, 35, 0, 0, 0);
    assert_summary(s->area_hidden, 5, 0, 0, 0);
    assert_summary(s->iou, 35, 0, 0, 0);
    assert_summary(s->onset_s, 2, 0, 0, 0);
    assert_summary(s->break_s, 1, 0, 0, 0);
    assert_near(s->area_slope, 0);
    assert_near(s->drift_rms_px, 0);
    g_assert_cmpuint(s->n_verdicts_right, ==, 2);
    g_assert_cmpuint(s->area_coverage.n, ==, 0); /* no sd was stated */
}

/* Areas 3 % too large that shrink by 4 % per unit of A/A0; radii 2 % too
 * large; drift of 0.5 px in x only. */
static void
errors_come_out_as_put_in(void)
{
    Drawn truth = { "one", 0, 1, { NEAR } };
    Drawn found = { "one", 0.5, 1, { NEAR } };
    Disc *d = &found.disc[0];
    g_auto(CsScores) scores = CS_SCORES_INIT;
    const CsScore *s;

    d->factor = 1.03;
    d->slope = -0.04;
    d->grow = 1.02;
    d->particle = "0.011,18,,,broken";
    score_drawn(&found, &truth, &scores);
    s = &scores.score[0];
    /* The 20 errors run evenly from +3 % to -1 %. */
    g_assert_cmpuint(s->area.n, ==, N_FRAMES);
    assert_near(s->area.bias, 0.01);
    assert_near(s->area.p95_abs, 0.03 - 0.95 * 0.04 / 19);
    assert_near(s->core_area.bias, 0.01);
    assert_near(s->thickness_nm.bias, 0.05);
    assert_near(s->area_slope, -0.04);
    assert_near(s->expansion.bias, -0.01); /* of the last frame */
    /* Regions carry their points as single precision. */
    g_assert_cmpfloat_with_epsilon(s->iou.bias, 1 - 1 / (1.02 * 1.02), 1e-5);
    assert_near(s->rate.bias, 0.1);
    assert_near(s->onset_s.bias, -2);
    g_assert_cmpuint(s->n_verdicts_wrong, ==, 1);
    assert_near(s->drift_rms_px, 0.5 / sqrt(2)); /* both components */
}

static void
hidden_frames_count_apart(void)
{
    Drawn truth = { "one", 0, 1, { FAR } };
    Drawn found = truth;
    g_auto(CsScores) scores = CS_SCORES_INIT;

    found.disc[0].factor = 0.9;
    found.disc[0].particle = "0.02,30,43,45,cannot tell";
    score_drawn(&found, &truth, &scores);
    assert_summary(scores.score[0].area, 15, 0.1, 0.1, -0.1);
    assert_summary(scores.score[0].area_hidden, 5, 0.1, 0.1, -0.1);
    assert_summary(scores.score[0].break_s, 1, 4, 4, 4); /* of the middle */
    g_assert_cmpuint(scores.score[0].n_verdicts_open, ==, 1);
}

/* Errors run from +3 to -1 %; ± 1.96 sd of 1 % holds those within 1.96 %. */
static void
intervals_hold_the_truth_as_often_as_they_do(void)
{
    Drawn truth = { "one", 0, 1, { NEAR } };
    Drawn found = truth;
    Disc *d = &found.disc[0];
    size_t n_holding = 0;
    g_auto(CsScores) scores = CS_SCORES_INIT;

    d->factor = 1.03;
    d->slope = -0.04;
    d->sd = 0.01;
    for (int f = 0; f < N_FRAMES; f++) {
        double factor = 1.03 - 0.04 * (expansion_at(f) - 1);

        n_holding += fabs(factor - 1) <= 1.959964 * 0.01 * factor;
    }
    g_assert_cmpuint(n_holding, ==, 15);
    score_drawn(&found, &truth, &scores);
    for (int total = 0; total < 2; total++) {
        const CsScore *s = &scores.score[total];

        g_assert_cmpuint(s->area_coverage.n, ==, N_FRAMES);
        g_assert_cmpuint(s->area_coverage.n_holding, ==, n_holding);
        g_assert_cmpuint(s->core_area_coverage.n_holding, ==, n_holding);
        g_assert_cmpuint(s->expansion_coverage.n_holding, ==, n_holding);
    }
}

static void
missed_invented_and_lost_are_counted(void)
{
    Drawn truth = { "one", 0, 2, { NEAR, FAR } };
    Drawn found = { "one", 0, 3, { NEAR, NEAR, NEAR } };
    g_auto(CsScores) scores = CS_SCORES_INIT;
    const CsScore *s = NULL;

    found.disc[0].id = 7; /* ids are the measurement's own */
    found.disc[0].to = N_FRAMES - 4;
    found.disc[1].id = 3;
    found.disc[1].y_px = 160;
    found.disc[2].id = 4;
    found.disc[2].x_px += 30; /* overlaps NEAR, less than disc 0 does */
    score_drawn(&found, &truth, &scores);
    s = &scores.score[1];
    g_assert_cmpuint(s->n_true, ==, 2);
    g_assert_cmpuint(s->n_found, ==, 1);
    g_assert_cmpuint(s->n_missed, ==, 1);
    g_assert_cmpuint(s->n_invented, ==, 2);
    g_assert_cmpuint(s->n_lost_frames, ==, 4);
    g_assert_cmpuint(s->area.n, ==, N_FRAMES - 4);
    assert_near(s->area.p95_abs, 0);
}

/* In frame 12 the two particles trade their identities. */
static void
a_swap_of_identities_counts_on_both(void)
{
    Drawn truth = { "one", 0, 2, { NEAR, FAR } };
    Drawn found = { "one", 0, 4, { NEAR, FAR, FAR, NEAR } };
    g_auto(CsScores) scores = CS_SCORES_INIT;

    found.disc[2].id = 1; /* particle 1 goes on as the far disc */
    found.disc[3].id = 2;
    found.disc[0].to = found.disc[1].to = 12;
    found.disc[2].from = found.disc[3].from = 12;
    score_drawn(&found, &truth, &scores);
    g_assert_cmpuint(scores.score[0].n_found, ==, 2);
    g_assert_cmpuint(scores.score[0].n_swaps, ==, 2);
    g_assert_cmpuint(scores.score[1].n_swaps, ==, 2);
}

static void
refuse(const char *areas, int code, const char *part)
{
    Drawn truth = { "one", 0, 1, { NEAR } };
    g_autofree char *top = g_dir_make_tmp("coatscope-score-XXXXXX", NULL);
    g_autofree char *known = g_build_filename(top, "truth", NULL);
    g_autoptr(GString) text = g_string_new(areas);
    const char *const truths[] = { top, NULL };
    g_auto(CsScores) scores = CS_SCORES_INIT;
    g_autoptr(GError) error = NULL;

    write_folder(&truth, known);
    write_file(top, "areas.csv", text);
    g_assert_false(cs_score(top, truths, &scores, &error));
    remove_all(top);
    g_assert_error(error, CS_ERROR, code);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, part));
    g_assert_cmpuint(scores.n, ==, 0);
}

static void
what_cannot_be_compared_is_refused(void)
{
    refuse("recording,particle_id,frame,area_px2,state\none,1,0,5,ok\n",
           CS_ERROR_ARGUMENT, "pixels");
    refuse("recording,particle_id,frame,area_nm2,state\none,1,0.5,5,ok\n",
           CS_ERROR_FORMAT, "line 2");
    refuse("recording,particle_id,frame,area_nm2,state\none,1,-1,5,ok\n",
           CS_ERROR_FORMAT, "frame");
    refuse("recording,particle_id,frame,area_nm2,state\none,1,0,big,ok\n",
           CS_ERROR_FORMAT, "big");
    refuse("recording,particle_id,frame,state\none,1,0,ok\n",
           CS_ERROR_FORMAT, "area_nm2");
}

/* Scores results of a recording called "renamed", which say they are of
 * n_frames frames of a file with that content, against the truths of folders
 * "one" and "two", which lie beside film.tif of other contents. */
static bool
score_by_origin(const char *content, int n_frames, CsScores *scores,
                GError **error)
{
    Drawn found = { "renamed", 0, 1, { NEAR } };
    Drawn truth = { "one", 0, 1, { NEAR } };
    Drawn other = { "two", 0, 1, { FAR } };
    g_autofree char *top = g_dir_make_tmp("coatscope-score-XXXXXX", NULL);
    g_autofree char *results = g_build_filename(top, "results", NULL);
    g_autofree char *one = g_build_filename(top, "one", NULL);
    g_autofree char *two = g_build_filename(top, "two", NULL);
    g_autofree char *known = g_build_filename(one, "truth", NULL);
    g_autofree char *known_too = g_build_filename(two, "truth", NULL);
    g_autofree char *hash
        = g_compute_checksum_for_string(G_CHECKSUM_SHA256, content, -1);
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(GString) first = g_string_new("the first film");
    g_autoptr(GString) second = g_string_new("the second film");
    const char *const truths[] = { two, one, NULL };
    bool ok;

    write_folder(&found, results);
    write_folder(&truth, known);
    write_folder(&other, known_too);
    write_file(one, "film.tif", first);
    write_file(two, "film.tif", second);
    g_string_printf(said,
                    "{\"recordings\": [{\"recording\": \"renamed\", "
                    "\"n_frames\": %d, \"inputs\": [{\"path\": "
                    "\"moved/film.tif\", \"sha256\": \"%s\"}]}]}",
                    n_frames, hash);
    write_file(results, "provenance.json", said);
    ok = cs_score(results, truths, scores, error);
    remove_all(top);
    return ok;
}

static void
the_file_measured_tells_its_truth(void)
{
    g_auto(CsScores) scores = CS_SCORES_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_true(score_by_origin("the first film", N_FRAMES, &scores,
                                  &error));
    g_assert_no_error(error);
    g_assert_cmpuint(scores.score[0].n_found, ==, 1);
    assert_near(scores.score[0].area.p95_abs, 0);
}

/* Film "two" has a truth and was not measured. */
static void
what_was_not_measured_is_missed(void)
{
    g_auto(CsScores) scores = CS_SCORES_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_true(score_by_origin("the first film", N_FRAMES, &scores,
                                  &error));
    g_assert_no_error(error);
    g_assert_cmpuint(scores.n, ==, 3);
    g_assert_cmpstr(scores.score[1].recording, ==, "two");
    g_assert_cmpuint(scores.score[1].n_true, ==, 1);
    g_assert_cmpuint(scores.score[1].n_missed, ==, 1);
    g_assert_cmpuint(scores.score[1].area.n, ==, 0);
    g_assert_cmpuint(scores.score[2].n_true, ==, 2);
    g_assert_cmpuint(scores.score[2].n_found, ==, 1);
    g_assert_cmpuint(scores.score[2].n_missed, ==, 1);
}

static void
the_truth_of_another_file_is_refused(void)
{
    g_auto(CsScores) scores = CS_SCORES_INIT;
    g_autoptr(GError) error = NULL;

    g_assert_false(score_by_origin("a third film", N_FRAMES, &scores,
                                   &error));
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_nonnull(strstr(error->message, "film.tif is not the file"));
}

/* One truth, one recording, no file to compare: the frames must fit. */
static void
the_truth_of_a_longer_film_is_refused(void)
{
    Drawn both = { "one", 0, 1, { NEAR } };
    g_autofree char *top = g_dir_make_tmp("coatscope-score-XXXXXX", NULL);
    g_autofree char *known = g_build_filename(top, "known", "truth", NULL);
    g_autofree char *results = g_build_filename(top, "results", NULL);
    g_autoptr(GString) said = g_string_new(
        "{\"recordings\": [{\"recording\": \"one\", \"n_frames\": 75}]}");
    const char *const truths[] = { known, NULL };
    g_auto(CsScores) scores = CS_SCORES_INIT;
    g_autoptr(GError) error = NULL;

    write_folder(&both, known);
    write_folder(&both, results);
    write_file(results, "provenance.json", said);
    g_assert_false(cs_score(results, truths, &scores, &error));
    remove_all(top);
    g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
    g_assert_nonnull(strstr(error->message, "has 20 frames, measured were 75"));
}

static void
the_figure_is_drawn_in_both_kinds(void)
{
    Drawn truth = { "one", 0, 2, { NEAR, FAR } };
    Drawn found = truth;
    g_autofree char *gnuplot = g_find_program_in_path("gnuplot");
    g_autofree char *top = g_dir_make_tmp("coatscope-score-XXXXXX", NULL);
    g_autofree char *svg
        = g_build_filename(top, "figures", "score.svg", NULL);
    g_autofree char *png
        = g_build_filename(top, "figures", "score.png", NULL);
    g_autofree char *text = NULL;
    g_auto(CsScores) scores = CS_SCORES_INIT;
    g_autoptr(GError) error = NULL;

    if (gnuplot == NULL) {
        remove_all(top);
        g_test_skip("gnuplot, which draws the figure, is not installed");
        return;
    }
    found.disc[0].factor = 1.02;
    score_drawn(&found, &truth, &scores);
    g_assert_cmpuint(scores.score[0].n_points, ==, 2 * N_FRAMES);
    g_assert_true(cs_scores_draw(&scores, top, NULL, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(svg, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "Area error"));
    g_assert_true(g_file_test(png, G_FILE_TEST_IS_REGULAR));
    remove_all(top);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/score/the_truth_scores_without_error",
                    the_truth_scores_without_error);
    g_test_add_func("/score/errors_come_out_as_put_in",
                    errors_come_out_as_put_in);
    g_test_add_func("/score/hidden_frames_count_apart",
                    hidden_frames_count_apart);
    g_test_add_func("/score/intervals_hold_the_truth_as_often_as_they_do",
                    intervals_hold_the_truth_as_often_as_they_do);
    g_test_add_func("/score/missed_invented_and_lost_are_counted",
                    missed_invented_and_lost_are_counted);
    g_test_add_func("/score/a_swap_of_identities_counts_on_both",
                    a_swap_of_identities_counts_on_both);
    g_test_add_func("/score/what_cannot_be_compared_is_refused",
                    what_cannot_be_compared_is_refused);
    g_test_add_func("/score/the_file_measured_tells_its_truth",
                    the_file_measured_tells_its_truth);
    g_test_add_func("/score/what_was_not_measured_is_missed",
                    what_was_not_measured_is_missed);
    g_test_add_func("/score/the_truth_of_another_file_is_refused",
                    the_truth_of_another_file_is_refused);
    g_test_add_func("/score/the_truth_of_a_longer_film_is_refused",
                    the_truth_of_a_longer_film_is_refused);
    g_test_add_func("/score/the_figure_is_drawn_in_both_kinds",
                    the_figure_is_drawn_in_both_kinds);
    return g_test_run();
}
