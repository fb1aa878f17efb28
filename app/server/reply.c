/* Replies.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/reply.h"

#include "coatscope/error.h"

static const char json_type[] = "application/json; charset=utf-8";

void
cs_reply_clear(CsReply *reply)
{
    g_clear_pointer(&reply->body, g_bytes_unref);
    g_free(reply->etag);
    g_free(reply->cookie);
    g_free(reply->location);
    g_free(reply->file_name);
    *reply = (CsReply) CS_REPLY_INIT;
}

void
cs_reply_bytes(CsReply *reply, const char *type, GBytes *bytes)
{
    cs_reply_clear(reply);
    reply->status = 200;
    reply->type = type;
    reply->body = bytes;
}

void
cs_reply_text(CsReply *reply, const char *type, GString *text)
{
    cs_reply_bytes(reply, type, g_string_free_to_bytes(text));
}

void
cs_reply_json(CsReply *reply, unsigned status, CsJson *json)
{
    cs_reply_text(reply, json_type, g_steal_pointer(&json->text));
    reply->status = status;
}

void
cs_reply_refusal(CsReply *reply, const CsRefusal *refusal)
{
    g_auto(CsJson) json = CS_JSON_INIT;

    cs_json_begin(&json, NULL, '{');
    cs_json_begin(&json, "error", '{');
    cs_json_count(&json, "status", refusal->status);
    cs_json_string(&json, "code", cs_refusal_code(refusal->status));
    cs_json_string(&json, "message", refusal->message);
    cs_json_end(&json, '}');
    cs_json_end(&json, '}');
    cs_reply_json(reply, refusal->status, &json);
}

void
cs_refuse_error(CsRefusal *refusal, const GError *error)
{
    unsigned status = 500;

    if (g_error_matches(error, CS_ERROR, CS_ERROR_ARGUMENT))
        status = 400;
    else if (g_error_matches(error, CS_ERROR, CS_ERROR_LIMIT))
        status = 413;
    else if (g_error_matches(error, CS_ERROR, CS_ERROR_CANCELLED))
        status = 503;
    cs_refuse(refusal, status, "%s", error->message);
}

void
cs_reply_failure(CsReply *reply, const GError *error)
{
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;

    cs_refuse_error(&refusal, error);
    cs_reply_refusal(reply, &refusal);
}
