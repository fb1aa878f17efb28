/* results.db.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "results/store_inner.h"

/* "CoSc": how the file is known; see the magic list of SQLite. */
enum { APPLICATION_ID = 0x436f5363, SCHEMA_VERSION = 3 };

#define FILE_NAME "results.db"

static const char recordings_sql[]
    = "CREATE TABLE IF NOT EXISTS recordings (id INTEGER PRIMARY KEY, "
      "key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, position INTEGER, "
      "coating TEXT, session TEXT, n_frames INTEGER NOT NULL, "
      "n_particles INTEGER NOT NULL, n_angles INTEGER NOT NULL, "
      "in_pixels INTEGER NOT NULL, mask_bin INTEGER NOT NULL, "
      "mask_width INTEGER NOT NULL, mask_height INTEGER NOT NULL, mask BLOB, "
      "format TEXT, width INTEGER, height INTEGER, nm_per_px_x REAL, "
      "nm_per_px_y REAL, scale_source INTEGER, start_unix_s REAL, "
      "fits_how TEXT, pictures_how TEXT)";

static const char run_sql[]
    = "CREATE TABLE IF NOT EXISTS run (name TEXT NOT NULL, "
      "row INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name, row)) "
      "WITHOUT ROWID";

static const CsStoreTable *const tables[]
    = { &cs_store_seeds, &cs_store_shifts, &cs_store_outlines,
        &cs_store_measures, &cs_store_fits, &cs_store_verdicts, &cs_store_clock,
        &cs_store_inputs, &cs_store_notes, &cs_store_electrical,
        &cs_store_circuit, &cs_store_pictures };

/* ---- Statements -------------------------------------------------------- */

bool
cs_store_fail(const CsStore *store, GError **error)
{
    int code = sqlite3_errcode(store->db);

    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s is damaged (%s); give --force to measure anew",
                       store->path, sqlite3_errmsg(store->db));
    return cs_fail(error, CS_ERROR_IO, "%s: %s", store->path,
                   sqlite3_errmsg(store->db));
}

bool
cs_store_fail_damaged(const CsStore *store, GError **error)
{
    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s does not fit together; give --force to measure anew",
                   store->path);
}

bool
cs_store_run(CsStore *store, const char *sql, GError **error)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
           || cs_store_fail(store, error);
}

sqlite3_stmt *
cs_store_prepare(CsStore *store, const char *sql, GError **error)
{
    sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
        cs_store_fail(store, error);
    return s;
}

/* Runs a statement that gives no rows, to its end. */
bool
cs_store_finish(CsStore *store, sqlite3_stmt *s, GError **error)
{
    bool ok = s != NULL && (sqlite3_step(s) == SQLITE_DONE
                            || cs_store_fail(store, error));

    sqlite3_finalize(s);
    return ok;
}

/* ---- Opening ----------------------------------------------------------- */

bool
cs_store_is_at(const char *dir)
{
    static const char magic[] = "SQLite format 3"; /* with its NUL */
    g_autofree char *path = g_build_filename(dir, FILE_NAME, NULL);
    guint8 head[72];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof head);
    guint32 id;

    if (fd >= 0)
        close(fd);
    if (n == 0)
        return true; /* stopped before the first byte */
    if (n != sizeof head || memcmp(head, magic, sizeof magic) != 0)
        return false;
    memcpy(&id, head + 68, sizeof id);
    return GUINT32_FROM_BE(id) == APPLICATION_ID;
}

static bool
lock_folder(CsStore *store, const char *dir, GError **error)
{
    if (g_mkdir(dir, 0777) != 0 && errno != EEXIST)
        return cs_fail(error, CS_ERROR_IO, "cannot make the folder %s: %s",
                       dir, g_strerror(errno));
    store->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->lock < 0)
        return cs_fail(error, CS_ERROR_IO, "cannot open the folder %s: %s",
                       dir, g_strerror(errno));
    if (flock(store->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return true; /* some file systems have no locks */
    return cs_fail(error, CS_ERROR_IO, "another coatscope works on %s; wait "
                                       "for it or name another folder", dir);
}

static void
forget(const char *path)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *file = g_strconcat(path, ends[i], NULL);

        g_unlink(file);
    }
}

bool
cs_store_number(CsStore *store, const char *sql, gint64 *value, GError **error)
{
    sqlite3_stmt *s = cs_store_prepare(store, sql, error);
    bool ok = s != NULL && (sqlite3_step(s) == SQLITE_ROW
                            || cs_store_fail(store, error));

    if (ok)
        *value = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return ok;
}

static bool
make_tables(CsStore *store, GError **error)
{
    g_autofree char *mark = g_strdup_printf(
        "PRAGMA application_id = %d; PRAGMA user_version = %d",
        APPLICATION_ID, SCHEMA_VERSION);

    if (!cs_store_begin(store, error) || !cs_store_run(store, mark, error)
        || !cs_store_run(store, recordings_sql, error)
        || !cs_store_run(store, run_sql, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *sql = cs_store_create_sql(tables[i]);

        if (!cs_store_run(store, sql, error))
            return false;
    }
    return cs_store_run(store, "COMMIT", error);
}

static bool
set_up(CsStore *store, GError **error)
{
    gint64 id = 0, version = 0, n_tables = 0;

    if (!cs_store_run(store, "PRAGMA trusted_schema = OFF", error)
        || !cs_store_number(store, "SELECT count(*) FROM sqlite_schema", &n_tables,
                       error)
        || !cs_store_number(store, "PRAGMA application_id", &id, error)
        || !cs_store_number(store, "PRAGMA user_version", &version, error))
        return false;
    if (n_tables > 0 && (id != APPLICATION_ID || version != SCHEMA_VERSION))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s is of version %d, this program writes %d; give "
                       "--force to measure anew", store->path, (int) version,
                       SCHEMA_VERSION);
    return (n_tables > 0 || make_tables(store, error))
           && cs_store_run(store,
                  "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
                  "PRAGMA foreign_keys = ON", error);
}

static CsStore *
store_new(const char *dir)
{
    CsStore *store = g_new0(CsStore, 1);

    g_rec_mutex_init(&store->mutex);
    store->lock = -1;
    store->path = g_build_filename(dir, FILE_NAME, NULL);
    return store;
}

static bool
open_file(CsStore *store, GError **error)
{
    if (sqlite3_open_v2(store->path, &store->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                            | SQLITE_OPEN_NOFOLLOW, NULL) != SQLITE_OK)
        return cs_store_fail(store, error);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_busy_timeout(store->db, 5000); /* somebody reads */
    return set_up(store, error);
}

CsStore *
cs_store_open(const char *dir, bool fresh, GError **error)
{
    g_autoptr(CsStore) store = store_new(dir);

    if (!lock_folder(store, dir, error))
        return NULL;
    if (fresh)
        forget(store->path);
    return open_file(store, error) ? g_steal_pointer(&store) : NULL;
}

CsStore *
cs_store_open_held(const char *dir, GError **error)
{
    g_autoptr(CsStore) store = store_new(dir);

    return open_file(store, error) ? g_steal_pointer(&store) : NULL;
}

/* Closing the last connection moves all into results.db itself. */
void
cs_store_close(CsStore *store)
{
    if (store == NULL)
        return;
    sqlite3_close(store->db);
    if (store->lock >= 0)
        close(store->lock);
    g_rec_mutex_clear(&store->mutex);
    g_free(store->path);
    g_free(store);
}

const char *
cs_store_path(const CsStore *store)
{
    return store->path;
}

bool
cs_store_begin(CsStore *store, GError **error)
{
    return cs_store_run(store, "BEGIN IMMEDIATE", error);
}

bool
cs_store_end(CsStore *store, bool ok, GError **error)
{
    if (ok && cs_store_run(store, "COMMIT", error))
        return true;
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
