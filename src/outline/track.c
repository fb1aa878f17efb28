/* One particle from frame to frame: predict, locate, fit, judge.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline/track.h"

#include <math.h>
#include <string.h>

#include "outline/locate.h"
#include "outline/solve.h"

enum { K = CS_CONTOUR_ANGLES, S = CS_CONTOUR_SECTORS };

static const double outside_px = 10;  /* background seen beyond the rim      */
static const double much_better = 0.5; /* a misfit: not by chance            */
static const double neighbour_px = 2; /* kept clear around a neighbour       */

/* Errors beyond noise, found on simulated recordings: of radii, of what is
 * hidden as a share of the growth since it was seen, and of the coating's
 * thickness as a share of it. */
static const double model_doubt_px = 0.04;
static const double hidden_doubt = 0.08;
static const double coat_doubt = 0.03;

static double
mean_radius(const CsContour *contour)
{
    return sqrt(cs_contour_area(contour) / G_PI);
}

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

bool
cs_track_restart(const CsSeed *seed, const CsShift *shift,
                 const CsRimMemory *memory, CsTrack *track)
{
    if (!cs_track_start(seed, shift, track))
        return false;
    track->memory = *memory;
    track->offset_px = memory->known ? memory->offset_px : 0;
    cs_rim_model_recall(memory, mean_radius(&track->contour), &track->model);
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
search_range(const CsTrack *track)
{
    double R = mean_radius(&track->contour);

    if (track->n_seen == 0 || track->n_lost > 0)
        return MIN(MAX(8, 0.3 * R), 45);
    return MIN(5 + 0.03 * R, 20);
}

/* How deep a particle is looked into whose coating is not known. */
static double
first_depth(double R)
{
    return MIN(0.8 * R, MAX(30, 0.3 * R));
}

static double
depth_wanted(const CsTrack *track, const CsContour *contour)
{
    double R = mean_radius(contour);
    double t = track->model.p[CS_EDGE_THICKNESS];

    if (!track->model.has_coat)
        return first_depth(R);
    return MIN(0.8 * R, MAX(1.5 * t + 20, 30));
}

static bool
cut_patch(const CsTrack *track, const CsTrackView *view, CsPatch *patch,
          GError **error)
{
    double margin = (track->n_seen == 0 ? 2.5 : 1) * outside_px + search_range(track) + 4;

    if (!cs_patch_cut(view->frame, &track->contour, margin, patch, error))
        return false;
    cs_patch_hide_spikes(patch);
    for (size_t i = 0; i < view->seeds->n; i++)
        if (i != view->self && view->all[i].n_lost == 0)
            cs_patch_hide_contour(patch, &view->all[i].contour, neighbour_px);
    cs_patch_hide_needle(patch, view->seeds, &track->shift);
    return true;
}

/* How far found has moved from prediction as a whole: least squares for
 * growth and shift over the rays where an edge was seen. */
static void
translation(const CsContour *found, const CsContour *prediction,
            const bool *seen, double *dx, double *dy)
{
    double h[9] = { 1e-6, 0, 0, 0, 1e-6, 0, 0, 0, 1e-6 }, g[3] = { 0 };

    for (int k = 0; k < K; k++) {
        double r = (double) prediction->r[k], d = (double) found->r[k] - r;
        double x[3] = { r / (double) prediction->r[0],
                        cos(2 * G_PI * k / K), sin(2 * G_PI * k / K) };

        for (int i = 0; i < 3 && seen[k]; i++) {
            g[i] += x[i] * d;
            for (int j = 0; j < 3; j++)
                h[i * 3 + j] += x[i] * x[j];
        }
    }
    *dx = *dy = 0;
    if (!cs_cholesky(h, 3))
        return;
    cs_solve(h, 3, g);
    *dx = g[1];
    *dy = g[2];
}

static double
mean_difference(const CsContour *a, const CsContour *b)
{
    double sum = 0;

    for (int k = 0; k < K; k++)
        sum += (double) (a->r[k] - b->r[k]) / K;
    return sum;
}

/* A first fit: the thickness of coating that fits best, or the thickest of
 * those that fit about as well. Too thick a start finds the way back, too thin
 * a one may not: the core's free density can do a coating's work, not the
 * other way round. */
static bool
fit_coats(CsTrackWork *work, const CsContour *start, double offset_px,
          CsRimModel *model, CsRimFit *fit)
{
    static const double guesses[] = { 5, 9, 14 };
    CsRimModel best = *model, trial;
    CsRimFit trial_fit;
    double R = mean_radius(start), least = INFINITY;
    double even = 10.0 / (S * work->rim.n_bins); /* of deviance, per cell */

    if (!cs_rim_fit(&work->rim, start, start, offset_px, &best, fit))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(guesses); i++) {
        double sd = 0.35 * guesses[i];

        if (guesses[i] > 0.25 * R)
            break;
        trial = *model;
        trial.has_coat = true;
        trial.p[CS_EDGE_THICKNESS] = guesses[i];
        trial.covariance[CS_EDGE_THICKNESS * (CS_EDGE_N + 1)] = sd * sd;
        trial.p[CS_EDGE_SHELL] = best.p[CS_EDGE_CORE];
        for (int j = 0; j < CS_EDGE_NODES; j++)
            trial.p[CS_EDGE_CORE + j] = best.p[CS_EDGE_CORE + 3];
        trial.p[CS_EDGE_LN_BLUR] = best.p[CS_EDGE_LN_BLUR];
        if (!cs_rim_fit(&work->rim, start, start, offset_px, &trial,
                        &trial_fit)
            || (best.has_coat && trial_fit.chi2 > least + even))
            continue;
        least = best.has_coat ? MIN(least, trial_fit.chi2) : trial_fit.chi2;
        best = trial;
        *fit = trial_fit;
    }
    *model = best;
    return true;
}

/* By how much b fits better than a where both were seen; NAN if that is
 * less than half of the rim. */
static double
advantage(const CsRimFit *a, const CsRimFit *b)
{
    double sum = 0;
    int    n = 0;

    for (int s = 0; s < S; s++) {
        double d = a->sector_chi2[s] - b->sector_chi2[s];

        if (!isnan(d)) {
            sum += d;
            n++;
        }
    }
    return n < S / 2 ? NAN : sum;
}

static double
shell_sd(const CsRimModel *model)
{
    return sqrt(model->covariance[CS_EDGE_SHELL * (CS_EDGE_N + 1)]);
}

/* The strongest edge may be the core's, with a faint coating outside it.
 * Returns how far outside the rim is. What does not darken the image there is
 * no coating, but a Fresnel fringe. */
static double
look_outside(CsTrackWork *work, const CsContour *start, const CsRimModel *model)
{
    static const double offsets[] = { 5, 10, 16 };
    const double share = 0.1; /* of chi²: noise does not do that */
    const double wide = 2.5 * outside_px;
    CsRimModel trial = *model;
    CsRimFit fit = { 0 }, trial_fit = { 0 };
    double R = mean_radius(start), best = 0, needed;

    cs_rim_collect(&work->patch, start, wide, first_depth(R), &work->rim);
    if (!cs_rim_fit(&work->rim, start, start, 0, &trial, &fit))
        return 0;
    needed = share * fit.chi2 * S * work->rim.n_bins;
    for (size_t i = 0; i < G_N_ELEMENTS(offsets); i++) {
        if (offsets[i] > 0.25 * R)
            break;
        cs_rim_model_start(model->is_dark, &trial);
        trial.coloured = true;
        trial.clumping = model->clumping;
        if (!fit_coats(work, start, offsets[i], &trial, &trial_fit)
            || !(advantage(&fit, &trial_fit) > needed)
            || trial.p[CS_EDGE_SHELL] > trial.p[CS_EDGE_CORE + 1]
            || trial.p[CS_EDGE_SHELL] < 3 * shell_sd(&trial))
            continue;
        best = offsets[i];
        fit = trial_fit;
    }
    return best;
}

/* Fits a particle not seen before. */
static bool
fit_first(CsTrackWork *work, const CsContour *start, CsRimModel *model,
          CsRimFit *fit)
{
    CsRimModel first = *model;
    CsContour wider = *start;
    double offset, R = mean_radius(start);

    if (!fit_coats(work, start, 0, model, fit))
        return false;
    cs_contour_add_sectors(&wider, fit->delta);
    offset = look_outside(work, &wider, model);
    if (offset == 0)
        return true;
    *model = first;
    cs_rim_collect(&work->patch, start, 1.5 * outside_px + offset,
                   first_depth(R), &work->rim);
    return fit_coats(work, start, offset, model, fit);
}

/* A coating that is stretched gets thinner: its volume stays. */
static void
thin_coat(const CsTrack *track, double radius, CsRimModel *model)
{
    double *t = &model->p[CS_EDGE_THICKNESS];
    double R = mean_radius(&track->contour);
    double core = MAX(R - *t, 0), shell = R * R * R - core * core * core;

    if (model->has_coat)
        *t = cs_rim_thickness(shell, radius);
}

/* Where the outer side of the profile lies, looked for around a contour;
 * moves the contour there and returns what is left as misfit. */
static double
find_outer_side(const CsTrack *track, CsTrackWork *work, double reach_px,
                CsContour *contour)
{
    CsRimModel model = track->model;
    double misfit, shift;

    thin_coat(track, mean_radius(contour), &model);
    cs_rim_collect(&work->patch, contour, outside_px,
                   depth_wanted(track, contour), &work->rim);
    shift = cs_rim_shift(&work->rim, contour, &model, reach_px, &misfit);
    for (int k = 0; k < K; k++)
        contour->r[k] = MAX(contour->r[k] + (float) shift, 1);
    return misfit;
}

/* The strongest edge may have left the rim, with a front that runs inwards:
 * then the contour is where the outer side of the profile is found around the
 * prediction. What may have changed in a particle that has grown so much is
 * known less well. */
static void
find_rim(CsTrack *track, CsTrackWork *work, const CsContour *prediction,
         CsContour *contour)
{
    CsContour moved = *prediction;
    double by_edge = find_outer_side(track, work, track->n_seen == 0 ? 8 : 0,
                                     contour);
    double by_side = find_outer_side(track, work, 8, &moved);

    if (by_side < much_better * by_edge)
        *contour = moved;
    thin_coat(track, mean_radius(contour), &track->model);
    if (track->n_seen > 0 && track->memory.learned)
        cs_rim_model_grow(&track->model, mean_radius(contour)
                                             - mean_radius(&track->contour));
    cs_rim_model_remind(&track->memory, mean_radius(contour), &track->model);
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
        cs_rim_collect(&work->patch, contour,
                       outside_px,
                       depth_wanted(track, contour), &work->rim);
        ok = track->n_seen == 0 && !model.recalled
                 ? fit_first(work, contour, &model, fit)
                 : cs_rim_fit(&work->rim, contour, prediction, 0, &model, fit);
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
    float least = cs_contour_smallest(contour) * 0.999f;
    float most = cs_contour_largest(contour) * 1.001f;

    for (size_t j = 0; j < patch->image.height; j++)
        for (size_t i = 0; i < patch->image.width; i++) {
            size_t at = j * patch->image.width + i;
            float  dx = (float) ((double) i + 0.5 - cx);
            float  dy = (float) ((double) j + 0.5 - cy);
            float  rr = dx * dx + dy * dy;
            float  r = least;

            if (rr > most * most || patch->hidden[at])
                continue;
            if (rr >= least * least)
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

/* How far a sector's radius may be wrong beyond its noise: for the model,
 * where it is hidden for not having grown as what is seen has, and where the
 * coating is gone. */
static double
radius_doubt(const CsTrack *track, int s)
{
    return model_doubt_px + hidden_doubt * (double) track->unseen_px[s]
           + (double) track->bare_px[s];
}

/* The same of areas: doubts go together around the rim. */
static double
area_doubt(const CsTrack *track)
{
    double sum = 0;

    for (int s = 0; s < S; s++)
        sum += (double) track->contour.r[2 * s] * radius_doubt(track, s);
    return sum * 2 * G_PI / S;
}

/* Half of what most of the seen rim has; NAN where that scatters too much to
 * say what is less. */
static double
least_rim(const double *rim)
{
    double sorted[S], usual, spread;
    int n = 0;

    for (int s = 0; s < S; s++)
        if (!isnan(rim[s]))
            sorted[n++] = rim[s];
    if (n < S / 4)
        return NAN;
    cs_sort(sorted, n);
    usual = sorted[2 * n / 3];
    spread = sorted[9 * n / 10] - usual;
    return usual > 4 * spread ? usual / 2 : NAN;
}

/* The share of the seen rim where no coating is seen, or NAN. */
static double
gap_fraction(const double *rim)
{
    double least = least_rim(rim), n = 0, n_gaps = 0;

    for (int s = 0; s < S; s++)
        if (!isnan(rim[s])) {
            n += 1;
            n_gaps += rim[s] < least;
        }
    return isnan(least) ? NAN : n_gaps / n;
}

/* Where the coating is gone, the core's own edge was fitted with the profile
 * of a coating: it may be anywhere between where the two edges of one would
 * be, the less so the more alike coating and core are (t / sqrt 12 is the sd
 * of what is equally likely over t). */
static void
note_bare(CsTrack *track, const CsRimFit *fit)
{
    const double *p = track->model.p;
    double least = track->model.has_coat ? least_rim(fit->rim) : NAN;
    double alike = CLAMP(p[CS_EDGE_CORE] / MAX(p[CS_EDGE_SHELL], 1e-9), 0, 1);
    double doubt = p[CS_EDGE_THICKNESS] * (1 - alike) / sqrt(12);

    for (int s = 0; s < S; s++)
        track->bare_px[s] = fit->rim[s] < least ? (float) doubt : 0;
}

static void
write_core(const CsTrack *track, const CsRimFit *fit, CsOutline *o)
{
    double t = track->model.p[CS_EDGE_THICKNESS], R;
    double t_sd = hypot(fit->thickness_sd, coat_doubt * t);
    CsContour core = track->contour;
    float cosine[K];

    if (!track->model.has_coat)
        return;
    cs_contour_cosines(&track->contour, cosine);
    for (int k = 0; k < K; k++)
        o->rim[k] = (float) at_vertex(fit->rim, k);
    o->rim_gap_fraction = gap_fraction(fit->rim);
    if (t_sd > 0.25 * t)
        return;
    for (int k = 0; k < K; k++) {
        core.r[k] = MAX(core.r[k] - (float) t / cosine[k], 0.5f);
        o->core_px[k] = core.r[k];
        o->core_sd_px[k] = (float) hypot((double) o->r_sd_px[k], t_sd);
    }
    o->core_area_px2 = cs_contour_area(&core);
    R = sqrt(o->core_area_px2 / G_PI);
    o->core_area_sd_px2 = hypot(hypot(fit->core_area_sd, area_doubt(track)),
                                2 * G_PI * R * coat_doubt * t);
    o->coat_thickness_px = t;
    o->coat_thickness_sd_px = t_sd;
}

static void
write_outline(const CsTrack *track, const CsRimFit *fit, const CsPatch *patch,
              CsOutline *o)
{
    o->centre_x_px = track->contour.x;
    o->centre_y_px = track->contour.y;
    o->area_px2 = cs_contour_area(&track->contour);
    o->area_sd_px2 = hypot(fit->area_sd, area_doubt(track));
    o->background = fit->background;
    o->intensity = mean_inside(patch, &track->contour);
    o->chi2 = fit->chi2;
    for (int k = 0; k < K; k++) {
        o->r_px[k] = track->contour.r[k];
        o->r_sd_px[k] = (float) hypot(at_vertex(fit->delta_sd, k),
                                      radius_doubt(track, k / 2));
    }
    write_core(track, fit, o);
}

/* Hidden sectors are only said to have grown as the others have. */
static void
note_hidden(CsTrack *track, const CsRimFit *fit, double growth_px)
{
    for (int s = 0; s < S; s++)
        track->unseen_px[s] = fit->hidden[s] ? track->unseen_px[s]
                                                   + (float) fabs(growth_px)
                                             : 0;
}

/* How much coating there is, from this frame alone: what was believed before
 * may be wrong and still be believed, as the core's free density can do a
 * coating's work. Optics and noise are those known. */
static void
learn_coat(CsTrack *track, CsTrackWork *work)
{
    CsContour contour = track->contour;
    CsRimMemory *lesson = &track->lesson[track->n_lessons];
    CsRimModel model;
    CsRimFit fit = { 0 };
    double R = mean_radius(&contour);

    if (track->n_lessons == CS_TRACK_LESSONS)
        return;
    cs_rim_model_forget(&track->model, &model);
    cs_rim_collect(&work->patch, &contour, outside_px, first_depth(R),
                   &work->rim);
    if (!fit_coats(work, &contour, 0, &model, &fit))
        return;
    cs_contour_add_sectors(&contour, fit.delta);
    lesson->known = false;
    cs_rim_model_remember(&model, mean_radius(&contour), lesson);
    lesson->offset_px = track->offset_px;
    track->n_lessons += lesson->known && lesson->relative_sd < 0.25;
}

static int
by_coat(const void *a, const void *b)
{
    const CsRimMemory *x = a;
    const CsRimMemory *y = b;

    return (x->shell_px3 > y->shell_px3) - (x->shell_px3 < y->shell_px3);
}

/* The median of what the frames say; its doubt from how far they differ (the
 * sd of a median is 1.25 sd / sqrt n, and half of a normal distribution lies
 * within 0.67 sd). */
CsRimMemory
cs_track_learned(const CsTrack *track)
{
    CsRimMemory sorted[CS_TRACK_LESSONS], memory;
    unsigned n = track->n_lessons;
    double spread;

    if (n < 3)
        return track->memory;
    memcpy(sorted, track->lesson, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_coat);
    memory = sorted[n / 2];
    spread = sorted[3 * n / 4].shell_px3 - sorted[n / 4].shell_px3;
    memory.relative_sd = 1.25 * spread / 1.35 / sqrt(n) / memory.shell_px3;
    memory.offset_px = track->memory.offset_px;
    memory.learned = true;
    return memory;
}

bool
cs_track_follow(CsTrack *track, const CsTrackView *view, CsTrackWork *work,
                CsOutline *outline, GError **error)
{
    CsContour prediction = track->contour, found, contour;
    const CsTrack before = *track;
    CsRimFit fit = { 0 };
    double dx, dy;
    bool seen[K];

    outline->state = CS_OUTLINE_LOST;
    if (!cut_patch(track, view, &work->patch, error))
        return false;
    track->n_lost++;
    if (cs_locate(&work->patch, &prediction, track->model.is_dark,
                  search_range(&before), &found, seen) <= 0)
        return true;
    for (int k = 0; k < K; k++)
        found.r[k] += (float) track->offset_px;
    translation(&found, &prediction, seen, &dx, &dy);
    cs_contour_move_pole(&found, dx, dy);
    prediction.x = found.x;
    prediction.y = found.y;
    contour = found;
    if (track->n_seen > 0 || track->model.recalled)
        find_rim(track, work, &prediction, &contour);
    if (!refine(track, work, &prediction, &contour, &fit))
        return true;
    outline->state = judge(&fit, share_outside(&contour, view->frame));
    if (outline->state == CS_OUTLINE_LOST) {
        track->model = before.model;
        return true;
    }
    track->offset_px += (track->n_seen == 0 && !track->model.recalled ? 1 : 0.1)
                        * mean_difference(&contour, &found);
    track->memory.offset_px = track->offset_px;
    cs_contour_recentre(&contour);
    if (track->n_seen > 0)
        note_hidden(track, &fit, mean_radius(&contour)
                                     - mean_radius(&before.contour));
    track->contour = contour;
    track->n_lost = 0;
    track->n_seen++;
    note_bare(track, &fit);
    write_outline(track, &fit, &work->patch, outline);
    if (view->learn)
        learn_coat(track, work);
    if (track->n_seen > 3 && !track->memory.learned)
        cs_rim_model_remember(&track->model, mean_radius(&track->contour),
                              &track->memory);
    cs_rim_model_age(&track->model);
    return true;
}

void
cs_track_work_clear(CsTrackWork *work)
{
    cs_patch_clear(&work->patch);
}
