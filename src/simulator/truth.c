/* Truth: the products a perfect measurement would give.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/materials.h"
#include "core/alloc.h"
#include "simulator/needle.h"
#include "simulator/random.h"
#include "simulator/simulation.h"

/* ---- Outlines --------------------------------------------------------- */

void
cs_simulation_outline(const CsSimulation *s, size_t frame, size_t p,
                      size_t n_angles, CsBodyState *state, CsOutline *o)
{
    double size = s->paint.nm_per_px, area = size * size;
    size_t shown = s->moments[frame].copy_of;
    CsPoint c = cs_simulation_centre_px(s, shown, p);
    bool is_cut = false;

    cs_simulation_body_at(s, shown, p, state);
    o->state = CS_OUTLINE_OK;
    o->centre_x_px = c.x;
    o->centre_y_px = c.y;
    o->area_px2 = state->area_nm2 / area;
    o->core_area_px2 = state->core_area_nm2 / area;
    o->coat_thickness_px = state->coat_nm / size;
    o->area_sd_px2 = o->core_area_sd_px2 = o->coat_thickness_sd_px = 0;
    o->rim_gap_fraction = state->gap_fraction;
    for (size_t k = 0; k < n_angles; k++) {
        double theta = 2 * G_PI * (double) k / (double) n_angles;
        double r = cs_body_radius(state, state->n_surfaces - 1, theta);
        double core = cs_body_radius(state, 1, theta);
        double half = state->half_nm[state->n_surfaces - 1];
        double x = c.x + r / size * cos(theta), y = c.y + r / size * sin(theta);
        double u = 1 - core * core / (r * r);

        o->r_px[k] = (float) (r / size);
        o->core_px[k] = (float) (core / size);
        o->r_sd_px[k] = o->core_sd_px[k] = 0;
        o->rim[k] = (float) (2 * half * sqrt(MAX(u, 0))
                             * state->take[state->n_surfaces - 1]);
        is_cut |= x < 0 || y < 0 || x > (double) s->recipe.recording.width
                  || y > (double) s->recipe.recording.height;
    }
    if (is_cut)
        o->state = CS_OUTLINE_EDGE;
}

static bool
overlaps(const CsOutline *a, const CsOutline *b, size_t n_angles)
{
    double dx = b->centre_x_px - a->centre_x_px;
    double dy = b->centre_y_px - a->centre_y_px;
    double turn = atan2(dy, dx) / (2 * G_PI) * (double) n_angles;
    size_t k = (size_t) (turn + 2 * (double) n_angles + 0.5) % n_angles;
    size_t back = (k + n_angles / 2) % n_angles;

    return (double) (a->r_px[k] + b->r_px[back]) > hypot(dx, dy);
}

/* Those of one frame, which know of each other. */
static void
fill_frame(const CsSimulation *s, size_t frame, size_t n_angles,
           CsBodyState *state, CsOutline *o)
{
    for (size_t p = 0; p < s->n_bodies; p++)
        cs_simulation_outline(s, frame, p, n_angles, state, &o[p]);
    for (size_t a = 0; a < s->n_bodies; a++)
        for (size_t b = a + 1; b < s->n_bodies; b++)
            if (overlaps(&o[a], &o[b], n_angles))
                o[a].state = o[b].state = CS_OUTLINE_OVERLAP;
}

bool
cs_simulation_outlines(const CsSimulation *s, size_t n_angles,
                       CsOutlines *outlines, GError **error)
{
    g_autofree CsBodyState *state = g_new0(CsBodyState, 1);

    if (!cs_outlines_resize(outlines, s->n_frames, s->n_bodies, n_angles,
                            error))
        return false;
    for (size_t f = 0; f < s->n_frames; f++)
        fill_frame(s, f, n_angles, state, outlines->outline + f * s->n_bodies);
    return true;
}

/* ---- Shifts ----------------------------------------------------------- */

bool
cs_simulation_shifts(const CsSimulation *s, CsShifts *shifts, GError **error)
{
    if (!cs_shifts_resize(shifts, s->n_frames, error))
        return false;
    for (size_t f = 0; f < s->n_frames; f++) {
        const CsMoment *m = &s->moments[s->moments[f].copy_of];
        CsShift *to = &shifts->shift[f];

        to->dx_px = f > 0 ? -m->shift_px.x : 0;
        to->dy_px = f > 0 ? -m->shift_px.y : 0;
        to->jump = m->jumped && s->moments[f].copy_of == f;
        to->flags |= m->beam <= 0 ? CS_FRAME_BLACK : 0;
        to->flags |= m->smear_px > 1 ? CS_FRAME_BLURRED : 0;
        to->flags |= s->moments[f].copy_of != f ? CS_FRAME_DOUBLED : 0;
    }
    return true;
}

/* ---- Measures --------------------------------------------------------- */

static CsMeasure
measure_of(const CsSimulation *s, size_t f, size_t p, CsBodyState *state)
{
    const CsMoment *m = &s->moments[f];
    const CsParticleRecipe *r = &s->bodies[p].recipe;
    CsPoint c = cs_simulation_centre_px(s, m->copy_of, p);
    double rate = s->recipe.microscope.dose_rate_e_per_A2_s;

    cs_simulation_body_at(s, m->copy_of, p, state);
    return (CsMeasure) {
        .particle_id = (int) p + 1, .frame = f, .time_s = m->start_s,
        .time_source = CS_TIME_MEASURED, .area_nm2 = state->area_nm2,
        .area_sd_nm2 = 0, .core_area_nm2 = state->core_area_nm2,
        .core_area_sd_nm2 = 0, .coat_thickness_nm = state->coat_nm,
        .coat_thickness_sd_nm = 0, .expansion = NAN, .expansion_sd = 0,
        .volume_ratio = 1 + (s->bodies[p].z - 1) * state->share,
        .x = cs_host_named(r->host, r->ion)->x_full * state->share,
        .centroid_x_px = c.x, .centroid_y_px = c.y, .solidity = NAN,
        .rim_gap_fraction = state->gap_fraction, .intensity = NAN,
        .bias_V = NAN, .current_A = NAN,
        .dose_e_per_A2 = rate * (m->start_s + m->exposure_s),
        .state = CS_OUTLINE_OK, .broken = state->gap_nm > 0, .edited = false,
    };
}

bool
cs_simulation_measures(const CsSimulation *s, CsMeasures *measures,
                       GError **error)
{
    enum { N_ANGLES = 90 };
    g_autofree CsBodyState *state = g_new0(CsBodyState, 1);
    g_autofree double *area0 = g_new0(double, s->n_bodies + 1);
    g_auto(CsMeasures) fresh = { .n = s->n_frames * s->n_bodies };
    g_auto(CsOutlines) one = CS_OUTLINES_INIT;

    fresh.row = cs_try_alloc(fresh.n, sizeof *fresh.row, "the true areas",
                             error);
    if (fresh.row == NULL
        || !cs_outlines_resize(&one, 1, s->n_bodies, N_ANGLES, error))
        return false;
    fresh.recording = g_strdup(s->recipe.recording.name);
    fresh.coating = g_strdup(s->recipe.recording.coating);
    for (size_t f = 0; f < s->n_frames; f++) {
        fill_frame(s, f, N_ANGLES, state, one.outline);
        for (size_t p = 0; p < s->n_bodies; p++) {
            CsMeasure *row = &fresh.row[p * s->n_frames + f];

            *row = measure_of(s, f, p, state);
            row->state = one.outline[p].state;
            area0[p] = f == 0 ? row->area_nm2 : area0[p];
            row->expansion = row->area_nm2 / area0[p];
        }
    }
    cs_measures_clear(measures);
    *measures = fresh;
    fresh = (CsMeasures) CS_MEASURES_INIT;
    return true;
}

/* ---- Events ----------------------------------------------------------- */

void
cs_truth_events_clear(CsTruthEvents *events)
{
    g_free(events->event);
    *events = (CsTruthEvents) CS_TRUTH_EVENTS_INIT;
}

/* Adds an event at time_s, if that lies in the recording. */
static void
add_event(const CsSimulation *s, CsTruthEvents *events, int particle_id,
          const char *name, double time_s, const char *detail)
{
    size_t f = 0;
    CsTruthEvent *e;

    if (!(time_s <= cs_moment_middle_s(&s->moments[s->n_frames - 1])))
        return;
    while (f + 1 < s->n_frames
           && cs_moment_middle_s(&s->moments[f + 1]) < time_s)
        f++;
    events->event = g_renew(CsTruthEvent, events->event, events->n + 1);
    e = &events->event[events->n++];
    *e = (CsTruthEvent) {
        .particle_id = particle_id, .event = name, .time_lo_s = time_s,
        .time_hi_s = time_s, .frame_lo = f,
        .frame_hi = MIN(f + 1, s->n_frames - 1),
    };
    g_strlcpy(e->detail, detail, sizeof e->detail);
}

static void
add_body_events(const CsSimulation *s, size_t p, CsTruthEvents *events)
{
    const CsBody *body = &s->bodies[p];
    g_autofree char *where
        = g_strdup_printf("angle_deg=%g gap_nm=%g",
                          body->recipe.break_angle_deg, body->recipe.gap_nm);
    int id = (int) p + 1;

    if (body->recipe.law != CS_LAW_NONE)
        add_event(s, events, id, "onset", body->recipe.onset_s, "");
    if (!isnan(body->recipe.extract_s))
        add_event(s, events, id, "extraction", body->recipe.extract_s, "");
    if (isfinite(body->break_s))
        add_event(s, events, id, "break", body->break_s, where);
}

void
cs_simulation_events(const CsSimulation *s, CsTruthEvents *events)
{
    const CsRecipe *r = &s->recipe;

    if (r->needle.present) {
        add_event(s, events, (int) r->needle.target, "contact",
                  r->needle.contact_s, "");
        add_event(s, events, (int) r->needle.target, "contact-lost",
                  r->bias.lost_contact_s, "");
    }
    if (r->bias.log) {
        add_event(s, events, 0, "bias-on", r->bias.on_s, "");
        add_event(s, events, 0, "bias-off", r->bias.off_s, "");
        add_event(s, events, 0, "short-circuit", r->bias.short_s, "");
    }
    for (size_t p = 0; p < s->n_bodies; p++)
        add_body_events(s, p, events);
    for (size_t i = 0; i < r->n_jumps; i++)
        add_event(s, events, 0, "jump", r->jumps[i].time_s, "");
    for (size_t f = 0; f < s->n_frames; f++) {
        const CsMoment *m = &s->moments[f];

        if (m->slots_lost > 0)
            add_event(s, events, 0, "frames-dropped", m->start_s, "");
        if (m->is_late)
            add_event(s, events, 0, "frame-late", m->start_s, "");
        if (m->copy_of != f)
            add_event(s, events, 0, "frame-doubled", m->start_s, "");
    }
}

/* ---- Labels ----------------------------------------------------------- */

static void
label_body(const CsSimulation *s, size_t frame, size_t p, bool core,
           CsBodyState *state, CsFrame *labels)
{
    CsPoint c = cs_simulation_centre_px(s, frame, p);
    double size = s->paint.nm_per_px, reach = 0, w = (double) labels->width;
    double h = (double) labels->height;
    size_t surface;
    uint8_t *px = labels->px;

    cs_simulation_body_at(s, frame, p, state);
    surface = core ? 1 : state->n_surfaces - 1;
    for (size_t k = 0; k < CS_BODY_ANGLES; k++)
        reach = MAX(reach, state->r_nm[surface][k] / size);
    for (size_t j = (size_t) CLAMP(c.y - reach - 1, 0, h);
         j < (size_t) CLAMP(c.y + reach + 1, 0, h); j++)
        for (size_t i = (size_t) CLAMP(c.x - reach - 1, 0, w);
             i < (size_t) CLAMP(c.x + reach + 1, 0, w); i++) {
            double x = ((double) i + 0.5 - c.x) * size;
            double y = ((double) j + 0.5 - c.y) * size;

            if (hypot(x, y) < cs_body_radius(state, surface, atan2(y, x)))
                px[j * labels->width + i] = (uint8_t) (p + 1);
        }
}

bool
cs_simulation_labels(const CsSimulation *s, size_t index, bool core,
                     CsFrame *labels, GError **error)
{
    g_autofree CsBodyState *state = g_new0(CsBodyState, 1);

    g_return_val_if_fail(index < s->n_frames, false);
    if (!cs_frame_resize(labels, (size_t) s->recipe.recording.width,
                         (size_t) s->recipe.recording.height, 1, CS_PIXEL_U8,
                         error))
        return false;
    memset(labels->px, 0, cs_frame_n_bytes(labels));
    for (size_t p = 0; p < s->n_bodies; p++)
        label_body(s, s->moments[index].copy_of, p, core, state, labels);
    labels->index = index;
    return true;
}
