/* Every route of the server, one line each. docs/openapi.yaml says the same;
 * a test holds both together.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "server/reply.h"
#include "server/request.h"

typedef struct CsServer CsServer;

/* The largest body of JSON; larger ones are regions. */
enum { CS_JSON_BODY = 1 << 20 };

typedef enum {
    CS_WORK_QUICK,  /* answered from memory and the store                   */
    CS_WORK_PIXELS, /* reads frames                                         */
    CS_WORK_STREAM, /* stays open: events                                   */
} CsWork;

/* Answers a request that is admitted and fits the route. */
typedef void CsHandler(CsServer *server, const CsRequest *request,
                       CsReply *reply);

typedef struct {
    CsMethod    method;
    const char *path;  /* segments; {name} takes any                        */
    const char *query; /* the keys it knows, with blanks between            */
    CsWork      work;
    size_t      max_body; /* in bytes; 0: it has none                       */
    CsHandler  *handler;
} CsRoute;

extern const CsRoute cs_routes[]; /* ends with a NULL path */

/* The route of a request, whose params it sets; NULL with 404, 405 (another
 * method would do) or 400 (a key of the query that is not known). */
const CsRoute *cs_route_of(CsRequest *request, CsRefusal *refusal);

/* "GET", … */
const char *cs_method_name(CsMethod method);
