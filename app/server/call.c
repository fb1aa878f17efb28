/* Calls.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/call.h"

#include <string.h>

CsCall *
cs_call_new(const char *target)
{
    CsCall *call = g_new0(CsCall, 1);

    call->target = g_strndup(target, CS_MAX_TARGET + 1);
    return call;
}

void
cs_call_free(CsCall *call)
{
    if (call == NULL)
        return;
    cs_request_clear(&call->request);
    cs_reply_clear(&call->reply);
    g_clear_pointer(&call->body, g_byte_array_unref);
    g_free(call->target);
    g_free(call);
}

/* "Application/JSON; charset=utf-8" -> "application/json" */
static char *
plain_type(const char *type)
{
    g_autofree char *first = NULL;

    if (type == NULL)
        return NULL;
    first = g_strndup(type, strcspn(type, ";"));
    return g_ascii_strdown(g_strstrip(first), -1);
}

static bool
is_allowed_type(const CsRoute *route, const char *type)
{
    static const char *const regions[]
        = { "application/zip", "application/octet-stream", NULL };

    if (type == NULL)
        return false;
    return route->max_body > CS_JSON_BODY
               ? g_strv_contains(regions, type)
               : strcmp(type, "application/json") == 0;
}

bool
cs_call_check_body(CsCall *call, const char *content_type,
                   const char *content_length, CsRefusal *refusal)
{
    size_t most = call->route->max_body;
    guint64 n = 0;

    if (content_length != NULL
        && !g_ascii_string_to_unsigned(content_length, 10, 0, G_MAXINT64, &n,
                                       NULL))
        return cs_refuse(refusal, 400, "Content-Length is no number");
    if (n > most)
        return cs_refuse(refusal, 413,
                         "the body has %" G_GUINT64_FORMAT " bytes; at most "
                         "%zu are taken here", n, most);
    call->request.content_type = plain_type(content_type);
    if (most > 0 && !is_allowed_type(call->route, call->request.content_type))
        return cs_refuse(refusal, 415, "the Content-Type must be %s",
                         most > CS_JSON_BODY ? "application/zip"
                                             : "application/json");
    return true;
}

bool
cs_call_add_body(CsCall *call, const char *data, size_t n)
{
    if (call->route == NULL)
        return false;
    if (call->body == NULL)
        call->body = g_byte_array_new();
    if (n > call->route->max_body - MIN(call->body->len,
                                        call->route->max_body))
        return false;
    g_byte_array_append(call->body, (const guint8 *) data, (guint) n);
    return true;
}

bool
cs_call_end_body(CsCall *call, CsRefusal *refusal)
{
    if (call->route == NULL)
        return cs_refuse(refusal, 400, "the request is not complete");
    call->request.body
        = call->body != NULL
              ? g_byte_array_free_to_bytes(g_steal_pointer(&call->body))
              : g_bytes_new(NULL, 0);
    return true;
}
