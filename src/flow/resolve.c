/* Resolving.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/resolve.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/measure.h"
#include "coatscope/outline.h"

/* Neighbours farther than this many radii do not touch the rim. */
static const double near_radii = 4;

static void
copy_values(const CsOutline *from, size_t n, CsOutline *to)
{
    CsOutline copy = *from;

    copy.r_px = memcpy(to->r_px, from->r_px, n * sizeof(float));
    copy.r_sd_px = memcpy(to->r_sd_px, from->r_sd_px, n * sizeof(float));
    copy.core_px = memcpy(to->core_px, from->core_px, n * sizeof(float));
    copy.core_sd_px
        = memcpy(to->core_sd_px, from->core_sd_px, n * sizeof(float));
    copy.rim = memcpy(to->rim, from->rim, n * sizeof(float));
    *to = copy;
}

/* ---- Seeds ----------------------------------------------------------------- */

/* Moved by a sign times the shift of a frame. */
static void
move(CsPolygon *polygon, const CsShifts *shifts, size_t frame)
{
    if (frame >= shifts->n_frames)
        return;
    for (size_t i = 0; i < polygon->n; i++) {
        polygon->points[i].x += shifts->shift[frame].dx_px;
        polygon->points[i].y += shifts->shift[frame].dy_px;
    }
}

static bool
add_seed(const CsSeed *like, const CsPolygon *outline, CsSeeds *seeds,
         GError **error)
{
    g_auto(CsSeed) seed = *like;

    seed.outline = (CsPolygon) CS_POLYGON_INIT;
    if (!cs_polygon_copy(outline, &seed.outline, error))
        return false;
    cs_seeds_take(seeds, &seed);
    return true;
}

/* The drawn one first, then those that lie near it. */
static bool
make_seeds(const CsResolve *w, const CsDrawnOutline *drawn, CsSeeds *seeds,
           GError **error)
{
    CsSeed own = { .id = w->particle_id, .key_frame = drawn->frame,
                   .birth_frame = drawn->from, .death_frame = drawn->to + 1,
                   .from_user = true, .is_dark = true, .contrast = NAN };
    g_auto(CsPolygon) place = CS_POLYGON_INIT;
    CsPoint c;
    double reach;

    if (!cs_polygon_copy(drawn->polygon, &place, error))
        return false;
    move(&place, w->shifts, drawn->frame);
    c = cs_polygon_centroid(&place);
    reach = near_radii * sqrt(cs_polygon_area(&place) / G_PI);
    for (size_t i = 0; i < w->seeds->n; i++)
        if (w->seeds->seed[i].id == w->particle_id)
            own.is_dark = w->seeds->seed[i].is_dark;
    if (!add_seed(&own, &place, seeds, error))
        return false;
    for (size_t i = 0; i < w->seeds->n; i++) {
        const CsSeed *other = &w->seeds->seed[i];
        CsPoint o = cs_polygon_centroid(&other->outline);

        if (other->id != w->particle_id && hypot(o.x - c.x, o.y - c.y) < reach
            && !add_seed(other, &other->outline, seeds, error))
            return false;
    }
    seeds->mask_bin = w->seeds->mask_bin;
    seeds->mask_width = w->seeds->mask_width;
    seeds->mask_height = w->seeds->mask_height;
    seeds->mask = g_memdup2(w->seeds->mask,
                            seeds->mask_width * seeds->mask_height);
    return true;
}

/* ---- Joining --------------------------------------------------------------- */

static size_t
away(const CsDrawnOutline *drawn, size_t frame)
{
    return drawn->frame > frame ? drawn->frame - frame
                                : frame - drawn->frame;
}

/* Whether no other polygon that counts for a frame is nearer; the earlier
 * made one wins where two are as near, the later made on one frame. */
static bool
is_nearest(const CsResolve *w, size_t k, size_t frame)
{
    size_t own = away(&w->drawn[k], frame);

    for (size_t i = 0; i < w->n; i++) {
        const CsDrawnOutline *d = &w->drawn[i];

        if (i == k || d->is_core || frame < d->from || frame > d->to)
            continue;
        if (away(d, frame) < own
            || (away(d, frame) == own
                && (d->frame == w->drawn[k].frame ? i > k : i < k)))
            return false;
    }
    return true;
}

/* Radii of a polygon about a centre. */
static void
cast(const CsPolygon *polygon, const CsOutline *o, size_t n, float *r)
{
    const CsPoint c = { o->centre_x_px, o->centre_y_px };

    for (size_t k = 0; k < n; k++)
        r[k] = (float) cs_polygon_ray(polygon, c,
                                      2 * G_PI * (double) k / (double) n);
}

static void
impose_outer(const CsPolygon *polygon, size_t n, CsOutline *o)
{
    const CsPoint pole = { o->centre_x_px, o->centre_y_px };

    if (o->state == CS_OUTLINE_LOST || !cs_polygon_contains(polygon, pole)) {
        CsPoint c = cs_polygon_centroid(polygon);

        for (size_t k = 0; k < n; k++)
            o->core_px[k] = o->core_sd_px[k] = o->rim[k] = NAN;
        o->centre_x_px = c.x;
        o->centre_y_px = c.y;
        o->core_area_px2 = o->core_area_sd_px2 = NAN;
        o->coat_thickness_px = o->coat_thickness_sd_px = NAN;
    }
    cast(polygon, o, n, o->r_px);
    o->area_px2 = cs_polygon_area(polygon);
    o->state = CS_OUTLINE_OK;
    o->edited = true;
}

static void
impose_core(const CsPolygon *polygon, size_t n, CsOutline *o)
{
    double sum = 0;
    size_t seen = 0;

    if (o->state == CS_OUTLINE_LOST)
        return;
    cast(polygon, o, n, o->core_px);
    o->core_area_px2 = cs_polygon_area(polygon);
    for (size_t k = 0; k < n; k++)
        if (isfinite(o->core_px[k]) && isfinite(o->r_px[k])) {
            sum += (double) o->r_px[k] - (double) o->core_px[k];
            seen++;
        }
    o->coat_thickness_px = seen > 0 ? sum / (double) seen : NAN;
    o->edited = true;
}

static bool
trace_from(CsRecording *recording, const CsResolve *w, size_t k,
           const CsJob *job, CsOutlines *to, GError **error)
{
    const CsDrawnOutline *d = &w->drawn[k];
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    g_auto(CsOutlines) traced = CS_OUTLINES_INIT;

    if (!make_seeds(w, d, &seeds, error)
        || !cs_outline_trace(recording, w->shifts, &seeds, job, &traced,
                             error))
        return false;
    if (traced.n_angles != to->n_angles)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "the recording was measured by an older program: "
                       "measure it again first");
    for (size_t f = d->from; f <= d->to && f < to->n_frames; f++)
        if (is_nearest(w, k, f))
            copy_values(cs_outlines_at(&traced, f, 0), to->n_angles,
                        cs_outlines_at(to, f, 0));
    if (d->frame < to->n_frames && is_nearest(w, k, d->frame))
        impose_outer(d->polygon, to->n_angles,
                     cs_outlines_at(to, d->frame, 0));
    return true;
}

static bool
outline(CsRecording *recording, const CsResolve *w, const CsJob *job,
        CsOutlines *to, GError **error)
{
    const CsOutlines *b = w->before;

    if (!cs_outlines_resize(to, b->n_frames, 1, b->n_angles, error))
        return false;
    to->particle_id[0] = w->particle_id;
    for (size_t f = 0; f < b->n_frames; f++)
        copy_values(cs_outlines_at(b, f, 0), b->n_angles,
                    cs_outlines_at(to, f, 0));
    for (size_t k = 0; k < w->n; k++)
        if (!w->drawn[k].is_core
            && !trace_from(recording, w, k, job, to, error))
            return false;
    for (size_t k = 0; k < w->n; k++)
        if (w->drawn[k].is_core && w->drawn[k].frame < to->n_frames)
            impose_core(w->drawn[k].polygon, to->n_angles,
                        cs_outlines_at(to, w->drawn[k].frame, 0));
    return true;
}

bool
cs_resolve_particle(CsRecording *recording, const CsResolve *what,
                    const CsJob *job, CsMeasured *measured, GError **error)
{
    g_auto(CsMeasured) fresh = CS_MEASURED_INIT;
    CsMeasured old = *measured;

    if (!outline(recording, what, job, &fresh.outlines, error)
        || !cs_measure_outlines(&fresh.outlines, cs_recording_info(recording),
                                what->in_pixels, &fresh.measures, error)
        || !cs_flow_judge(job, &fresh, error))
        return false;
    *measured = fresh;
    fresh = old;
    return true;
}
