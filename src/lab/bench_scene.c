/* Layers of transmission out of the simulator: carbon, particle and needle each
 * for itself, as quotients of what the camera would expect with and without.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/bench_scene.h"

#include "coatscope/simulator.h"

enum { MARGIN = 56 };

typedef struct {
    size_t width, height;
    double nm_per_px, target, hole_nm, strand_nm, gap_nm, tip_nm;
} Look;

/* The particle at 70 % of the width: the needle comes from the left. */
static const Look near_look = { 288, 176, 1.5, 0.70, 160, 30, 110, 28 };
static const Look wide_look = { 320, 320, 10, 0.60, 1100, 160, 500, 28 };

static bool
describe(const Look *look, guint32 seed, CsRecipe *r, GError **error)
{
    if (!cs_recipe_parse("recording: { name: stage }", "the stage", r, error))
        return false;
    r->recording.width = (int64_t) (look->width + 2 * MARGIN);
    r->recording.height = (int64_t) (look->height + 2 * MARGIN);
    r->recording.frames = 1;
    r->recording.nm_per_px = look->nm_per_px;
    r->recording.seed = seed;
    r->microscope.gradient = r->microscope.flicker = 0;
    r->motion.vibration_nm = 0;
    r->support.hole_nm = look->hole_nm;
    r->support.strand_nm = look->strand_nm;
    r->support.dirt = 0;
    r->bias.log = false;
    r->needle.present = false;
    r->needle.angle_deg = 180;
    r->needle.tip_radius_nm = look->tip_nm;
    r->needle.start_gap_nm = look->gap_nm;
    r->needle.contact_s = 1e9;
    r->particles[0].law = CS_LAW_NONE;
    r->particles[0].x_nm = ((double) look->width * look->target + MARGIN)
                           * look->nm_per_px;
    r->particles[0].y_nm = (double) r->recording.height * look->nm_per_px / 2;
    return true;
}

static bool
expect(const CsRecipe *recipe, const CsJob *job, CsImage *image,
       GError **error)
{
    g_autoptr(CsSimulation) s = cs_simulation_new(recipe, job, error);

    return s != NULL && cs_simulation_expect(s, 0, image, error);
}

/* a / b, in a. */
static void
divide(CsImage *a, const CsImage *b)
{
    for (size_t i = 0; i < a->width * a->height; i++)
        a->px[i] = CLAMP(a->px[i] / MAX(b->px[i], 1e-6f), 0, 1.2f);
}

/* The beam without a specimen: the brightest corner of what holds but one
 * particle in the middle. */
static void
divide_by_beam(CsImage *a)
{
    float beam = cs_image_quantile(a, 0.9);

    for (size_t i = 0; i < a->width * a->height; i++)
        a->px[i] = CLAMP(a->px[i] / MAX(beam, 1e-6f), 0, 1.2f);
}

static bool
draw(const Look *look, guint32 seed, const CsJob *job, CsSceneView *v,
     double *particle_nm, GError **error)
{
    g_auto(CsRecipe) r = CS_RECIPE_INIT;
    const CsParticleRecipe *p;

    if (!describe(look, seed, &r, error)
        || !expect(&r, job, &v->carbon, error))
        return false;
    r.support.kind = CS_SUPPORT_NONE;
    if (!expect(&r, job, &v->particle, error))
        return false;
    r.needle.present = true;
    if (!expect(&r, job, &v->needle, error))
        return false;
    p = &r.particles[0];
    *particle_nm = p->diameter_nm / 2 + p->thickness_nm + p->oxide_nm;
    divide(&v->carbon, &v->particle);
    divide(&v->needle, &v->particle);
    divide_by_beam(&v->particle);
    v->width = look->width;
    v->height = look->height;
    v->margin = MARGIN;
    v->nm_per_px = look->nm_per_px;
    v->target_x_px = p->x_nm / look->nm_per_px;
    v->target_y_px = p->y_nm / look->nm_per_px;
    v->tip_x_px = v->target_x_px - (*particle_nm + look->gap_nm)
                                       / look->nm_per_px;
    v->tip_y_px = v->target_y_px;
    return true;
}

CsStageScene *
cs_stage_scene_ref(CsStageScene *scene)
{
    g_atomic_ref_count_inc(&scene->refs);
    return scene;
}

static void
view_clear(CsSceneView *v)
{
    cs_image_clear(&v->carbon);
    cs_image_clear(&v->particle);
    cs_image_clear(&v->needle);
}

void
cs_stage_scene_unref(CsStageScene *scene)
{
    if (scene == NULL || !g_atomic_ref_count_dec(&scene->refs))
        return;
    view_clear(&scene->near_view);
    view_clear(&scene->wide_view);
    g_free(scene);
}

CsStageScene *
cs_stage_scene_new(guint32 seed, const CsJob *job, GError **error)
{
    g_autoptr(CsStageScene) scene = g_new0(CsStageScene, 1);

    g_atomic_ref_count_init(&scene->refs);
    scene->tip_nm = near_look.tip_nm + 22; /* with its skin */
    if (!draw(&wide_look, seed + 1, job, &scene->wide_view,
              &scene->particle_nm, error)
        || !draw(&near_look, seed, job, &scene->near_view,
                 &scene->particle_nm, error))
        return NULL;
    return g_steal_pointer(&scene);
}
