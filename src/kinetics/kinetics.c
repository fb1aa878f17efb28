/* Kinetics: from the table of areas to one line a particle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/kinetics.h"

#include <math.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "kinetics/curve.h"

typedef struct {
    const CsMeasure *row;
    size_t           n;
} Track;

typedef struct {
    const CsMeasures *measures;
    const CsJob      *job;
    Track            *track;
    double            swelling;
    CsFit            *fit;
} Task;

/* In ln A: what an outline that lies on something else does. */
static const double unsteady_from = 0.15;

static const CsFit empty = {
    .diameter0_nm = NAN, .onset_s = NAN, .onset_lo_s = NAN,
    .onset_hi_s = NAN, .contact_s = NAN, .expansion_final = NAN,
    .expansion_final_sd = NAN, .rate_per_s = NAN, .rate_sd_per_s = NAN,
    .initial_rate_per_s = NAN, .front_speed_nm_per_s = NAN, .t50_s = NAN,
    .t50_full_s = NAN, .model = "", .model_weight = NAN, .best_model = "",
    .delta_aicc = NAN, .residual_sd = NAN, .rho1 = NAN,
};

/* ---- From rows to a curve ------------------------------------------------- */

static bool
counts(const CsMeasure *row, bool whole)
{
    if (whole ? row->state != CS_OUTLINE_OK : row->state == CS_OUTLINE_LOST)
        return false;
    return isfinite(row->time_s) && isfinite(row->expansion)
           && row->expansion > 0;
}

static size_t
count(const Track *track, bool whole)
{
    size_t n = 0;

    for (size_t i = 0; i < track->n; i++)
        n += counts(&track->row[i], whole);
    return n;
}

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

/* From sd to weights about 1: none counts more than four times another, for
 * what a contour says of itself is not that sure. All 1 where one is missing. */
static void
weigh(CsCurve *curve, double *scratch)
{
    double median;

    for (size_t i = 0; i < curve->n; i++)
        scratch[i] = curve->weight[i];
    qsort(scratch, curve->n, sizeof *scratch, by_value);
    median = scratch[curve->n / 2];
    for (size_t i = 0; i < curve->n; i++) {
        double sd = curve->weight[i];

        curve->weight[i] = scratch[0] > 0 && isfinite(median)
                               ? CLAMP(median / sd, 0.5, 2)
                               : 1;
    }
}

/* Means of as many neighbours as it takes to stay below the limit. */
static void
fill_curve(const Track *track, bool whole, size_t together, CsCurve *curve)
{
    size_t n = 0, in = 0;

    for (size_t i = 0; i < track->n; i++) {
        const CsMeasure *row = &track->row[i];
        double share = 1 / (double) together, sd = row->expansion_sd;

        if (!counts(row, whole))
            continue;
        curve->time_s[n] += row->time_s * share;
        curve->value[n] += row->expansion * share;
        curve->weight[n] += (isfinite(sd) && sd > 0 ? sd : 0) * share;
        in = (in + 1) % together;
        n += in == 0;
    }
    curve->n = n; /* the rest of less than a group is left out */
}

static bool
rises(const CsCurve *curve)
{
    for (size_t i = 1; i < curve->n; i++)
        if (!(curve->time_s[i] > curve->time_s[i - 1]))
            return false;
    return curve->n >= CS_CURVE_LEAST;
}

/* ---- From a curve to the line --------------------------------------------- */

/* The speed at which the front of a sphere moved inwards from t20 to t80: a
 * straight line through the radius of what is left, from the volume of the
 * core. NAN where the core is not seen. */
static double
front_speed(const Track *track, double swelling, const CsCurveFit *fit)
{
    double n = 0, st = 0, sr = 0, stt = 0, str = 0, radius = NAN, spread;

    for (size_t i = 0; i < track->n; i++) {
        const CsMeasure *row = &track->row[i];
        double share = (row->volume_ratio - 1) / (swelling - 1);
        double left = cbrt(1 - CLAMP(share, 0, 1));
        double t = row->time_s - fit->value[CS_READ_T20];

        if (!counts(row, false) || !isfinite(share)
            || !(row->core_area_nm2 > 0))
            continue;
        radius = sqrt(row->core_area_nm2 / G_PI) / cbrt(row->volume_ratio);
        if (t < 0 || row->time_s > fit->value[CS_READ_T80])
            continue;
        n++;
        st += t;
        sr += left;
        stt += t * t;
        str += t * left;
    }
    spread = n * stt - st * st;
    return n >= 3 && spread > 0 ? -radius * (n * str - st * sr) / spread
                                : NAN;
}

static double
diameter0(const Track *track, bool whole)
{
    for (size_t i = 0; i < track->n; i++) {
        const CsMeasure *row = &track->row[i];

        if (row->area_nm2 > 0 && row->expansion > 0
            && row->state != CS_OUTLINE_LOST
            && (!whole || row->state == CS_OUTLINE_OK))
            return sqrt(4 / G_PI * row->area_nm2 / row->expansion);
    }
    return NAN;
}

static void
take_over(const CsCurveFit *fit, CsFit *to)
{
    to->expansion_final = fit->value[CS_READ_FINAL];
    to->expansion_final_sd = fit->sd[CS_READ_FINAL];
    to->model_weight = fit->weight;
    to->best_model = fit->best->name;
    to->model = fit->delta_aicc < 4 ? "not identifiable" : fit->best->name;
    to->delta_aicc = fit->delta_aicc;
    to->residual_sd = fit->residual_sd;
    to->rho1 = fit->rho;
    if (!fit->grows)
        return;
    to->rate_per_s = fit->value[CS_READ_RATE];
    to->rate_sd_per_s = fit->sd[CS_READ_RATE];
    to->initial_rate_per_s = fit->value[CS_READ_FIRST_RATE];
    to->onset_s = fit->value[CS_READ_ONSET];
    to->onset_lo_s = to->onset_s - 1.96 * fit->sd[CS_READ_ONSET];
    to->onset_hi_s = to->onset_s + 1.96 * fit->sd[CS_READ_ONSET];
    to->t50_s = fit->value[CS_READ_T50];
    to->t50_full_s = fit->value[CS_READ_T50_FULL];
}

/* The largest step of ln A from one measured frame to the next, a frame. */
static double
largest_jump(const Track *track)
{
    const CsMeasure *last = NULL;
    double most = 0;

    for (size_t i = 0; i < track->n; i++) {
        const CsMeasure *row = &track->row[i];

        if (row->state == CS_OUTLINE_LOST || !(row->area_nm2 > 0))
            continue;
        if (last != NULL)
            most = MAX(most, fabs(log(row->area_nm2 / last->area_nm2))
                                 / (double) (row->frame - last->frame));
        last = row;
    }
    return most;
}

static void
judge_run(const Track *track, CsFit *to)
{
    size_t n[CS_OUTLINE_FAINT + 1] = { 0 };

    for (size_t i = 0; i < track->n; i++)
        n[track->row[i].state]++;
    to->n_ok = n[CS_OUTLINE_OK];
    to->quality
        = (to->n_ok < CS_RUN_LEAST_OK ? CS_RUN_FEW_OK : 0)
          | (2 * n[CS_OUTLINE_LOST] > track->n ? CS_RUN_LOST : 0)
          | (2 * n[CS_OUTLINE_EDGE] > track->n ? CS_RUN_EDGE : 0)
          | (2 * n[CS_OUTLINE_OVERLAP] > track->n ? CS_RUN_OVERLAP : 0)
          | (largest_jump(track) > unsteady_from ? CS_RUN_UNSTEADY : 0);
}

static bool
fit_curve(const Task *task, const Track *track, const CsCurve *curve,
          CsFit *to, GError **error)
{
    CsCurveFit fit = { 0 };

    if (!cs_curve_fit(curve, &fit, error))
        return false;
    take_over(&fit, to);
    if (fit.grows)
        to->front_speed_nm_per_s
            = front_speed(track, task->swelling, &fit);
    return true;
}

static bool
fit_particle(size_t i, unsigned worker, void *data, GError **error)
{
    const Task  *task = data;
    const Track *track = &task->track[i];
    bool   whole = count(track, true) >= 10;
    size_t n = count(track, whole), together = n / CS_CURVE_MOST + 1;
    CsFit *to = &task->fit[i];
    double swelling = task->swelling;
    CsCurve curve = { .full = cbrt(swelling * swelling) };
    g_autofree double *work
        = cs_try_alloc(4 * (n + 1), sizeof *work, "the curve", error);

    (void) worker;
    if (work == NULL)
        return false;
    *to = empty;
    to->particle_id = track->row->particle_id;
    judge_run(track, to);
    to->n_frames = n;
    to->diameter0_nm = diameter0(track, whole);
    curve.time_s = work;
    curve.value = work + n + 1;
    curve.weight = work + 2 * (n + 1);
    fill_curve(track, whole, together, &curve);
    if (!rises(&curve))
        return true;
    weigh(&curve, work + 3 * (n + 1));
    return fit_curve(task, track, &curve, to, error);
}

static size_t
find_tracks(const CsMeasures *measures, Track *track)
{
    size_t n = 0;

    for (size_t i = 0; i < measures->n; i++) {
        const CsMeasure *row = &measures->row[i];

        if (i == 0 || row->particle_id != row[-1].particle_id)
            track[n++] = (Track) { row, 0 };
        track[n - 1].n++;
    }
    return n;
}

bool
cs_kinetics_fit_host(const CsMeasures *measures, double swelling,
                     const CsJob *job, CsFits *fits, GError **error)
{
    g_autofree Track *track
        = cs_try_alloc(measures->n, sizeof *track, "the particles", error);
    g_auto(CsFits) fresh = CS_FITS_INIT;
    CsFits old = *fits;
    Task   task = { measures, job, track, swelling, NULL };

    if (track == NULL)
        return false;
    fresh.n = find_tracks(measures, track);
    fresh.fit = cs_try_alloc(fresh.n, sizeof *fresh.fit, "the fits", error);
    if (fresh.fit == NULL)
        return false;
    task.fit = fresh.fit;
    if (!cs_parallel_for(job, fresh.n, fit_particle, &task, error))
        return false;
    fresh.recording = g_strdup(measures->recording);
    fresh.coating = g_strdup(measures->coating);
    *fits = fresh;
    fresh = old;
    return true;
}

bool
cs_kinetics_fit(const CsMeasures *measures, const CsJob *job, CsFits *fits,
                GError **error)
{
    return cs_kinetics_fit_host(measures, NAN, job, fits, error);
}
