/* Detect: drawn fields with discs, chains, a needle, strands and noise.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "detect/search.h"

enum { SIDE = 300 };

typedef struct {
    double x, y, radius;
} Disc;

/* A frame of `dose` counts a pixel with Poisson noise (as a Gaussian, which
 * will do from 20 counts on). */
typedef struct {
    double  dose;
    double *transmission; /* SIDE * SIDE */
} Field;

static void
field_init(Field *field, double dose)
{
    field->dose = dose;
    field->transmission = g_new(double, SIDE * SIDE);
    for (int i = 0; i < SIDE * SIDE; i++)
        field->transmission[i] = 1;
}

/* A ball: it absorbs with its thickness. */
static void
draw_ball(Field *field, Disc d, double depth)
{
    for (int j = 0; j < SIDE; j++)
        for (int i = 0; i < SIDE; i++) {
            double r2 = pow(i + 0.5 - d.x, 2) + pow(j + 0.5 - d.y, 2);

            if (r2 < d.radius * d.radius)
                field->transmission[j * SIDE + i]
                    *= exp(-depth * sqrt(1 - r2 / (d.radius * d.radius)));
        }
}

/* A wedge from the right border with its tip at (x, y). */
static void
draw_needle(Field *field, double x, double y)
{
    for (int j = 0; j < SIDE; j++)
        for (int i = (int) x; i < SIDE; i++)
            if (fabs(j - y) < 4 + 0.35 * (i - x))
                field->transmission[j * SIDE + i] *= 0.05;
}

/* Two strands of film across the field. */
static void
draw_strands(Field *field)
{
    for (int j = 0; j < SIDE; j++)
        for (int i = 0; i < SIDE; i++)
            if (fabs(i - 0.7 * j - 40) < 20 || fabs(i + 0.4 * j - 260) < 15)
                field->transmission[j * SIDE + i] *= 0.9;
}

static void
expose(Field *field, unsigned seed, CsFrame *frame)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    uint16_t *px;

    g_assert_true(
        cs_frame_resize(frame, SIDE, SIDE, 1, CS_PIXEL_U16, NULL));
    px = frame->px;
    for (int i = 0; i < SIDE * SIDE; i++) {
        double mean = field->dose * field->transmission[i], sum = 0;

        for (int k = 0; k < 12; k++)
            sum += g_rand_double(rand);
        px[i] = (uint16_t) fmax(0, mean + (sum - 6) * sqrt(mean) + 0.5);
    }
    g_free(field->transmission);
}

static void
search(const CsFrame *frame, CsSeeds *seeds)
{
    CsSearchPlan plan = { 0 };

    g_assert_true(cs_detect_search(frame, &plan, seeds, NULL));
}

/* Whether some seed has the disc's centre within an eighth and its area within
 * a third: a ball has no step at its rim, so its sharpest edge lies inside;
 * enough to start tracing. */
static bool
is_found(const CsSeeds *seeds, Disc d)
{
    for (size_t i = 0; i < seeds->n; i++) {
        CsPoint c = cs_polygon_centroid(&seeds->seed[i].outline);
        double area = cs_polygon_area(&seeds->seed[i].outline);

        if (hypot(c.x - d.x, c.y - d.y) < d.radius / 8 + 1
            && fabs(area / (G_PI * d.radius * d.radius) - 1) < 1.0 / 3)
            return true;
    }
    return false;
}

static void
finds_balls_of_all_sizes_on_film_beside_a_needle(void)
{
    static const Disc balls[] = {
        { 60, 60, 40 }, { 150, 80, 18 }, { 80, 200, 10 }, { 150, 220, 30 }
    };

    for (double dose = 40; dose <= 400; dose *= 10) {
        g_auto(CsFrame) frame = CS_FRAME_INIT;
        g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
        Field field;

        field_init(&field, dose);
        draw_strands(&field);
        draw_needle(&field, 220, 150);
        for (size_t k = 0; k < G_N_ELEMENTS(balls); k++)
            draw_ball(&field, balls[k], 0.7);
        expose(&field, 1, &frame);
        search(&frame, &seeds);
        g_assert_cmpuint(seeds.n, ==, G_N_ELEMENTS(balls));
        for (size_t k = 0; k < G_N_ELEMENTS(balls); k++) {
            g_assert_true(is_found(&seeds, balls[k]));
            g_assert_true(seeds.seed[k].is_dark);
        }
        g_assert_cmpint(seeds.mask[150 * SIDE + 290], ==, CS_MASK_NEEDLE);
        g_assert_cmpint(seeds.mask[60 * SIDE + 60], ==, CS_MASK_PARTICLE);
    }
}

static void
tells_touching_balls_apart(void)
{
    static const Disc balls[] = { { 100, 150, 30 }, { 159, 150, 30 },
                                  { 210, 180, 30 }, { 130, 98, 30 } };
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    Field field;

    field_init(&field, 360);
    for (size_t k = 0; k < G_N_ELEMENTS(balls); k++)
        draw_ball(&field, balls[k], 0.6);
    expose(&field, 2, &frame);
    search(&frame, &seeds);
    g_assert_cmpuint(seeds.n, ==, G_N_ELEMENTS(balls));
    for (size_t k = 0; k < G_N_ELEMENTS(balls); k++)
        g_assert_true(is_found(&seeds, balls[k]));
}

/* Three balls in a triangle, from touching to an overlap of three tenths of
 * their diameter. */
static void
tells_overlapping_balls_apart(void)
{
    for (double overlap = 0; overlap < 0.31; overlap += 0.1) {
        double d = 60 * (1 - overlap);
        const Disc balls[] = { { 120, 150, 30 },
                               { 120 + d, 150, 30 },
                               { 120 + d / 2, 150 - 0.866 * d, 30 } };
        g_auto(CsFrame) frame = CS_FRAME_INIT;
        g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
        Field field;

        field_init(&field, 360);
        for (size_t k = 0; k < G_N_ELEMENTS(balls); k++)
            draw_ball(&field, balls[k], 0.6);
        expose(&field, 5, &frame);
        search(&frame, &seeds);
        g_assert_cmpuint(seeds.n, ==, G_N_ELEMENTS(balls));
        for (size_t k = 0; k < G_N_ELEMENTS(balls); k++)
            g_assert_true(is_found(&seeds, balls[k]));
    }
}

/* The pale rim is the particle, not the dark core in it. */
static void
takes_the_rim_and_not_the_core(void)
{
    static const Disc ball = { 140, 150, 50 }, core = { 140, 150, 24 };
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    Field field;

    field_init(&field, 360);
    draw_ball(&field, ball, 0.3);
    draw_ball(&field, core, 0.6);
    expose(&field, 6, &frame);
    search(&frame, &seeds);
    g_assert_cmpuint(seeds.n, ==, 1);
    g_assert_true(is_found(&seeds, ball));
}

/* A ball that the border cuts, beside one that is whole. */
static void
keeps_what_the_border_cuts(void)
{
    static const Disc balls[] = { { 150, 150, 35 }, { 290, 60, 35 } };
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    Field field;

    field_init(&field, 360);
    for (size_t k = 0; k < G_N_ELEMENTS(balls); k++)
        draw_ball(&field, balls[k], 0.6);
    expose(&field, 7, &frame);
    search(&frame, &seeds);
    g_assert_cmpuint(seeds.n, ==, 2);
    g_assert_true(is_found(&seeds, balls[0]));
}

static void
finds_nothing_where_nothing_is(void)
{
    for (int with_film = 0; with_film < 2; with_film++)
        for (int with_needle = 0; with_needle < 2; with_needle++)
            for (double dose = 20; dose <= 400; dose *= 20) {
                g_auto(CsFrame) frame = CS_FRAME_INIT;
                g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
                Field field;

                field_init(&field, dose);
                if (with_film)
                    draw_strands(&field);
                if (with_needle)
                    draw_needle(&field, 150, 140);
                expose(&field, 3, &frame);
                search(&frame, &seeds);
                g_assert_cmpuint(seeds.n, ==, 0);
            }
}

static void
finds_bright_balls_too(void)
{
    static const Disc balls[] = { { 100, 100, 25 }, { 200, 180, 35 } };
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    Field field;

    field_init(&field, 400);
    for (size_t k = 0; k < G_N_ELEMENTS(balls); k++)
        draw_ball(&field, balls[k], 1);
    for (int i = 0; i < SIDE * SIDE; i++)
        field.transmission[i] = 1.1 - field.transmission[i];
    expose(&field, 4, &frame);
    search(&frame, &seeds);
    g_assert_cmpuint(seeds.n, ==, 2);
    g_assert_false(seeds.seed[0].is_dark);
    g_assert_true(is_found(&seeds, balls[0]));
    g_assert_true(is_found(&seeds, balls[1]));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/detect/search/balls",
                    finds_balls_of_all_sizes_on_film_beside_a_needle);
    g_test_add_func("/detect/search/touching", tells_touching_balls_apart);
    g_test_add_func("/detect/search/overlapping",
                    tells_overlapping_balls_apart);
    g_test_add_func("/detect/search/rim", takes_the_rim_and_not_the_core);
    g_test_add_func("/detect/search/border", keeps_what_the_border_cuts);
    g_test_add_func("/detect/search/nothing",
                    finds_nothing_where_nothing_is);
    g_test_add_func("/detect/search/bright", finds_bright_balls_too);
    return g_test_run();
}
