/* Deciding.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/decide.h"

#include <math.h>
#include <string.h>

#include "coatscope/recording.h"
#include "server/edit_ask.h"

/* A verdict by hand says when, but not where and how much. */
static void
set_verdict(CsSnapshot *model, size_t r, const CsEditAsk *ask, CsParticle *p)
{
    const CsClock *clock
        = &cs_recording_info(model->all.item[r].recording)->clock;
    size_t n = model->all.item[r].outlines.n_frames, at = ask->break_frame;
    CsVerdict *v = g_new0(CsVerdict, 1);

    *v = (CsVerdict) {
        .particle_id = p->particle_id, .kind = (CsVerdictKind) ask->verdict,
        .last_frame = n > 0 ? n - 1 : 0, .last_s = NAN, .ring_seen = NAN,
        .smallest_visible_gap_nm = NAN, .break_lo_s = NAN, .break_hi_s = NAN,
        .break_angle_deg = NAN, .break_extent_deg = NAN, .gap_nm = NAN,
        .strain_at_break = NAN, .dose_at_break_e_per_A2 = NAN,
        .log_odds = NAN,
    };
    for (int i = 0; i < CS_N_EVIDENCE; i++)
        v->evidence[i] = v->adds[i] = NAN;
    if (clock->n_frames > 0)
        v->last_s = clock->start_s[clock->n_frames - 1];
    if (v->kind == CS_VERDICT_BROKEN && at < n) {
        v->break_frame_hi = at;
        v->break_frame_lo = at > 0 ? at - 1 : 0;
        if (at < clock->n_frames) {
            v->break_hi_s = clock->start_s[at];
            v->break_lo_s = clock->start_s[v->break_frame_lo];
        }
    }
    p->automatic = p->verdict != NULL ? cs_verdict_name(p->verdict->kind)
                                      : "cannot tell";
    p->by_hand = v;
    g_ptr_array_add(model->owned, v);
}

static void
add_drawn(CsSnapshot *model, size_t r, const CsEdit *edit, CsEditAsk *ask,
          CsParticle *p)
{
    size_t n = model->all.item[r].outlines.n_frames;
    CsPolygon *polygon = g_new0(CsPolygon, 1);
    g_autofree char *key = NULL;

    *polygon = ask->polygon;
    ask->polygon = (CsPolygon) CS_POLYGON_INIT;
    g_ptr_array_add(model->polygons, polygon);
    p->drawn = g_renew(CsDrawnOutline, p->drawn, p->n_drawn + 1);
    p->drawn[p->n_drawn++] = (CsDrawnOutline) {
        ask->frame, ask->from, MIN(ask->to, n - 1), ask->is_core, polygon,
    };
    key = g_strdup_printf("%s %" G_GINT64_FORMAT,
                          p->key != NULL ? p->key : "", edit->id);
    p->key = g_string_chunk_insert(model->texts, key);
    p->is_edited = true;
}

static void
apply(CsSnapshot *model, size_t r, const CsEdit *edit, CsEditAsk *ask,
      CsParticle *p)
{
    p->n_edits++;
    if (ask->note != NULL)
        p->note = g_string_chunk_insert(model->texts, ask->note);
    switch (ask->kind) {
    case CS_EDIT_ACCEPT: p->status = "accepted"; break;
    case CS_EDIT_REJECT: p->status = "rejected"; break;
    case CS_EDIT_RENAME:
        p->name = g_string_chunk_insert(model->texts, ask->name);
        break;
    case CS_EDIT_VERDICT: set_verdict(model, r, ask, p); break;
    case CS_EDIT_POLYGON: add_drawn(model, r, edit, ask, p); break;
    default: break;
    }
}

/* What was solved takes the place of the automatic, if it is of all edits. */
static void
take_solved(CsSnapshot *model, size_t r, CsSolver *solver, CsParticle *p)
{
    CsSolved *solved = NULL;

    if (p->n_drawn > 0 && solver != NULL)
        solved = cs_solver_find(solver, model->all.item[r].id, p->particle_id,
                                p->key);
    p->is_pending = p->n_drawn > 0 && solved == NULL;
    p->solved = solved;
    if (solved != NULL) {
        if (solved->fits.n > 0)
            p->fit = &solved->fits.fit[0];
        if (solved->measured.verdicts.n > 0)
            p->verdict = &solved->measured.verdicts.verdict[0];
    }
    if (p->by_hand == NULL)
        return;
    p->automatic = p->verdict != NULL ? cs_verdict_name(p->verdict->kind)
                                      : "cannot tell";
    p->verdict = p->by_hand;
}

static void
decide_particle(CsSnapshot *model, size_t r, CsSolver *solver, CsParticle *p)
{
    for (size_t i = 0; i < model->edits.n; i++) {
        const CsEdit *edit = &model->edits.edit[i];
        g_auto(CsEditAsk) ask = CS_EDIT_ASK_INIT;
        g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;

        if (edit->recording != model->all.item[r].id
            || edit->particle_id != p->particle_id
            || isfinite(edit->withdrawn_unix_s)
            || !cs_edit_ask_parse(edit->detail, strlen(edit->detail), &ask,
                                  &refusal))
            continue;
        apply(model, r, edit, &ask, p);
    }
    take_solved(model, r, solver, p);
}

void
cs_decide(CsSnapshot *model, CsSolver *solver)
{
    for (size_t r = 0; r < model->all.n; r++)
        for (size_t p = 0; p < model->of[r].n; p++)
            decide_particle(model, r, solver, &model->of[r].particle[p]);
}
