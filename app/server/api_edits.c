/* Edits: made, withdrawn, restored; the jobs that solve them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "coatscope/edits.h"
#include "coatscope/recording.h"
#include "server/edit_ask.h"
#include "server/handlers.h"
#include "server/server.h"
#include "server/solve.h"

static double
now_s(void)
{
    return (double) g_get_real_time() / G_USEC_PER_SEC;
}

/* ---- As JSON --------------------------------------------------------------- */

/* What was sent, member by member: it is JSON already. */
static void
add_raw(CsJson *json, const char *key, const char *text)
{
    cs_json_string(json, key, NULL);
    g_string_truncate(json->text, json->text->len - strlen("null"));
    g_string_append(json->text, text);
}

static void
write_edit(CsJson *json, const CsEdit *e)
{
    cs_json_count(json, "id", (size_t) e->id);
    cs_json_count(json, "recording", (size_t) e->recording);
    cs_json_string(json, "kind", e->kind);
    cs_json_count(json, "particle_id", (size_t) e->particle_id);
    cs_json_double(json, "made_unix_s", e->made_unix_s);
    cs_json_string(json, "author", e->author);
    cs_json_string(json, "reason", e->reason);
    cs_json_bool(json, "is_withdrawn", isfinite(e->withdrawn_unix_s));
    cs_json_double(json, "withdrawn_unix_s", e->withdrawn_unix_s);
    add_raw(json, "detail", e->detail);
    cs_json_begin(json, "new_particle_ids", '[');
    cs_json_end(json, ']');
}

static const CsEdit *
edit_of(const CsSnapshot *model, gint64 id)
{
    for (size_t i = 0; i < model->edits.n; i++)
        if (model->edits.edit[i].id == id)
            return &model->edits.edit[i];
    return NULL;
}

void
cs_get_edits(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    g_auto(CsJson) json = CS_JSON_INIT;
    size_t r;

    if (!cs_model_recording(model, request, &r, &refusal)) {
        cs_reply_refusal(reply, &refusal);
        return;
    }
    cs_json_begin(&json, NULL, '{');
    cs_json_begin(&json, "edits", '[');
    for (size_t i = 0; i < model->edits.n; i++) {
        if (model->edits.edit[i].recording != model->all.item[r].id)
            continue;
        cs_json_begin(&json, NULL, '{');
        write_edit(&json, &model->edits.edit[i]);
        cs_json_end(&json, '}');
    }
    cs_json_end(&json, ']');
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

/* After the edit is on the disk: what follows from it, and the answer. */
static void
answer(CsServer *server, gint64 id, unsigned status, CsReply *reply)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CsSnapshot) model = NULL;
    g_auto(CsJson) json = CS_JSON_INIT;
    const CsEdit *edit;
    size_t job;

    if (!cs_server_reload(server, &error)) {
        cs_reply_failure(reply, error);
        return;
    }
    model = cs_server_model(server);
    edit = edit_of(model, id);
    job = edit != NULL ? cs_solver_look(server->solver, edit->recording,
                                        edit->particle_id) : 0;
    cs_json_begin(&json, NULL, '{');
    cs_json_count(&json, "revision", model->revision);
    if (edit != NULL) {
        cs_json_begin(&json, "edit", '{');
        write_edit(&json, edit);
        cs_json_end(&json, '}');
    }
    if (job > 0) {
        cs_json_begin(&json, "job", '{');
        (void) cs_solver_write_job(server->solver, job, &json);
        cs_json_end(&json, '}');
    } else {
        cs_json_string(&json, "job", NULL);
    }
    cs_json_end(&json, '}');
    cs_reply_json(reply, status, &json);
}

/* ---- Making ---------------------------------------------------------------- */

static bool
is_in_frame(const CsPolygon *polygon, const CsRecordingInfo *info)
{
    for (size_t i = 0; i < polygon->n; i++) {
        const CsPoint *p = &polygon->points[i];

        if (p->x > 0 && p->x < (double) info->width && p->y > 0
            && p->y < (double) info->height)
            return true;
    }
    return false;
}

static bool
check(const CsSnapshot *model, size_t r, const CsEditAsk *ask,
      CsRefusal *refusal)
{
    const CsKept *kept = &model->all.item[r];
    const CsRecordingInfo *info = cs_recording_info(kept->recording);
    bool there = false;

    for (size_t p = 0; p < model->of[r].n; p++)
        there |= model->of[r].particle[p].particle_id == ask->particle_id;
    if (!there)
        return cs_refuse(refusal, 404, "%s has no particle %d",
                         kept->measures.recording, ask->particle_id);
    if (ask->frame >= info->n_frames
        || (ask->break_frame != SIZE_MAX && ask->break_frame >= info->n_frames))
        return cs_refuse(refusal, 400, "%s has %zu frames, from 0",
                         kept->measures.recording, info->n_frames);
    return ask->kind != CS_EDIT_POLYGON || is_in_frame(&ask->polygon, info)
           || cs_refuse(refusal, 400,
                        "the polygon lies outside the frame of %zu × %zu "
                        "pixels", info->width, info->height);
}

/* The text that was sent, written anew on one line. */
static char *
normal(const char *text, size_t n)
{
    g_autoptr(JsonParser) parser = json_parser_new_immutable();

    if (!json_parser_load_from_data(parser, text, (gssize) n, NULL))
        return g_strdup("{}");
    return json_to_string(json_parser_get_root(parser), FALSE);
}

void
cs_post_edit(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    g_auto(CsEditAsk) ask = CS_EDIT_ASK_INIT;
    g_autofree char *detail = NULL;
    g_autoptr(GError) error = NULL;
    gsize n;
    const char *text = g_bytes_get_data(request->body, &n);
    CsEdit edit = { .withdrawn_unix_s = NAN };
    size_t r;

    if (!cs_model_recording(model, request, &r, &refusal)
        || !cs_edit_ask_parse(text, n, &ask, &refusal)
        || !check(model, r, &ask, &refusal)) {
        cs_reply_refusal(reply, &refusal);
        return;
    }
    detail = normal(text, n);
    edit.recording = model->all.item[r].id;
    edit.particle_id = ask.particle_id;
    edit.kind = (char *) cs_edit_kind_name(ask.kind);
    edit.author = ask.author;
    edit.reason = ask.reason != NULL ? ask.reason : (char *) "";
    edit.detail = detail;
    edit.made_unix_s = now_s();
    if (cs_store_add_edit(server->store, &edit, &error))
        answer(server, edit.id, 201, reply);
    else
        cs_reply_failure(reply, error);
}

/* ---- Undo and redo --------------------------------------------------------- */

static void
withdraw(CsServer *server, const CsRequest *request, double when,
         CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    g_autoptr(GError) error = NULL;
    const CsEdit *edit = NULL;
    gint64 id;
    size_t r;

    if (cs_model_recording(model, request, &r, &refusal)
        && cs_request_param(request, 1, &id, &refusal)) {
        edit = edit_of(model, id);
        if (edit == NULL || edit->recording != model->all.item[r].id)
            cs_refuse(&refusal, 404,
                      "there is no edit %" G_GINT64_FORMAT, id);
    }
    if (refusal.status != 0)
        cs_reply_refusal(reply, &refusal);
    else if (cs_store_withdraw_edit(server->store, id, when, &error))
        answer(server, id, 200, reply);
    else
        cs_reply_failure(reply, error);
}

void
cs_delete_edit(CsServer *server, const CsRequest *request, CsReply *reply)
{
    withdraw(server, request, now_s(), reply);
}

void
cs_restore_edit(CsServer *server, const CsRequest *request, CsReply *reply)
{
    withdraw(server, request, NAN, reply);
}

/* ---- Jobs ------------------------------------------------------------------ */

void
cs_get_jobs(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_auto(CsJson) json = CS_JSON_INIT;

    (void) request;
    cs_json_begin(&json, NULL, '{');
    cs_json_begin(&json, "jobs", '[');
    cs_solver_write_jobs(server->solver, &json);
    cs_json_end(&json, ']');
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

static void
reply_job(CsServer *server, gint64 id, unsigned status, CsReply *reply)
{
    g_auto(CsJson) json = CS_JSON_INIT;
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;

    cs_json_begin(&json, NULL, '{');
    if (cs_solver_write_job(server->solver, (size_t) id, &json)) {
        cs_json_end(&json, '}');
        cs_reply_json(reply, status, &json);
        return;
    }
    cs_refuse(&refusal, 404, "there is no job %" G_GINT64_FORMAT, id);
    cs_reply_refusal(reply, &refusal);
}

void
cs_get_job(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    gint64 id;

    if (cs_request_param(request, 0, &id, &refusal))
        reply_job(server, id, 200, reply);
    else
        cs_reply_refusal(reply, &refusal);
}

void
cs_delete_job(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    gint64 id;

    if (!cs_request_param(request, 0, &id, &refusal)) {
        cs_reply_refusal(reply, &refusal);
        return;
    }
    (void) cs_solver_cancel(server->solver, (size_t) id);
    reply_job(server, id, 202, reply);
}
