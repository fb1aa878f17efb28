/* Parts of what was measured, for those who must not hold all of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/error.h"
#include "core/alloc.h"
#include "results/store_inner.h"

/* ---- A recording without its large tables ------------------------------- */

/* Rows of a table whose number the store says. */
static bool
get_list(CsStore *store, gint64 id, const CsStoreTable *table, size_t size,
         CsStoreRows *rows, GError **error)
{
    *rows = (CsStoreRows) { table, NULL, 0, size };
    if (!cs_store_count(store, table, id, &rows->n, error))
        return false;
    rows->row = cs_try_alloc(rows->n, size, table->name, error);
    return rows->row != NULL;
}

static bool
get_seeds(CsStore *store, gint64 id, CsSeeds *seeds, GError **error)
{
    CsStoreRows rows;

    if (!get_list(store, id, &cs_store_seeds, sizeof(CsSeed), &rows, error))
        return false;
    seeds->seed = rows.row;
    seeds->n = rows.n;
    return cs_store_get_rows(store, id, &rows, 0, error);
}

static bool
get_shifts(CsStore *store, gint64 id, CsShifts *shifts, GError **error)
{
    CsStoreRows rows;

    if (!get_list(store, id, &cs_store_shifts, sizeof(CsShift), &rows, error))
        return false;
    shifts->shift = rows.row;
    shifts->n_frames = rows.n;
    return cs_store_get_rows(store, id, &rows, 0, error);
}

static bool
get_verdicts(CsStore *store, gint64 id, CsVerdicts *verdicts, GError **error)
{
    CsStoreRows rows;

    if (!get_list(store, id, &cs_store_verdicts, sizeof(CsVerdict), &rows,
                  error))
        return false;
    verdicts->verdict = rows.row;
    verdicts->n = rows.n;
    return cs_store_get_rows(store, id, &rows, 0, error);
}

/* Whose the outlines are stands in the measures, one block a particle. */
static bool
get_ids(CsStore *store, gint64 id, CsOutlines *o, GError **error)
{
    sqlite3_stmt *s = cs_store_prepare(
        store, "SELECT particle_id FROM measures WHERE recording = ? AND "
               "row = ?", error);
    bool ok = s != NULL;

    for (size_t p = 0; ok && o->n_frames > 0 && p < o->n_particles; p++) {
        sqlite3_bind_int64(s, 1, id);
        sqlite3_bind_int64(s, 2, (gint64) (p * o->n_frames));
        ok = sqlite3_step(s) == SQLITE_ROW
             || cs_store_fail_damaged(store, error);
        if (ok)
            o->particle_id[p] = sqlite3_column_int(s, 0);
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    return ok;
}

/* The numbers of a recording, and its names. */
static bool
get_numbers(CsStore *store, sqlite3_stmt *s, gint64 id, const CsStored *to,
            GError **error)
{
    const gint64 n[] = { sqlite3_column_int64(s, 0),
                         sqlite3_column_int64(s, 1),
                         sqlite3_column_int64(s, 2) };
    CsOutlines *o = to->outlines;

    for (size_t i = 0; i < G_N_ELEMENTS(n); i++)
        if (n[i] < 0 || n[i] > (i == 0 ? G_MAXINT : CS_STORE_MOST))
            return cs_store_fail_damaged(store, error);
    o->n_frames = (size_t) n[0];
    o->n_particles = (size_t) n[1];
    o->n_angles = (size_t) n[2];
    o->particle_id
        = cs_try_alloc(o->n_particles, sizeof(int), "particles", error);
    to->measures->in_pixels = sqlite3_column_int(s, 3) != 0;
    to->measures->recording = cs_store_text(s, 4);
    to->verdicts->recording = cs_store_text(s, 4);
    return o->particle_id != NULL && get_ids(store, id, o, error);
}

bool
cs_store_get_few(CsStore *store, gint64 id, const CsStored *to,
                 GError **error)
{
    sqlite3_stmt *s = cs_store_prepare(
        store, "SELECT n_frames, n_particles, n_angles, in_pixels, name, "
               "mask_bin, mask_width, mask_height, mask "
               "FROM recordings WHERE id = ?", error);
    bool ok;

    if (s == NULL)
        return false;
    sqlite3_bind_int64(s, 1, id);
    ok = (sqlite3_step(s) == SQLITE_ROW || cs_store_fail(store, error))
         && get_numbers(store, s, id, to, error)
         && cs_store_get_mask(store, s, to->seeds, error)
         && get_seeds(store, id, to->seeds, error)
         && get_shifts(store, id, to->shifts, error)
         && get_verdicts(store, id, to->verdicts, error);
    sqlite3_finalize(s);
    return ok;
}

/* ---- Some rows ------------------------------------------------------------- */

bool
cs_store_get_some(CsStore *store, gint64 id, gint64 first,
                  const CsStoreRows *rows, size_t n_values, GError **error)
{
    g_autofree char *all = cs_store_select_sql(rows->table);
    g_autoptr(GString) sql = g_string_new(all);
    sqlite3_stmt *s;
    bool ok = true;

    g_string_replace(sql, " ORDER BY row",
                     " AND row >= ? ORDER BY row LIMIT ?", 1);
    s = cs_store_prepare(store, sql->str, error);
    if (s == NULL)
        return false;
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, first);
    sqlite3_bind_int64(s, 3, (gint64) rows->n);
    for (size_t i = 0; ok && i < rows->n; i++)
        ok = sqlite3_step(s) == SQLITE_ROW
             && cs_store_fetch(s, rows->table,
                               (char *) rows->row + i * rows->size, n_values);
    sqlite3_finalize(s);
    return ok || cs_store_fail_damaged(store, error);
}

bool
cs_store_frame_outlines(CsStore *store, const CsKept *kept, size_t frame,
                        CsOutlines *outlines, GError **error)
{
    CS_STORE_LOCK(store);
    const CsOutlines *o = &kept->outlines;
    g_auto(CsOutlines) fresh = CS_OUTLINES_INIT;
    CsOutlines old = *outlines;
    CsStoreRows rows = { &cs_store_outlines, NULL, o->n_particles,
                         sizeof(CsOutline) };

    if (frame >= o->n_frames)
        return cs_fail(error, CS_ERROR_ARGUMENT, "there is no frame %zu",
                       frame);
    if (!cs_outlines_resize(&fresh, 1, o->n_particles, o->n_angles, error))
        return false;
    rows.row = fresh.outline;
    if (!cs_store_get_some(store, kept->id, (gint64) (frame * rows.n), &rows,
                           o->n_angles, error))
        return false;
    for (size_t p = 0; p < o->n_particles; p++)
        fresh.particle_id[p] = o->particle_id[p];
    *outlines = fresh;
    fresh = old;
    return true;
}

bool
cs_store_particle_measures(CsStore *store, const CsKept *kept, size_t p,
                           CsMeasures *measures, GError **error)
{
    CS_STORE_LOCK(store);
    g_auto(CsMeasures) fresh = CS_MEASURES_INIT;
    CsMeasures old = *measures;
    size_t n = kept->outlines.n_frames;
    CsStoreRows rows = { &cs_store_measures, NULL, n, sizeof(CsMeasure) };

    if (p >= kept->outlines.n_particles)
        return cs_fail(error, CS_ERROR_ARGUMENT, "there is no particle");
    fresh.row = cs_try_alloc(n, sizeof *fresh.row, "the measures", error);
    rows.row = fresh.row;
    if (fresh.row == NULL
        || !cs_store_get_some(store, kept->id, (gint64) (p * n), &rows, 0,
                              error))
        return false;
    fresh.n = n;
    fresh.in_pixels = kept->measures.in_pixels;
    fresh.recording = g_strdup(kept->measures.recording);
    fresh.coating = g_strdup(kept->measures.coating);
    *measures = fresh;
    fresh = old;
    return true;
}

bool
cs_store_particle_outlines(CsStore *store, const CsKept *kept, size_t p,
                           CsOutlines *outlines, GError **error)
{
    CS_STORE_LOCK(store);
    const CsOutlines *o = &kept->outlines;
    g_auto(CsOutlines) fresh = CS_OUTLINES_INIT;
    CsOutlines old = *outlines;

    if (p >= o->n_particles)
        return cs_fail(error, CS_ERROR_ARGUMENT, "there is no particle");
    if (!cs_outlines_resize(&fresh, o->n_frames, 1, o->n_angles, error))
        return false;
    fresh.particle_id[0] = o->particle_id[p];
    for (size_t f = 0; f < o->n_frames; f++) {
        const CsStoreRows rows = { &cs_store_outlines, &fresh.outline[f], 1,
                                   sizeof(CsOutline) };

        if (!cs_store_get_some(store, kept->id,
                               (gint64) (f * o->n_particles + p), &rows,
                               o->n_angles, error))
            return false;
    }
    *outlines = fresh;
    fresh = old;
    return true;
}
