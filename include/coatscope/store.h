/* CsStore: results.db, what was measured so far, in SQLite.
 *
 * One row a recording, under a key of all that shapes its numbers; what
 * belongs to it in tables beside it. A recording is there with all of it or
 * not at all, whenever the program or the machine stops. One program writes,
 * others may read meanwhile. The schema: docs/results-db.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "coatscope/fits.h"
#include "coatscope/job.h"
#include "coatscope/measures.h"
#include "coatscope/outlines.h"
#include "coatscope/recording.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"
#include "coatscope/verdicts.h"

G_BEGIN_DECLS

typedef struct CsStore CsStore;

/* What is kept of a recording; lent to put, filled by get. */
typedef struct {
    CsSeeds    *seeds;
    CsShifts   *shifts;
    CsOutlines *outlines;
    CsMeasures *measures; /* whose coating is not kept with the rest        */
} CsStored;

/* Whether the folder dir holds a store of ours (perhaps an empty one). */
bool cs_store_is_at(const char *dir);

/* Opens results.db in dir, making both where they are not; `fresh` forgets
 * what is in it. Errors: CS_ERROR_IO, also where another program works on it;
 * CS_ERROR_FORMAT where it is damaged or of another version. */
CsStore *cs_store_open(const char *dir, bool fresh, GError **error);
void     cs_store_close(CsStore *store); /* takes NULL */

/* The path of results.db; lent. */
const char *cs_store_path(const CsStore *store);

/* What shapes the numbers of a recording, as a SHA-256 to be freed with
 * g_free: its files, its name, scale and times as they are used, and this
 * build of the program. Errors: CS_ERROR_IO, CS_ERROR_CANCELLED. */
char *cs_store_key(const CsRecordingInfo *info, const CsJob *job,
                   GError **error);

/* Keeps a recording under its key, in one transaction, in place of what was
 * there. Errors: CS_ERROR_IO. */
bool cs_store_put(CsStore *store, const char *key, const CsStored *stored,
                  GError **error);

/* Fills stored with exactly what was put, if *found. Errors: CS_ERROR_IO;
 * CS_ERROR_FORMAT where it does not fit together; CS_ERROR_LIMIT. */
bool cs_store_get(CsStore *store, const char *key, const CsStored *stored,
                  bool *found, GError **error);

/* Says which recordings, in which order and of which coatings, the results
 * beside the store are made of; the others stay for another time. Errors:
 * CS_ERROR_IO. */
bool cs_store_arrange(CsStore *store, const char *const *keys,
                      const char *const *coatings, size_t n, GError **error);

/* Keeps what was fitted to a recording, in place of what was there. Errors:
 * CS_ERROR_IO. */
bool cs_store_put_fits(CsStore *store, const char *key, const CsFits *fits,
                       GError **error);

/* The same of the verdicts. */
bool cs_store_put_verdicts(CsStore *store, const char *key,
                           const CsVerdicts *verdicts, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsStore, cs_store_close)

G_END_DECLS
