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
#include "core/alloc.h"
#include "results/store_tables.h"

/* "CoSc": how the file is known; see the magic list of SQLite. */
enum { APPLICATION_ID = 0x436f5363, SCHEMA_VERSION = 2 };

/* More of either than this is damage. */
enum { MAX_PARTICLES = 100000, MAX_ANGLES = 100000 };

#define FILE_NAME "results.db"

struct CsStore {
    char    *path;
    sqlite3 *db;
    int      lock; /* the folder, held with flock; -1: none                 */
};

static const char recordings_sql[]
    = "CREATE TABLE IF NOT EXISTS recordings (id INTEGER PRIMARY KEY, "
      "key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, position INTEGER, "
      "coating TEXT, n_frames INTEGER NOT NULL, n_particles INTEGER NOT NULL, "
      "n_angles INTEGER NOT NULL, in_pixels INTEGER NOT NULL, "
      "mask_bin INTEGER NOT NULL, mask_width INTEGER NOT NULL, "
      "mask_height INTEGER NOT NULL, mask BLOB)";

static const CsStoreTable *const tables[]
    = { &cs_store_seeds, &cs_store_shifts, &cs_store_outlines,
        &cs_store_measures, &cs_store_fits, &cs_store_verdicts };

/* ---- Statements -------------------------------------------------------- */

static bool
fail(const CsStore *store, GError **error)
{
    int code = sqlite3_errcode(store->db);

    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s is damaged (%s); give --force to measure anew",
                       store->path, sqlite3_errmsg(store->db));
    return cs_fail(error, CS_ERROR_IO, "%s: %s", store->path,
                   sqlite3_errmsg(store->db));
}

static bool
fail_damaged(const CsStore *store, GError **error)
{
    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s does not fit together; give --force to measure anew",
                   store->path);
}

static bool
run(CsStore *store, const char *sql, GError **error)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
           || fail(store, error);
}

static sqlite3_stmt *
prepare(CsStore *store, const char *sql, GError **error)
{
    sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
        fail(store, error);
    return s;
}

/* Runs a statement that gives no rows, to its end. */
static bool
finish(CsStore *store, sqlite3_stmt *s, GError **error)
{
    bool ok = s != NULL && (sqlite3_step(s) == SQLITE_DONE
                            || fail(store, error));

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

static bool
get_number(CsStore *store, const char *sql, gint64 *value, GError **error)
{
    sqlite3_stmt *s = prepare(store, sql, error);
    bool ok = s != NULL && (sqlite3_step(s) == SQLITE_ROW
                            || fail(store, error));

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

    if (!run(store, "BEGIN IMMEDIATE", error) || !run(store, mark, error)
        || !run(store, recordings_sql, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *sql = cs_store_create_sql(tables[i]);

        if (!run(store, sql, error))
            return false;
    }
    return run(store, "COMMIT", error);
}

static bool
set_up(CsStore *store, GError **error)
{
    gint64 id = 0, version = 0, n_tables = 0;

    if (!run(store, "PRAGMA trusted_schema = OFF", error)
        || !get_number(store, "SELECT count(*) FROM sqlite_schema", &n_tables,
                       error)
        || !get_number(store, "PRAGMA application_id", &id, error)
        || !get_number(store, "PRAGMA user_version", &version, error))
        return false;
    if (n_tables > 0 && (id != APPLICATION_ID || version != SCHEMA_VERSION))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s is of version %d, this program writes %d; give "
                       "--force to measure anew", store->path, (int) version,
                       SCHEMA_VERSION);
    return (n_tables > 0 || make_tables(store, error))
           && run(store,
                  "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
                  "PRAGMA foreign_keys = ON", error);
}

CsStore *
cs_store_open(const char *dir, bool fresh, GError **error)
{
    g_autoptr(CsStore) store = g_new0(CsStore, 1);

    store->lock = -1;
    store->path = g_build_filename(dir, FILE_NAME, NULL);
    if (!lock_folder(store, dir, error))
        return NULL;
    if (fresh)
        forget(store->path);
    if (sqlite3_open_v2(store->path, &store->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                            | SQLITE_OPEN_NOFOLLOW, NULL) != SQLITE_OK) {
        fail(store, error);
        return NULL;
    }
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_busy_timeout(store->db, 5000); /* somebody reads */
    return set_up(store, error) ? g_steal_pointer(&store) : NULL;
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
    g_free(store->path);
    g_free(store);
}

const char *
cs_store_path(const CsStore *store)
{
    return store->path;
}

/* ---- Putting ----------------------------------------------------------- */

/* Rows of a table: where they lie and how many. */
typedef struct {
    const CsStoreTable *table;
    void               *row;
    size_t              n;
    size_t              size;
} Rows;

static bool
put_all(CsStore *store, gint64 id, const Rows *rows, size_t n_values,
        GError **error)
{
    g_autofree char *sql = cs_store_insert_sql(rows->table);
    sqlite3_stmt *s = prepare(store, sql, error);
    bool ok = s != NULL;

    for (size_t i = 0; ok && i < rows->n; i++) {
        sqlite3_bind_int64(s, 1, id);
        sqlite3_bind_int64(s, 2, (gint64) i);
        cs_store_bind(s, rows->table, (char *) rows->row + i * rows->size,
                      n_values);
        ok = sqlite3_step(s) == SQLITE_DONE || fail(store, error);
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    return ok;
}

static bool
put_recording(CsStore *store, const char *key, const CsStored *r,
              GError **error)
{
    sqlite3_stmt *s = prepare(
        store,
        "INSERT INTO recordings (key, name, n_frames, n_particles, n_angles, "
        "in_pixels, mask_bin, mask_width, mask_height, mask) VALUES (?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?)", error);

    if (s == NULL)
        return false;
    sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, r->measures->recording, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, (gint64) r->outlines->n_frames);
    sqlite3_bind_int64(s, 4, (gint64) r->outlines->n_particles);
    sqlite3_bind_int64(s, 5, (gint64) r->outlines->n_angles);
    sqlite3_bind_int(s, 6, r->measures->in_pixels);
    sqlite3_bind_int64(s, 7, (gint64) r->seeds->mask_bin);
    sqlite3_bind_int64(s, 8, (gint64) r->seeds->mask_width);
    sqlite3_bind_int64(s, 9, (gint64) r->seeds->mask_height);
    if (r->seeds->mask != NULL)
        sqlite3_bind_blob64(s, 10, r->seeds->mask,
                            r->seeds->mask_width * r->seeds->mask_height,
                            SQLITE_STATIC);
    return finish(store, s, error);
}

static bool
forget_recording(CsStore *store, const char *key, GError **error)
{
    sqlite3_stmt *s
        = prepare(store, "DELETE FROM recordings WHERE key = ?", error);

    if (s != NULL)
        sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
    return finish(store, s, error);
}

static void
list_rows(const CsStored *r, Rows rows[4])
{
    const CsOutlines *o = r->outlines;

    rows[0] = (Rows) { &cs_store_seeds, r->seeds->seed, r->seeds->n,
                       sizeof(CsSeed) };
    rows[1] = (Rows) { &cs_store_shifts, r->shifts->shift,
                       r->shifts->n_frames, sizeof(CsShift) };
    rows[2] = (Rows) { &cs_store_outlines, o->outline,
                       o->n_frames * o->n_particles, sizeof(CsOutline) };
    rows[3] = (Rows) { &cs_store_measures, r->measures->row, r->measures->n,
                       sizeof(CsMeasure) };
}

static bool
put_parts(CsStore *store, const char *key, const CsStored *r, GError **error)
{
    Rows rows[4];
    gint64 id;

    if (!forget_recording(store, key, error)
        || !put_recording(store, key, r, error))
        return false;
    id = sqlite3_last_insert_rowid(store->db);
    list_rows(r, rows);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!put_all(store, id, &rows[i], r->outlines->n_angles, error))
            return false;
    return true;
}

/* Ends what BEGIN began, one way or the other. */
static bool
end(CsStore *store, bool ok, GError **error)
{
    if (ok && run(store, "COMMIT", error))
        return true;
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

bool
cs_store_put(CsStore *store, const char *key, const CsStored *stored,
             GError **error)
{
    return run(store, "BEGIN IMMEDIATE", error)
           && end(store, put_parts(store, key, stored, error), error);
}

/* ---- Getting ----------------------------------------------------------- */

static bool
get_all(CsStore *store, gint64 id, const Rows *rows, size_t n_values,
        GError **error)
{
    g_autofree char *sql = cs_store_select_sql(rows->table);
    sqlite3_stmt *s = prepare(store, sql, error);
    size_t n = 0;
    int step = SQLITE_ERROR;
    bool fits = s != NULL;

    if (s != NULL)
        sqlite3_bind_int64(s, 1, id);
    while (fits && (step = sqlite3_step(s)) == SQLITE_ROW)
        fits = n < rows->n
               && cs_store_fetch(s, rows->table,
                                 (char *) rows->row + n++ * rows->size,
                                 n_values);
    if (s != NULL && fits && step != SQLITE_DONE)
        fail(store, error);
    else if (s != NULL && (!fits || n != rows->n))
        fail_damaged(store, error);
    sqlite3_finalize(s);
    return s != NULL && fits && step == SQLITE_DONE && n == rows->n;
}

static bool
count(CsStore *store, const CsStoreTable *table, gint64 id, size_t *n,
      GError **error)
{
    g_autofree char *sql
        = g_strdup_printf("SELECT count(*) FROM %s WHERE recording = %"
                          G_GINT64_FORMAT, table->name, id);
    gint64 value = 0;

    if (!get_number(store, sql, &value, error))
        return false;
    *n = (size_t) value;
    return true;
}

static bool
get_mask(CsStore *store, sqlite3_stmt *s, CsSeeds *seeds, GError **error)
{
    gint64 bin = sqlite3_column_int64(s, 5), w = sqlite3_column_int64(s, 6);
    gint64 h = sqlite3_column_int64(s, 7);
    gint64 n = sqlite3_column_bytes(s, 8);

    if (bin < 0 || w < 0 || h < 0 || (h > 0 && w > n / h) || w * h != n)
        return n == 0 ? true : fail_damaged(store, error);
    seeds->mask_bin = (size_t) bin;
    seeds->mask_width = (size_t) w;
    seeds->mask_height = (size_t) h;
    if (n > 0)
        seeds->mask = g_memdup2(sqlite3_column_blob(s, 8), (gsize) n);
    return true;
}

/* Numbers of rows, in the order of list_rows. */
static bool
count_rows(CsStore *store, gint64 id, size_t n[4], GError **error)
{
    static const CsStoreTable *const counted[]
        = { &cs_store_seeds, &cs_store_shifts, &cs_store_outlines,
            &cs_store_measures };

    for (size_t i = 0; i < G_N_ELEMENTS(counted); i++)
        if (!count(store, counted[i], id, &n[i], error))
            return false;
    return true;
}

static bool
make_lists(const CsStored *to, const size_t n[4], GError **error)
{
    to->seeds->seed = cs_try_alloc(n[0], sizeof(CsSeed), "seeds", error);
    if (to->seeds->seed == NULL)
        return false;
    to->seeds->n = n[0];
    to->measures->row
        = cs_try_alloc(n[3], sizeof(CsMeasure), "measures", error);
    if (to->measures->row == NULL)
        return false;
    to->measures->n = n[3];
    return cs_shifts_resize(to->shifts, n[1], error);
}

/* Makes room for all rows, as many as the store has of each. */
static bool
make_room(CsStore *store, sqlite3_stmt *s, const CsStored *to, GError **error)
{
    gint64 n_frames = sqlite3_column_int64(s, 1);
    gint64 n_particles = sqlite3_column_int64(s, 2);
    gint64 n_angles = sqlite3_column_int64(s, 3);
    size_t n[4];

    if (!count_rows(store, sqlite3_column_int64(s, 0), n, error))
        return false;
    if (n_frames < 0 || n_frames > G_MAXINT || n_particles < 0
        || n_particles > MAX_PARTICLES || n_angles < 0
        || n_angles > MAX_ANGLES
        || (size_t) (n_frames * n_particles) != n[2])
        return fail_damaged(store, error);
    return make_lists(to, n, error)
           && cs_outlines_resize(to->outlines, (size_t) n_frames,
                                 (size_t) n_particles, (size_t) n_angles,
                                 error)
           && get_mask(store, s, to->seeds, error);
}

/* Outlines are numbered; whose they are stands in the measures. */
static bool
get_ids(CsStore *store, const CsStored *to, GError **error)
{
    size_t n = to->outlines->n_frames;

    if (to->measures->n != n * to->outlines->n_particles)
        return fail_damaged(store, error);
    for (size_t p = 0; n > 0 && p < to->outlines->n_particles; p++)
        to->outlines->particle_id[p] = to->measures->row[p * n].particle_id;
    return true;
}

static bool
get_parts(CsStore *store, sqlite3_stmt *s, const CsStored *to, GError **error)
{
    gint64 id = sqlite3_column_int64(s, 0);
    Rows rows[4];

    if (!make_room(store, s, to, error))
        return false;
    to->measures->in_pixels = sqlite3_column_int(s, 4) != 0;
    to->measures->recording
        = g_strdup((const char *) sqlite3_column_text(s, 9));
    list_rows(to, rows);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!get_all(store, id, &rows[i], to->outlines->n_angles, error))
            return false;
    return get_ids(store, to, error);
}

static bool
get_recording(CsStore *store, const char *key, const CsStored *to,
              bool *found, GError **error)
{
    sqlite3_stmt *s = prepare(
        store,
        "SELECT id, n_frames, n_particles, n_angles, in_pixels, mask_bin, "
        "mask_width, mask_height, mask, name FROM recordings WHERE key = ?",
        error);
    int step;
    bool ok;

    if (s == NULL)
        return false;
    sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
    step = sqlite3_step(s);
    *found = step == SQLITE_ROW;
    ok = *found ? get_parts(store, s, to, error)
                : step == SQLITE_DONE || fail(store, error);
    sqlite3_finalize(s);
    return ok;
}

bool
cs_store_get(CsStore *store, const char *key, const CsStored *stored,
             bool *found, GError **error)
{
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    g_auto(CsShifts) shifts = CS_SHIFTS_INIT;
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    g_auto(CsMeasures) measures = CS_MEASURES_INIT;
    const CsStored fresh = { &seeds, &shifts, &outlines, &measures };

    if (!get_recording(store, key, &fresh, found, error))
        return false;
    if (!*found)
        return true;
    cs_seeds_clear(stored->seeds);
    cs_shifts_clear(stored->shifts);
    cs_outlines_clear(stored->outlines);
    cs_measures_clear(stored->measures);
    *stored->seeds = seeds;
    *stored->shifts = shifts;
    *stored->outlines = outlines;
    *stored->measures = measures;
    seeds = (CsSeeds) CS_SEEDS_INIT;
    shifts = (CsShifts) CS_SHIFTS_INIT;
    outlines = (CsOutlines) CS_OUTLINES_INIT;
    measures = (CsMeasures) CS_MEASURES_INIT;
    return true;
}

/* ---- The campaign ------------------------------------------------------ */

static bool
arrange(CsStore *store, const char *const *keys, const char *const *coatings,
        size_t n, GError **error)
{
    if (!run(store, "UPDATE recordings SET position = NULL, coating = NULL",
             error))
        return false;
    for (size_t i = 0; i < n; i++) {
        sqlite3_stmt *s = prepare(store,
                                  "UPDATE recordings SET position = ?, "
                                  "coating = ? WHERE key = ?", error);

        if (s == NULL)
            return false;
        sqlite3_bind_int64(s, 1, (gint64) i);
        sqlite3_bind_text(s, 2, coatings[i], -1, SQLITE_STATIC);
        sqlite3_bind_text(s, 3, keys[i], -1, SQLITE_STATIC);
        if (!finish(store, s, error))
            return false;
    }
    return true;
}

bool
cs_store_arrange(CsStore *store, const char *const *keys,
                 const char *const *coatings, size_t n, GError **error)
{
    return run(store, "BEGIN IMMEDIATE", error)
           && end(store, arrange(store, keys, coatings, n, error), error);
}

/* Rows that are made from the others, in place of what was there. */
static bool
put_derived(CsStore *store, const char *key, const Rows *rows, GError **error)
{
    g_autofree char *quoted = g_strdup_printf(
        "SELECT id FROM recordings WHERE key = '%s'", key);
    g_autofree char *clean = NULL;
    gint64 id;

    g_return_val_if_fail(strchr(key, '\'') == NULL, false);
    if (!get_number(store, quoted, &id, error))
        return false;
    clean = g_strdup_printf("DELETE FROM %s WHERE recording = %"
                            G_GINT64_FORMAT, rows->table->name, id);
    return run(store, clean, error) && put_all(store, id, rows, 0, error);
}

bool
cs_store_put_fits(CsStore *store, const char *key, const CsFits *fits,
                  GError **error)
{
    const Rows rows = { &cs_store_fits, fits->fit, fits->n, sizeof(CsFit) };

    return run(store, "BEGIN IMMEDIATE", error)
           && end(store, put_derived(store, key, &rows, error), error);
}

bool
cs_store_put_verdicts(CsStore *store, const char *key,
                      const CsVerdicts *verdicts, GError **error)
{
    const Rows rows = { &cs_store_verdicts, verdicts->verdict, verdicts->n,
                        sizeof(CsVerdict) };

    return run(store, "BEGIN IMMEDIATE", error)
           && end(store, put_derived(store, key, &rows, error), error);
}
