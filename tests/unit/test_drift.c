/* Drift of drawn frames: a support with texture, a particle that grows, a
 * needle that comes in on its own, noise, a jump, and frames that are black,
 * smeared or there twice.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/drift.h"
#include "scene.h"

enum { SIDE = 256, N_FRAMES = 30, N_BLOBS = 260 };

typedef struct {
    bool    has_support;
    size_t  black;   /* frames; 0 for none */
    size_t  doubled;
    size_t  smeared;
    size_t  jump;
    double  blob[N_BLOBS][4]; /* x, y, sd in px, depth */
} Film;

static void
lay_support(Film *film)
{
    GRand *rand = g_rand_new_with_seed(7);

    for (int k = 0; k < N_BLOBS; k++) {
        film->blob[k][0] = g_rand_double_range(rand, -60, SIDE + 60);
        film->blob[k][1] = g_rand_double_range(rand, -60, SIDE + 60);
        film->blob[k][2] = g_rand_double_range(rand, 3, 9);
        film->blob[k][3] = g_rand_double_range(rand, -0.06, 0.06);
    }
    g_rand_free(rand);
}

/* Where the specimen is in a frame, away from where it was in the first. */
static CsPoint
place_of(const Film *film, size_t frame)
{
    double t = (double) frame;
    CsPoint at = { 0.31 * t + 0.2 * sin(t), -0.17 * t };

    if (film->jump > 0 && frame >= film->jump) {
        at.x += 40;
        at.y -= 13;
    }
    return at;
}

static void
add_blob(double *px, double x, double y, double sd, double depth)
{
    int i0 = MAX((int) (x - 4 * sd), 0), i1 = MIN((int) (x + 4 * sd), SIDE);
    int j0 = MAX((int) (y - 4 * sd), 0), j1 = MIN((int) (y + 4 * sd), SIDE);

    for (int j = j0; j < j1; j++)
        for (int i = i0; i < i1; i++) {
            double r2 = pow(i + 0.5 - x, 2) + pow(j + 0.5 - y, 2);

            px[j * SIDE + i] -= depth * exp(-r2 / (2 * sd * sd));
        }
}

static void
darken_disc(double *px, double x, double y, double r, double to)
{
    for (int j = 0; j < SIDE; j++)
        for (int i = 0; i < SIDE; i++) {
            double d = hypot(i + 0.5 - x, j + 0.5 - y);

            if (d < r + 1)
                px[j * SIDE + i] *= 1 + (to - 1) * CLAMP(r + 1 - d, 0, 1);
        }
}

static void
draw(const Film *film, size_t frame, double *px)
{
    CsPoint at = place_of(film, frame);
    double t = (double) frame;

    for (int i = 0; i < SIDE * SIDE; i++)
        px[i] = 1;
    for (int k = 0; k < N_BLOBS && film->has_support; k++) {
        const double *b = film->blob[k];
        double grow = frame > 0 && frame == film->smeared ? 1.5 : 1;

        add_blob(px, b[0] + at.x, b[1] + at.y, b[2] * grow,
                 b[3] / (grow * grow));
    }
    darken_disc(px, 140 + at.x, 150 + at.y, 25 + 0.4 * t, 0.6);
    /* the needle: tungsten in a paler skin */
    darken_disc(px, 20 + 2 * t, 70, 34, 0.88);
    darken_disc(px, 20 + 2 * t, 70, 22, 0.05);
}

static bool
read_film(void *state, size_t index, CsFrame *frame, GError **error)
{
    const Film *film = state;
    bool is_twin = index > 0 && index == film->doubled;
    bool is_black = index > 0 && index == film->black;
    g_autofree double *px = g_new(double, SIDE * SIDE);
    GRand *rand = g_rand_new_with_seed(100 + (guint32) (index - is_twin));

    if (!cs_frame_resize(frame, SIDE, SIDE, 1, CS_PIXEL_U16, error))
        return false;
    frame->index = index;
    draw(film, index - is_twin, px);
    for (size_t i = 0; i < SIDE * SIDE; i++)
        ((uint16_t *) frame->px)[i]
            = (uint16_t) scene_poisson(rand, is_black ? 2 : 4000 * px[i]);
    g_rand_free(rand);
    return true;
}

static CsRecording *
record(Film *film)
{
    CsRecordingInfo info = CS_RECORDING_INFO_INIT;
    const CsFrameSource source = { read_film, NULL };

    info.name = g_strdup("drawn");
    info.width = info.height = SIDE;
    info.n_frames = N_FRAMES;
    return cs_recording_take(&info, &source, film);
}

static void
seed_particle(CsSeeds *seeds)
{
    CsSeed seed = { .id = 1, .is_dark = true };

    g_assert_true(cs_polygon_resize(&seed.outline, 24, NULL));
    for (int k = 0; k < 24; k++)
        seed.outline.points[k] = (CsPoint) {
            140 + 25 * cos(2 * G_PI * k / 24),
            150 + 25 * sin(2 * G_PI * k / 24),
        };
    cs_seeds_take(seeds, &seed);
}

static void
measure(Film *film, CsShifts *shifts, unsigned n_threads)
{
    g_autoptr(CsRecording) recording = record(film);
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    const CsJob job = { .n_threads = n_threads };
    GError *error = NULL;

    seed_particle(&seeds);
    cs_drift_measure(recording, &seeds, &job, shifts, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(shifts->n_frames, ==, N_FRAMES);
}

/* RMS of both components over frames without flags, and the share of them
 * within one sd. */
static double
rms_of(const Film *film, const CsShifts *shifts, double *share)
{
    double sum = 0, inside = 0, n = 0;

    for (size_t f = 1; f < shifts->n_frames; f++) {
        const CsShift *s = &shifts->shift[f];
        CsPoint at = place_of(film, f), first = place_of(film, 0);
        double x = s->dx_px + at.x - first.x, y = s->dy_px + at.y - first.y;

        if (s->flags != 0)
            continue;
        sum += x * x + y * y;
        inside += (fabs(x) < s->sd_px) + (fabs(y) < s->sd_px);
        n += 2;
    }
    *share = inside / n;
    return sqrt(sum / n);
}

/* 0.1 px is what a coat's sectors need; the noise allows less. The share of
 * a normal error within 1 sd is 0.68; all frames share the first one's error,
 * so that the share of one recording scatters widely about it. */
static void
follows_the_support_not_the_needle(void)
{
    Film film = { .has_support = true };
    g_auto(CsShifts) shifts = CS_SHIFTS_INIT;
    double share, rms;

    lay_support(&film);
    measure(&film, &shifts, 1);
    rms = rms_of(&film, &shifts, &share);
    g_test_message("%.3f px RMS, %.2f within 1 sd", rms, share);
    g_assert_cmpfloat(rms, <, 0.1);
    g_assert_cmpfloat(share, >, 0.4);
    for (size_t f = 0; f < N_FRAMES; f++) {
        g_assert_cmpuint(shifts.shift[f].flags, ==, 0);
        g_assert_false(shifts.shift[f].jump);
    }
}

static void
finds_jumps_and_flags_bad_frames(void)
{
    Film film = { .has_support = true, .black = 9, .doubled = 13,
                  .smeared = 22, .jump = 17 };
    g_auto(CsShifts) shifts = CS_SHIFTS_INIT;
    double share, rms;

    lay_support(&film);
    measure(&film, &shifts, 1);
    rms = rms_of(&film, &shifts, &share);
    g_test_message("%.3f px RMS, %.2f within 1 sd", rms, share);
    g_assert_cmpfloat(rms, <, 0.1);
    for (size_t f = 0; f < N_FRAMES; f++) {
        unsigned wanted = f == 9    ? CS_FRAME_BLACK
                          : f == 13 ? CS_FRAME_DOUBLED
                          : f == 22 ? CS_FRAME_BLURRED
                                    : CS_FRAME_OK;

        g_assert_cmpuint(shifts.shift[f].flags, ==, wanted);
        g_assert_cmpint(shifts.shift[f].jump, ==, f == 17);
    }
    g_assert_true(isnan(shifts.shift[9].sd_px));
}

/* Noise, a particle that grows and a needle that moves tell nothing of the
 * support: no shift is made up, and none is said to be known. */
static void
admits_that_there_is_no_support(void)
{
    Film film = { .has_support = false };
    g_auto(CsShifts) shifts = CS_SHIFTS_INIT;

    measure(&film, &shifts, 1);
    for (size_t f = 1; f < N_FRAMES; f++) {
        const CsShift *s = &shifts.shift[f];

        g_assert_true(isnan(s->sd_px));
        g_assert_cmpfloat(hypot(s->dx_px, s->dy_px), ==, 0);
        g_assert_false(s->jump);
        g_assert_cmpuint(s->flags, ==, 0);
    }
}

static void
does_not_depend_on_threads(void)
{
    Film film = { .has_support = true, .jump = 17 };
    g_auto(CsShifts) one = CS_SHIFTS_INIT;
    g_auto(CsShifts) three = CS_SHIFTS_INIT;

    lay_support(&film);
    measure(&film, &one, 1);
    measure(&film, &three, 3);
    for (size_t f = 0; f < N_FRAMES; f++) {
        g_assert_true(one.shift[f].dx_px == three.shift[f].dx_px);
        g_assert_true(one.shift[f].dy_px == three.shift[f].dy_px);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/drift/follows_the_support_not_the_needle",
                    follows_the_support_not_the_needle);
    g_test_add_func("/drift/finds_jumps_and_flags_bad_frames",
                    finds_jumps_and_flags_bad_frames);
    g_test_add_func("/drift/admits_that_there_is_no_support",
                    admits_that_there_is_no_support);
    g_test_add_func("/drift/does_not_depend_on_threads",
                    does_not_depend_on_threads);
    return g_test_run();
}
