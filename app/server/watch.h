/* Watches over connections: who takes too long to ask is hung up on.
 *
 * libmicrohttpd counts silence only; a client that sends a byte now and then
 * would stay for ever.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

struct MHD_Connection;
typedef struct CsWatch CsWatch;

CsWatch *cs_watch_new(void);
void     cs_watch_free(CsWatch *watch);

/* A connection begins and ends; on it, headers were read, an answer sent. */
void cs_watch_begin(CsWatch *watch, struct MHD_Connection *connection);
void cs_watch_end(CsWatch *watch, struct MHD_Connection *connection);
void cs_watch_asked(CsWatch *watch, struct MHD_Connection *connection);
void cs_watch_answered(CsWatch *watch, struct MHD_Connection *connection);
