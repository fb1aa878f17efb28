/* The server: what all its parts share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

#include "coatscope/store.h"
#include "server/frames.h"
#include "server/guard.h"
#include "server/model.h"
#include "server/solve.h"

typedef struct CsServer CsServer;

struct CsServer {
    char     *dir;     /* the results folder, absolute                      */
    CsGuard   guard;
    CsStore  *store;
    CsFrames *frames;
    CsSolver *solver;
    GMutex    reloading; /* one at a time                                    */
    GMutex    lock;    /* of model                                          */
    CsSnapshot  *model;   /* never NULL while it serves                        */
};

/* What there is at this moment; to be given back with cs_model_unref. */
CsSnapshot *cs_server_model(CsServer *server);

/* Reads the store anew. */
bool cs_server_reload(CsServer *server, GError **error);
