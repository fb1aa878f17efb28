/* One recording of the store: what is put comes back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "results/store_inner.h"

/* ---- Putting ----------------------------------------------------------- */

bool
cs_store_put_rows(CsStore *store, gint64 id, const CsStoreRows *rows,
                  size_t n_values, GError **error)
{
    g_autofree char *sql = cs_store_insert_sql(rows->table);
    sqlite3_stmt *s = cs_store_prepare(store, sql, error);
    bool ok = s != NULL;

    for (size_t i = 0; ok && i < rows->n; i++) {
        sqlite3_bind_int64(s, 1, id);
        sqlite3_bind_int64(s, 2, (gint64) i);
        cs_store_bind(s, rows->table, (char *) rows->row + i * rows->size,
                      n_values);
        ok = sqlite3_step(s) == SQLITE_DONE || cs_store_fail(store, error);
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    return ok;
}

static bool
put_recording(CsStore *store, const char *key, const CsStored *r,
              GError **error)
{
    sqlite3_stmt *s = cs_store_prepare(
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
    return cs_store_finish(store, s, error);
}

static bool
forget_recording(CsStore *store, const char *key, GError **error)
{
    sqlite3_stmt *s
        = cs_store_prepare(store, "DELETE FROM recordings WHERE key = ?", error);

    if (s != NULL)
        sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
    return cs_store_finish(store, s, error);
}

static void
list_rows(const CsStored *r, CsStoreRows rows[4])
{
    const CsOutlines *o = r->outlines;

    rows[0] = (CsStoreRows) { &cs_store_seeds, r->seeds->seed, r->seeds->n,
                       sizeof(CsSeed) };
    rows[1] = (CsStoreRows) { &cs_store_shifts, r->shifts->shift,
                       r->shifts->n_frames, sizeof(CsShift) };
    rows[2] = (CsStoreRows) { &cs_store_outlines, o->outline,
                       o->n_frames * o->n_particles, sizeof(CsOutline) };
    rows[3] = (CsStoreRows) { &cs_store_measures, r->measures->row, r->measures->n,
                       sizeof(CsMeasure) };
}

static bool
put_verdicts(CsStore *store, gint64 id, const CsVerdicts *v, GError **error)
{
    const CsStoreRows rows
        = { &cs_store_verdicts, v->verdict, v->n, sizeof(CsVerdict) };

    return cs_store_put_rows(store, id, &rows, 0, error);
}

static bool
get_verdicts(CsStore *store, gint64 id, CsVerdicts *v, GError **error)
{
    CsStoreRows rows = { &cs_store_verdicts, NULL, 0, sizeof(CsVerdict) };

    if (!cs_store_count(store, &cs_store_verdicts, id, &rows.n, error))
        return false;
    rows.row = cs_try_alloc(rows.n, sizeof(CsVerdict), "verdicts", error);
    if (rows.row == NULL)
        return false;
    v->verdict = rows.row;
    v->n = rows.n;
    return cs_store_get_rows(store, id, &rows, 0, error);
}

static bool
put_parts(CsStore *store, const char *key, const CsStored *r, gint64 *id,
          GError **error)
{
    CsStoreRows rows[4];

    if (!forget_recording(store, key, error)
        || !put_recording(store, key, r, error))
        return false;
    *id = sqlite3_last_insert_rowid(store->db);
    list_rows(r, rows);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!cs_store_put_rows(store, *id, &rows[i], r->outlines->n_angles, error))
            return false;
    return put_verdicts(store, *id, r->verdicts, error);
}

bool
cs_store_put(CsStore *store, const char *key, const CsRecordingInfo *info,
             const CsInputs *inputs, const CsStored *stored, GError **error)
{
    CS_STORE_LOCK(store);
    gint64 id = 0;

    return cs_store_begin(store, error)
           && cs_store_end(store,
                           put_parts(store, key, stored, &id, error)
                               && cs_store_put_about(store, id, info, inputs,
                                                     error),
                           error);
}

bool
cs_store_replace_rows(CsStore *store, const char *key,
                      const CsStoreRows *rows, const char *how_column,
                      const char *how, GError **error)
{
    g_autofree char *clean = NULL, *mark = NULL;
    sqlite3_stmt *s;
    gint64 id;

    if (!cs_store_id(store, key, &id, error))
        return false;
    clean = g_strdup_printf("DELETE FROM %s WHERE recording = %"
                            G_GINT64_FORMAT, rows->table->name, id);
    mark = g_strdup_printf("UPDATE recordings SET %s = ? WHERE id = %"
                           G_GINT64_FORMAT, how_column, id);
    if (!cs_store_run(store, clean, error))
        return false;
    s = cs_store_prepare(store, mark, error);
    if (s != NULL)
        sqlite3_bind_text(s, 1, how, -1, SQLITE_STATIC);
    return cs_store_finish(store, s, error)
           && cs_store_put_rows(store, id, rows, 0, error);
}

/* ---- Getting ----------------------------------------------------------- */

bool
cs_store_get_rows(CsStore *store, gint64 id, const CsStoreRows *rows,
                  size_t n_values, GError **error)
{
    g_autofree char *sql = cs_store_select_sql(rows->table);
    sqlite3_stmt *s = cs_store_prepare(store, sql, error);
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
        cs_store_fail(store, error);
    else if (s != NULL && (!fits || n != rows->n))
        cs_store_fail_damaged(store, error);
    sqlite3_finalize(s);
    return s != NULL && fits && step == SQLITE_DONE && n == rows->n;
}

bool
cs_store_count(CsStore *store, const CsStoreTable *table, gint64 id,
               size_t *n, GError **error)
{
    g_autofree char *sql
        = g_strdup_printf("SELECT count(*) FROM %s WHERE recording = %"
                          G_GINT64_FORMAT, table->name, id);
    gint64 value = 0;

    if (!cs_store_number(store, sql, &value, error))
        return false;
    *n = (size_t) value;
    return true;
}

bool
cs_store_get_mask(CsStore *store, sqlite3_stmt *s, CsSeeds *seeds,
                  GError **error)
{
    gint64 bin = sqlite3_column_int64(s, 5), w = sqlite3_column_int64(s, 6);
    gint64 h = sqlite3_column_int64(s, 7);
    gint64 n = sqlite3_column_bytes(s, 8);

    if (bin < 0 || w < 0 || h < 0 || (h > 0 && w > n / h) || w * h != n)
        return n == 0 ? true : cs_store_fail_damaged(store, error);
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
        if (!cs_store_count(store, counted[i], id, &n[i], error))
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
        || n_particles > CS_STORE_MOST || n_angles < 0
        || n_angles > CS_STORE_MOST
        || (size_t) (n_frames * n_particles) != n[2])
        return cs_store_fail_damaged(store, error);
    return make_lists(to, n, error)
           && cs_outlines_resize(to->outlines, (size_t) n_frames,
                                 (size_t) n_particles, (size_t) n_angles,
                                 error)
           && cs_store_get_mask(store, s, to->seeds, error);
}

/* Outlines are numbered; whose they are stands in the measures. */
static bool
get_ids(CsStore *store, const CsStored *to, GError **error)
{
    size_t n = to->outlines->n_frames;

    if (to->measures->n != n * to->outlines->n_particles)
        return cs_store_fail_damaged(store, error);
    for (size_t p = 0; n > 0 && p < to->outlines->n_particles; p++)
        to->outlines->particle_id[p] = to->measures->row[p * n].particle_id;
    return true;
}

static bool
get_parts(CsStore *store, sqlite3_stmt *s, const CsStored *to, GError **error)
{
    gint64 id = sqlite3_column_int64(s, 0);
    CsStoreRows rows[4];

    if (!make_room(store, s, to, error))
        return false;
    to->measures->in_pixels = sqlite3_column_int(s, 4) != 0;
    to->measures->recording
        = g_strdup((const char *) sqlite3_column_text(s, 9));
    list_rows(to, rows);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!cs_store_get_rows(store, id, &rows[i], to->outlines->n_angles, error))
            return false;
    to->verdicts->recording = g_strdup(to->measures->recording);
    return get_ids(store, to, error)
           && get_verdicts(store, id, to->verdicts, error);
}

static bool
get_recording(CsStore *store, gint64 id, const CsStored *to, GError **error)
{
    sqlite3_stmt *s = cs_store_prepare(
        store,
        "SELECT id, n_frames, n_particles, n_angles, in_pixels, mask_bin, "
        "mask_width, mask_height, mask, name FROM recordings WHERE id = ?",
        error);
    bool ok;

    if (s == NULL)
        return false;
    sqlite3_bind_int64(s, 1, id);
    ok = sqlite3_step(s) == SQLITE_ROW ? get_parts(store, s, to, error)
                                       : cs_store_fail(store, error);
    sqlite3_finalize(s);
    return ok;
}

bool
cs_store_get_by_id(CsStore *store, gint64 id, const CsStored *stored,
                   GError **error)
{
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    g_auto(CsShifts) shifts = CS_SHIFTS_INIT;
    g_auto(CsOutlines) outlines = CS_OUTLINES_INIT;
    g_auto(CsMeasures) measures = CS_MEASURES_INIT;
    g_auto(CsVerdicts) verdicts = CS_VERDICTS_INIT;
    const CsStored fresh
        = { &seeds, &shifts, &outlines, &measures, &verdicts };

    if (!get_recording(store, id, &fresh, error))
        return false;
    cs_seeds_clear(stored->seeds);
    cs_shifts_clear(stored->shifts);
    cs_outlines_clear(stored->outlines);
    cs_measures_clear(stored->measures);
    cs_verdicts_clear(stored->verdicts);
    *stored->seeds = seeds;
    *stored->shifts = shifts;
    *stored->outlines = outlines;
    *stored->measures = measures;
    *stored->verdicts = verdicts;
    seeds = (CsSeeds) CS_SEEDS_INIT;
    shifts = (CsShifts) CS_SHIFTS_INIT;
    outlines = (CsOutlines) CS_OUTLINES_INIT;
    measures = (CsMeasures) CS_MEASURES_INIT;
    verdicts = (CsVerdicts) CS_VERDICTS_INIT;
    return true;
}

/* A number for a key; *found is false where there is no such row. */
static bool
look_up(CsStore *store, const char *sql, const char *key, const char *how,
        gint64 *value, bool *found, GError **error)
{
    sqlite3_stmt *s = cs_store_prepare(store, sql, error);
    int step;

    if (s == NULL)
        return false;
    sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
    if (how != NULL)
        sqlite3_bind_text(s, 2, how, -1, SQLITE_STATIC);
    step = sqlite3_step(s);
    *found = step == SQLITE_ROW;
    *value = *found ? sqlite3_column_int64(s, 0) : 0;
    if (!*found && step != SQLITE_DONE)
        cs_store_fail(store, error);
    sqlite3_finalize(s);
    return *found || step == SQLITE_DONE;
}

bool
cs_store_id(CsStore *store, const char *key, gint64 *id, GError **error)
{
    bool found;

    if (!look_up(store, "SELECT id FROM recordings WHERE key = ?", key, NULL,
                 id, &found, error))
        return false;
    return found
           || cs_fail(error, CS_ERROR_IO, "%s lost a recording meanwhile",
                      store->path);
}

bool
cs_store_get(CsStore *store, const char *key, const CsStored *stored,
             bool *found, GError **error)
{
    CS_STORE_LOCK(store);
    gint64 id;

    return look_up(store, "SELECT id FROM recordings WHERE key = ?", key,
                   NULL, &id, found, error)
           && (!*found || cs_store_get_by_id(store, id, stored, error));
}

/* ---- What is made of it ------------------------------------------------ */

bool
cs_store_put_fits(CsStore *store, const char *key, const char *how,
                  const CsFits *fits, GError **error)
{
    CS_STORE_LOCK(store);
    const CsStoreRows rows
        = { &cs_store_fits, fits->fit, fits->n, sizeof(CsFit) };

    return cs_store_begin(store, error)
           && cs_store_end(store,
                           cs_store_replace_rows(store, key, &rows,
                                                 "fits_how", how, error),
                           error);
}

bool
cs_store_fetch_fits(CsStore *store, gint64 id, CsFits *fits, GError **error)
{
    g_auto(CsFits) fresh = CS_FITS_INIT;
    CsFits old = *fits;
    CsStoreRows rows = { &cs_store_fits, NULL, 0, sizeof(CsFit) };

    if (!cs_store_count(store, &cs_store_fits, id, &rows.n, error))
        return false;
    fresh.fit = cs_try_alloc(rows.n, sizeof(CsFit), "fits", error);
    rows.row = fresh.fit;
    fresh.n = rows.n;
    if (rows.row == NULL || !cs_store_get_rows(store, id, &rows, 0, error))
        return false;
    *fits = fresh;
    fresh = old;
    return true;
}

bool
cs_store_get_fits(CsStore *store, const char *key, const char *how,
                  CsFits *fits, bool *found, GError **error)
{
    CS_STORE_LOCK(store);
    gint64 id;

    return look_up(store,
                   "SELECT id FROM recordings WHERE key = ? AND fits_how = ?",
                   key, how, &id, found, error)
           && (!*found || cs_store_fetch_fits(store, id, fits, error));
}

bool
cs_store_put_pictures(CsStore *store, const char *key, const char *how,
                      const CsPictures *pictures, GError **error)
{
    CS_STORE_LOCK(store);
    const CsStoreRows rows = { &cs_store_pictures, pictures->picture,
                               pictures->n, sizeof(CsPicture) };

    return cs_store_begin(store, error)
           && cs_store_end(store,
                           cs_store_replace_rows(store, key, &rows,
                                                 "pictures_how", how, error),
                           error);
}

bool
cs_store_has_pictures(CsStore *store, const char *key, const char *how,
                      bool *found, GError **error)
{
    CS_STORE_LOCK(store);
    gint64 id;

    return look_up(
        store, "SELECT id FROM recordings WHERE key = ? AND pictures_how = ?",
        key, how, &id, found, error);
}
