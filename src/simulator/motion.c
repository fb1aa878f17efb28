/* Motion and clock. SCIENCE 7.6: v(t) = v_end + (v0 - v_end) exp(-t / tau),
 * plus a random walk and jumps.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/motion.h"

#include <math.h>

#include "simulator/random.h"

double
cs_moment_middle_s(const CsMoment *moment)
{
    return moment->start_s + moment->exposure_s / 2;
}

/* ---- Clock ------------------------------------------------------------ */

static void
fill_clock(const CsRecipe *recipe, CsRandom *random, CsMoment *moments)
{
    const CsClockRecipe *c = &recipe->clock;
    const CsRecordingRecipe *r = &recipe->recording;
    double slack = r->interval_s - r->exposure_s, before = 0;
    size_t slot = 0;

    for (size_t i = 0; i < (size_t) r->frames; i++) {
        CsMoment *m = &moments[i];
        double late = fabs(c->jitter_s * cs_random_gauss(random));
        bool is_late = cs_random_uniform(random) < c->late;
        bool is_doubled = cs_random_uniform(random) < c->doubled;

        while (i > 0 && cs_random_uniform(random) < c->dropped) {
            slot++;
            m->slots_lost++;
        }
        m->is_late = is_late && i > 0;
        late += m->is_late ? c->late_s : 0;
        m->start_s = (double) slot * r->interval_s
                     + (i > 0 ? MIN(late, slack) : 0);
        m->start_s = i > 0 ? MAX(m->start_s, before) : 0;
        m->exposure_s = r->exposure_s;
        m->copy_of = i > 0 && is_doubled ? moments[i - 1].copy_of : i;
        before = m->start_s + r->exposure_s;
        slot++;
    }
}

/* ---- Drift ------------------------------------------------------------ */

static CsPoint
drift_nm(const CsRecipe *recipe, double t)
{
    const CsMotionRecipe *m = &recipe->motion;
    double way = m->v_end_nm_per_s * t
                 + (m->v0_nm_per_s - m->v_end_nm_per_s) * m->tau_s
                       * (1 - exp(-t / m->tau_s));
    double angle = m->direction_deg * G_PI / 180;
    CsPoint at = { way * cos(angle), way * sin(angle) };

    for (size_t i = 0; i < recipe->n_jumps; i++)
        if (t >= recipe->jumps[i].time_s) {
            at.x += recipe->jumps[i].dx_nm;
            at.y += recipe->jumps[i].dy_nm;
        }
    return at;
}

static void
spread_exposure(const CsRecipe *recipe, CsPoint walk_nm, CsMoment *m)
{
    double size = recipe->recording.nm_per_px, square = 0;
    CsPoint sum = { 0 };

    for (int k = 0; k < CS_MOTION_PARTS; k++) {
        double t = m->start_s
                   + m->exposure_s * (k + 0.5) / CS_MOTION_PARTS;
        CsPoint p = drift_nm(recipe, t);

        m->part_px[k] = (CsPoint) { (p.x + walk_nm.x) / size,
                                    (p.y + walk_nm.y) / size };
        sum.x += m->part_px[k].x / CS_MOTION_PARTS;
        sum.y += m->part_px[k].y / CS_MOTION_PARTS;
    }
    for (int k = 0; k < CS_MOTION_PARTS; k++) {
        m->part_px[k].x -= sum.x;
        m->part_px[k].y -= sum.y;
        square += m->part_px[k].x * m->part_px[k].x
                  + m->part_px[k].y * m->part_px[k].y;
    }
    m->shift_px = sum;
    m->smear_px = sqrt(square / CS_MOTION_PARTS);
}

static bool
jumps_between(const CsRecipe *recipe, double from_s, double to_s)
{
    for (size_t i = 0; i < recipe->n_jumps; i++)
        if (recipe->jumps[i].time_s > from_s && recipe->jumps[i].time_s <= to_s)
            return true;
    return false;
}

static void
fill_drift(const CsRecipe *recipe, CsRandom *random, CsMoment *moments)
{
    CsPoint walk = { 0 }, first;

    for (size_t i = 0; i < (size_t) recipe->recording.frames; i++) {
        CsMoment *m = &moments[i];

        if (i > 0) {
            double step = recipe->motion.walk_nm_per_sqrt_s
                          * sqrt((m->start_s - m[-1].start_s) / 2);

            walk.x += step * cs_random_gauss(random);
            walk.y += step * cs_random_gauss(random);
            m->jumped = jumps_between(recipe, cs_moment_middle_s(&m[-1]),
                                      cs_moment_middle_s(m));
        }
        spread_exposure(recipe, walk, m);
    }
    first = moments[0].shift_px;
    for (size_t i = 0; i < (size_t) recipe->recording.frames; i++) {
        moments[i].shift_px.x -= first.x;
        moments[i].shift_px.y -= first.y;
    }
}

/* ---- Beam ------------------------------------------------------------- */

static void
fill_beam(const CsRecipe *recipe, CsRandom *random, CsMoment *moments)
{
    const CsMicroscopeRecipe *s = &recipe->microscope;

    for (size_t i = 0; i < (size_t) recipe->recording.frames; i++) {
        CsMoment *m = &moments[i];
        double t = cs_moment_middle_s(m);
        bool is_blank = t >= s->blank_from_s
                        && (isnan(s->blank_to_s) || t < s->blank_to_s);
        double flicker = 1 + s->flicker * cs_random_gauss(random);

        m->beam = is_blank ? 0 : MAX(flicker, 0);
        m->defocus_nm = s->defocus_nm + s->defocus_drift_nm_per_s * t;
    }
}

void
cs_motion_fill(const CsRecipe *recipe, CsMoment *moments)
{
    CsRandom random;

    cs_random_seed(&random, (uint64_t) recipe->recording.seed, 21, 0);
    fill_clock(recipe, &random, moments);
    cs_random_seed(&random, (uint64_t) recipe->recording.seed, 22, 0);
    fill_drift(recipe, &random, moments);
    cs_random_seed(&random, (uint64_t) recipe->recording.seed, 23, 0);
    fill_beam(recipe, &random, moments);
}
