/* Outlines of drawn particles whose area is known.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "scene.h"

#include "outline/contour.h"
#include "outline/solve.h"
#include "outline/track.h"

static Scene
one_ball(void)
{
    return (Scene) {
        .side = 180, .dose = 180, .gain = 7, .blur_px = 1.5,
        .carbon_x = INFINITY, .n_balls = 1,
        .ball = { { .x = 90.37, .y = 89.79, .core_px = 50, .coat_px = 6,
                    .mu_core = 0.006, .mu_coat = 0.0092 } },
    };
}

static void
seed_ball(const SceneBall *b, CsSeed *seed)
{
    double r = 0.95 * (b->core_px + b->coat_px);

    *seed = (CsSeed) { .id = 1, .is_dark = true };
    g_assert_true(cs_polygon_resize(&seed->outline, 24, NULL));
    for (int k = 0; k < 24; k++)
        seed->outline.points[k] = (CsPoint) {
            b->x + 2 + r * cos(2 * G_PI * k / 24),
            b->y - 2 + r * sin(2 * G_PI * k / 24),
        };
}

typedef struct {
    CsTrack     track;
    CsTrackWork work;
    CsSeeds     seeds;
    CsFrame     frame;
    CsOutlines  outlines;
    guint32     n;
} Follower;

static Follower *
start(const Scene *scene)
{
    Follower *f = g_new0(Follower, 1);
    const CsShift none = { 0 };
    CsSeed seed;

    f->frame = (CsFrame) CS_FRAME_INIT;
    seed_ball(&scene->ball[0], &seed);
    seed.is_dark = !scene->bright;
    g_assert_true(cs_track_start(&seed, &none, &f->track));
    cs_seeds_take(&f->seeds, &seed);
    g_assert_true(
        cs_outlines_resize(&f->outlines, 1, 1, CS_CONTOUR_ANGLES, NULL));
    return f;
}

/* Draws the scene with fresh noise and follows the ball into it. */
static const CsOutline *
follow(Follower *f, const Scene *scene)
{
    CsOutline *o = cs_outlines_at(&f->outlines, 0, 0);
    const CsTrackView view = { &f->frame, &f->seeds, &f->track, 0 };

    scene_draw(scene, ++f->n, &f->frame);
    g_assert_true(cs_track_follow(&f->track, &view, &f->work, o, NULL));
    return o;
}

static void
finish(Follower *f)
{
    cs_track_work_clear(&f->work);
    cs_seeds_clear(&f->seeds);
    cs_frame_clear(&f->frame);
    cs_outlines_clear(&f->outlines);
    g_free(f);
}

static double
area_error(const CsOutline *o, const SceneBall *b)
{
    return o->area_px2 / scene_area(b, b->core_px + b->coat_px) - 1;
}

/* The stated sd is about 0.15 %; 0.75 % is five of them. */
static void
area_is_right_in_one_frame(void)
{
    Scene scene = one_ball();
    Follower *f = start(&scene);
    const CsOutline *o = follow(f, &scene);

    g_assert_cmpint(o->state, ==, CS_OUTLINE_OK);
    g_assert_cmpfloat_with_epsilon(area_error(o, &scene.ball[0]), 0, 0.0075);
    g_assert_cmpfloat(o->area_sd_px2, >, 0);
    g_assert_cmpfloat_with_epsilon(
        o->area_px2, scene_area(&scene.ball[0], 56), 5 * o->area_sd_px2);
    finish(f);
}

/* The core pales to a fifth: a threshold would see the particle shrink. */
static void
area_does_not_follow_the_contrast(void)
{
    Scene scene = one_ball();
    Follower *f = start(&scene);
    double sum = 0;

    for (int i = 0; i < 12; i++) {
        const CsOutline *o = follow(f, &scene);

        g_assert_cmpint(o->state, !=, CS_OUTLINE_LOST);
        sum += i >= 6 ? area_error(o, &scene.ball[0]) / 6 : 0;
        scene.ball[0].mu_core *= 0.87;
    }
    g_assert_cmpfloat_with_epsilon(sum, 0, 0.005);
    finish(f);
}

static void
coating_is_as_thick_as_drawn(void)
{
    Scene scene = one_ball();
    Follower *f = start(&scene);
    const CsOutline *o = NULL;

    for (int i = 0; i < 5; i++)
        o = follow(f, &scene);
    g_assert_cmpfloat_with_epsilon(o->coat_thickness_px, 6, 0.7);
    g_assert_cmpfloat_with_epsilon(
        o->core_area_px2 / scene_area(&scene.ball[0], 50), 1, 0.02);
    finish(f);
}

/* The core swells and pales, the coating is stretched: both surfaces stay
 * where they are. The tolerances are those of coating_is_as_thick_as_drawn. */
static void
coating_is_not_lost_as_the_core_pales(void)
{
    Scene scene = one_ball();
    Follower *f = start(&scene);
    SceneBall *b = &scene.ball[0];
    const double shell = pow(56, 3) - pow(50, 3);
    const CsOutline *o = NULL;

    scene.side = 220;
    for (int i = 0; i < 14; i++) {
        o = follow(f, &scene);
        if (i == 13)
            break;
        b->core_px += 0.7;
        b->coat_px = cbrt(pow(b->core_px, 3) + shell) - b->core_px;
        b->mu_core *= 0.9;
    }
    g_assert_cmpfloat_with_epsilon(area_error(o, b), 0, 0.0075);
    g_assert_cmpfloat_with_epsilon(o->coat_thickness_px, b->coat_px, 0.7);
    g_assert_cmpfloat_with_epsilon(
        o->core_area_px2 / scene_area(b, b->core_px), 1, 0.02);
    finish(f);
}

static void
growth_and_shrinkage_are_alike(void)
{
    Scene scene = one_ball();
    Follower *f = start(&scene);

    scene.side = 220;
    scene.ball[0].x += 1;
    for (int i = 0; i < 12; i++) {
        const CsOutline *o = follow(f, &scene);

        g_assert_cmpfloat_with_epsilon(area_error(o, &scene.ball[0]), 0, 0.0075);
        scene.ball[0].core_px += i < 6 ? 1 : -1;
    }
    finish(f);
}

static void
dark_field_is_bright_on_dark(void)
{
    Scene scene = one_ball();
    Follower *f;

    scene.bright = true;
    f = start(&scene);
    g_assert_cmpfloat_with_epsilon(
        area_error(follow(f, &scene), &scene.ball[0]), 0, 0.0075);
    finish(f);
}

static void
cut_by_the_border_is_flagged(void)
{
    Scene scene = one_ball();
    Follower *f = start(&scene);

    follow(f, &scene);
    for (int i = 0; i < 15; i++) {
        scene.ball[0].x -= 3;
        follow(f, &scene);
    }
    g_assert_cmpint(f->outlines.outline[0].state, ==, CS_OUTLINE_EDGE);
    finish(f);
}

static void
nothing_there_is_lost(void)
{
    Scene scene = one_ball();
    Follower *f = start(&scene);

    scene.n_balls = 0;
    g_assert_cmpint(follow(f, &scene)->state, ==, CS_OUTLINE_LOST);
    finish(f);
}

static void
a_moved_pole_leaves_the_curve(void)
{
    CsContour c = { .x = 10, .y = 20 };
    double area;

    for (int k = 0; k < CS_CONTOUR_ANGLES; k++) {
        double a = 2 * G_PI * k / CS_CONTOUR_ANGLES;

        c.r[k] = (float) (30 + 2 * cos(a) + cos(3 * a));
    }
    area = cs_contour_area(&c);
    cs_contour_recentre(&c);
    g_assert_cmpfloat_with_epsilon(cs_contour_area(&c) / area, 1, 1e-4);
    g_assert_cmpfloat(c.x, >, 11);
    g_assert_true(cs_contour_contains(&c, 42.5, 20, 0));
    g_assert_false(cs_contour_contains(&c, 43.5, 20, 0));
}

static void
angles_are_good_to_a_hundredth(void)
{
    for (double a = 0; a < 2 * G_PI; a += 0.0137) {
        double k = a * CS_CONTOUR_ANGLES / (2 * G_PI);

        g_assert_cmpfloat_with_epsilon(
            cs_contour_angle((float) (7 * cos(a)), (float) (7 * sin(a))), k,
            0.01);
    }
}

static void
cholesky_solves(void)
{
    double a[] = { 4, 0, 0, 2, 5, 0, 1, 3, 6 };
    double x[] = { 4 + 4 + 3, 2 + 10 + 9, 1 + 6 + 18 };

    g_assert_true(cs_cholesky(a, 3));
    cs_solve(a, 3, x);
    for (int i = 0; i < 3; i++)
        g_assert_cmpfloat_with_epsilon(x[i], i + 1, 1e-12);
    a[0] = -1;
    g_assert_false(cs_cholesky(a, 1));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outline/area", area_is_right_in_one_frame);
    g_test_add_func("/outline/paling", area_does_not_follow_the_contrast);
    g_test_add_func("/outline/coating", coating_is_as_thick_as_drawn);
    g_test_add_func("/outline/paling-core",
                    coating_is_not_lost_as_the_core_pales);
    g_test_add_func("/outline/shrinkage", growth_and_shrinkage_are_alike);
    g_test_add_func("/outline/dark-field", dark_field_is_bright_on_dark);
    g_test_add_func("/outline/border", cut_by_the_border_is_flagged);
    g_test_add_func("/outline/nothing", nothing_there_is_lost);
    g_test_add_func("/outline/pole", a_moved_pole_leaves_the_curve);
    g_test_add_func("/outline/angle", angles_are_good_to_a_hundredth);
    g_test_add_func("/outline/cholesky", cholesky_solves);
    return g_test_run();
}
