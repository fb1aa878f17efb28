/* Recordings, particles, rankings and events as JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/write.h"

#include <math.h>
#include <string.h>

#include "coatscope/recording.h"

/* A double of a struct. */
typedef struct {
    const char *name;
    size_t      offset;
} Number;

static void
add_numbers(CsJson *json, const void *row, const Number *number)
{
    for (; number->name != NULL; number++)
        cs_json_double(json, number->name,
                       *(const double *) ((const char *) row
                                          + number->offset));
}

/* ---- Recordings ------------------------------------------------------------ */

static double
duration_of(const CsClock *clock)
{
    double last = NAN;

    for (size_t i = 0; i < clock->n_frames; i++)
        if (isfinite(clock->start_s[i]))
            last = clock->start_s[i];
    return last;
}

static bool
has_dose(const CsSnapshot *model, size_t r)
{
    size_t n = cs_recording_info(model->all.item[r].recording)->n_frames;

    for (size_t i = 0; i < n; i++)
        if (isfinite(model->dose_e_per_A2[r][i]))
            return true;
    return false;
}

void
cs_write_recording(CsJson *json, CsServer *server, const CsSnapshot *model,
                   size_t r)
{
    static const char *const scales[] = { "none", "file", "user" };
    const CsKept *kept = &model->all.item[r];
    const CsRecordingInfo *info = cs_recording_info(kept->recording);
    g_autofree char *missing
        = cs_frames_missing(server->frames, model, r, server->dir);

    cs_json_count(json, "id", (size_t) kept->id);
    cs_json_string(json, "name", kept->measures.recording);
    cs_json_string(json, "coating", kept->measures.coating);
    cs_json_string(json, "session", kept->session);
    cs_json_count(json, "width", info->width);
    cs_json_count(json, "height", info->height);
    cs_json_count(json, "n_frames", info->n_frames);
    cs_json_count(json, "n_particles", model->of[r].n);
    cs_json_bool(json, "in_pixels", kept->measures.in_pixels);
    cs_json_double(json, "nm_per_px_x", info->nm_per_px_x);
    cs_json_double(json, "nm_per_px_y", info->nm_per_px_y);
    cs_json_string(json, "scale_source", scales[info->scale_source]);
    cs_json_double(json, "start_unix_s", info->clock.start_unix_s);
    cs_json_double(json, "duration_s", duration_of(&info->clock));
    cs_json_bool(json, "frames_available", missing == NULL);
    cs_json_string(json, "frames_error", missing);
    cs_json_bool(json, "has_electrical", info->electrical.n_frames > 0);
    cs_json_bool(json, "has_dose", has_dose(model, r));
    cs_json_bool(json, "has_drift", kept->shifts.n_frames > 0);
    cs_json_count(json, "n_edits", cs_model_n_edits(model, r));
}

/* ---- Particles ------------------------------------------------------------- */

#define FIT(name) { #name, offsetof(CsFit, name) }
#define VERDICT(name) { #name, offsetof(CsVerdict, name) }

static const Number fit_numbers[] = {
    FIT(diameter0_nm), FIT(onset_s), FIT(onset_lo_s), FIT(onset_hi_s),
    FIT(contact_s), FIT(expansion_final), FIT(expansion_final_sd),
    FIT(expansion_free), FIT(rate_per_s), FIT(rate_sd_per_s),
    FIT(initial_rate_per_s), FIT(front_speed_nm_per_s), FIT(t50_s),
    FIT(t50_full_s), { 0 },
};

static const Number verdict_numbers[] = {
    VERDICT(smallest_visible_gap_nm), VERDICT(last_s), { 0 },
};

static const Number break_numbers[] = {
    VERDICT(break_lo_s), VERDICT(break_hi_s), VERDICT(break_angle_deg),
    VERDICT(break_extent_deg), VERDICT(gap_nm), VERDICT(strain_at_break),
    VERDICT(dose_at_break_e_per_A2), { 0 },
};

static void
add_fit(CsJson *json, const CsFit *fit)
{
    if (fit == NULL) {
        cs_json_string(json, "fit", NULL);
        return;
    }
    cs_json_begin(json, "fit", '{');
    cs_json_count(json, "n_frames", fit->n_frames);
    cs_json_count(json, "n_ok", fit->n_ok);
    cs_json_begin(json, "quality", '[');
    for (unsigned i = 0; i < CS_N_RUN_QUALITIES; i++)
        if (fit->quality & (1u << i))
            cs_json_string(json, NULL, cs_run_quality_name(i));
    cs_json_end(json, ']');
    add_numbers(json, fit, fit_numbers);
    cs_json_string(json, "model", fit->model);
    cs_json_double(json, "model_weight", fit->model_weight);
    cs_json_end(json, '}');
}

static void
add_evidence(CsJson *json, const CsVerdict *v)
{
    cs_json_double(json, "log_odds", v->log_odds);
    cs_json_begin(json, "evidence", '{');
    for (int i = 0; i < CS_N_EVIDENCE; i++)
        cs_json_double(json, cs_evidence_name((CsEvidence) i),
                       v->evidence[i]);
    cs_json_end(json, '}');
}

static void
add_verdict(CsJson *json, const CsVerdict *v, const char *automatic)
{
    if (v == NULL) {
        cs_json_string(json, "verdict", NULL);
        return;
    }
    cs_json_begin(json, "verdict", '{');
    cs_json_string(json, "kind", cs_verdict_name(v->kind));
    cs_json_bool(json, "by_hand", automatic != NULL);
    cs_json_string(json, "doubt", cs_verdict_doubt_name(v->doubt));
    add_numbers(json, v, verdict_numbers);
    if (v->kind == CS_VERDICT_BROKEN) {
        cs_json_count(json, "break_frame_lo", v->break_frame_lo);
        cs_json_count(json, "break_frame_hi", v->break_frame_hi);
        add_numbers(json, v, break_numbers);
    }
    add_evidence(json, v);
    cs_json_string(json, "automatic", automatic);
    cs_json_end(json, '}');
}

void
cs_write_particle(CsJson *json, const CsSnapshot *model, size_t r, size_t p)
{
    const CsKept *kept = &model->all.item[r];
    const CsParticle *state = &model->of[r].particle[p];

    cs_json_count(json, "recording", (size_t) kept->id);
    cs_json_string(json, "coating", kept->measures.coating);
    cs_json_count(json, "particle_id", (size_t) state->particle_id);
    cs_json_string(json, "name", state->name);
    cs_json_string(json, "status", state->status);
    cs_json_begin(json, "replaced_by", '[');
    for (size_t i = 0; i < state->n_replaced_by; i++)
        cs_json_count(json, NULL, (size_t) state->replaced_by[i]);
    cs_json_end(json, ']');
    cs_json_bool(json, "is_edited", state->is_edited);
    cs_json_bool(json, "is_pending", state->is_pending);
    cs_json_count(json, "n_edits", state->n_edits);
    cs_json_string(json, "note", state->note);
    add_fit(json, state->fit);
    add_verdict(json, state->verdict, state->automatic);
}

/* ---- The ranking ----------------------------------------------------------- */

#define RANKED(name) { #name, offsetof(CsRanked, name) }

static const Number ranked_numbers[] = {
    RANKED(p_intact), RANKED(p_intact_lo), RANKED(p_intact_hi),
    RANKED(expansion), RANKED(expansion_lo), RANKED(expansion_hi),
    RANKED(rate_per_s), RANKED(rate_lo), RANKED(rate_hi),
    RANKED(rate_ratio_to_best), RANKED(p_this_rank), RANKED(p_best), { 0 },
};

void
cs_write_ranking(CsJson *json, const CsSnapshot *model)
{
    if (!model->all.run.is_ranked) {
        cs_json_string(json, "ranking", NULL);
        return;
    }
    cs_json_begin(json, "ranking", '[');
    for (size_t i = 0; i < model->ranking.n; i++) {
        const CsRanked *row = &model->ranking.row[i];

        cs_json_begin(json, NULL, '{');
        cs_json_count(json, "rank", row->rank);
        cs_json_string(json, "coating", row->coating);
        cs_json_count(json, "n_particles", row->n_particles);
        cs_json_count(json, "n_left_out", row->n_left_out);
        cs_json_count(json, "n_judged", row->n_judged);
        cs_json_count(json, "n_broken", row->n_broken);
        add_numbers(json, row, ranked_numbers);
        cs_json_bool(json, "too_few", row->too_few);
        cs_json_end(json, '}');
    }
    cs_json_end(json, ']');
}

/* ---- Events ---------------------------------------------------------------- */

typedef struct {
    int         particle_id; /* 0: of the recording                         */
    const char *event;
    double      lo_s, hi_s;
    const char *detail;
} Event;

/* The first frame that starts at or after a time; n where there is none. */
static size_t
frame_at(const CsClock *clock, double time_s)
{
    size_t i = 0;

    while (i < clock->n_frames && !(clock->start_s[i] >= time_s))
        i++;
    return i;
}

static void
add_event(CsJson *json, const CsClock *clock, const Event *event)
{
    size_t lo = frame_at(clock, event->lo_s), hi = frame_at(clock, event->hi_s);

    cs_json_begin(json, NULL, '{');
    if (event->particle_id > 0)
        cs_json_count(json, "particle_id", (size_t) event->particle_id);
    else
        cs_json_string(json, "particle_id", NULL);
    cs_json_string(json, "event", event->event);
    cs_json_double(json, "time_lo_s", event->lo_s);
    cs_json_double(json, "time_hi_s", event->hi_s);
    cs_json_double(json, "frame_lo",
                   lo < clock->n_frames ? (double) lo : NAN);
    cs_json_double(json, "frame_hi",
                   hi < clock->n_frames ? (double) hi : NAN);
    cs_json_string(json, "detail", event->detail);
    cs_json_end(json, '}');
}

static void
add_particle_events(CsJson *json, const CsClock *clock,
                    const CsParticle *state)
{
    const CsFit *fit = state->fit;
    const CsVerdict *v = state->verdict;

    if (fit != NULL && isfinite(fit->onset_s)) {
        const Event onset = { state->particle_id, "onset", fit->onset_lo_s,
                              fit->onset_hi_s, "" };

        add_event(json, clock, &onset);
    }
    if (v != NULL && v->kind == CS_VERDICT_BROKEN) {
        const Event breakage
            = { state->particle_id, "breakage", v->break_lo_s, v->break_hi_s,
                state->automatic != NULL ? "by hand" : "" };

        add_event(json, clock, &breakage);
    }
}

void
cs_write_events(CsJson *json, const CsSnapshot *model, size_t r)
{
    const CsKept *kept = &model->all.item[r];
    const CsRecordingInfo *info = cs_recording_info(kept->recording);
    const CsElectrical *e = &info->electrical;

    for (size_t i = 0; i < e->n_events; i++) {
        const Event event = { 0, e->event[i].event, e->event[i].time_lo_s,
                              e->event[i].time_hi_s, e->event[i].detail };

        add_event(json, &info->clock, &event);
    }
    for (size_t p = 0; p < model->of[r].n; p++) {
        const CsParticle *state = &model->of[r].particle[p];

        add_particle_events(json, &info->clock, state);
    }
}
