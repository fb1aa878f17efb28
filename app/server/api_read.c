/* What there is: campaign, recordings, particles, ranking.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "cli/json.h"
#include "config.h"
#include "coatscope/recording.h"
#include "server/handlers.h"
#include "server/server.h"
#include "server/write.h"

CsSnapshot *
cs_server_model(CsServer *server)
{
    CsSnapshot *model;

    g_mutex_lock(&server->lock);
    model = cs_model_ref(server->model);
    g_mutex_unlock(&server->lock);
    return model;
}

/* ---- The whole ------------------------------------------------------------- */

void
cs_get_api(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsJson) json = CS_JSON_INIT;

    (void) request;
    cs_json_begin(&json, NULL, '{');
    cs_json_count(&json, "api", 1);
    cs_json_string(&json, "version", COATSCOPE_VERSION);
    cs_json_string(&json, "results", server->dir);
    cs_json_count(&json, "revision", model->revision);
    cs_json_bool(&json, "edits", true);
    cs_json_bool(&json, "jobs", false);
    cs_json_bool(&json, "events", false);
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

void
cs_get_routes(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_auto(CsJson) json = CS_JSON_INIT;

    (void) server;
    (void) request;
    cs_json_begin(&json, NULL, '{');
    cs_json_begin(&json, "routes", '[');
    for (const CsRoute *r = cs_routes; r->path != NULL; r++) {
        g_auto(GStrv) query = g_strsplit(r->query, " ", 0);

        cs_json_begin(&json, NULL, '{');
        cs_json_string(&json, "method", cs_method_name(r->method));
        cs_json_string(&json, "path", r->path);
        cs_json_begin(&json, "query", '[');
        for (size_t i = 0; query[i] != NULL; i++)
            if (query[i][0] != '\0')
                cs_json_string(&json, NULL, query[i]);
        cs_json_end(&json, ']');
        cs_json_end(&json, '}');
    }
    cs_json_end(&json, ']');
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

static void
add_run(CsJson *json, const CsRun *run)
{
    cs_json_bool(json, "is_ranked", run->is_ranked);
    cs_json_count(json, "seed", run->seed);
    cs_json_string(json, "version", run->version);
    cs_json_string(json, "program_sha256", run->program_sha256);
    cs_json_double(json, "date_unix_s", run->date_unix_s);
    cs_json_begin(json, "command", '[');
    for (size_t i = 0; run->command != NULL && run->command[i] != NULL; i++)
        cs_json_string(json, NULL, run->command[i]);
    cs_json_end(json, ']');
    cs_json_begin(json, "settings", '{');
    for (size_t i = 0; run->settings != NULL && run->settings[i] != NULL
                       && run->settings[i + 1] != NULL; i += 2)
        cs_json_string(json, run->settings[i], run->settings[i + 1]);
    cs_json_end(json, '}');
}

static size_t
n_counting(const CsSnapshot *model, const char *coating, size_t *n_recordings)
{
    size_t n = 0;

    for (size_t r = 0; r < model->all.n; r++) {
        const CsKept *kept = &model->all.item[r];

        if (strcmp(kept->measures.coating, coating) != 0)
            continue;
        n += model->of[r].n;
        (*n_recordings)++;
    }
    return n;
}

static void
add_coatings(CsJson *json, const CsSnapshot *model)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    cs_json_begin(json, "coatings", '[');
    for (size_t r = 0; r < model->all.n; r++) {
        char *coating = model->all.item[r].measures.coating;
        size_t n_recordings = 0, n_particles;

        if (!g_hash_table_add(seen, coating))
            continue;
        n_particles = n_counting(model, coating, &n_recordings);
        cs_json_begin(json, NULL, '{');
        cs_json_string(json, "name", coating);
        cs_json_count(json, "n_recordings", n_recordings);
        cs_json_count(json, "n_particles", n_particles);
        cs_json_end(json, '}');
    }
    cs_json_end(json, ']');
}

void
cs_get_campaign(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsJson) json = CS_JSON_INIT;
    g_autofree char *report
        = g_build_filename(server->dir, "report.html", NULL);

    (void) request;
    cs_json_begin(&json, NULL, '{');
    cs_json_string(&json, "title", model->all.run.title);
    cs_json_string(&json, "results", server->dir);
    cs_json_count(&json, "revision", model->revision);
    add_run(&json, &model->all.run);
    cs_json_string(&json, "report",
                   g_file_test(report, G_FILE_TEST_IS_REGULAR)
                       ? "/results/report.html" : NULL);
    add_coatings(&json, model);
    cs_json_begin(&json, "recordings", '[');
    for (size_t r = 0; r < model->all.n; r++) {
        cs_json_begin(&json, NULL, '{');
        cs_write_recording(&json, server, model, r);
        cs_json_end(&json, '}');
    }
    cs_json_end(&json, ']');
    cs_write_ranking(&json, model);
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

/* ---- A recording ----------------------------------------------------------- */

/* The model and the number of the recording that a request is about; NULL
 * with the reply written. */
static CsSnapshot *
recording_of(CsServer *server, const CsRequest *request, size_t *r,
             CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;

    if (cs_model_recording(model, request, r, &refusal))
        return g_steal_pointer(&model);
    cs_reply_refusal(reply, &refusal);
    return NULL;
}

void
cs_get_recording(CsServer *server, const CsRequest *request, CsReply *reply)
{
    size_t r;
    g_autoptr(CsSnapshot) model = recording_of(server, request, &r, reply);
    g_auto(CsJson) json = CS_JSON_INIT;
    const CsKept *kept;
    const CsRecordingInfo *info;

    if (model == NULL)
        return;
    kept = &model->all.item[r];
    info = cs_recording_info(kept->recording);
    cs_json_begin(&json, NULL, '{');
    cs_write_recording(&json, server, model, r);
    cs_json_string(&json, "format", info->format);
    cs_json_string(&json, "bias_source",
                   info->electrical.n_frames > 0 && kept->inputs.n > 0
                       ? kept->inputs.file[kept->inputs.n - 1].path : NULL);
    cs_json_begin(&json, "notes", '[');
    for (guint i = 0; info->notes != NULL && i < info->notes->len; i++)
        cs_json_string(&json, NULL, info->notes->pdata[i]);
    cs_json_end(&json, ']');
    cs_json_begin(&json, "inputs", '[');
    for (size_t i = 0; i < kept->inputs.n; i++) {
        cs_json_begin(&json, NULL, '{');
        cs_json_string(&json, "path", kept->inputs.file[i].path);
        cs_json_count(&json, "size_bytes", kept->inputs.file[i].size);
        cs_json_string(&json, "sha256", kept->inputs.file[i].sha256);
        cs_json_end(&json, '}');
    }
    cs_json_end(&json, ']');
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

void
cs_get_timeline(CsServer *server, const CsRequest *request, CsReply *reply)
{
    size_t r;
    g_autoptr(CsSnapshot) model = recording_of(server, request, &r, reply);
    g_auto(CsJson) json = CS_JSON_INIT;

    if (model == NULL)
        return;
    json.compact = true;
    cs_write_timeline(&json, model, r);
    cs_reply_json(reply, 200, &json);
}

void
cs_get_happenings(CsServer *server, const CsRequest *request, CsReply *reply)
{
    size_t r;
    g_autoptr(CsSnapshot) model = recording_of(server, request, &r, reply);
    g_auto(CsJson) json = CS_JSON_INIT;

    if (model == NULL)
        return;
    cs_json_begin(&json, NULL, '{');
    cs_json_begin(&json, "events", '[');
    cs_write_events(&json, model, r);
    cs_json_end(&json, ']');
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

/* ---- Particles ------------------------------------------------------------- */

static void
add_particles(CsJson *json, const CsSnapshot *model, size_t r)
{
    for (size_t p = 0; p < model->of[r].n; p++) {
        cs_json_begin(json, NULL, '{');
        cs_write_particle(json, model, r, p);
        cs_json_end(json, '}');
    }
}

void
cs_get_particles(CsServer *server, const CsRequest *request, CsReply *reply)
{
    size_t r;
    g_autoptr(CsSnapshot) model = recording_of(server, request, &r, reply);
    g_auto(CsJson) json = CS_JSON_INIT;

    if (model == NULL)
        return;
    cs_json_begin(&json, NULL, '{');
    cs_json_begin(&json, "particles", '[');
    add_particles(&json, model, r);
    cs_json_end(&json, ']');
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

void
cs_get_all_particles(CsServer *server, const CsRequest *request,
                     CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsJson) json = CS_JSON_INIT;

    (void) request;
    cs_json_begin(&json, NULL, '{');
    cs_json_begin(&json, "particles", '[');
    for (size_t r = 0; r < model->all.n; r++)
        add_particles(&json, model, r);
    cs_json_end(&json, ']');
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

void
cs_get_particle(CsServer *server, const CsRequest *request, CsReply *reply)
{
    size_t r;
    const CsParticle *p;
    g_autoptr(CsSnapshot) model = recording_of(server, request, &r, reply);
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    g_auto(CsJson) json = CS_JSON_INIT;

    if (model == NULL)
        return;
    p = cs_model_particle(model, r, request, 1, &refusal);
    if (p == NULL) {
        cs_reply_refusal(reply, &refusal);
        return;
    }
    cs_json_begin(&json, NULL, '{');
    cs_write_particle(&json, model, r, (size_t) (p - model->of[r].particle));
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

void
cs_get_series(CsServer *server, const CsRequest *request, CsReply *reply)
{
    size_t r;
    const CsParticle *p;
    g_autoptr(CsSnapshot) model = recording_of(server, request, &r, reply);
    g_auto(CsMeasures) measures = CS_MEASURES_INIT;
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    g_autoptr(GError) error = NULL;
    g_auto(CsJson) json = CS_JSON_INIT;

    if (model == NULL)
        return;
    p = cs_model_particle(model, r, request, 1, &refusal);
    if (p == NULL) {
        cs_reply_refusal(reply, &refusal);
        return;
    }
    if (p->solved != NULL) {
        json.compact = true;
        cs_write_series(&json, &p->solved->measured.measures);
        cs_reply_json(reply, 200, &json);
        return;
    }
    if (!cs_store_particle_measures(server->store, &model->all.item[r],
                                    p->base, &measures, &error)) {
        cs_reply_failure(reply, error);
        return;
    }
    json.compact = true;
    cs_write_series(&json, &measures);
    cs_reply_json(reply, 200, &json);
}
