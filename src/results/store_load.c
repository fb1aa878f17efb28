/* All that the results are made of, out of the store.
 *
 * A recording comes back as what is known of it. It gives no frame: nothing
 * that is written again may depend on files that could have changed or gone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "coatscope/error.h"
#include "core/alloc.h"
#include "results/store_inner.h"

enum { MAX_SIDE = 1 << 20 };

/* ---- Putting what is known of a recording ------------------------------ */

static bool
put_facts(CsStore *store, gint64 id, const CsRecordingInfo *info,
          GError **error)
{
    sqlite3_stmt *s = cs_store_prepare(
        store,
        "UPDATE recordings SET format = ?, width = ?, height = ?, "
        "nm_per_px_x = ?, nm_per_px_y = ?, scale_source = ?, start_unix_s = ? "
        "WHERE id = ?", error);

    if (s == NULL)
        return false;
    sqlite3_bind_text(s, 1, info->format, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (gint64) info->width);
    sqlite3_bind_int64(s, 3, (gint64) info->height);
    sqlite3_bind_double(s, 4, info->nm_per_px_x);
    sqlite3_bind_double(s, 5, info->nm_per_px_y);
    sqlite3_bind_int(s, 6, (int) info->scale_source);
    sqlite3_bind_double(s, 7, info->clock.start_unix_s);
    sqlite3_bind_int64(s, 8, id);
    return cs_store_finish(store, s, error);
}

static bool
put_clock(CsStore *store, gint64 id, const CsClock *clock, GError **error)
{
    g_autofree CsStoreTick *tick = cs_try_alloc(
        clock->n_frames, sizeof *tick, "the times of frames", error);
    const CsStoreRows rows
        = { &cs_store_clock, tick, clock->n_frames, sizeof *tick };

    if (tick == NULL)
        return false;
    for (size_t i = 0; i < clock->n_frames; i++)
        tick[i] = (CsStoreTick) { clock->start_s[i], clock->duration_s[i],
                                  (int) clock->source[i] };
    return cs_store_put_rows(store, id, &rows, 0, error);
}

static bool
put_electrical(CsStore *store, gint64 id, const CsElectrical *e,
               GError **error)
{
    g_autofree CsStoreEvent *event
        = cs_try_alloc(e->n_events, sizeof *event, "events", error);
    const CsStoreRows frames = { &cs_store_electrical, e->frame, e->n_frames,
                                 sizeof(CsElectricalFrame) };
    const CsStoreRows events
        = { &cs_store_circuit, event, e->n_events, sizeof *event };

    if (event == NULL)
        return false;
    for (size_t i = 0; i < e->n_events; i++)
        event[i] = (CsStoreEvent) { e->event[i].event, e->event[i].time_lo_s,
                                    e->event[i].time_hi_s,
                                    e->event[i].detail };
    return cs_store_put_rows(store, id, &frames, 0, error)
           && cs_store_put_rows(store, id, &events, 0, error);
}

bool
cs_store_put_about(CsStore *store, gint64 id, const CsRecordingInfo *info,
                   const CsInputs *inputs, GError **error)
{
    const CsStoreRows files
        = { &cs_store_inputs, inputs->file, inputs->n, sizeof(CsInputFile) };
    const GPtrArray *notes = info->notes;
    const CsStoreRows lines
        = { &cs_store_notes, notes != NULL ? notes->pdata : NULL,
            notes != NULL ? notes->len : 0, sizeof(CsStoreNote) };

    return put_facts(store, id, info, error)
           && put_clock(store, id, &info->clock, error)
           && cs_store_put_rows(store, id, &files, 0, error)
           && cs_store_put_rows(store, id, &lines, 0, error)
           && put_electrical(store, id, &info->electrical, error);
}

/* ---- Loading ----------------------------------------------------------- */

/* Room for all rows of a table, and the rows; *to is to be freed with what
 * they hold, whether it went well or not. */
static bool
load_rows(CsStore *store, gint64 id, const CsStoreTable *table, size_t size,
          void **to, size_t *n, GError **error)
{
    CsStoreRows rows = { table, NULL, 0, size };

    if (!cs_store_count(store, table, id, &rows.n, error))
        return false;
    rows.row = cs_try_alloc(rows.n, size, table->name, error);
    if (rows.row == NULL)
        return false;
    *to = rows.row;
    *n = rows.n;
    return cs_store_get_rows(store, id, &rows, 0, error);
}

static bool
load_clock(CsStore *store, gint64 id, CsClock *clock, GError **error)
{
    void *rows = NULL;
    size_t n = 0;
    bool ok = load_rows(store, id, &cs_store_clock, sizeof(CsStoreTick),
                        &rows, &n, error)
              && cs_clock_resize(clock, n, error);
    const CsStoreTick *tick = rows;

    for (size_t i = 0; ok && i < n; i++) {
        clock->start_s[i] = tick[i].start_s;
        clock->duration_s[i] = tick[i].duration_s;
        clock->source[i] = (CsTimeSource) tick[i].source;
    }
    g_free(rows);
    return ok;
}

static bool
load_notes(CsStore *store, gint64 id, GPtrArray *notes, GError **error)
{
    void *rows = NULL;
    size_t n = 0;
    bool ok = load_rows(store, id, &cs_store_notes, sizeof(CsStoreNote),
                        &rows, &n, error);
    const CsStoreNote *note = rows;

    for (size_t i = 0; i < n; i++)
        if (note[i].text != NULL)
            g_ptr_array_add(notes, note[i].text);
    g_free(rows);
    return ok;
}

static bool
load_events(CsStore *store, gint64 id, CsElectrical *e, GError **error)
{
    void *rows = NULL;
    size_t n = 0;
    bool ok = load_rows(store, id, &cs_store_circuit, sizeof(CsStoreEvent),
                        &rows, &n, error);
    const CsStoreEvent *event = rows;

    e->event = g_new0(CsElectricalEvent, n + 1);
    e->n_events = n;
    for (size_t i = 0; i < n; i++) {
        e->event[i].event = event[i].event != NULL ? event[i].event : "";
        e->event[i].time_lo_s = event[i].time_lo_s;
        e->event[i].time_hi_s = event[i].time_hi_s;
        if (event[i].detail != NULL)
            g_strlcpy(e->event[i].detail, event[i].detail,
                      sizeof e->event[i].detail);
        g_free(event[i].detail);
    }
    g_free(rows);
    return ok;
}

/* What the results are made of: of every frame, and events; the samples of
 * the log stay in the log. */
static bool
load_electrical(CsStore *store, gint64 id, CsElectrical *e, GError **error)
{
    void *frames = NULL;
    bool ok = load_rows(store, id, &cs_store_electrical,
                        sizeof(CsElectricalFrame), &frames, &e->n_frames,
                        error);

    e->frame = frames;
    return ok && load_events(store, id, e, error);
}

/* A column with a size or a count of pixels or frames. */
static bool
take_size(CsStore *store, sqlite3_stmt *s, int column, size_t *to,
          GError **error)
{
    gint64 value = sqlite3_column_int64(s, column);

    if (value < 0 || value > G_MAXINT)
        return cs_store_fail_damaged(store, error);
    *to = (size_t) value;
    return true;
}

static double
take_real(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL
               ? NAN : sqlite3_column_double(s, column);
}

static bool
take_facts(CsStore *store, sqlite3_stmt *s, CsRecordingInfo *info,
           GError **error)
{
    const char *format = (const char *) sqlite3_column_text(s, 4);
    int source = sqlite3_column_int(s, 9);

    if (!take_size(store, s, 3, &info->n_frames, error)
        || !take_size(store, s, 5, &info->width, error)
        || !take_size(store, s, 6, &info->height, error))
        return false;
    if (source < CS_SCALE_NONE || source > CS_SCALE_USER || format == NULL
        || strlen(format) > 64 || info->width > MAX_SIDE
        || info->height > MAX_SIDE)
        return cs_store_fail_damaged(store, error);
    info->name = cs_store_text(s, 1);
    info->format = g_intern_string(format);
    info->nm_per_px_x = take_real(s, 7);
    info->nm_per_px_y = take_real(s, 8);
    info->scale_source = (CsScaleSource) source;
    info->clock.start_unix_s = take_real(s, 10);
    return true;
}

static bool
give_no_frame(void *state, size_t index, CsFrame *frame, GError **error)
{
    (void) state;
    (void) frame;
    return cs_fail(error, CS_ERROR_IO,
                   "frame %" G_GSIZE_FORMAT " is not in results.db", index);
}

static bool
load_about(CsStore *store, sqlite3_stmt *s, CsKept *to, GError **error)
{
    static const CsFrameSource source = { give_no_frame, NULL };
    g_auto(CsRecordingInfo) info = CS_RECORDING_INFO_INIT;
    gint64 id = sqlite3_column_int64(s, 0);

    info.notes = g_ptr_array_new_with_free_func(g_free);
    if (!take_facts(store, s, &info, error)
        || !load_clock(store, id, &info.clock, error)
        || !load_notes(store, id, info.notes, error)
        || !load_electrical(store, id, &info.electrical, error))
        return false;
    if (info.clock.n_frames != info.n_frames
        || (info.electrical.n_frames != 0
            && info.electrical.n_frames != info.n_frames))
        return cs_store_fail_damaged(store, error);
    to->recording = cs_recording_take(&info, &source, NULL);
    return true;
}

static bool
load_parts(CsStore *store, gint64 id, bool all, CsKept *to, GError **error)
{
    const CsStored parts
        = { &to->seeds, &to->shifts, &to->outlines, &to->measures,
            &to->verdicts };
    void *files = NULL, *pictures = NULL;
    bool ok = (all ? cs_store_get_by_id(store, id, &parts, error)
                   : cs_store_get_few(store, id, &parts, error))
              && cs_store_fetch_fits(store, id, &to->fits, error)
              && load_rows(store, id, &cs_store_inputs, sizeof(CsInputFile),
                           &files, &to->inputs.n, error);

    to->inputs.file = files;
    ok = ok && (!all || load_rows(store, id, &cs_store_pictures, sizeof(CsPicture),
                         &pictures, &to->pictures.n, error));
    to->pictures.picture = pictures;
    return ok;
}

static bool
fits_together(const CsKept *kept)
{
    size_t n = cs_recording_info(kept->recording)->n_frames;

    for (size_t i = 0; i < kept->pictures.n; i++) {
        const CsPicture *p = &kept->pictures.picture[i];

        if (p->frame >= n || !(p->width_px > 0) || !(p->height_px > 0))
            return false;
    }
    return kept->outlines.n_frames == n
           && (kept->shifts.n_frames == 0 || kept->shifts.n_frames == n);
}

static char *
or_nothing(char *text)
{
    return text != NULL ? text : g_strdup("");
}

static bool
load_one(CsStore *store, sqlite3_stmt *s, bool all, CsKept *to,
         GError **error)
{
    to->id = sqlite3_column_int64(s, 0);
    if (!load_about(store, s, to, error)
        || !load_parts(store, to->id, all, to, error))
        return false;
    to->fits_how = cs_store_text(s, 12);
    to->session = cs_store_text(s, 11);
    g_free(to->measures.coating);
    to->measures.coating = or_nothing(cs_store_text(s, 2));
    to->fits.recording = g_strdup(to->measures.recording);
    to->fits.coating = g_strdup(to->measures.coating);
    to->verdicts.coating = g_strdup(to->measures.coating);
    return fits_together(to) || cs_store_fail_damaged(store, error);
}

static bool
load_all(CsStore *store, bool whole, CsKeptAll *all, GError **error)
{
    sqlite3_stmt *s = cs_store_prepare(
        store,
        "SELECT id, name, coating, n_frames, format, width, height, "
        "nm_per_px_x, nm_per_px_y, scale_source, start_unix_s, session, "
        "fits_how "
        "FROM recordings WHERE position IS NOT NULL ORDER BY position",
        error);
    g_autoptr(GArray) list = g_array_new(FALSE, TRUE, sizeof(CsKept));
    int step = SQLITE_ERROR;
    bool ok = s != NULL;

    while (ok && (step = sqlite3_step(s)) == SQLITE_ROW) {
        g_array_set_size(list, list->len + 1);
        ok = load_one(store, s, whole,
                      &g_array_index(list, CsKept, list->len - 1), error);
    }
    all->n = list->len;
    all->item = (CsKept *) (void *) g_array_free(g_steal_pointer(&list),
                                                 FALSE);
    if (ok && step != SQLITE_DONE)
        ok = cs_store_fail(store, error);
    sqlite3_finalize(s);
    return ok;
}

static bool
load(CsStore *store, bool whole, CsKeptAll *all, GError **error)
{
    CS_STORE_LOCK(store);
    g_auto(CsKeptAll) fresh = CS_KEPT_ALL_INIT;
    CsKeptAll old = *all;

    if (!load_all(store, whole, &fresh, error)
        || !cs_store_load_run(store, &fresh.run, error))
        return false;
    if (fresh.n == 0 && whole)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s holds no finished results; give the command that "
                       "began them again", store->path);
    *all = fresh;
    fresh = old;
    return true;
}

bool
cs_store_load(CsStore *store, CsKeptAll *all, GError **error)
{
    return load(store, true, all, error);
}

bool
cs_store_survey(CsStore *store, CsKeptAll *all, GError **error)
{
    return load(store, false, all, error);
}

static void
clear_one(CsKept *kept)
{
    cs_recording_unref(kept->recording);
    g_free(kept->fits_how);
    g_free(kept->session);
    cs_seeds_clear(&kept->seeds);
    cs_shifts_clear(&kept->shifts);
    cs_outlines_clear(&kept->outlines);
    cs_measures_clear(&kept->measures);
    cs_verdicts_clear(&kept->verdicts);
    cs_fits_clear(&kept->fits);
    cs_inputs_clear(&kept->inputs);
    cs_pictures_clear(&kept->pictures);
}

void
cs_kept_all_clear(CsKeptAll *all)
{
    for (size_t i = 0; i < all->n; i++)
        clear_one(&all->item[i]);
    g_free(all->item);
    cs_run_clear(&all->run);
    *all = (CsKeptAll) CS_KEPT_ALL_INIT;
}
