/* Simulation: preparing the scene, and the door to everything about it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/simulation.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/materials.h"
#include "core/alloc.h"
#include "simulator/camera.h"
#include "simulator/needle.h"
#include "simulator/support.h"

/* Between those of silicon, its compounds and oxides (SCIENCE 7.2). */
static const double INNER_POTENTIAL_V = 11;

CsPoint
cs_simulation_centre_px(const CsSimulation *s, size_t frame, size_t p)
{
    CsPoint c = s->centres_nm[frame * s->n_bodies + p];
    CsPoint shift = s->moments[frame].shift_px;

    return (CsPoint) { c.x / s->paint.nm_per_px + shift.x,
                       c.y / s->paint.nm_per_px + shift.y };
}

void
cs_simulation_body_at(const CsSimulation *s, size_t frame, size_t p,
                      CsBodyState *state)
{
    cs_body_at(&s->bodies[p], cs_moment_middle_s(&s->moments[frame]), state);
}

/* ---- Contrast --------------------------------------------------------- */

static double
take_of(const CsRecipe *recipe, const char *name)
{
    const CsMicroscopeRecipe *m = &recipe->microscope;
    const CsMaterial *material = cs_material_named(name);
    const CsMaterial *si = cs_material_named("Si");

    if (material == NULL)
        return 0;
    if (m->mode == CS_MODE_BRIGHT_FIELD)
        return 1 / cs_mean_free_path_bright_field_nm(material, m->voltage_kV,
                                                     m->aperture_mrad);
    return m->haadf_fraction / 100
           * cs_haadf_strength_per_nm3(material, m->haadf_exponent)
           / cs_haadf_strength_per_nm3(si, m->haadf_exponent);
}

static CsBodyContrast
contrast_of(const CsRecipe *recipe, const CsParticleRecipe *p)
{
    const CsHost *host = cs_host_named(p->host, p->ion);

    return (CsBodyContrast) {
        .host = take_of(recipe, p->host),
        .product = take_of(recipe, host->product),
        .layer = { take_of(recipe, "SiO2"), take_of(recipe, p->coat),
                   take_of(recipe, p->coat2) },
    };
}

/* ---- Bodies and where they are ---------------------------------------- */

static void
make_bodies(CsSimulation *s)
{
    const CsRecipe *r = &s->recipe;
    double until = cs_moment_middle_s(&s->moments[s->n_frames - 1]);
    double halt = isnan(r->bias.lost_contact_s) ? INFINITY
                                                : r->bias.lost_contact_s;
    double needle = r->needle.angle_deg * G_PI / 180;

    s->n_bodies = r->n_particles;
    s->bodies = g_new0(CsBody, s->n_bodies + 1);
    for (size_t p = 0; p < s->n_bodies; p++) {
        CsBodyContrast contrast = contrast_of(r, &r->particles[p]);

        cs_body_init(&s->bodies[p], &r->particles[p], &contrast, needle, halt,
                     until, (uint64_t) r->recording.seed * 1000 + 17 * p);
    }
}

static double
outer_radius(const CsBodyState *state, double angle)
{
    return cs_body_radius(state, state->n_surfaces - 1,
                          remainder(angle, 2 * G_PI));
}

/* How far two bodies reach towards each other, less their distance. */
static double
overlap_of(const CsBodyState *a, const CsBodyState *b, CsPoint pa, CsPoint pb)
{
    double angle = atan2(pb.y - pa.y, pb.x - pa.x);

    return outer_radius(a, angle) + outer_radius(b, angle + G_PI)
           - hypot(pb.x - pa.x, pb.y - pa.y);
}

/* Moves bodies apart until none overlap more than they did at first; the one
 * at the needle gives way to nobody. */
static void
push_apart(const CsSimulation *s, const CsBodyState *states,
           const double *overlap0, size_t anchor, CsPoint *at)
{
    for (int sweep = 0; sweep < 40; sweep++)
        for (size_t a = 0; a < s->n_bodies; a++)
            for (size_t b = a + 1; b < s->n_bodies; b++) {
                double much = overlap_of(&states[a], &states[b], at[a], at[b])
                              - MAX(overlap0[a * s->n_bodies + b], 0);
                double angle = atan2(at[b].y - at[a].y, at[b].x - at[a].x);
                double for_a = a == anchor ? 0 : b == anchor ? 1 : 0.5;

                if (much <= 0)
                    continue;
                at[a].x -= for_a * much * cos(angle);
                at[a].y -= for_a * much * sin(angle);
                at[b].x += (1 - for_a) * much * cos(angle);
                at[b].y += (1 - for_a) * much * sin(angle);
            }
}

static void
place_frame(CsSimulation *s, size_t frame, const CsBodyState *first,
            const double *overlap0, CsBodyState *states)
{
    const CsNeedleRecipe *needle = &s->recipe.needle;
    CsPoint *at = s->centres_nm + frame * s->n_bodies;
    size_t anchor = needle->present ? (size_t) needle->target - 1 : SIZE_MAX;
    double angle = needle->angle_deg * G_PI / 180;

    if (frame > 0)
        memcpy(at, at - s->n_bodies, s->n_bodies * sizeof *at);
    if (!s->recipe.scene.push || frame == 0)
        return;
    for (size_t p = 0; p < s->n_bodies; p++)
        cs_simulation_body_at(s, frame, p, &states[p]);
    if (anchor < s->n_bodies) {
        double grown = outer_radius(&states[anchor], angle)
                       - outer_radius(&first[anchor], angle);

        at[anchor].x = s->recipe.particles[anchor].x_nm - grown * cos(angle);
        at[anchor].y = s->recipe.particles[anchor].y_nm - grown * sin(angle);
    }
    push_apart(s, states, overlap0, anchor, at);
}

static bool
place_bodies(CsSimulation *s, GError **error)
{
    size_t n = s->n_bodies;
    g_autofree CsBodyState *first = g_new0(CsBodyState, n + 1);
    g_autofree CsBodyState *states = g_new0(CsBodyState, n + 1);
    g_autofree double *overlap0 = g_new0(double, n * n + 1);

    s->centres_nm = cs_try_alloc(s->n_frames * n, sizeof *s->centres_nm,
                                 "the paths of the particles", error);
    if (s->centres_nm == NULL)
        return false;
    for (size_t p = 0; p < n; p++) {
        s->centres_nm[p] = (CsPoint) { s->recipe.particles[p].x_nm,
                                       s->recipe.particles[p].y_nm };
        cs_simulation_body_at(s, 0, p, &first[p]);
    }
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            overlap0[a * n + b] = overlap_of(&first[a], &first[b],
                                             s->centres_nm[a],
                                             s->centres_nm[b]);
    for (size_t f = 0; f < s->n_frames; f++)
        place_frame(s, f, first, overlap0, states);
    if (s->recipe.needle.present) {
        size_t target = (size_t) s->recipe.needle.target - 1;
        double angle = s->recipe.needle.angle_deg * G_PI / 180;
        double reach = outer_radius(&first[target], angle);

        s->tip_nm = (CsPoint) { s->centres_nm[target].x + reach * cos(angle),
                                s->centres_nm[target].y + reach * sin(angle) };
    }
    return true;
}

/* ---- Support ---------------------------------------------------------- */

/* How well carbon at that origin holds the particles: each should lie with
 * its far side on a strand and its side of the contact over a hole. */
static double
footing(const CsSimulation *s, CsPoint origin)
{
    const CsSupportRecipe *r = &s->recipe.support;
    double angle = s->recipe.needle.angle_deg * G_PI / 180, score = 0;
    uint64_t seed = (uint64_t) s->recipe.recording.seed;

    for (size_t p = 0; p < MIN(s->n_bodies, 8); p++) {
        const CsParticleRecipe *q = &s->recipe.particles[p];
        double reach = q->diameter_nm / 2;

        for (int k = -2; k <= 2; k++) {
            double x = q->x_nm + origin.x - k * 0.45 * reach * cos(angle);
            double y = q->y_nm + origin.y - k * 0.45 * reach * sin(angle);
            bool carbon = cs_support_thickness_nm(r, seed, x, y) > 0;

            score += k == 2 ? 3.0 * carbon : k < 1 ? 1.0 * !carbon : 0;
        }
    }
    return score;
}

static void
choose_footing(CsSimulation *s)
{
    const CsSupportRecipe *r = &s->recipe.support;
    double best = -1;

    if (r->kind != CS_SUPPORT_LACEY)
        return;
    for (int k = 0; k < 300; k++) {
        CsPoint origin = { 0.37 * r->hole_nm * (k % 20),
                           0.37 * r->hole_nm * (k / 20) };
        double score = footing(s, origin);

        if (score > best) {
            best = score;
            s->support_origin_nm = origin;
        }
    }
}

static bool
make_support(CsSimulation *s, const CsJob *job, GError **error)
{
    const CsRecordingRecipe *r = &s->recipe.recording;
    double low_x = 0, high_x = 0, low_y = 0, high_y = 0;
    double size = s->paint.nm_per_px;
    CsSupportView view;

    for (size_t f = 0; f < s->n_frames; f++) {
        low_x = MIN(low_x, s->moments[f].shift_px.x);
        high_x = MAX(high_x, s->moments[f].shift_px.x);
        low_y = MIN(low_y, s->moments[f].shift_px.y);
        high_y = MAX(high_y, s->moments[f].shift_px.y);
    }
    if (high_x - low_x > CS_MAX_SIDE || high_y - low_y > CS_MAX_SIDE)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "motion: the specimen drifts %g px, more than %d",
                       MAX(high_x - low_x, high_y - low_y), CS_MAX_SIDE);
    choose_footing(s);
    s->support_x0 = (ptrdiff_t) floor(-high_x) - 3;
    s->support_y0 = (ptrdiff_t) floor(-high_y) - 3;
    if (!cs_image_resize(&s->support,
                         (size_t) (r->width + 8 + (int64_t) (high_x - low_x)),
                         (size_t) (r->height + 8 + (int64_t) (high_y - low_y)),
                         error))
        return false;
    view = (CsSupportView) {
        s->paint, &s->recipe.support, (uint64_t) r->seed, s->take_carbon,
        s->support_x0 + (ptrdiff_t) floor(s->support_origin_nm.x / size),
        s->support_y0 + (ptrdiff_t) floor(s->support_origin_nm.y / size),
    };
    return cs_support_paint(&view, job, &s->support, error);
}

/* ---- New -------------------------------------------------------------- */

CsSimulation *
cs_simulation_new(const CsRecipe *recipe, const CsJob *job, GError **error)
{
    g_autoptr(CsSimulation) s = NULL;

    if (!cs_recipe_check(recipe, error))
        return NULL;
    s = g_new0(CsSimulation, 1);
    g_atomic_ref_count_init(&s->refs);
    cs_recipe_copy(recipe, &s->recipe);
    s->n_frames = (size_t) recipe->recording.frames;
    s->paint = (CsPaint) { (CsRecipeMode) recipe->microscope.mode,
                           recipe->recording.nm_per_px };
    s->take_carbon = take_of(recipe, "C");
    s->take_metal = take_of(recipe, "W");
    s->take_skin = take_of(recipe, recipe->needle.skin);
    s->phase_per_nm = cs_electron_interaction(recipe->microscope.voltage_kV)
                      * INNER_POTENTIAL_V;
    s->moments = cs_try_alloc(s->n_frames, sizeof *s->moments, "the clock",
                              error);
    if (s->moments == NULL)
        return NULL;
    cs_motion_fill(&s->recipe, s->moments);
    make_bodies(s);
    if (!place_bodies(s, error) || !make_support(s, job, error))
        return NULL;
    return g_steal_pointer(&s);
}

CsSimulation *
cs_simulation_ref(CsSimulation *simulation)
{
    g_atomic_ref_count_inc(&simulation->refs);
    return simulation;
}

void
cs_simulation_unref(CsSimulation *s)
{
    if (s == NULL || !g_atomic_ref_count_dec(&s->refs))
        return;
    for (size_t p = 0; p < s->n_bodies; p++)
        cs_body_clear(&s->bodies[p]);
    g_free(s->bodies);
    g_free(s->moments);
    g_free(s->centres_nm);
    cs_image_clear(&s->support);
    cs_recipe_clear(&s->recipe);
    g_free(s);
}

const CsRecipe *
cs_simulation_recipe(const CsSimulation *simulation)
{
    return &simulation->recipe;
}

/* ---- As a recording --------------------------------------------------- */

static bool
read_frame(void *state, size_t index, CsFrame *frame, GError **error)
{
    return cs_simulation_render(state, index, frame, error);
}

static void
close_frames(void *state)
{
    cs_simulation_unref(state);
}

static bool
fill_info(const CsSimulation *s, CsRecordingInfo *info, GError **error)
{
    const CsRecordingRecipe *r = &s->recipe.recording;

    info->name = g_strdup(r->name);
    info->format = "simulated";
    info->width = info->series.width = (size_t) r->width;
    info->height = info->series.height = (size_t) r->height;
    info->n_frames = info->series.n_frames = s->n_frames;
    info->series.n_frames_declared = s->n_frames;
    info->nm_per_px_x = info->nm_per_px_y = r->nm_per_px;
    info->scale_source = CS_SCALE_FILE;
    cs_axis_set(&info->series.x, r->nm_per_px, "nm");
    cs_axis_set(&info->series.y, r->nm_per_px, "nm");
    info->series.interval_s = r->interval_s;
    info->series.exposure_s = r->exposure_s;
    info->series.voltage_kV = s->recipe.microscope.voltage_kV;
    info->series.dose_rate_e_per_A2_s
        = s->recipe.microscope.dose_rate_e_per_A2_s;
    info->series.counts_per_electron = s->recipe.camera.gain_counts_per_e;
    info->series.camera = g_strdup("Coatscope simulator");
    info->series.title = g_strdup(r->name);
    if (!cs_clock_resize(&info->clock, s->n_frames, error))
        return false;
    for (size_t i = 0; i < s->n_frames; i++) {
        info->clock.start_s[i] = s->moments[i].start_s;
        info->clock.duration_s[i] = s->moments[i].exposure_s;
        info->clock.source[i] = CS_TIME_MEASURED;
    }
    return true;
}

CsRecording *
cs_simulation_record(CsSimulation *s, GError **error)
{
    static const CsFrameSource source = { read_frame, close_frames };
    g_auto(CsRecordingInfo) info = CS_RECORDING_INFO_INIT;

    if (!fill_info(s, &info, error))
        return NULL;
    return cs_recording_take(&info, &source, cs_simulation_ref(s));
}
