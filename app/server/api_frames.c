/* Frames, levels, pixels and the outlines over them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "coatscope/image.h"
#include "coatscope/recording.h"
#include "server/handlers.h"
#include "server/server.h"
#include "server/write.h"

/* The recording of a request; false with the reply written. */
static bool
find(const CsSnapshot *model, const CsRequest *request, size_t *r,
     CsReply *reply)
{
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;

    if (cs_model_recording(model, request, r, &refusal))
        return true;
    cs_reply_refusal(reply, &refusal);
    return false;
}

static void
reply_with(CsReply *reply, CsRefusal *refusal, const GError *error,
           bool missing)
{
    if (error != NULL && missing)
        cs_refuse(refusal, 503, "%s", error->message);
    else if (error != NULL)
        cs_refuse_error(refusal, error);
    cs_reply_refusal(reply, refusal);
}

/* Files that are not there any more are another matter than a failure. */
static bool
is_missing(CsServer *server, const CsSnapshot *model, size_t r)
{
    g_autofree char *missing
        = cs_frames_missing(server->frames, model, r, server->dir);

    return missing != NULL;
}

/* ---- A frame --------------------------------------------------------------- */

static bool
parse_ask(const CsRequest *request, const CsKept *kept, CsFrameAsk *ask,
          CsRefusal *refusal)
{
    const CsRecordingInfo *info = cs_recording_info(kept->recording);

    *ask = (CsFrameAsk) { .recording = kept->id, .bin = 1 };
    if (!cs_model_frame(kept, request, 1, &ask->frame, refusal)
        || !cs_request_size(request, "bin", 1, CS_MOST_BIN, &ask->bin,
                            refusal)
        || !cs_request_size(request, "x", 0, info->width - 1, &ask->x,
                            refusal)
        || !cs_request_size(request, "y", 0, info->height - 1, &ask->y,
                            refusal))
        return false;
    ask->w = info->width - ask->x;
    ask->h = info->height - ask->y;
    if (!cs_request_size(request, "w", 1, ask->w, &ask->w, refusal)
        || !cs_request_size(request, "h", 1, ask->h, &ask->h, refusal))
        return false;
    return (ask->w >= ask->bin && ask->h >= ask->bin)
           || cs_refuse(refusal, 400,
                        "the part of %zu × %zu pixels is smaller than bin "
                        "%zu", ask->w, ask->h, ask->bin);
}

static char *
etag_of(const CsKept *kept, const CsFrameAsk *ask)
{
    const char *sha
        = kept->inputs.n > 0 ? kept->inputs.file[0].sha256 : "";

    return g_strdup_printf("\"%.16s-%" G_GINT64_FORMAT
                           "-%zu-%zu-%zu-%zu-%zu-%zu\"", sha, kept->id,
                           ask->frame, ask->bin, ask->x, ask->y, ask->w,
                           ask->h);
}

void
cs_get_frame(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    g_autoptr(GError) error = NULL;
    g_autofree char *etag = NULL;
    CsFrameAsk ask;
    GBytes *bytes;
    size_t r;

    if (!find(model, request, &r, reply))
        return;
    if (!parse_ask(request, &model->all.item[r], &ask, &refusal)) {
        cs_reply_refusal(reply, &refusal);
        return;
    }
    etag = etag_of(&model->all.item[r], &ask);
    if (g_strcmp0(request->if_none_match, etag) == 0) {
        cs_reply_bytes(reply, "application/octet-stream",
                       g_bytes_new(NULL, 0));
        reply->status = 304;
    } else {
        bytes = cs_frames_get(server->frames, model, r, server->dir, &ask,
                              &error);
        if (bytes == NULL) {
            reply_with(reply, &refusal, error,
                       is_missing(server, model, r));
            return;
        }
        cs_reply_bytes(reply, "application/octet-stream", bytes);
    }
    reply->etag = g_steal_pointer(&etag);
    reply->may_be_kept = true;
}

/* ---- Levels and pixels ----------------------------------------------------- */

static bool
image_of(CsServer *server, CsSnapshot *model, size_t r, size_t n, CsImage *image,
         GError **error)
{
    g_auto(CsFrame) frame = CS_FRAME_INIT;

    return cs_frames_read(server->frames, model, r, server->dir, n, &frame,
                          error)
           && cs_image_bin(&frame, 1, image, error);
}

enum { N_BINS = 256 };

static void
count_values(const CsImage *image, float least, float greatest,
             size_t count[N_BINS])
{
    double up = greatest > least ? N_BINS / ((double) greatest - least) : 0;

    for (size_t i = 0; i < image->width * image->height; i++) {
        double at = ((double) image->px[i] - (double) least) * up;

        if (isfinite(image->px[i]))
            count[(size_t) CLAMP(at, 0, N_BINS - 1)]++;
    }
}

static void
write_levels(CsJson *json, const CsImage *image, size_t frame, double low,
             double high)
{
    size_t count[N_BINS] = { 0 };
    float least, greatest;

    cs_image_range(image, &least, &greatest);
    count_values(image, least, greatest, count);
    cs_json_begin(json, NULL, '{');
    cs_json_count(json, "frame", frame);
    cs_json_double(json, "low",
                   (double) cs_image_quantile(image, low / 100));
    cs_json_double(json, "high",
                   (double) cs_image_quantile(image, high / 100));
    cs_json_double(json, "least", (double) least);
    cs_json_double(json, "greatest", (double) greatest);
    cs_json_begin(json, "histogram", '[');
    for (size_t i = 0; i < N_BINS; i++)
        cs_json_count(json, NULL, count[i]);
    cs_json_end(json, ']');
    cs_json_end(json, '}');
}

void
cs_get_levels(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    g_auto(CsImage) image = CS_IMAGE_INIT;
    g_auto(CsJson) json = CS_JSON_INIT;
    g_autoptr(GError) error = NULL;
    double low = 0.35, high = 99.65;
    size_t r, frame = 0;

    if (!find(model, request, &r, reply))
        return;
    if (!cs_request_size(request, "frame", 0,
                         model->all.item[r].outlines.n_frames - 1, &frame,
                         &refusal)
        || !cs_request_double(request, "low", 0, 100, &low, &refusal)
        || !cs_request_double(request, "high", 0, 100, &high, &refusal)) {
        cs_reply_refusal(reply, &refusal);
        return;
    }
    if (!image_of(server, model, r, frame, &image, &error)) {
        reply_with(reply, &refusal, error, is_missing(server, model, r));
        return;
    }
    json.compact = true;
    write_levels(&json, &image, frame, low, high);
    cs_reply_json(reply, 200, &json);
}

void
cs_get_pixel(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    g_auto(CsFrame) frame = CS_FRAME_INIT;
    g_auto(CsJson) json = CS_JSON_INIT;
    g_autoptr(GError) error = NULL;
    CsFrameAsk ask;
    size_t r;

    if (!find(model, request, &r, reply))
        return;
    if (!parse_ask(request, &model->all.item[r], &ask, &refusal)) {
        cs_reply_refusal(reply, &refusal);
        return;
    }
    if (!cs_frames_read(server->frames, model, r, server->dir, ask.frame,
                        &frame, &error)) {
        reply_with(reply, &refusal, error, is_missing(server, model, r));
        return;
    }
    cs_json_begin(&json, NULL, '{');
    cs_json_count(&json, "x", ask.x);
    cs_json_count(&json, "y", ask.y);
    cs_json_double(&json, "value", cs_frame_value(&frame, ask.x, ask.y));
    cs_json_end(&json, '}');
    cs_reply_json(reply, 200, &json);
}

/* ---- Outlines -------------------------------------------------------------- */

/* What was solved in place of the automatic; lent: it lives with the model. */
static void
put_solved(const CsSnapshot *model, size_t r, size_t frame, CsOutlines *outlines)
{
    for (size_t p = 0; p < model->of[r].n; p++) {
        const CsParticle *one = &model->of[r].particle[p];

        if (one->solved != NULL && one->base < outlines->n_particles)
            outlines->outline[one->base]
                = *cs_outlines_at(&one->solved->measured.outlines, frame, 0);
    }
}

void
cs_get_outlines(CsServer *server, const CsRequest *request, CsReply *reply)
{
    g_autoptr(CsSnapshot) model = cs_server_model(server);
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    g_auto(CsJson) json = CS_JSON_INIT;
    g_autoptr(GError) error = NULL;
    size_t r, frame, particle = 0, points = 1024;

    if (!find(model, request, &r, reply))
        return;
    if (!cs_model_frame(&model->all.item[r], request, 1, &frame, &refusal)
        || !cs_request_size(request, "particle", 1, G_MAXINT, &particle,
                            &refusal)
        || !cs_request_size(request, "points", 8, 1024, &points, &refusal)) {
        cs_reply_refusal(reply, &refusal);
        return;
    }
    if (!cs_store_frame_outlines(server->store, &model->all.item[r], frame,
                                 &outlines, &error)) {
        cs_reply_failure(reply, error);
        return;
    }
    put_solved(model, r, frame, &outlines);
    json.compact = true;
    cs_write_outlines(&json, &outlines, frame, (int) particle, points);
    cs_reply_json(reply, 200, &json);
}
