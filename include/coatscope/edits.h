/* CsEdits: what people decided about the particles of a store.
 *
 * An edit is never changed, only withdrawn and restored. It is on the disk
 * before a call that makes it returns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/store.h"

G_BEGIN_DECLS

typedef struct {
    gint64 id;        /* from 1, in the order they were made                */
    gint64 recording; /* CsKept.id                                          */
    int    particle_id;
    char  *kind;      /* "polygon", "reject", …: docs/api.md                */
    char  *author;
    char  *reason;
    char  *detail;    /* the rest, as JSON                                  */
    double made_unix_s;
    double withdrawn_unix_s; /* NAN: it holds                               */
} CsEdit;

typedef struct {
    size_t  n;
    CsEdit *edit; /* in the order they were made                            */
} CsEdits;

#define CS_EDITS_INIT { 0 }
void cs_edits_clear(CsEdits *edits);

/* All of them; none where the store never had one. Errors: CS_ERROR_IO. */
bool cs_store_edits(CsStore *store, CsEdits *edits, GError **error);

/* Keeps one and sets its id. Errors: CS_ERROR_IO. */
bool cs_store_add_edit(CsStore *store, CsEdit *edit, GError **error);

/* Withdraws an edit at a time, or restores it (NAN). Errors: CS_ERROR_IO;
 * CS_ERROR_ARGUMENT: there is none of that number. */
bool cs_store_withdraw_edit(CsStore *store, gint64 id, double unix_s,
                            GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsEdits, cs_edits_clear)

G_END_DECLS
