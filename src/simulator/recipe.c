/* Recipes: defaults, copies, checks, layouts and campaigns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/recipe.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/materials.h"
#include "simulator/random.h"
#include "simulator/recipe_private.h"

/* ---- Defaults and copies ---------------------------------------------- */

void
cs_recipe_fill(const CsRecipeKey *keys, void *to)
{
    for (const CsRecipeKey *k = keys; k->name != NULL; k++) {
        char *at = (char *) to + k->offset;

        switch (k->kind) {
        case CS_KEY_NUMBER: memcpy(at, &k->fallback, sizeof(double)); break;
        case CS_KEY_INTEGER:
        case CS_KEY_CHOICE: *(int64_t *) at = (int64_t) k->fallback; break;
        case CS_KEY_FLAG: *(bool *) at = k->fallback != 0; break;
        case CS_KEY_TEXT: g_strlcpy(at, k->text_fallback, CS_RECIPE_TEXT);
        }
    }
}

void
cs_recipe_init(CsRecipe *recipe)
{
    *recipe = (CsRecipe) CS_RECIPE_INIT;
    for (const CsRecipeSection *s = cs_recipe_sections; s->name != NULL; s++)
        if (!s->is_list)
            cs_recipe_fill(s->keys, (char *) recipe + s->offset);
}

void
cs_recipe_clear(CsRecipe *recipe)
{
    g_free(recipe->particles);
    g_free(recipe->jumps);
    g_free(recipe->coatings);
    *recipe = (CsRecipe) CS_RECIPE_INIT;
}

void
cs_recipe_copy(const CsRecipe *from, CsRecipe *to)
{
    CsRecipe copy = *from;

    copy.particles = g_memdup2(from->particles,
                               from->n_particles * sizeof *from->particles);
    copy.jumps = g_memdup2(from->jumps, from->n_jumps * sizeof *from->jumps);
    copy.coatings = g_memdup2(from->coatings,
                              from->n_coatings * sizeof *from->coatings);
    cs_recipe_clear(to);
    *to = copy;
}

CsParticleRecipe *
cs_recipe_add_particle(CsRecipe *recipe)
{
    recipe->particles = g_renew(CsParticleRecipe, recipe->particles,
                                recipe->n_particles + 1);
    recipe->particles[recipe->n_particles] = recipe->particle;
    return &recipe->particles[recipe->n_particles++];
}

/* ---- Layout ----------------------------------------------------------- */

static double
outer_radius_nm(const CsParticleRecipe *p)
{
    return p->diameter_nm / 2 * sqrt(p->aspect) + p->thickness_nm
           + p->thickness2_nm + p->oxide_nm;
}

static bool
collides(const CsRecipe *recipe, const CsParticleRecipe *p, double share)
{
    for (size_t i = 0; i < recipe->n_particles; i++) {
        const CsParticleRecipe *other = &recipe->particles[i];
        double reach = outer_radius_nm(other) + outer_radius_nm(p);

        if (hypot(p->x_nm - other->x_nm, p->y_nm - other->y_nm)
            < reach * share)
            return true;
    }
    return false;
}

static bool
is_inside(const CsRecipe *recipe, const CsParticleRecipe *p)
{
    double width = (double) recipe->recording.width
                   * recipe->recording.nm_per_px;
    double height = (double) recipe->recording.height
                    * recipe->recording.nm_per_px;
    double margin = outer_radius_nm(p) * 1.25;

    return p->x_nm > margin && p->y_nm > margin && p->x_nm < width - margin
           && p->y_nm < height - margin;
}

/* A place for the next particle: anywhere, or touching one that is there. */
static void
draw_place(const CsRecipe *recipe, CsRandom *random, CsParticleRecipe *p)
{
    const CsSceneRecipe *scene = &recipe->scene;
    double size = recipe->recording.nm_per_px;
    const CsParticleRecipe *other;
    double angle, reach;

    if (scene->layout == CS_LAYOUT_SCATTERED || recipe->n_particles == 0) {
        double low = scene->layout == CS_LAYOUT_SCATTERED ? 0 : 0.35;

        p->x_nm = (low + (1 - 2 * low) * cs_random_uniform(random)) * size
                  * (double) recipe->recording.width;
        p->y_nm = (low + (1 - 2 * low) * cs_random_uniform(random)) * size
                  * (double) recipe->recording.height;
        return;
    }
    other = &recipe->particles[scene->layout == CS_LAYOUT_CHAIN
                                   ? recipe->n_particles - 1
                                   : (size_t) (cs_random_uniform(random)
                                               * (double) recipe->n_particles)];
    angle = 2 * G_PI * cs_random_uniform(random);
    reach = (outer_radius_nm(p) + outer_radius_nm(other))
            * (1 - scene->overlap);
    p->x_nm = other->x_nm + reach * cos(angle);
    p->y_nm = other->y_nm + reach * sin(angle);
}

void
cs_recipe_lay_out(CsRecipe *recipe)
{
    const CsSceneRecipe *scene = &recipe->scene;
    CsRandom random;
    double share = scene->layout == CS_LAYOUT_SCATTERED
                       ? MAX(1.15, 1 - scene->overlap)
                       : 0.999 * (1 - MAX(scene->overlap, 0));

    cs_random_seed(&random, (uint64_t) recipe->recording.seed, 77, 0);
    for (int64_t n = 0; n < scene->count && scene->layout != CS_LAYOUT_NONE;
         n++) {
        CsParticleRecipe p = recipe->particle;
        bool is_placed = false;

        p.diameter_nm = scene->diameter_nm
                        * exp(log(scene->diameter_gsd)
                              * CLAMP(cs_random_gauss(&random), -2, 2));
        for (int attempt = 0; attempt < 400 && !is_placed; attempt++) {
            draw_place(recipe, &random, &p);
            is_placed = is_inside(recipe, &p) && !collides(recipe, &p, share);
        }
        p.angle_deg = 180 * cs_random_uniform(&random);
        if (recipe->n_particles > 0)
            p.onset_s += scene->delay_s_per_nm
                         * hypot(p.x_nm - recipe->particles[0].x_nm,
                                 p.y_nm - recipe->particles[0].y_nm);
        if (is_placed && recipe->n_particles < CS_RECIPE_MAX_PARTICLES)
            *cs_recipe_add_particle(recipe) = p;
    }
    recipe->scene.layout = CS_LAYOUT_NONE;
}

/* Every recipe has a particle unless it asks for none by an empty list. */
void
cs_recipe_finish(CsRecipe *recipe)
{
    double size = recipe->recording.nm_per_px;

    for (size_t i = 0; i < recipe->n_particles; i++) {
        CsParticleRecipe *p = &recipe->particles[i];

        if (isnan(p->x_nm))
            p->x_nm = (double) recipe->recording.width * size / 2;
        if (isnan(p->y_nm))
            p->y_nm = (double) recipe->recording.height * size / 2;
    }
}

/* ---- Checks that need more than one key ------------------------------- */

static bool
check_particle(const CsRecipe *recipe, size_t i, GError **error)
{
    const CsParticleRecipe *p = &recipe->particles[i];
    double size = recipe->recording.nm_per_px;
    double field = (double) MIN(recipe->recording.width,
                                recipe->recording.height) * size;
    double width = (double) recipe->recording.width * size;
    double height = (double) recipe->recording.height * size;

    if (2 * outer_radius_nm(p) >= field)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "particle %zu is %g nm across with its coats, larger "
                       "than the field of %g nm", i + 1,
                       2 * outer_radius_nm(p), field);
    if (p->x_nm < 0 || p->y_nm < 0 || p->x_nm > width || p->y_nm > height)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "particle %zu at (%g, %g) nm is outside the field of "
                       "%g × %g nm", i + 1, p->x_nm, p->y_nm, width, height);
    if (cs_host_named(p->host, p->ion) == NULL)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "particle %zu: nothing is known of %s in %s", i + 1,
                       p->ion, p->host);
    if (p->breaks == CS_BREAK_AT && isnan(p->break_s))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "particle %zu: breaks: at needs break_s", i + 1);
    return true;
}

bool
cs_recipe_check(const CsRecipe *recipe, GError **error)
{
    const CsRecordingRecipe *r = &recipe->recording;

    if (r->exposure_s > r->interval_s)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "recording: exposure_s is %g s, longer than interval_s "
                       "(%g s)", r->exposure_s, r->interval_s);
    if (recipe->needle.present
        && (size_t) recipe->needle.target > recipe->n_particles)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "needle: target is %d, but there are %zu particles "
                       "(present: false leaves the needle out)",
                       (int) recipe->needle.target, recipe->n_particles);
    for (size_t i = 0; i < recipe->n_particles; i++)
        if (!check_particle(recipe, i, error))
            return false;
    return true;
}

/* ---- Campaigns -------------------------------------------------------- */

size_t
cs_recipe_n_recordings(const CsRecipe *recipe)
{
    return recipe->n_coatings == 0
               ? 1
               : recipe->n_coatings
                     * (size_t) recipe->campaign.particles_per_coating;
}

static void
apply_coating(const CsCoatingRecipe *coating, const CsCampaignRecipe *c,
              CsRandom *random, CsParticleRecipe *p)
{
    g_strlcpy(p->coat, coating->material, CS_RECIPE_TEXT);
    p->thickness_nm = coating->thickness_nm;
    p->tau_s = coating->tau_s
               * exp(log(c->tau_gsd) * cs_random_gauss(random));
    p->conversion = CLAMP(coating->conversion
                              + c->conversion_sd * cs_random_gauss(random),
                          0, 1);
    p->diameter_nm *= exp(log(c->diameter_gsd)
                          * CLAMP(cs_random_gauss(random), -2, 2));
    p->gap_nm = coating->gap_nm;
    p->breaks = isnan(coating->break_s) ? CS_BREAK_NEVER : CS_BREAK_AT;
    p->break_s = coating->break_s + c->break_sd_s * cs_random_gauss(random);
    p->break_angle_deg = 360 * cs_random_uniform(random) - 180;
    p->angle_deg = 180 * cs_random_uniform(random);
}

void
cs_recipe_recording(const CsRecipe *recipe, size_t i, CsRecipe *one)
{
    size_t per = (size_t) recipe->campaign.particles_per_coating;
    const CsCoatingRecipe *coating;
    CsRandom random;

    cs_recipe_copy(recipe, one);
    if (recipe->n_coatings == 0)
        return;
    coating = &recipe->coatings[i / per];
    cs_random_seed(&random, (uint64_t) recipe->recording.seed, 78, i);
    one->n_coatings = 0;
    one->recording.seed = (int64_t) (cs_random_next(&random) >> 12);
    g_strlcpy(one->recording.coating, coating->name, CS_RECIPE_TEXT);
    g_snprintf(one->recording.name, CS_RECIPE_TEXT, "coating%zu-particle%zu",
               i / per + 1, i % per + 1);
    apply_coating(coating, &recipe->campaign, &random, &one->particle);
    one->needle.angle_deg = 360 * cs_random_uniform(&random) - 180;
    one->motion.direction_deg = 360 * cs_random_uniform(&random) - 180;
    for (size_t p = 0; p < one->n_particles; p++) {
        double x = one->particles[p].x_nm, y = one->particles[p].y_nm;

        one->particles[p] = one->particle;
        one->particles[p].x_nm = x;
        one->particles[p].y_nm = y;
    }
}
