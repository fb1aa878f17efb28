/* What the files of the store share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <sqlite3.h>

#include "coatscope/store.h"
#include "results/store_tables.h"

/* More particles or angles than this is damage. */
enum { CS_STORE_MOST = 100000 };

struct CsStore {
    char    *path;
    sqlite3 *db;
    int      lock; /* the folder, held with flock; -1: none                 */

    GRecMutex mutex; /* each function of store.h holds it                   */
};

/* cs_store_open for a folder that the caller holds locked. */
CsStore *cs_store_open_held(const char *dir, GError **error);

/* Until the end of the block. */
#define CS_STORE_LOCK(store)                                                  \
    g_autoptr(GRecMutexLocker) locker G_GNUC_UNUSED                           \
        = g_rec_mutex_locker_new(&(store)->mutex)

/* False with the error of the last call of SQLite, or with "it does not fit
 * together". */
bool cs_store_fail(const CsStore *store, GError **error);
bool cs_store_fail_damaged(const CsStore *store, GError **error);

/* SQL without rows; a statement (NULL with the error set) for the others. */
bool          cs_store_run(CsStore *store, const char *sql, GError **error);
sqlite3_stmt *cs_store_prepare(CsStore *store, const char *sql,
                               GError **error);

/* Runs a statement that gives no rows to its end and finalizes it; takes
 * NULL. */
bool cs_store_finish(CsStore *store, sqlite3_stmt *s, GError **error);

/* The one number of a query. */
bool cs_store_number(CsStore *store, const char *sql, gint64 *value,
                     GError **error);

/* The id of the recording with that key. */
bool cs_store_id(CsStore *store, const char *key, gint64 *id, GError **error);

/* BEGIN, and what ends it either way. */
bool cs_store_begin(CsStore *store, GError **error);
bool cs_store_end(CsStore *store, bool ok, GError **error);

/* Rows of a table of a recording: where they lie and how many. */
typedef struct {
    const CsStoreTable *table;
    void               *row;
    size_t              n;
    size_t              size;
} CsStoreRows;

bool cs_store_put_rows(CsStore *store, gint64 id, const CsStoreRows *rows,
                       size_t n_values, GError **error);

/* Fills n rows; another number in the store is damage. */
bool cs_store_get_rows(CsStore *store, gint64 id, const CsStoreRows *rows,
                       size_t n_values, GError **error);
bool cs_store_count(CsStore *store, const CsStoreTable *table, gint64 id,
                    size_t *n, GError **error);

/* Fills rows->n rows from row number `first` on; fewer there is damage. */
bool cs_store_get_some(CsStore *store, gint64 id, gint64 first,
                       const CsStoreRows *rows, size_t n_values,
                       GError **error);

/* The rows of a recording anew, and the column `how` of it. */
bool cs_store_replace_rows(CsStore *store, const char *key,
                           const CsStoreRows *rows, const char *how_column,
                           const char *how, GError **error);

/* A column of text as a string of ours, or NULL. */
char *cs_store_text(sqlite3_stmt *s, int column);

/* A frame of a clock, and a note, as rows. */
typedef struct {
    double start_s;
    double duration_s;
    int    source;
} CsStoreTick;

typedef struct {
    char *text;
} CsStoreNote;

/* An event of the circuit as a row. */
typedef struct {
    const char *event;
    double      time_lo_s;
    double      time_hi_s;
    char       *detail;
} CsStoreEvent;

/* Parts of a recording by its id. */
bool cs_store_get_by_id(CsStore *store, gint64 id, const CsStored *stored,
                        GError **error);
/* The mask in the columns from 5 on. */
bool cs_store_get_mask(CsStore *store, sqlite3_stmt *s, CsSeeds *seeds,
                       GError **error);

/* The same without the rows of outlines and measures. */
bool cs_store_get_few(CsStore *store, gint64 id, const CsStored *stored,
                      GError **error);
bool cs_store_fetch_fits(CsStore *store, gint64 id, CsFits *fits,
                         GError **error);
bool cs_store_load_run(CsStore *store, CsRun *run, GError **error);
bool cs_store_put_about(CsStore *store, gint64 id,
                        const CsRecordingInfo *info, const CsInputs *inputs,
                        GError **error);
