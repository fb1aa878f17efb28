/* HTTP: libmicrohttpd on one side, routes and handlers on the other.
 *
 * One thread looks after all connections and never waits; what takes time is
 * done by workers while the connection sleeps. So a slow client, or a slow
 * request, keeps nobody else waiting.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "server/server.h"

typedef struct CsHttp CsHttp;

/* Listens on an address (port 0: any free one) and answers from then on.
 * Errors: CS_ERROR_IO, CS_ERROR_ARGUMENT. */
CsHttp  *cs_http_start(CsServer *server, const char *bind_to, unsigned port,
                       GError **error);
unsigned cs_http_port(const CsHttp *http);
void     cs_http_stop(CsHttp *http); /* takes NULL */
