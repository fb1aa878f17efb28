/* Breakage: the verdict on each particle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/breakage.h"

#include <math.h>
#include <string.h>

#include "breakage/darkness.h"
#include "breakage/evidence.h"
#include "core/alloc.h"

enum { LEAST_FRAMES = 8 };

static const double least_share = 0.5; /* of the frames, to be judged       */
static const double least_seen = 0.9;  /* of the rim, to be called intact   */
static const double least_ring = 0.6;  /* of the rim, to be called anything */
static const double least_stay = 0.25; /* of the fall, in later frames      */
static const double most_jump = 0.15;  /* of ln area from frame to frame    */
static const double least_strain = 0.005; /* of a particle that swells    */
static const double broken_from = 0;   /* log-odds                          */
static const double intact_below = -1;

/* One particle. */
typedef struct {
    const CsMeasures        *measures;
    const CsOutlines        *outlines;
    const CsBreakageOptions *options;
    const CsMeasure         *row; /* one a frame                            */
    size_t                   particle;
    CsRing                   ring;
    CsScan                   scan;
    double                   nm_per_px;
} Case;

/* ---- What can be judged -------------------------------------------------- */

static double
scale_of(const Case *c)
{
    for (size_t i = 0; i < c->ring.n_frames; i++) {
        size_t f = c->ring.frame[i];
        double px2 = cs_outlines_at(c->outlines, f, c->particle)->area_px2;

        if (c->row[f].area_nm2 > 0 && px2 > 0)
            return sqrt(c->row[f].area_nm2 / px2);
    }
    return NAN;
}

static bool
is_unsteady(const Case *c)
{
    for (size_t i = 1; i < c->ring.n_frames; i++) {
        size_t f = c->ring.frame[i], before = c->ring.frame[i - 1];
        double jump = log(c->row[f].area_nm2 / c->row[before].area_nm2);

        if (!(fabs(jump) < most_jump * (double) (f - before)))
            return true;
    }
    return false;
}

static CsVerdictDoubt
find_doubt(const Case *c)
{
    const CsRing *ring = &c->ring;

    if (ring->n_frames == 0)
        return CS_DOUBT_NO_RIM;
    if (ring->n_frames < LEAST_FRAMES
        || (double) ring->n_frames
               < least_share * (double) c->outlines->n_frames)
        return CS_DOUBT_FEW_FRAMES;
    if (ring->seen < least_ring)
        return CS_DOUBT_HIDDEN;
    return is_unsteady(c) ? CS_DOUBT_UNSTEADY : CS_DOUBT_NONE;
}

/* ---- What could be seen -------------------------------------------------- */

/* What the arc of a gap loses of its depth in 95 of 100, as seen on simulated
 * recordings: little where the core that bulges into it is as dark. */
static double
gap_fall(double darkness)
{
    return isfinite(darkness) ? CLAMP(0.5 * darkness - 0.1, 0.02, 0.25) : 0.15;
}

/* The narrowest arc whose loss would be called a break in 95 of 100: a fall
 * that comes out 1.645 sd too small must still be called so. */
static double
smallest_visible(const Case *c)
{
    const CsRing *ring = &c->ring;
    double angle = 2 * G_PI / (double) ring->n_angles;
    double radius = ring->radius_px[ring->n_frames - 1] * c->nm_per_px;
    double whole = gap_fall(cs_darkness(c->outlines, c->particle, ring));

    for (size_t i = 0; i < CS_SCAN_WIDTHS; i++)
        for (size_t j = 0; j < CS_SCAN_WINDOWS; j++) {
            double sd = c->scan.sd[i][j], needed = c->scan.needed[i][j];
            double fall = whole - 1.645 * sd;

            if (fall >= CS_LEAST_FALL
                && fall >= CS_LEAST_TIMES_NEEDED * needed * sd
                && cs_evidence_of_fall(fall, sd, needed) >= broken_from)
                return (double) cs_scan_width[i] * (double) ring->n_angles
                       / 128 * angle * radius;
        }
    return NAN;
}

/* ---- When and where ------------------------------------------------------ */

/* The first frame that has lost a quarter of the fall and shows, with all up
 * to the fall, more than its own noise: gaps open in more than one frame. */
static size_t
first_sign(const Case *c, const CsFall *fall)
{
    CsTable depth = { c->ring.n_frames, c->ring.n_angles, c->ring.depth };
    double noise = fall->sd * sqrt((double) fall->window / 2);
    double limit = fall->before - MAX(fall->fall / 3, 3 * noise);
    size_t at = fall->at;

    while (at > 1
           && cs_arc_mean(&depth, at - 1, fall->angle, fall->width) < limit)
        at--;
    return at;
}

/* Mean depth of an angle once the gap is open. */
static double
depth_after(const Case *c, const CsFall *fall, size_t angle)
{
    const CsRing *ring = &c->ring;
    size_t end = MIN(fall->at + fall->window, ring->n_frames);
    double sum = 0, n = 0;

    for (size_t i = fall->at; i < end; i++) {
        double depth = ring->depth[i * ring->n_angles + angle];

        if (isfinite(depth)) {
            sum += depth;
            n += 1;
        }
    }
    return sum / n;
}

/* How far the loss goes from an angle, in that direction. */
static size_t
reach(const Case *c, const CsFall *fall, size_t step)
{
    size_t n = c->ring.n_angles, k = fall->angle, far = 0;

    while (far < n / 2) {
        k = (k + step) % n;
        if (!(depth_after(c, fall, k) < fall->before - fall->fall / 2))
            break;
        far++;
    }
    return far;
}

static double
strain_of(const Case *c, size_t frame, bool *is_outer)
{
    double volume = c->row[frame].volume_ratio;

    *is_outer = !(volume > 0);
    return *is_outer ? sqrt(c->row[frame].expansion) - 1 : cbrt(volume) - 1;
}

static void
fill_break(const Case *c, const CsFall *fall, CsVerdict *v)
{
    const CsRing *ring = &c->ring;
    size_t at = first_sign(c, fall), n = ring->n_angles;
    size_t up = reach(c, fall, 1), down = reach(c, fall, n - 1);
    double middle = (double) fall->angle + ((double) up - (double) down) / 2;
    double degrees = 360 / (double) n;

    v->kind = CS_VERDICT_BROKEN;
    v->break_frame_hi = ring->frame[at];
    v->break_frame_lo = ring->frame[at - 1];
    v->break_lo_s = c->row[v->break_frame_lo].time_s;
    v->break_hi_s = c->row[v->break_frame_hi].time_s;
    v->break_angle_deg = fmod(middle * degrees + 360, 360);
    v->break_extent_deg = MIN((double) (up + down + 1) * degrees, 360);
    v->gap_nm = v->break_extent_deg * G_PI / 180
                * ring->radius_px[fall->at] * c->nm_per_px;
    v->strain_at_break
        = strain_of(c, v->break_frame_lo, &v->strain_is_outer);
    v->dose_at_break_e_per_A2 = (c->row[v->break_frame_lo].dose_e_per_A2
                                 + c->row[v->break_frame_hi].dose_e_per_A2)
                                / 2;
}

/* ---- The verdict --------------------------------------------------------- */

static void
doubt(CsVerdict *v, CsVerdictDoubt why)
{
    v->kind = CS_VERDICT_CANNOT_TELL;
    v->doubt = why;
}

/* Nothing was found: would it have been? */
static void
decide_whole(const Case *c, CsVerdict *v)
{
    v->kind = CS_VERDICT_INTACT;
    if (c->measures->in_pixels)
        doubt(v, CS_DOUBT_NO_SCALE);
    else if (c->ring.seen < least_seen)
        doubt(v, CS_DOUBT_HIDDEN);
    else if (!(v->smallest_visible_gap_nm
               <= c->options->widest_missed_gap_nm))
        doubt(v, CS_DOUBT_NOISE);
}

/* The first frame from which on the particle is larger than at first. */
static size_t
growth_start(const Case *c)
{
    double least = (1 + least_strain) * (1 + least_strain);
    size_t i = c->ring.n_frames;

    while (i > 0 && c->row[c->ring.frame[i - 1]].expansion > least)
        i--;
    return i;
}

static bool
is_break(const CsVerdict *v, const CsFall *fall)
{
    return v->log_odds >= broken_from
           && v->evidence[CS_EVIDENCE_STAYS] >= least_stay
           && fall->z >= CS_LEAST_TIMES_NEEDED * fall->needed;
}

/* The needle's shade falls on the rim as it comes: what happens before the
 * coating is stretched is no break by swelling, but neither is it known to be
 * none. */
static bool
look_before_growth(const Case *c, size_t start, CsVerdict *v, GError **error)
{
    CsTable depth = { c->ring.n_frames, c->ring.n_angles, c->ring.depth };
    CsScanRange early = { 0, start, CS_LEAST_FALL };
    CsVerdict weighed = *v;
    CsScan scan;

    if (!cs_scan_falls(&depth, &early, &scan, error)
        || (isfinite(scan.best.z)
            && !cs_evidence_weigh(&c->ring, c->row, &scan.best, &weighed,
                                  error)))
        return false;
    if (isfinite(scan.best.z) && is_break(&weighed, &scan.best))
        doubt(v, CS_DOUBT_EARLY);
    return true;
}

static bool
decide(Case *c, CsVerdict *v, GError **error)
{
    CsTable depth = { c->ring.n_frames, c->ring.n_angles, c->ring.depth };
    const CsFall *best = &c->scan.best;
    size_t start = growth_start(c);
    CsScanRange grown = { start, c->ring.n_frames, CS_LEAST_FALL };

    if (!cs_scan_falls(&depth, &grown, &c->scan, error))
        return false;
    v->smallest_visible_gap_nm = smallest_visible(c);
    if (isfinite(best->z)
        && !cs_evidence_weigh(&c->ring, c->row, best, v, error))
        return false;
    if (is_break(v, best)) {
        if (first_sign(c, best) <= start)
            doubt(v, CS_DOUBT_EARLY);
        else
            fill_break(c, best, v);
        return true;
    }
    /* what chance reaches is no evidence, however deep */
    if (v->log_odds >= intact_below && best->z >= best->needed)
        doubt(v, CS_DOUBT_EVIDENCE);
    else
        decide_whole(c, v);
    return v->kind != CS_VERDICT_INTACT
           || look_before_growth(c, start, v, error);
}

static void
verdict_init(CsVerdict *v, int particle_id)
{
    *v = (CsVerdict) {
        .particle_id = particle_id, .ring_seen = NAN, .last_s = NAN,
        .smallest_visible_gap_nm = NAN, .break_lo_s = NAN, .break_hi_s = NAN,
        .break_angle_deg = NAN, .break_extent_deg = NAN, .gap_nm = NAN,
        .strain_at_break = NAN, .dose_at_break_e_per_A2 = NAN,
        .log_odds = NAN,
    };
    for (int e = 0; e < CS_N_EVIDENCE; e++)
        v->evidence[e] = v->adds[e] = NAN;
}

/* ---- All of them --------------------------------------------------------- */

typedef struct {
    const CsOutlines        *outlines;
    const CsMeasures        *measures;
    const CsBreakageOptions *options;
    CsVerdict               *verdict;
} Task;

static bool
judge(size_t p, unsigned worker, void *data, GError **error)
{
    const Task *task = data;
    Case c = {
        .outlines = task->outlines, .measures = task->measures,
        .options = task->options, .particle = p,
    };
    CsVerdict *v = &task->verdict[p];
    int  id = task->outlines->particle_id[p];
    bool ok;

    (void) worker;
    verdict_init(v, id);
    for (size_t i = 0; i < task->measures->n && c.row == NULL; i++)
        if (task->measures->row[i].particle_id == id)
            c.row = &task->measures->row[i];
    if (c.row == NULL || !cs_ring_read(task->outlines, p, &c.ring, error))
        return c.row == NULL;
    c.nm_per_px = scale_of(&c);
    v->n_frames = c.ring.n_frames;
    if (c.ring.n_frames > 0) {
        v->last_frame = c.ring.frame[c.ring.n_frames - 1];
        v->last_s = c.row[v->last_frame].time_s;
        v->ring_seen = c.ring.seen;
    }
    v->doubt = find_doubt(&c);
    ok = v->doubt != CS_DOUBT_NONE || decide(&c, v, error);
    cs_ring_clear(&c.ring);
    return ok;
}

char *
cs_breakage_in_words(void)
{
    GString *text = g_string_new("log-odds ");

    cs_evidence_in_words(text);
    g_string_append_printf(
        text,
        ", where ring is log2(z / needed) and depth ten times the share of "
        "the rim's optical depth that an arc loses, at most 3; broken from "
        "%g on, where z is at least %g times needed and %g of the loss stays; "
        "not told from %g to that; intact below, where %g of the rim is seen "
        "and a gap of %g nm would be called in 95 of 100",
        broken_from, CS_LEAST_TIMES_NEEDED, least_stay, intact_below,
        least_seen,
        ((CsBreakageOptions) CS_BREAKAGE_OPTIONS_INIT).widest_missed_gap_nm);
    return g_string_free(text, FALSE);
}

static int
by_id(const void *a, const void *b)
{
    int x = ((const CsVerdict *) a)->particle_id;
    int y = ((const CsVerdict *) b)->particle_id;

    return (x > y) - (x < y);
}

bool
cs_breakage_judge(const CsOutlines *outlines, const CsMeasures *measures,
                  const CsBreakageOptions *options, const CsJob *job,
                  CsVerdicts *verdicts, GError **error)
{
    const CsBreakageOptions standard = CS_BREAKAGE_OPTIONS_INIT;
    g_auto(CsVerdicts) fresh = CS_VERDICTS_INIT;
    CsVerdicts old = *verdicts;
    Task task = { outlines, measures, options != NULL ? options : &standard,
                  NULL };

    fresh.n = outlines->n_particles;
    fresh.verdict = cs_try_alloc(fresh.n, sizeof *fresh.verdict,
                                 "the verdicts", error);
    if (fresh.verdict == NULL)
        return false;
    task.verdict = fresh.verdict;
    if (!cs_parallel_for(job, fresh.n, judge, &task, error))
        return false;
    if (fresh.n > 1)
        qsort(fresh.verdict, fresh.n, sizeof *fresh.verdict, by_id);
    fresh.recording = g_strdup(measures->recording);
    fresh.coating = g_strdup(measures->coating);
    *verdicts = fresh;
    fresh = old;
    return true;
}
