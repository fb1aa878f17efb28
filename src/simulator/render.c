/* Rendering a frame: support, particles, needle, optics, camera.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/materials.h"
#include "simulator/camera.h"
#include "simulator/fringe.h"
#include "simulator/needle.h"
#include "simulator/random.h"
#include "simulator/simulation.h"

/* ---- Moving an image by a fraction of a pixel ------------------------- */

/* Weights of the cubic convolution of Keys (1981) for a point u after the
 * second of four. */
static void
cubic_weights(double u, float *w)
{
    w[0] = (float) (u * (-0.5 + u * (1 - 0.5 * u)));
    w[1] = (float) (1 + u * u * (-2.5 + 1.5 * u));
    w[2] = (float) (u * (0.5 + u * (2 - 1.5 * u)));
    w[3] = (float) (u * u * (-0.5 + 0.5 * u));
}

/* to(i, j) = from(i + x, j + y); all of it must lie inside from. */
static void
sample_shifted(const CsImage *from, double x, double y, CsImage *to)
{
    ptrdiff_t i0 = (ptrdiff_t) floor(x), j0 = (ptrdiff_t) floor(y);
    float wx[4], wy[4];

    cubic_weights(x - (double) i0, wx);
    cubic_weights(y - (double) j0, wy);
    for (size_t j = 0; j < to->height; j++) {
        float *row = to->px + j * to->width;

        memset(row, 0, to->width * sizeof *row);
        for (int b = 0; b < 4; b++) {
            const float *p = from->px
                             + (size_t) ((ptrdiff_t) j + j0 - 1 + b)
                                   * from->width
                             + i0 - 1;

            for (size_t i = 0; i < to->width; i++)
                row[i] += wy[b]
                          * (wx[0] * p[i] + wx[1] * p[i + 1]
                             + wx[2] * p[i + 2] + wx[3] * p[i + 3]);
        }
    }
}

/* ---- Specimen --------------------------------------------------------- */

static void
paint_needle(const CsSimulation *s, const CsMoment *moment, CsImage *map)
{
    const CsNeedleRecipe *n = &s->recipe.needle;
    double angle = n->angle_deg * G_PI / 180, size = s->paint.nm_per_px;
    double gap = cs_needle_gap_nm(n, cs_moment_middle_s(moment));
    CsPoint tip = {
        (s->tip_nm.x + gap * cos(angle)) / size + moment->shift_px.x,
        (s->tip_nm.y + gap * sin(angle)) / size + moment->shift_px.y,
    };

    if (n->present)
        cs_needle_paint(&s->paint, n, s->take_metal, s->take_skin,
                        (uint64_t) s->recipe.recording.seed + 51, tip, map);
}

/* Flakes of coating that came off, on their way outwards. */
static void
paint_flakes(const CsSimulation *s, size_t frame, size_t p,
             const CsBodyState *state, CsImage *map)
{
    const CsBody *body = &s->bodies[p];
    const CsParticleRecipe *r = &body->recipe;
    CsPoint centre = cs_simulation_centre_px(s, frame, p);
    double size = s->paint.nm_per_px;
    double since = cs_moment_middle_s(&s->moments[frame]) - body->break_s;

    for (int64_t k = 0; k < r->flakes && since > 0; k++) {
        CsRandom random;
        double angle, radius, away, thick = MAX(r->thickness_nm, 2);

        cs_random_seed(&random, (uint64_t) s->recipe.recording.seed, 61 + p,
                       (uint64_t) k);
        angle = r->break_angle_deg * G_PI / 180
                + 0.35 * cs_random_gauss(&random);
        radius = thick * (0.5 + 0.6 * cs_random_uniform(&random));
        away = thick * (0.6 + 2.5 * cs_random_uniform(&random))
               * (1 - exp(-since / 6));
        away += cs_body_radius(state, state->n_surfaces - 1,
                               remainder(angle, 2 * G_PI));
        cs_paint_blob(&s->paint,
                      (CsPoint) { centre.x + away * cos(angle) / size,
                                  centre.y + away * sin(angle) / size },
                      radius / size, body->contrast.layer[0] * radius * 1.5,
                      map);
    }
}

static void
paint_particles(const CsSimulation *s, size_t frame, CsImage *map)
{
    g_autofree CsBodyState *state = g_new0(CsBodyState, 1);

    for (size_t p = 0; p < s->n_bodies; p++) {
        cs_simulation_body_at(s, frame, p, state);
        cs_paint_body(&s->paint, &s->bodies[p], state,
                      cs_simulation_centre_px(s, frame, p), map);
        paint_flakes(s, frame, p, state, map);
    }
}

/* ---- Beam and optics -------------------------------------------------- */

/* Fresnel fringes at the rims of particles and the grain of the carbon. */
static bool
add_fringes(const CsSimulation *s, size_t frame, CsImage *map, GError **error)
{
    const CsMicroscopeRecipe *m = &s->recipe.microscope;
    g_autofree CsBodyState *state = g_new0(CsBodyState, 1);
    g_auto(CsImage) phase = CS_IMAGE_INIT;
    CsFringe fringe = {
        s->paint.nm_per_px, cs_electron_wavelength_pm(m->voltage_kV) * 1e-3,
        s->moments[frame].defocus_nm, m->fringe_damping_nm,
    };
    size_t n = map->width * map->height;

    if (fringe.defocus_nm == 0 || s->paint.mode == CS_MODE_HAADF)
        return true;
    if (!cs_image_resize(&phase, map->width, map->height, error))
        return false;
    sample_shifted(&s->support,
                   -s->moments[frame].shift_px.x - (double) s->support_x0,
                   -s->moments[frame].shift_px.y - (double) s->support_y0,
                   &phase);
    for (size_t k = 0; k < n; k++) /* back from Beer and Lambert to nm */
        phase.px[k] = s->take_carbon > 0
                          ? -logf(MAX(phase.px[k], 1e-6f))
                                / (float) s->take_carbon
                          : 0;
    for (size_t p = 0; p < s->n_bodies; p++) {
        cs_simulation_body_at(s, frame, p, state);
        cs_paint_length(&s->paint, state, cs_simulation_centre_px(s, frame, p),
                        &phase);
    }
    for (size_t k = 0; k < n; k++)
        phase.px[k] *= (float) s->phase_per_nm;
    return cs_fringe_apply(&fringe, &phase, map, error);
}

static void
illuminate(const CsSimulation *s, const CsMoment *moment, CsImage *map)
{
    const CsMicroscopeRecipe *m = &s->recipe.microscope;
    double side_A = s->paint.nm_per_px * 10;
    double electrons = m->dose_rate_e_per_A2_s * side_A * side_A
                       * moment->exposure_s * moment->beam;
    double angle = m->gradient_angle_deg * G_PI / 180;
    double gx = m->gradient * cos(angle) / (double) map->width;
    double gy = m->gradient * sin(angle) / (double) map->height;
    double base = m->mode == CS_MODE_HAADF ? m->haadf_background : 0;

    for (size_t j = 0; j < map->height; j++) {
        float *row = map->px + j * map->width;
        double v = (double) j + 0.5 - (double) map->height / 2;

        for (size_t i = 0; i < map->width; i++) {
            double u = (double) i + 0.5 - (double) map->width / 2;
            double light = electrons * (1 + gx * u + gy * v);

            row[i] = (float) (light * ((double) row[i] + base));
        }
    }
}

/* The mean over where the specimen was during the exposure. */
static bool
smear(const CsMoment *moment, CsImage *map, GError **error)
{
    g_auto(CsImage) wide = CS_IMAGE_INIT;
    g_auto(CsImage) part = CS_IMAGE_INIT;
    size_t n = map->width * map->height, margin = 0;

    if (moment->smear_px < 0.15)
        return true;
    for (int k = 0; k < CS_MOTION_PARTS; k++)
        margin = MAX(margin, (size_t) MAX(fabs(moment->part_px[k].x),
                                          fabs(moment->part_px[k].y)));
    margin += 4;
    if (!cs_image_resize(&wide, map->width + 2 * margin,
                         map->height + 2 * margin, error)
        || !cs_image_resize(&part, map->width, map->height, error))
        return false;
    for (size_t j = 0; j < wide.height; j++)
        for (size_t i = 0; i < wide.width; i++)
            wide.px[j * wide.width + i]
                = map->px[CLAMP(j, margin, margin + map->height - 1) * map->width
                          - margin * map->width
                          + CLAMP(i, margin, margin + map->width - 1) - margin];
    memset(map->px, 0, n * sizeof *map->px);
    for (int k = 0; k < CS_MOTION_PARTS; k++) {
        sample_shifted(&wide, (double) margin - moment->part_px[k].x,
                       (double) margin - moment->part_px[k].y, &part);
        for (size_t i = 0; i < n; i++)
            map->px[i] += part.px[i] / CS_MOTION_PARTS;
    }
    return true;
}

static void
jitter_rows(const CsSimulation *s, size_t frame, CsImage *map)
{
    double sd = s->recipe.microscope.scan_jitter_px;
    g_autofree float *copy = NULL;
    CsRandom random;

    if (sd <= 0 || s->paint.mode != CS_MODE_HAADF)
        return;
    copy = g_new(float, map->width);
    cs_random_seed(&random, (uint64_t) s->recipe.recording.seed, 71, frame);
    for (size_t j = 0; j < map->height; j++) {
        float *row = map->px + j * map->width;
        double by = sd * cs_random_gauss(&random);

        memcpy(copy, row, map->width * sizeof *copy);
        for (size_t i = 0; i < map->width; i++) {
            double x = CLAMP((double) i + by, 0, (double) map->width - 1.001);
            size_t k = (size_t) x;
            float u = (float) (x - (double) k);

            row[i] = (1 - u) * copy[k] + u * copy[k + 1];
        }
    }
}

static bool
blur(const CsSimulation *s, CsImage *map, GError **error)
{
    double sd = hypot(s->recipe.microscope.psf_nm,
                      s->recipe.motion.vibration_nm) / s->paint.nm_per_px;

    return sd <= 0 || cs_image_blur(map, sd, map, error);
}

bool
cs_simulation_expect(const CsSimulation *s, size_t index, CsImage *electrons,
                     GError **error)
{
    const CsMoment *moment;

    g_return_val_if_fail(index < s->n_frames, false);
    index = s->moments[index].copy_of;
    moment = &s->moments[index];
    if (!cs_image_resize(electrons, (size_t) s->recipe.recording.width,
                         (size_t) s->recipe.recording.height, error))
        return false;
    sample_shifted(&s->support,
                   -moment->shift_px.x - (double) s->support_x0,
                   -moment->shift_px.y - (double) s->support_y0, electrons);
    paint_particles(s, index, electrons);
    if (!add_fringes(s, index, electrons, error))
        return false;
    paint_needle(s, moment, electrons);
    illuminate(s, moment, electrons);
    if (!smear(moment, electrons, error) || !blur(s, electrons, error))
        return false;
    jitter_rows(s, index, electrons);
    return true;
}

bool
cs_simulation_render(const CsSimulation *s, size_t index, CsFrame *frame,
                     GError **error)
{
    g_auto(CsImage) electrons = CS_IMAGE_INIT;

    g_return_val_if_fail(index < s->n_frames, false);
    if (!cs_simulation_expect(s, index, &electrons, error)
        || !cs_camera_expose(&s->recipe, s->moments[index].copy_of,
                             &electrons, frame, error))
        return false;
    frame->index = index;
    return true;
}
