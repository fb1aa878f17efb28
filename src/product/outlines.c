/* Outlines.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/outlines.h"

#include <math.h>
#include <stdint.h>

#include "coatscope/error.h"
#include "core/alloc.h"

enum { N_ARRAYS = 5 }; /* r, r_sd, core, core_sd, rim */

const char *
cs_outline_state_name(CsOutlineState state)
{
    static const char *const names[] = {
        [CS_OUTLINE_LOST] = "lost",       [CS_OUTLINE_OK] = "ok",
        [CS_OUTLINE_EDGE] = "edge",       [CS_OUTLINE_OVERLAP] = "overlap",
        [CS_OUTLINE_FAINT] = "faint",
    };

    return names[state];
}

static void
init_outline(CsOutline *o, float *values, size_t n_angles)
{
    *o = (CsOutline) {
        .state = CS_OUTLINE_LOST,
        .centre_x_px = NAN, .centre_y_px = NAN,
        .area_px2 = NAN, .area_sd_px2 = NAN,
        .core_area_px2 = NAN, .core_area_sd_px2 = NAN,
        .coat_thickness_px = NAN, .coat_thickness_sd_px = NAN,
        .rim_gap_fraction = NAN, .background = NAN,
        .intensity = NAN, .chi2 = NAN,
        .r_px = values,
        .r_sd_px = values + n_angles,
        .core_px = values + 2 * n_angles,
        .core_sd_px = values + 3 * n_angles,
        .rim = values + 4 * n_angles,
    };
    for (size_t k = 0; k < N_ARRAYS * n_angles; k++)
        values[k] = NAN;
}

static bool
allocate(CsOutlines *o, GError **error)
{
    size_t n;

    if (o->n_particles > 0 && o->n_frames > SIZE_MAX / o->n_particles)
        return cs_fail(error, CS_ERROR_LIMIT, "too many outlines");
    n = o->n_frames * o->n_particles;
    o->outline = cs_try_alloc(n, sizeof *o->outline, "the outlines", error);
    if (o->outline == NULL)
        return false;
    o->particle_id
        = cs_try_alloc(o->n_particles, sizeof(int), "the outlines", error);
    if (o->particle_id == NULL)
        return false;
    o->values = cs_try_alloc(n, N_ARRAYS * o->n_angles * sizeof(float),
                             "the outlines", error);
    return o->values != NULL;
}

bool
cs_outlines_resize(CsOutlines *outlines, size_t n_frames, size_t n_particles,
                   size_t n_angles, GError **error)
{
    g_auto(CsOutlines) fresh = {
        .n_frames = n_frames,
        .n_particles = n_particles,
        .n_angles = n_angles,
    };
    CsOutlines old = *outlines;

    if (!allocate(&fresh, error))
        return false;
    for (size_t i = 0; i < n_frames * n_particles; i++)
        init_outline(&fresh.outline[i], fresh.values + i * N_ARRAYS * n_angles,
                     n_angles);
    for (size_t p = 0; p < n_particles; p++)
        fresh.particle_id[p] = (int) p + 1;
    *outlines = fresh;
    fresh = old;
    return true;
}

void
cs_outlines_clear(CsOutlines *outlines)
{
    g_free(outlines->outline);
    g_free(outlines->particle_id);
    g_free(outlines->values);
    *outlines = (CsOutlines) CS_OUTLINES_INIT;
}

CsOutline *
cs_outlines_at(const CsOutlines *outlines, size_t frame, size_t p)
{
    g_return_val_if_fail(frame < outlines->n_frames, NULL);
    g_return_val_if_fail(p < outlines->n_particles, NULL);
    return &outlines->outline[frame * outlines->n_particles + p];
}

/* By how much the polygon through the vertices of a smooth contour must be
 * larger than it is to enclose the contour's own area. */
static double
chord_factor(const float *r, size_t n_angles)
{
    double smooth = 0, chords = 0, step = 2 * G_PI / (double) n_angles;

    for (size_t k = 0; k < n_angles; k++) {
        double a = (double) r[k], b = (double) r[(k + 1) % n_angles];

        smooth += a * a * step;
        chords += a * b * sin(step);
    }
    return smooth > 0 && chords > 0 ? sqrt(smooth / chords) : 1;
}

bool
cs_outline_polygon(const CsOutline *outline, size_t n_angles, bool core,
                   CsPolygon *polygon, GError **error)
{
    const float *r = core ? outline->core_px : outline->r_px;
    double factor = chord_factor(r, n_angles);
    size_t n = 0;

    if (!cs_polygon_resize(polygon, n_angles, error))
        return false;
    for (size_t k = 0; k < n_angles; k++) {
        double theta = 2 * G_PI * (double) k / (double) n_angles;

        if (isnan(r[k]))
            continue;
        polygon->points[n++] = (CsPoint) {
            outline->centre_x_px + factor * (double) r[k] * cos(theta),
            outline->centre_y_px + factor * (double) r[k] * sin(theta),
        };
    }
    polygon->n = n;
    return true;
}
