/* The results as a whole: which recordings, and from what command.
 *
 * The table `run` holds texts under a name and a number.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/error.h"
#include "core/text.h"
#include "results/store_inner.h"

/* The end of the year 9999. */
static const double MAX_DATE_S = 253402300799;

/* ---- Putting ----------------------------------------------------------- */

static bool
put_text(CsStore *store, const char *name, size_t row, const char *value,
         GError **error)
{
    sqlite3_stmt *s;

    if (value == NULL)
        return true;
    s = cs_store_prepare(store, "INSERT INTO run VALUES (?, ?, ?)", error);
    if (s == NULL)
        return false;
    sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (gint64) row);
    sqlite3_bind_text(s, 3, value, -1, SQLITE_STATIC);
    return cs_store_finish(store, s, error);
}

static bool
put_list(CsStore *store, const char *name, char *const *values,
         GError **error)
{
    for (size_t i = 0; values != NULL && values[i] != NULL; i++)
        if (!put_text(store, name, i, values[i], error))
            return false;
    return true;
}

static bool
put_run(CsStore *store, const CsRun *run, GError **error)
{
    g_autoptr(GString) date = g_string_new(NULL);
    g_autofree char *seed
        = g_strdup_printf("%" G_GUINT64_FORMAT, run->seed);

    cs_text_add_double(date, run->date_unix_s);
    return cs_store_run(store, "DELETE FROM run", error)
           && put_text(store, "title", 0, run->title, error)
           && put_text(store, "version", 0, run->version, error)
           && put_text(store, "program_sha256", 0, run->program_sha256,
                       error)
           && put_text(store, "date_unix_s", 0, date->str, error)
           && put_text(store, "seed", 0, run->is_ranked ? seed : NULL, error)
           && put_list(store, "command", run->command, error)
           && put_list(store, "setting", run->settings, error);
}

static bool
place_one(CsStore *store, const CsStorePlace *place, size_t position,
          GError **error)
{
    sqlite3_stmt *s = cs_store_prepare(
        store,
        "UPDATE recordings SET position = ?, coating = ?, session = ? "
        "WHERE key = ?", error);

    if (s == NULL)
        return false;
    sqlite3_bind_int64(s, 1, (gint64) position);
    sqlite3_bind_text(s, 2, place->coating, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, place->session, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, place->key, -1, SQLITE_STATIC);
    return cs_store_finish(store, s, error);
}

static bool
arrange(CsStore *store, const CsStorePlace *place, size_t n,
        const CsRun *run, GError **error)
{
    if (!cs_store_run(store,
                      "UPDATE recordings SET position = NULL, "
                      "coating = NULL, session = NULL", error))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!place_one(store, &place[i], i, error))
            return false;
    return put_run(store, run, error);
}

bool
cs_store_arrange(CsStore *store, const CsStorePlace *place, size_t n,
                 const CsRun *run, GError **error)
{
    CS_STORE_LOCK(store);
    return cs_store_begin(store, error)
           && cs_store_end(store, arrange(store, place, n, run, error),
                           error);
}

bool
cs_store_set_run(CsStore *store, const CsRun *run, GError **error)
{
    CS_STORE_LOCK(store);
    return cs_store_begin(store, error)
           && cs_store_end(store, put_run(store, run, error), error);
}

/* ---- Loading ----------------------------------------------------------- */

static char **
get_list(CsStore *store, const char *name, GError **error)
{
    sqlite3_stmt *s = cs_store_prepare(
        store, "SELECT value FROM run WHERE name = ? ORDER BY row", error);
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();
    int step;

    if (s == NULL)
        return NULL;
    sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        const char *text = (const char *) sqlite3_column_text(s, 0);

        g_strv_builder_add(list, text != NULL ? text : "");
    }
    if (step != SQLITE_DONE)
        cs_store_fail(store, error);
    sqlite3_finalize(s);
    return step == SQLITE_DONE ? g_strv_builder_end(list) : NULL;
}

/* The first of a list; *text stays NULL where it is empty. */
static bool
get_text(CsStore *store, const char *name, char **text, GError **error)
{
    g_auto(GStrv) list = get_list(store, name, error);

    if (list == NULL)
        return false;
    *text = g_strdup(list[0]);
    return true;
}

bool
cs_store_load_run(CsStore *store, CsRun *run, GError **error)
{
    g_autofree char *date = NULL, *seed = NULL;

    if (!get_text(store, "title", &run->title, error)
        || !get_text(store, "version", &run->version, error)
        || !get_text(store, "program_sha256", &run->program_sha256, error)
        || !get_text(store, "date_unix_s", &date, error)
        || !get_text(store, "seed", &seed, error))
        return false;
    run->command = get_list(store, "command", error);
    run->settings = run->command != NULL
                        ? get_list(store, "setting", error) : NULL;
    if (run->settings == NULL)
        return false;
    run->is_ranked = seed != NULL;
    if ((date != NULL && !cs_text_to_double(date, &run->date_unix_s))
        || (seed != NULL
            && !g_ascii_string_to_unsigned(seed, 10, 0, G_MAXUINT64,
                                           &run->seed, NULL))
        || fabs(run->date_unix_s) > MAX_DATE_S
        || g_strv_length(run->settings) % 2 != 0)
        return cs_store_fail_damaged(store, error);
    return true;
}

bool
cs_store_get_run(CsStore *store, CsRun *run, GError **error)
{
    CS_STORE_LOCK(store);
    g_auto(CsRun) fresh = CS_RUN_INIT;
    CsRun old = *run;

    if (!cs_store_load_run(store, &fresh, error))
        return false;
    *run = fresh;
    fresh = old;
    return true;
}

void
cs_run_clear(CsRun *run)
{
    g_free(run->title);
    g_strfreev(run->command);
    g_strfreev(run->settings);
    g_free(run->version);
    g_free(run->program_sha256);
    *run = (CsRun) CS_RUN_INIT;
}
