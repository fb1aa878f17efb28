/* One particle from frame to frame: predict, locate, fit, judge.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/track.h"

#include <math.h>
#include <string.h>

#include "outline/locate.h"

enum { K = CS_CONTOUR_ANGLES, S = CS_CONTOUR_SECTORS };

static const double outside_px = 10;  /* background seen beyond the rim      */
static const double neighbour_px = 2; /* kept clear around a neighbour       */

/* How much the edge may change from one frame to the next. */
static const double drift_sd[CS_EDGE_N] = {
    [CS_EDGE_SHELL] = 2e-4, [CS_EDGE_CORE] = 2e-4,
    [CS_EDGE_THICKNESS] = 0.1, [CS_EDGE_LN_BLUR] = 0.01,
    [CS_EDGE_FRINGE] = 0.02, [CS_EDGE_INNER] = 0.005,
};

bool
cs_track_start(const CsSeed *seed, const CsShift *shift, CsTrack *track)
{
    *track = (CsTrack) { 0 };
    if (seed->outline.n < 3
        || !cs_contour_from_polygon(&seed->outline, &track->contour))
        return false;
    cs_rim_model_start(seed->is_dark, &track->model);
    cs_track_move(track, shift); /* seeds are in the first frame's places */
    return true;
}

void
cs_track_move(CsTrack *track, const CsShift *shift)
{
    track->contour.x += track->shift.dx_px - shift->dx_px;
    track->contour.y += track->shift.dy_px - shift->dy_px;
    track->shift = *shift;
}

static double
mean_radius(const CsContour *contour)
{
    return sqrt(cs_contour_area(contour) / G_PI);
}

static double
search_range(const CsTrack *track)
{
    double R = mean_radius(&track->contour);

    if (track->n_seen == 0 || track->n_lost > 0)
        return MIN(MAX(8, 0.3 * R), 45);
    return MIN(5 + 0.03 * R, 20);
}

static double
depth_wanted(const CsTrack *track, const CsContour *contour)
{
    double R = mean_radius(contour);
    double t = track->model.p[CS_EDGE_THICKNESS];

    if (track->n_seen == 0 || !track->model.has_coat)
        return MIN(0.8 * R, MAX(30, 0.3 * R));
    return MIN(0.8 * R, MAX(1.4 * t + 8, 20));
}

static bool
cut_patch(const CsTrack *track, const CsTrackView *view, CsPatch *patch,
          GError **error)
{
    double margin = outside_px + search_range(track) + 4;

    if (!cs_patch_cut(view->frame, &track->contour, margin, patch, error))
        return false;
    cs_patch_hide_spikes(patch);
    for (size_t i = 0; i < view->seeds->n; i++)
        if (i != view->self && view->all[i].n_lost == 0)
            cs_patch_hide_contour(patch, &view->all[i].contour, neighbour_px);
    cs_patch_hide_needle(patch, view->seeds, &track->shift);
    return true;
}

/* How far found has moved from prediction as a whole. */
static void
translation(const CsContour *found, const CsContour *prediction, double *dx,
            double *dy)
{
    *dx = *dy = 0;
    for (int k = 0; k < K; k++) {
        double d = (double) (found->r[k] - prediction->r[k]);

        *dx += 2 * d * cos(2 * G_PI * k / K) / K;
        *dy += 2 * d * sin(2 * G_PI * k / K) / K;
    }
}

static double
mean_difference(const CsContour *a, const CsContour *b)
{
    double sum = 0;

    for (int k = 0; k < K; k++)
        sum += (double) (a->r[k] - b->r[k]) / K;
    return sum;
}

/* Finds the coating, if there is one that can be seen: the thickness that
 * fits best, when it fits far better than a bare ball. Slabs have none. */
static bool
fit_first(CsTrackWork *work, const CsContour *start,
          const CsContour *prediction, CsRimModel *model, CsRimFit *fit)
{
    static const double guesses[] = { 4, 8, 14, 22 };
    const double needed = 0.002; /* of chi² per degree of freedom */
    CsRimModel best = *model, trial;
    CsRimFit trial_fit;
    double R = mean_radius(start);

    best.has_coat = false;
    if (!cs_rim_fit(&work->rim, start, prediction, &best, fit))
        return false;
    for (size_t i = 0; !best.is_slab && i < G_N_ELEMENTS(guesses); i++) {
        if (guesses[i] > 0.4 * R)
            break;
        trial = *model;
        trial.has_coat = true;
        trial.is_slab = false;
        trial.p[CS_EDGE_THICKNESS] = guesses[i];
        trial.p[CS_EDGE_SHELL] = best.p[CS_EDGE_SHELL];
        trial.p[CS_EDGE_CORE] = best.p[CS_EDGE_SHELL];
        trial.p[CS_EDGE_LN_BLUR] = best.p[CS_EDGE_LN_BLUR];
        if (!cs_rim_fit(&work->rim, start, prediction, &trial, &trial_fit)
            || trial_fit.chi2 > fit->chi2 - (best.has_coat ? 0 : needed))
            continue;
        best = trial;
        *fit = trial_fit;
    }
    *model = best;
    return true;
}

/* Collects the rim about contour, fits, and moves contour onto the fit;
 * again where that moved it far. */
static bool
refine(CsTrack *track, CsTrackWork *work, const CsContour *prediction,
       CsContour *contour, CsRimFit *fit)
{
    CsRimModel model;

    for (int round = 0; round < 3; round++) {
        double most = 0;
        bool   ok;

        model = track->model;
        cs_rim_collect(&work->patch, contour, outside_px,
                       depth_wanted(track, contour), &work->rim);
        ok = track->n_seen == 0
                 ? fit_first(work, contour, prediction, &model, fit)
                 : cs_rim_fit(&work->rim, contour, prediction, &model, fit);
        if (!ok)
            return false;
        for (int s = 0; s < S; s++)
            most = MAX(most, fabs(fit->delta[s]));
        cs_contour_add_sectors(contour, fit->delta);
        if (most < 0.75)
            break;
    }
    track->model = model;
    return true;
}

static double
share_outside(const CsContour *c, const CsFrame *frame)
{
    double n = 0;

    for (int k = 0; k < K; k++) {
        double x = c->x + (double) c->r[k] * cos(2 * G_PI * k / K);
        double y = c->y + (double) c->r[k] * sin(2 * G_PI * k / K);

        n += x < 1 || y < 1 || x > (double) frame->width - 1
             || y > (double) frame->height - 1;
    }
    return n / K;
}

static CsOutlineState
judge(const CsRimFit *fit, double outside)
{
    if (fit->contrast < 4 || fit->seen < 0.3)
        return CS_OUTLINE_LOST;
    if (outside > 0)
        return CS_OUTLINE_EDGE;
    if (fit->seen < 0.97)
        return CS_OUTLINE_OVERLAP;
    return fit->contrast < 10 ? CS_OUTLINE_FAINT : CS_OUTLINE_OK;
}

static double
mean_inside(const CsPatch *patch, const CsContour *contour)
{
    double sum = 0, n = 0, cx = contour->x - patch->x0;
    double cy = contour->y - patch->y0;

    for (size_t j = 0; j < patch->image.height; j++)
        for (size_t i = 0; i < patch->image.width; i++) {
            size_t at = j * patch->image.width + i;
            float  dx = (float) ((double) i + 0.5 - cx);
            float  dy = (float) ((double) j + 0.5 - cy);
            float  rr = dx * dx + dy * dy;
            float  r;

            if (patch->hidden[at])
                continue;
            r = cs_contour_between(contour->r, cs_contour_angle(dx, dy));
            if (rr < r * r) {
                sum += (double) patch->image.px[at];
                n += 1;
            }
        }
    return n > 0 ? sum / n : NAN;
}

/* sd at vertex k of what is known at the sectors. */
static double
at_vertex(const double *sector, int k)
{
    double a = sector[k / 2], b = sector[(k / 2 + 1) % S];

    return k % 2 == 0 ? a : (a + b) / 2;
}

static void
write_core(const CsTrack *track, const CsRimFit *fit, CsOutline *o)
{
    double t = track->model.p[CS_EDGE_THICKNESS];
    CsContour core = track->contour;
    float cosine[K];

    if (!track->model.has_coat)
        return;
    cs_contour_cosines(&track->contour, cosine);
    for (int k = 0; k < K; k++) {
        core.r[k] = MAX(core.r[k] - (float) t / cosine[k], 0.5f);
        o->core_px[k] = core.r[k];
        o->core_sd_px[k] = (float) hypot((double) o->r_sd_px[k],
                                         fit->thickness_sd);
        o->rim[k] = (float) at_vertex(fit->rim, k);
    }
    o->core_area_px2 = cs_contour_area(&core);
    o->core_area_sd_px2 = fit->core_area_sd;
    o->coat_thickness_px = t;
    o->coat_thickness_sd_px = fit->thickness_sd;
}

static void
write_outline(const CsTrack *track, const CsRimFit *fit, const CsPatch *patch,
              CsOutline *o)
{
    o->centre_x_px = track->contour.x;
    o->centre_y_px = track->contour.y;
    o->area_px2 = cs_contour_area(&track->contour);
    o->area_sd_px2 = fit->area_sd;
    o->background = fit->background;
    o->intensity = mean_inside(patch, &track->contour);
    o->chi2 = fit->chi2;
    for (int k = 0; k < K; k++) {
        o->r_px[k] = track->contour.r[k];
        o->r_sd_px[k] = (float) at_vertex(fit->delta_sd, k);
    }
    write_core(track, fit, o);
}

static void
grow_uncertainty(CsRimModel *model)
{
    for (int i = 0; i < CS_EDGE_N; i++)
        model->covariance[i * CS_EDGE_N + i] += drift_sd[i] * drift_sd[i];
    model->sd_change_px = 0.15;
}

/* One way to explain a particle in a frame. */
typedef struct {
    CsContour  contour;
    CsRimModel model;
    CsRimFit   fit;
} Candidate;

/* How well contour tells dark from bright pixels in a band about another:
 * what the squares of grey values within its two sides add up to less than
 * those of the band as a whole. No model of the edge is asked. */
static double
separation(const CsPatch *patch, const CsContour *band,
           const CsContour *contour, bool is_dark)
{
    const double half_px = 10;
    double n[2] = { 0 }, sum[2] = { 0 }, difference;

    for (size_t j = 0; j < patch->image.height; j++)
        for (size_t i = 0; i < patch->image.width; i++) {
            size_t at = j * patch->image.width + i;
            double x = patch->x0 + (double) i + 0.5;
            double y = patch->y0 + (double) j + 0.5;
            int    in;

            if (patch->hidden[at]
                || !cs_contour_contains(band, x, y, half_px)
                || cs_contour_contains(band, x, y, -half_px))
                continue;
            in = cs_contour_contains(contour, x, y, 0);
            n[in] += 1;
            sum[in] += (double) patch->image.px[at];
        }
    if (n[0] < 1 || n[1] < 1)
        return 0;
    difference = (sum[0] / n[0] - sum[1] / n[1]) * (is_dark ? 1 : -1);
    return difference > 0
               ? difference * difference * n[0] * n[1] / (n[0] + n[1]) : 0;
}

/* A slab's fit that does not tell dark from bright better than the seed by
 * what its freedom alone would give (Akaike: two for each number) is no gain,
 * and the seed stays. */
static void
keep_seed(const CsPatch *patch, const CsContour *seed, Candidate *slab)
{
    const double n_shape = 16; /* about as many numbers as make a contour */
    bool   is_dark = slab->model.is_dark;
    double gain = separation(patch, seed, &slab->contour, is_dark)
                  - separation(patch, seed, seed, is_dark);

    if (gain < 2 * n_shape * slab->model.clumping * slab->model.variance_out)
        slab->contour = *seed;
}

/* The first fit: a ball from the edge that was located; where the picture is
 * grainy (noise of neighbouring pixels alike), so that the located edge may
 * wander along grains, also a slab from the seed. The ball must then fit
 * clearly better: on simulated balls chi² is many times less, on grainy,
 * faceted particles the two differ by less than a tenth. */
static bool
choose_first(const CsTrack *track, CsTrackWork *work, const CsContour *found,
             const CsContour *prediction, Candidate *best)
{
    const double clearly = 0.75, grainy = 2;
    CsTrack   ball = *track, slab = *track;
    Candidate other = { .contour = track->contour };
    bool      is_ball, is_slab;

    slab.model.is_slab = true;
    best->contour = *found;
    is_ball = refine(&ball, work, prediction, &best->contour, &best->fit);
    best->model = ball.model;
    if (is_ball && ball.model.clumping < grainy)
        return true;
    is_slab = refine(&slab, work, &track->contour, &other.contour, &other.fit);
    if (!is_slab || (is_ball && best->fit.chi2 < clearly * other.fit.chi2))
        return is_ball;
    other.model = slab.model;
    keep_seed(&work->patch, &track->contour, &other);
    *best = other;
    return true;
}

static bool
choose(const CsTrack *track, CsTrackWork *work, const CsContour *found,
       const CsContour *prediction, Candidate *best)
{
    CsTrack trial = *track;

    if (track->n_seen == 0)
        return choose_first(track, work, found, prediction, best);
    best->contour = *found;
    if (!refine(&trial, work, prediction, &best->contour, &best->fit))
        return false;
    best->model = trial.model;
    return true;
}

bool
cs_track_follow(CsTrack *track, const CsTrackView *view, CsTrackWork *work,
                CsOutline *outline, GError **error)
{
    CsContour prediction = track->contour, found;
    double    range = search_range(track);
    Candidate best = { 0 };
    double dx, dy;

    outline->state = CS_OUTLINE_LOST;
    if (!cut_patch(track, view, &work->patch, error))
        return false;
    track->n_lost++;
    if (cs_locate(&work->patch, &prediction, track->model.is_dark, range,
                  &found) <= 0)
        return true;
    for (int k = 0; k < K; k++)
        found.r[k] += (float) track->offset_px;
    translation(&found, &prediction, &dx, &dy);
    cs_contour_move_pole(&found, dx, dy);
    prediction.x = found.x;
    prediction.y = found.y;
    if (!choose(track, work, &found, &prediction, &best))
        return true;
    outline->state = judge(&best.fit, share_outside(&best.contour, view->frame));
    if (outline->state == CS_OUTLINE_LOST)
        return true;
    track->offset_px += (track->n_seen == 0 ? 1 : 0.1)
                        * mean_difference(&best.contour, &found);
    track->contour = best.contour;
    track->model = best.model;
    cs_contour_recentre(&track->contour);
    track->n_lost = 0;
    track->n_seen++;
    write_outline(track, &best.fit, &work->patch, outline);
    grow_uncertainty(&track->model);
    return true;
}

void
cs_track_work_clear(CsTrackWork *work)
{
    cs_patch_clear(&work->patch);
}
