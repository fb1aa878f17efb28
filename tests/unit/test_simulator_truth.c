/* Simulator: its truth is exact, and the true model gives it back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/materials.h"
#include "coatscope/simulator.h"
#include "simulator/random.h"

static CsSimulation *
simulation_of(const char *yaml_or_preset)
{
    g_auto(CsRecipe) recipe = CS_RECIPE_INIT;
    g_autoptr(GError) error = NULL;
    CsSimulation *s;
    bool ok = strchr(yaml_or_preset, '\n') != NULL
                  ? cs_recipe_parse(yaml_or_preset, "test", &recipe, &error)
                  : cs_recipe_load(yaml_or_preset, &recipe, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    s = cs_simulation_new(&recipe, NULL, &error);
    g_assert_no_error(error);
    return s;
}

/* ---- Random numbers -------------------------------------------------------- */

/* Mean and variance of n draws agree with the mean to five of their own
 * standard deviations: sqrt(m/n), and sqrt((2 m^2 + m)/n). */
static void
poisson_has_its_mean_and_variance(void)
{
    static const double means[]
        = { 0.02, 0.5, 3, 9.99, 10, 12, 40, 360, 5000, 1e6 };
    enum { N = 200000 };

    for (size_t k = 0; k < G_N_ELEMENTS(means); k++) {
        double m = means[k], sum = 0, square = 0;
        CsRandom random;

        cs_random_seed(&random, 5, k, 0);
        for (int i = 0; i < N; i++) {
            double d = (double) cs_random_poisson(&random, m) - m;

            sum += d;
            square += d * d;
        }
        g_assert_cmpfloat(fabs(sum / N), <, 5 * sqrt(m / N));
        g_assert_cmpfloat(fabs(square / N - m), <,
                          5 * sqrt((2 * m * m + m) / N));
    }
}

/* The share of each outcome near the mean, against the exact one; five
 * standard deviations of a count. */
static void
poisson_has_its_shape(void)
{
    static const double means[] = { 4, 15, 60 };
    enum { N = 400000, TOP = 200 };

    for (size_t k = 0; k < G_N_ELEMENTS(means); k++) {
        double m = means[k];
        g_autofree int *seen = g_new0(int, TOP);
        CsRandom random;

        cs_random_seed(&random, 6, k, 0);
        for (int i = 0; i < N; i++)
            seen[MIN(cs_random_poisson(&random, m), TOP - 1)]++;
        for (int x = 0; x < TOP - 1; x++) {
            double p = exp(x * log(m) - m - lgamma(x + 1.0));

            g_assert_cmpfloat(fabs(seen[x] - N * p), <=,
                              5 * sqrt(N * p) + 3);
        }
    }
}

/* ---- Areas ------------------------------------------------------------------- */

static size_t
count_pixels(const CsFrame *labels, uint8_t id)
{
    const uint8_t *px = labels->px;
    size_t n = 0;

    for (size_t k = 0; k < labels->width * labels->height; k++)
        n += px[k] == id;
    return n;
}

/* 0.1 %; counting pixels of a disc of 90 px radius scatters by 0.025 %. */
static void
outline_mask_and_shape_have_one_area(void)
{
    static const char *const presets[] = { "jove-5nm", "jove-10nm" };

    for (size_t k = 0; k < G_N_ELEMENTS(presets); k++) {
        g_autoptr(CsSimulation) s = simulation_of(presets[k]);
        g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
        g_auto(CsPolygon) polygon = CS_POLYGON_INIT;
        g_auto(CsFrame) labels = CS_FRAME_INIT;

        g_assert_true(cs_simulation_outlines(s, 360, &outlines, NULL));
        for (size_t f = 0; f < 75; f += 6)
            for (int core = 0; core < 2; core++) {
                const CsOutline *o = cs_outlines_at(&outlines, f, 0);
                double area = core ? o->core_area_px2 : o->area_px2;

                g_assert_true(
                    cs_outline_polygon(o, 360, core == 1, &polygon, NULL));
                g_assert_true(
                    cs_simulation_labels(s, f, core == 1, &labels, NULL));
                g_assert_cmpfloat_with_epsilon(
                    cs_polygon_area(&polygon) / area, 1, 1e-3);
                g_assert_cmpfloat_with_epsilon(
                    (double) count_pixels(&labels, 1) / area, 1, 1e-3);
            }
    }
}

static double
slope(const CsMeasures *m, double low, double high)
{
    double t = NAN, u = NAN;

    for (size_t i = 1; i < m->n; i++) {
        double a = m->row[i - 1].expansion, b = m->row[i].expansion;

        if (a < low && b >= low)
            t = m->row[i - 1].time_s
                + (m->row[i].time_s - m->row[i - 1].time_s) * (low - a)
                      / (b - a);
        if (a < high && b >= high)
            u = m->row[i - 1].time_s
                + (m->row[i].time_s - m->row[i - 1].time_s) * (high - a)
                      / (b - a);
    }
    return (high - low) / (u - t);
}

/* The protocol: about twice and 1.2 times the area, six times slower, broken
 * after two minutes. */
static void
presets_tell_the_story_of_the_protocol(void)
{
    g_autoptr(CsSimulation) thin = simulation_of("jove-5nm");
    g_autoptr(CsSimulation) thick = simulation_of("jove-10nm");
    g_auto(CsMeasures) a = CS_MEASURES_INIT;
    g_auto(CsMeasures) b = CS_MEASURES_INIT;

    g_assert_true(cs_simulation_measures(thin, &a, NULL));
    g_assert_true(cs_simulation_measures(thick, &b, NULL));
    g_assert_cmpfloat_with_epsilon(a.row[a.n - 1].expansion, 2.0, 0.01);
    g_assert_cmpfloat_with_epsilon(b.row[b.n - 1].expansion, 1.2, 0.01);
    g_assert_cmpfloat_with_epsilon(slope(&a, 1.2, 1.8) / slope(&b, 1.04, 1.16),
                                   6.0, 0.2);
    for (size_t i = 0; i < b.n; i++) {
        g_assert_cmpint(a.row[i].broken, ==, 0);
        g_assert_cmpint(b.row[i].broken, ==, b.row[i].time_s >= 120);
    }
}

/* ---- Same bytes ----------------------------------------------------------------- */

typedef struct {
    CsSimulation *simulation;
    char         *sums[24];
} Sums;

static bool
sum_frame(size_t i, unsigned worker, void *data, GError **error)
{
    Sums *sums = data;
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    (void) worker;
    if (!cs_simulation_render(sums->simulation, i, &frame, error))
        return false;
    sums->sums[i] = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, frame.px, cs_frame_n_bytes(&frame));
    return true;
}

static const char *const SMALL
    = "recording: {width: 96, height: 80, frames: 24, nm_per_px: 2}\n"
      "clock: {doubled: 0.2, late: 0.2, dropped: 0.2}\n"
      "jumps: [{time_s: 20.4, dx_nm: 12, dy_nm: -6}]\n"
      "microscope: {defocus_nm: 800}\n"
      "support: {noise: slopes}\n"
      "needle: {noise: slopes}\n"
      "camera: {gain_spread: 0.01, hot_per_million: 300}\n";

static void
threads_do_not_change_a_byte(void)
{
    static const unsigned n_threads[] = { 1, 2, 7 };
    Sums sums[3] = { 0 };

    for (size_t k = 0; k < 3; k++) {
        CsJob job = { .n_threads = n_threads[k] };
        g_autoptr(CsSimulation) s = simulation_of(SMALL);

        sums[k].simulation = s;
        g_assert_true(cs_parallel_for(&job, 24, sum_frame, &sums[k], NULL));
    }
    for (size_t f = 0; f < 24; f++) {
        g_assert_cmpstr(sums[0].sums[f], ==, sums[1].sums[f]);
        g_assert_cmpstr(sums[0].sums[f], ==, sums[2].sums[f]);
    }
    for (size_t k = 0; k < 3; k++)
        for (size_t f = 0; f < 24; f++)
            g_free(sums[k].sums[f]);
}

static void
doubled_frames_carry_the_same_samples(void)
{
    g_autoptr(CsSimulation) s = simulation_of(SMALL);
    g_auto(CsShifts) shifts = CS_SHIFTS_INIT;
    g_auto(CsFrame) a = CS_FRAME_INIT;
    g_auto(CsFrame) b = CS_FRAME_INIT;
    size_t n_doubled = 0;

    g_assert_true(cs_simulation_shifts(s, &shifts, NULL));
    for (size_t f = 1; f < 24; f++) {
        bool is_doubled = (shifts.shift[f].flags & CS_FRAME_DOUBLED) != 0;

        g_assert_true(cs_simulation_render(s, f - 1, &a, NULL));
        g_assert_true(cs_simulation_render(s, f, &b, NULL));
        g_assert_true((memcmp(a.px, b.px, cs_frame_n_bytes(&a)) == 0)
                      == is_doubled);
        n_doubled += is_doubled;
    }
    g_assert_cmpuint(n_doubled, >, 0);
}

static void
stamps_say_when_frames_were_taken(void)
{
    g_autoptr(CsSimulation) s = simulation_of(SMALL);
    g_autoptr(CsRecording) recording = cs_simulation_record(s, NULL);
    const CsClock *clock = &cs_recording_info(recording)->clock;
    double longest = 0;

    for (size_t f = 1; f < 24; f++) {
        double step = clock->start_s[f] - clock->start_s[f - 1];

        g_assert_cmpfloat(step, >=, clock->duration_s[f - 1] - 1e-9);
        longest = MAX(longest, step);
    }
    g_assert_cmpfloat(longest, >, 3.5); /* a slot of 2 s was lost */
}

/* ---- The true model gives the truth back ------------------------------------------ */

enum { SIDE = 64, N_PARAMETERS = 5 };
enum { RADIUS, X, Y, BEAM, MU };

static const char *const BALL
    = "recording: {width: 64, height: 64, frames: 1000, nm_per_px: 1,"
      " type: float32}\n"
      "microscope: {dose_rate_e_per_A2_s: 1, psf_nm: 1, gradient: 0,"
      " flicker: 0}\n"
      "camera: {gain_counts_per_e: 1, dark_counts: 0, read_noise_counts: 0,"
      " mtf_core_px: 0, mtf_tail_weight: 0}\n"
      "motion: {v0_nm_per_s: 0, v_end_nm_per_s: 0, walk_nm_per_sqrt_s: 0,"
      " vibration_nm: 0}\n"
      "support: {kind: none, dirt: 0}\n"
      "needle: {present: false}\n"
      "particles: [{x_nm: 32.3, y_nm: 31.8, diameter_nm: 40, coat: none,"
      " roughness: 0, law: none, diffraction: 0}]\n";

/* Written apart from the simulator: plain 6 x 6 samples in every pixel. */
static void
predict(const double *p, CsImage *image)
{
    enum { N = 6 };

    for (size_t j = 0; j < SIDE; j++)
        for (size_t i = 0; i < SIDE; i++) {
            double sum = 0;

            for (int k = 0; k < N * N; k++) {
                double x = (double) i + (k % N + 0.5) / N - p[X];
                double y = (double) j + ((double) (k / N) + 0.5) / N - p[Y];
                double u = p[RADIUS] * p[RADIUS] - x * x - y * y;

                sum += u > 0 ? exp(-2 * p[MU] * sqrt(u)) : 1;
            }
            image->px[j * SIDE + i] = (float) (p[BEAM] * sum / (N * N));
        }
    g_assert_true(cs_image_blur(image, 1, image, NULL));
}

typedef struct {
    double slope[N_PARAMETERS][SIDE * SIDE];
    double inverse[N_PARAMETERS][N_PARAMETERS]; /* of Fisher's information */
} Fit;

static void
invert(double a[N_PARAMETERS][N_PARAMETERS],
       double to[N_PARAMETERS][N_PARAMETERS])
{
    for (int i = 0; i < N_PARAMETERS; i++)
        for (int j = 0; j < N_PARAMETERS; j++)
            to[i][j] = i == j;
    for (int k = 0; k < N_PARAMETERS; k++) {
        double pivot = a[k][k];

        for (int j = 0; j < N_PARAMETERS; j++) {
            a[k][j] /= pivot;
            to[k][j] /= pivot;
        }
        for (int i = 0; i < N_PARAMETERS; i++) {
            double by = a[i][k];

            for (int j = 0; j < N_PARAMETERS && i != k; j++) {
                a[i][j] -= by * a[k][j];
                to[i][j] -= by * to[k][j];
            }
        }
    }
}

static void
prepare_fit(const double *truth, Fit *fit)
{
    static const double steps[] = { 0.05, 0.05, 0.05, 0.5, 1e-4 };
    double information[N_PARAMETERS][N_PARAMETERS] = { 0 };
    g_auto(CsImage) at = CS_IMAGE_INIT;
    g_auto(CsImage) up = CS_IMAGE_INIT;
    g_auto(CsImage) down = CS_IMAGE_INIT;

    g_assert_true(cs_image_resize(&at, SIDE, SIDE, NULL));
    g_assert_true(cs_image_resize(&up, SIDE, SIDE, NULL));
    g_assert_true(cs_image_resize(&down, SIDE, SIDE, NULL));
    predict(truth, &at);
    for (int k = 0; k < N_PARAMETERS; k++) {
        double p[N_PARAMETERS];

        memcpy(p, truth, sizeof p);
        p[k] += steps[k];
        predict(p, &up);
        p[k] -= 2 * steps[k];
        predict(p, &down);
        for (size_t i = 0; i < SIDE * SIDE; i++)
            fit->slope[k][i] = ((double) up.px[i] - (double) down.px[i])
                               / (2 * steps[k]);
    }
    for (int a = 0; a < N_PARAMETERS; a++)
        for (int b = 0; b < N_PARAMETERS; b++)
            for (size_t i = 0; i < SIDE * SIDE; i++)
                information[a][b] += fit->slope[a][i] * fit->slope[b][i]
                                     / (double) at.px[i];
    invert(information, fit->inverse);
}

/* Fisher scoring from the truth, slopes kept: two steps are enough, as the
 * errors are small. */
static void
fit_frame(const Fit *fit, const float *counts, CsImage *model, double *p)
{
    for (int step = 0; step < 2; step++) {
        double score[N_PARAMETERS] = { 0 };

        predict(p, model);
        for (size_t i = 0; i < SIDE * SIDE; i++)
            for (int k = 0; k < N_PARAMETERS; k++)
                score[k] += fit->slope[k][i]
                            * ((double) counts[i] / (double) model->px[i] - 1);
        for (int a = 0; a < N_PARAMETERS; a++)
            for (int b = 0; b < N_PARAMETERS; b++)
                p[a] += fit->inverse[a][b] * score[b];
    }
}

/* 1000 frames: the mean of pulls scatters by 0.032, their width by 0.022. */
static void
the_true_model_gives_the_truth_back(void)
{
    enum { N = 1000 };
    static Fit fit;
    g_autoptr(CsSimulation) s = simulation_of(BALL);
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsImage) model = CS_IMAGE_INIT;
    double truth[] = { 20, 32.3, 31.8, 100, 0 };
    double sum = 0, square = 0, sd;

    g_assert_true(cs_image_resize(&model, SIDE, SIDE, NULL));
    truth[MU] = 1 / cs_mean_free_path_bright_field_nm(cs_material_named("Si"),
                                                      200, 10);
    prepare_fit(truth, &fit);
    sd = sqrt(fit.inverse[RADIUS][RADIUS]);
    for (size_t f = 0; f < N; f++) {
        double p[N_PARAMETERS], pull;

        memcpy(p, truth, sizeof p);
        g_assert_true(cs_simulation_render(s, f, &frame, NULL));
        fit_frame(&fit, frame.px, &model, p);
        pull = (p[RADIUS] - truth[RADIUS]) / sd;
        sum += pull;
        square += pull * pull;
    }
    g_test_message("pulls %.3f ± %.3f, area bias %.2e, sd of radius %.4f px",
                   sum / N, sqrt(square / N), 2 * sum / N * sd / 20, sd);
    g_assert_cmpfloat(fabs(2 * sum / N * sd / truth[RADIUS]), <, 1e-3);
    g_assert_cmpfloat(fabs(sum / N), <, 0.1);
    g_assert_cmpfloat_with_epsilon(sqrt(square / N), 1, 0.1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/simulator/poisson_has_its_mean_and_variance",
                    poisson_has_its_mean_and_variance);
    g_test_add_func("/simulator/poisson_has_its_shape",
                    poisson_has_its_shape);
    g_test_add_func("/simulator/outline_mask_and_shape_have_one_area",
                    outline_mask_and_shape_have_one_area);
    g_test_add_func("/simulator/presets_tell_the_story_of_the_protocol",
                    presets_tell_the_story_of_the_protocol);
    g_test_add_func("/simulator/threads_do_not_change_a_byte",
                    threads_do_not_change_a_byte);
    g_test_add_func("/simulator/doubled_frames_carry_the_same_samples",
                    doubled_frames_carry_the_same_samples);
    g_test_add_func("/simulator/stamps_say_when_frames_were_taken",
                    stamps_say_when_frames_were_taken);
    g_test_add_func("/simulator/the_true_model_gives_the_truth_back",
                    the_true_model_gives_the_truth_back);
    return g_test_run();
}
