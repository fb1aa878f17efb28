/* What a request is answered with.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "cli/json.h"
#include "server/request.h"

typedef struct {
    unsigned    status;    /* of HTTP                                       */
    const char *type;      /* Content-Type                                  */
    const char *policy;    /* Content-Security-Policy; NULL: the strict one */
    GBytes     *body;
    char       *etag;      /* or NULL                                       */
    char       *cookie;    /* Set-Cookie, or NULL                           */
    char       *location;  /* or NULL                                       */
    char       *file_name; /* to be saved under, or NULL                    */
    bool        may_be_kept; /* by the browser, for an hour                 */
} CsReply;

#define CS_REPLY_INIT { 0 }
void cs_reply_clear(CsReply *reply);

/* Takes text that a CsJson or GString holds. */
void cs_reply_json(CsReply *reply, unsigned status, CsJson *json);
void cs_reply_text(CsReply *reply, const char *type, GString *text);
void cs_reply_bytes(CsReply *reply, const char *type, GBytes *bytes);

/* A refusal, and an error of the library, as JSON. */
void cs_reply_refusal(CsReply *reply, const CsRefusal *refusal);
void cs_reply_failure(CsReply *reply, const GError *error);

/* The status that fits an error of the library, and its words. */
void cs_refuse_error(CsRefusal *refusal, const GError *error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsReply, cs_reply_clear)
