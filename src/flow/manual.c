/* Manual outlines.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/manual.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"

enum {
    N_ANGLES = 256,
    MOST_USED = 5, /* polygons of a particle: each costs a tracing */
};

static const char *
name_of(const CsRoi *roi)
{
    return roi->name != NULL && roi->name[0] != '\0' ? roi->name : "unnamed";
}

/* The 1-based slice: the plain position, or else T of a hyperstack. */
static int
slice_of(const CsRoi *roi)
{
    return roi->slice > 0 ? roi->slice : roi->t;
}

static size_t
frame_of(const CsRoi *roi)
{
    int slice = slice_of(roi);

    return slice > 0 ? (size_t) slice - 1 : 0;
}

static bool
check_slice(const CsRoi *roi, const CsRecordingInfo *info, GError **error)
{
    int slice = slice_of(roi);

    if (slice <= 0 && info->n_frames > 1)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "the polygon %s is on no slice of the %" G_GSIZE_FORMAT
                       "; in ImageJ, draw it on its slice and Add to the ROI "
                       "Manager with “Associate \"Show All\" ROIs with "
                       "slices” on", name_of(roi), info->n_frames);
    if (slice > 0 && (size_t) slice > info->n_frames)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "the polygon %s is on slice %d, but there are %"
                       G_GSIZE_FORMAT " frames", name_of(roi), slice,
                       info->n_frames);
    return true;
}

typedef struct {
    double x0, y0, x1, y1;
} Box;

static Box
box_of(const CsPolygon *polygon)
{
    Box box = { INFINITY, INFINITY, -INFINITY, -INFINITY };

    for (size_t i = 0; i < polygon->n; i++) {
        box.x0 = fmin(box.x0, polygon->points[i].x);
        box.y0 = fmin(box.y0, polygon->points[i].y);
        box.x1 = fmax(box.x1, polygon->points[i].x);
        box.y1 = fmax(box.y1, polygon->points[i].y);
    }
    return box;
}

static bool
check_place(const CsRoi *roi, const CsRecordingInfo *info, GError **error)
{
    Box box = box_of(&roi->outline);

    if (box.x0 < (double) info->width && box.x1 > 0
        && box.y0 < (double) info->height && box.y1 > 0)
        return true;
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "the polygon %s (x %.6g to %.6g, y %.6g to %.6g) lies "
                   "outside the frame of %" G_GSIZE_FORMAT " × %"
                   G_GSIZE_FORMAT " pixels; was it drawn on another picture?",
                   name_of(roi), box.x0, box.x1, box.y0, box.y1, info->width,
                   info->height);
}

bool
cs_manual_is_cut(const CsPolygon *polygon, const CsRecordingInfo *info,
                 double margin_px)
{
    Box box = box_of(polygon);

    return box.x0 < margin_px || box.y0 < margin_px
           || box.x1 > (double) info->width - margin_px
           || box.y1 > (double) info->height - margin_px;
}

static bool
check_roi(const CsRoi *roi, const CsRecordingInfo *info, GError **error)
{
    bool is_area = roi->type == CS_ROI_POLYGON || roi->type == CS_ROI_RECT
                   || roi->type == CS_ROI_OVAL || roi->type == CS_ROI_FREEHAND
                   || roi->type == CS_ROI_TRACED;

    if (!is_area || roi->outline.n < 3
        || !(cs_polygon_area(&roi->outline) > 0))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "the region %s encloses no area: a polygon, freehand, "
                       "traced, oval or rectangle selection is needed",
                       name_of(roi));
    return check_place(roi, info, error) && check_slice(roi, info, error);
}

bool
cs_manual_check(const CsRois *rois, const CsRecordingInfo *info,
                GError **error)
{
    if (rois == NULL || rois->n == 0)
        return cs_fail(error, CS_ERROR_ARGUMENT, "there is no polygon");
    for (size_t i = 0; i < rois->n; i++)
        if (!check_roi(&rois->roi[i], info, error))
            return false;
    return true;
}

CsRois
cs_manual_without_cores(const CsRois *rois)
{
    CsRois view = { 0, g_new0(CsRoi, rois->n + 1) };

    for (size_t i = 0; i < rois->n; i++)
        if (!g_str_has_suffix(name_of(&rois->roi[i]), "_core"))
            view.roi[view.n++] = rois->roi[i];
    return view;
}

/* ---- Whose polygon it is -------------------------------------------------- */

/* A particle as far as it is known while polygons are dealt out. */
typedef struct {
    int     group;
    size_t  last_frame;
    CsPoint centroid;
    double  radius_px;
} Track;

static int
by_frame(const void *a, const void *b, void *rois)
{
    const CsRoi *all = ((const CsRois *) rois)->roi;
    size_t i = *(const size_t *) a, j = *(const size_t *) b;
    size_t f = frame_of(&all[i]), g = frame_of(&all[j]);

    if (f != g)
        return f < g ? -1 : 1;
    return (i > j) - (i < j);
}

/* Where a polygon lies on the first frame; shifts may be NULL. */
static CsPoint
place_of(const CsRoi *roi, const CsShifts *shifts)
{
    CsPoint c = cs_polygon_centroid(&roi->outline);

    if (shifts != NULL && frame_of(roi) < shifts->n_frames) {
        c.x += shifts->shift[frame_of(roi)].dx_px;
        c.y += shifts->shift[frame_of(roi)].dy_px;
    }
    return c;
}

/* The track a polygon at c goes on, or n for a new one. */
static size_t
track_for(const Track *track, size_t n, const CsRoi *roi, CsPoint c)
{
    size_t frame = frame_of(roi), best = n;
    double nearest = INFINITY;

    for (size_t i = 0; i < n; i++) {
        double distance = hypot(c.x - track[i].centroid.x,
                                c.y - track[i].centroid.y);

        if (track[i].group == roi->group && track[i].last_frame < frame
            && distance < nearest
            && (roi->group > 0 || distance < track[i].radius_px)) {
            nearest = distance;
            best = i;
        }
    }
    return best;
}

/* Numbers the particles in the order of the polygons that are theirs. */
static void
number_by_file(const CsRois *rois, size_t n, size_t *track_of)
{
    g_autofree size_t *number = g_new(size_t, n + 1);
    size_t next = 0;

    for (size_t t = 0; t < n; t++)
        number[t] = n;
    for (size_t i = 0; i < rois->n; i++) {
        if (number[track_of[i]] == n)
            number[track_of[i]] = next++;
        track_of[i] = number[track_of[i]];
    }
}

/* Deals the polygons out to particles: track_of[i] for polygon i. */
static size_t
deal_out(const CsRois *rois, const CsShifts *shifts, size_t *track_of)
{
    g_autofree size_t *order = g_new(size_t, rois->n);
    g_autofree Track *track = g_new0(Track, rois->n);
    size_t n = 0;

    for (size_t i = 0; i < rois->n; i++)
        order[i] = i;
    g_qsort_with_data(order, (int) rois->n, sizeof *order, by_frame,
                      (gpointer) rois);
    for (size_t k = 0; k < rois->n; k++) {
        const CsRoi *roi = &rois->roi[order[k]];
        CsPoint place = place_of(roi, shifts);
        size_t t = track_for(track, n, roi, place);

        n = MAX(n, t + 1);
        track_of[order[k]] = t;
        track[t] = (Track) {
            .group = roi->group,
            .last_frame = frame_of(roi),
            .centroid = place,
            .radius_px = sqrt(cs_polygon_area(&roi->outline) / G_PI),
        };
    }
    number_by_file(rois, n, track_of);
    return n;
}

/* ---- Seeds --------------------------------------------------------------- */

static bool
seed_from(const CsRoi *roi, const CsRecordingInfo *info,
          const CsShifts *shifts, int id, CsSeed *seed, GError **error)
{
    size_t frame = frame_of(roi);
    const CsShift *shift = &shifts->shift[frame];

    *seed = (CsSeed) {
        .id = id,
        .key_frame = frame,
        .birth_frame = 0,
        .death_frame = info->n_frames,
        .from_user = true,
        .is_dark = true,
        .contrast = NAN,
    };
    if (!cs_polygon_copy(&roi->outline, &seed->outline, error))
        return false;
    for (size_t i = 0; i < seed->outline.n; i++) {
        seed->outline.points[i].x += shift->dx_px;
        seed->outline.points[i].y += shift->dy_px;
    }
    return true;
}

/* Most seeds that detect found tell whether particles are dark here. */
static bool
particles_are_dark(const CsSeeds *found)
{
    size_t n_dark = 0;

    for (size_t i = 0; i < found->n; i++)
        n_dark += found->seed[i].is_dark;
    return 2 * n_dark >= found->n;
}

/* The polygons of particle t in the order of frames, as their numbers. */
static GArray *
polygons_of(const CsRois *rois, const size_t *track_of, size_t t)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(size_t));

    for (size_t i = 0; i < rois->n; i++)
        if (track_of[i] == t)
            g_array_append_val(list, i);
    g_array_sort_with_data(list, by_frame, (gpointer) rois);
    return list;
}

/* How many of n polygons are used, and the one for a pass: evenly chosen, the
 * first and the last among them. */
static size_t
n_used(size_t n)
{
    return MIN(n, (size_t) MOST_USED);
}

static size_t
used_in(const GArray *polygons, size_t pass)
{
    size_t n = n_used(polygons->len), k = MIN(pass, n - 1);

    return g_array_index(polygons, size_t,
                         n > 1 ? k * (polygons->len - 1) / (n - 1) : 0);
}

size_t
cs_manual_n_passes(const CsRois *rois, const CsShifts *shifts,
                   size_t *n_particles)
{
    g_autofree size_t *track_of = g_new(size_t, rois->n + 1);
    size_t n = deal_out(rois, shifts, track_of), most = 0;

    for (size_t t = 0; t < n; t++) {
        g_autoptr(GArray) list = polygons_of(rois, track_of, t);

        most = MAX(most, n_used(list->len));
    }
    *n_particles = n;
    return most;
}

static bool
take_seed(const CsRois *rois, const CsRecordingInfo *info,
          const CsShifts *shifts, size_t number, bool is_dark, CsSeeds *seeds,
          GError **error)
{
    g_auto(CsSeed) seed = { 0 };

    if (!seed_from(&rois->roi[number], info, shifts, (int) seeds->n + 1,
                   &seed, error))
        return false;
    seed.is_dark = is_dark;
    cs_seeds_take(seeds, &seed);
    return true;
}

bool
cs_manual_seeds(const CsRois *rois, const CsRecordingInfo *info,
                const CsShifts *shifts, size_t pass, const CsSeeds *found,
                CsSeeds *seeds, GError **error)
{
    g_auto(CsSeeds) fresh = CS_SEEDS_INIT;
    g_autofree size_t *track_of = g_new(size_t, rois->n + 1);
    size_t n = deal_out(rois, shifts, track_of);
    CsSeeds old = *seeds;

    for (size_t t = 0; t < n; t++) {
        g_autoptr(GArray) list = polygons_of(rois, track_of, t);

        if (!take_seed(rois, info, shifts, used_in(list, pass),
                       particles_are_dark(found), &fresh, error))
            return false;
    }
    fresh.mask_bin = found->mask_bin;
    fresh.mask_width = found->mask_width;
    fresh.mask_height = found->mask_height;
    fresh.mask = g_memdup2(found->mask,
                           found->mask_width * found->mask_height);
    *seeds = fresh;
    fresh = old;
    return true;
}

/* ---- Joining ----------------------------------------------------------------- */

static void
copy_outline(const CsOutline *from, size_t n_angles, CsOutline *to)
{
    CsOutline copy = *from;

    copy.r_px = memcpy(to->r_px, from->r_px, n_angles * sizeof(float));
    copy.r_sd_px = memcpy(to->r_sd_px, from->r_sd_px,
                          n_angles * sizeof(float));
    copy.core_px = memcpy(to->core_px, from->core_px,
                          n_angles * sizeof(float));
    copy.core_sd_px = memcpy(to->core_sd_px, from->core_sd_px,
                             n_angles * sizeof(float));
    copy.rim = memcpy(to->rim, from->rim, n_angles * sizeof(float));
    *to = copy;
}

/* The pass whose polygon lies nearest to a frame. */
static size_t
nearest_pass(const CsRois *rois, const GArray *polygons, size_t frame)
{
    size_t best = 0, least = SIZE_MAX;

    for (size_t k = 0; k < n_used(polygons->len); k++) {
        size_t f = frame_of(&rois->roi[used_in(polygons, k)]);
        size_t away = f > frame ? f - frame : frame - f;

        if (away < least) {
            least = away;
            best = k;
        }
    }
    return best;
}

bool
cs_manual_join(const CsRois *rois, const CsShifts *shifts,
               const CsOutlines *pass, CsOutlines *outlines, GError **error)
{
    g_autofree size_t *track_of = g_new(size_t, rois->n + 1);
    size_t n = deal_out(rois, shifts, track_of);

    if (!cs_outlines_resize(outlines, pass[0].n_frames, n, pass[0].n_angles,
                            error))
        return false;
    for (size_t t = 0; t < n; t++) {
        g_autoptr(GArray) list = polygons_of(rois, track_of, t);

        for (size_t f = 0; f < outlines->n_frames; f++)
            copy_outline(cs_outlines_at(&pass[nearest_pass(rois, list, f)], f,
                                        t),
                         outlines->n_angles, cs_outlines_at(outlines, f, t));
    }
    return true;
}

/* ---- Outlines as drawn ---------------------------------------------------- */

/* What a region encloses, by ImageJ's even-odd rule: a ring in another is a
 * hole, one in that an island. */
static double
area_of(const CsRoi *roi)
{
    double area = 0;

    for (size_t i = 0; i < roi->n_rings; i++) {
        size_t n_around = 0;

        for (size_t k = 0; k < roi->n_rings; k++)
            n_around += k != i && roi->rings[i].n > 0
                        && cs_polygon_contains(&roi->rings[k],
                                               roi->rings[i].points[0]);
        area += (n_around % 2 == 0 ? 1 : -1)
                * cs_polygon_area(&roi->rings[i]);
    }
    return roi->n_rings > 1 ? area : cs_polygon_area(&roi->outline);
}

static void
fill_outline(const CsRoi *roi, const CsRecordingInfo *info, CsOutline *o)
{
    CsPoint c = cs_polygon_centroid(&roi->outline);

    o->state = cs_manual_is_cut(&roi->outline, info, 0) ? CS_OUTLINE_EDGE
                                                        : CS_OUTLINE_OK;
    o->edited = true;
    o->centre_x_px = c.x;
    o->centre_y_px = c.y;
    o->area_px2 = area_of(roi);
    for (size_t k = 0; k < N_ANGLES; k++)
        o->r_px[k] = (float) cs_polygon_ray(
            &roi->outline, c, 2 * G_PI * (double) k / N_ANGLES);
}

bool
cs_manual_outlines(const CsRois *rois, const CsRecordingInfo *info,
                   CsOutlines *outlines, GError **error)
{
    g_autofree size_t *track_of
        = cs_try_alloc(rois->n, sizeof *track_of, "the polygons", error);
    size_t n_particles;

    if (track_of == NULL)
        return false;
    n_particles = deal_out(rois, NULL, track_of);
    if (!cs_outlines_resize(outlines, info->n_frames, n_particles, N_ANGLES,
                            error))
        return false;
    for (size_t i = 0; i < rois->n; i++) {
        const CsRoi *roi = &rois->roi[i];

        fill_outline(roi, info, cs_outlines_at(outlines, frame_of(roi),
                                               track_of[i]));
    }
    return true;
}
