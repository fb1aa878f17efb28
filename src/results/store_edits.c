/* Edits in the store: a table that is made with the first of them, so that
 * stores without are as before.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/edits.h"

#include "coatscope/error.h"
#include "results/store_inner.h"

static const char create_sql[]
    = "CREATE TABLE IF NOT EXISTS edits (id INTEGER PRIMARY KEY "
      "AUTOINCREMENT, recording INTEGER NOT NULL REFERENCES recordings(id) "
      "ON DELETE CASCADE, particle_id INTEGER NOT NULL, kind TEXT NOT NULL, "
      "author TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, "
      "made_unix_s REAL NOT NULL, withdrawn_unix_s REAL)";

void
cs_edits_clear(CsEdits *edits)
{
    for (size_t i = 0; i < edits->n; i++) {
        CsEdit *e = &edits->edit[i];

        g_free(e->kind);
        g_free(e->author);
        g_free(e->reason);
        g_free(e->detail);
    }
    g_free(edits->edit);
    *edits = (CsEdits) CS_EDITS_INIT;
}

static char *
text_or_nothing(sqlite3_stmt *s, int column)
{
    char *text = cs_store_text(s, column);

    return text != NULL ? text : g_strdup("");
}

static CsEdit
take_edit(sqlite3_stmt *s)
{
    return (CsEdit) {
        .id = sqlite3_column_int64(s, 0),
        .recording = sqlite3_column_int64(s, 1),
        .particle_id = sqlite3_column_int(s, 2),
        .kind = text_or_nothing(s, 3),
        .author = text_or_nothing(s, 4),
        .reason = text_or_nothing(s, 5),
        .detail = text_or_nothing(s, 6),
        .made_unix_s = sqlite3_column_double(s, 7),
        .withdrawn_unix_s = sqlite3_column_type(s, 8) == SQLITE_NULL
                                ? NAN : sqlite3_column_double(s, 8),
    };
}

bool
cs_store_edits(CsStore *store, CsEdits *edits, GError **error)
{
    CS_STORE_LOCK(store);
    g_autoptr(GArray) list = g_array_new(FALSE, TRUE, sizeof(CsEdit));
    g_auto(CsEdits) fresh = CS_EDITS_INIT;
    CsEdits old = *edits;
    sqlite3_stmt *s;
    int step;

    if (!cs_store_run(store, create_sql, error))
        return false;
    s = cs_store_prepare(store,
                         "SELECT id, recording, particle_id, kind, author, "
                         "reason, detail, made_unix_s, withdrawn_unix_s "
                         "FROM edits ORDER BY id", error);
    if (s == NULL)
        return false;
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        CsEdit edit = take_edit(s);

        g_array_append_val(list, edit);
    }
    if (step != SQLITE_DONE)
        cs_store_fail(store, error);
    sqlite3_finalize(s);
    fresh.n = list->len;
    fresh.edit = (CsEdit *) (void *) g_array_free(g_steal_pointer(&list),
                                                  FALSE);
    if (step != SQLITE_DONE)
        return false;
    *edits = fresh;
    fresh = old;
    return true;
}

/* Edits wait for the disk; what can be measured again does not. */
static bool
commit(CsStore *store, sqlite3_stmt *s, GError **error)
{
    bool ok = cs_store_run(store, "PRAGMA synchronous = FULL", error)
              && cs_store_finish(store, s, error);

    return cs_store_run(store, "PRAGMA synchronous = NORMAL",
                        ok ? error : NULL)
           && ok;
}

bool
cs_store_add_edit(CsStore *store, CsEdit *edit, GError **error)
{
    CS_STORE_LOCK(store);
    sqlite3_stmt *s;

    if (!cs_store_run(store, create_sql, error))
        return false;
    s = cs_store_prepare(store,
                         "INSERT INTO edits (recording, particle_id, kind, "
                         "author, reason, detail, made_unix_s) VALUES "
                         "(?, ?, ?, ?, ?, ?, ?)", error);
    if (s == NULL)
        return false;
    sqlite3_bind_int64(s, 1, edit->recording);
    sqlite3_bind_int(s, 2, edit->particle_id);
    sqlite3_bind_text(s, 3, edit->kind, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, edit->author, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 5, edit->reason, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 6, edit->detail, -1, SQLITE_STATIC);
    sqlite3_bind_double(s, 7, edit->made_unix_s);
    if (!commit(store, s, error))
        return false;
    edit->id = sqlite3_last_insert_rowid(store->db);
    return true;
}

bool
cs_store_withdraw_edit(CsStore *store, gint64 id, double unix_s,
                       GError **error)
{
    CS_STORE_LOCK(store);
    sqlite3_stmt *s;

    if (!cs_store_run(store, create_sql, error))
        return false;
    s = cs_store_prepare(
        store, "UPDATE edits SET withdrawn_unix_s = ? WHERE id = ?", error);
    if (s == NULL)
        return false;
    sqlite3_bind_double(s, 1, unix_s);
    sqlite3_bind_int64(s, 2, id);
    if (!commit(store, s, error))
        return false;
    return sqlite3_changes(store->db) == 1
           || cs_fail(error, CS_ERROR_ARGUMENT,
                      "there is no edit %" G_GINT64_FORMAT, id);
}
