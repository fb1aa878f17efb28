/* A request while it comes in, and the reply while it goes out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "server/reply.h"
#include "server/routes.h"

struct MHD_Connection;

typedef struct {
    char                  *target; /* as it was sent; NULL: too long        */
    CsRequest              request;
    CsReply                reply;
    const CsRoute         *route;
    struct MHD_Connection *connection;
    GByteArray            *body;
    bool                   is_begun;
    bool                   is_done; /* the reply is complete                */
} CsCall;

CsCall *cs_call_new(const char *target);
void    cs_call_free(CsCall *call); /* takes NULL */

/* From the headers: false with 413, 415 or 400 where the body is not one that
 * the route takes. */
bool cs_call_check_body(CsCall *call, const char *content_type,
                        const char *content_length, CsRefusal *refusal);

/* False where there is more than the route takes. */
bool cs_call_add_body(CsCall *call, const char *data, size_t n);
bool cs_call_end_body(CsCall *call, CsRefusal *refusal);
