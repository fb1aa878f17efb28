/* Tables of the store.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/store_tables.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "coatscope/store.h"
#include "results/store_inner.h"

/* A longer word is damage. */
enum { MAX_WORD = 64 };

/* ---- Columns ----------------------------------------------------------- */

#define COLUMN(type, name, kind, max)                                         \
    { #name, CS_STORE_##kind, offsetof(type, name), max }

#define SEED(name, kind) COLUMN(CsSeed, name, kind, 0)
#define SHIFT(name, kind) COLUMN(CsShift, name, kind, 0)
#define OUTLINE(name, kind) COLUMN(CsOutline, name, kind, 0)
#define MEASURE(name, kind) COLUMN(CsMeasure, name, kind, 0)
#define VERDICT(name, kind) COLUMN(CsVerdict, name, kind, 0)
#define EVIDENCE(which, name)                                                 \
    { "evidence_" name, CS_STORE_REAL, offsetof(CsVerdict, evidence[which]), 0 }
#define ADDS(which, name)                                                     \
    { "adds_" name, CS_STORE_REAL, offsetof(CsVerdict, adds[which]), 0 }
#define FIT(name, kind) COLUMN(CsFit, name, kind, 0)

static const CsStoreColumn seed_columns[] = {
    { "particle_id", CS_STORE_INT, offsetof(CsSeed, id), 0 },
    SEED(outline, POLYGON),
    SEED(key_frame, SIZE),
    SEED(birth_frame, SIZE),
    SEED(death_frame, SIZE),
    SEED(from_user, BOOL),
    SEED(is_dark, BOOL),
    SEED(contrast, REAL),
    { 0 },
};

static const CsStoreColumn shift_columns[] = {
    SHIFT(dx_px, REAL),
    SHIFT(dy_px, REAL),
    SHIFT(sd_px, REAL),
    SHIFT(jump, BOOL),
    SHIFT(flags, INT),
    { 0 },
};

static const CsStoreColumn outline_columns[] = {
    COLUMN(CsOutline, state, INT, CS_OUTLINE_FAINT),
    OUTLINE(edited, BOOL),
    OUTLINE(centre_x_px, REAL),
    OUTLINE(centre_y_px, REAL),
    OUTLINE(area_px2, REAL),
    OUTLINE(area_sd_px2, REAL),
    OUTLINE(core_area_px2, REAL),
    OUTLINE(core_area_sd_px2, REAL),
    OUTLINE(coat_thickness_px, REAL),
    OUTLINE(coat_thickness_sd_px, REAL),
    OUTLINE(rim_gap_fraction, REAL),
    OUTLINE(background, REAL),
    OUTLINE(intensity, REAL),
    OUTLINE(chi2, REAL),
    OUTLINE(r_px, FLOATS),
    OUTLINE(r_sd_px, FLOATS),
    OUTLINE(core_px, FLOATS),
    OUTLINE(core_sd_px, FLOATS),
    OUTLINE(rim, FLOATS),
    { 0 },
};

static const CsStoreColumn measure_columns[] = {
    MEASURE(particle_id, INT),
    MEASURE(frame, SIZE),
    MEASURE(time_s, REAL),
    COLUMN(CsMeasure, time_source, INT, CS_TIME_MEASURED),
    MEASURE(area_nm2, REAL),
    MEASURE(area_sd_nm2, REAL),
    MEASURE(core_area_nm2, REAL),
    MEASURE(core_area_sd_nm2, REAL),
    MEASURE(coat_thickness_nm, REAL),
    MEASURE(coat_thickness_sd_nm, REAL),
    MEASURE(expansion, REAL),
    MEASURE(expansion_sd, REAL),
    MEASURE(volume_ratio, REAL),
    MEASURE(x, REAL),
    MEASURE(centroid_x_px, REAL),
    MEASURE(centroid_y_px, REAL),
    MEASURE(solidity, REAL),
    MEASURE(rim_gap_fraction, REAL),
    MEASURE(intensity, REAL),
    MEASURE(bias_V, REAL),
    MEASURE(current_A, REAL),
    MEASURE(dose_e_per_A2, REAL),
    COLUMN(CsMeasure, state, INT, CS_OUTLINE_FAINT),
    COLUMN(CsMeasure, broken, SIGNED, 1),
    MEASURE(edited, BOOL),
    { 0 },
};

static const CsStoreColumn fit_columns[] = {
    FIT(particle_id, INT),
    FIT(n_frames, SIZE),
    FIT(n_ok, SIZE),
    COLUMN(CsFit, quality, INT, (1 << CS_N_RUN_QUALITIES) - 1),
    FIT(diameter0_nm, REAL),
    FIT(onset_s, REAL),
    FIT(onset_lo_s, REAL),
    FIT(onset_hi_s, REAL),
    FIT(contact_s, REAL),
    FIT(expansion_free, REAL),
    FIT(expansion_final, REAL),
    FIT(expansion_final_sd, REAL),
    FIT(rate_per_s, REAL),
    FIT(rate_sd_per_s, REAL),
    FIT(initial_rate_per_s, REAL),
    FIT(front_speed_nm_per_s, REAL),
    FIT(t50_s, REAL),
    FIT(t50_full_s, REAL),
    FIT(model, WORD),
    FIT(model_weight, REAL),
    FIT(best_model, WORD),
    FIT(delta_aicc, REAL),
    FIT(residual_sd, REAL),
    FIT(rho1, REAL),
    { 0 },
};

static const CsStoreColumn clock_columns[] = {
    COLUMN(CsStoreTick, start_s, REAL, 0),
    COLUMN(CsStoreTick, duration_s, REAL, 0),
    COLUMN(CsStoreTick, source, INT, CS_TIME_MEASURED),
    { 0 },
};

static const CsStoreColumn input_columns[] = {
    COLUMN(CsInputFile, path, TEXT, 0),
    COLUMN(CsInputFile, size, SIZE, 0),
    COLUMN(CsInputFile, sha256, TEXT, 0),
    { 0 },
};

static const CsStoreColumn note_columns[] = {
    COLUMN(CsStoreNote, text, TEXT, 0),
    { 0 },
};

static const CsStoreColumn electrical_columns[] = {
    { "bias_V", CS_STORE_REAL, offsetof(CsElectricalFrame, bias_V.mean), 0 },
    { "bias_min_V", CS_STORE_REAL, offsetof(CsElectricalFrame, bias_V.min),
      0 },
    { "bias_max_V", CS_STORE_REAL, offsetof(CsElectricalFrame, bias_V.max),
      0 },
    { "bias_n", CS_STORE_SIZE, offsetof(CsElectricalFrame, bias_V.n), 0 },
    { "current_A", CS_STORE_REAL, offsetof(CsElectricalFrame, current_A.mean),
      0 },
    { "current_min_A", CS_STORE_REAL,
      offsetof(CsElectricalFrame, current_A.min), 0 },
    { "current_max_A", CS_STORE_REAL,
      offsetof(CsElectricalFrame, current_A.max), 0 },
    { "current_n", CS_STORE_SIZE, offsetof(CsElectricalFrame, current_A.n),
      0 },
    { 0 },
};

static const CsStoreColumn circuit_columns[] = {
    COLUMN(CsStoreEvent, event, WORD, 0),
    COLUMN(CsStoreEvent, time_lo_s, REAL, 0),
    COLUMN(CsStoreEvent, time_hi_s, REAL, 0),
    COLUMN(CsStoreEvent, detail, TEXT, 0),
    { 0 },
};

static const CsStoreColumn picture_columns[] = {
    COLUMN(CsPicture, frame, SIZE, 0),
    COLUMN(CsPicture, width_px, REAL, 0),
    COLUMN(CsPicture, height_px, REAL, 0),
    COLUMN(CsPicture, jpeg, BYTES, 0),
    { 0 },
};

static const CsStoreColumn verdict_columns[] = {
    VERDICT(particle_id, INT),
    COLUMN(CsVerdict, kind, INT, CS_VERDICT_BROKEN),
    COLUMN(CsVerdict, doubt, INT, CS_DOUBT_NO_SCALE),
    VERDICT(n_frames, SIZE),
    VERDICT(last_frame, SIZE),
    VERDICT(last_s, REAL),
    VERDICT(ring_seen, REAL),
    VERDICT(smallest_visible_gap_nm, REAL),
    VERDICT(break_frame_lo, SIZE),
    VERDICT(break_frame_hi, SIZE),
    VERDICT(break_lo_s, REAL),
    VERDICT(break_hi_s, REAL),
    VERDICT(break_angle_deg, REAL),
    VERDICT(break_extent_deg, REAL),
    VERDICT(gap_nm, REAL),
    VERDICT(strain_at_break, REAL),
    VERDICT(strain_is_outer, BOOL),
    VERDICT(dose_at_break_e_per_A2, REAL),
    VERDICT(log_odds, REAL),
    EVIDENCE(CS_EVIDENCE_RING, "ring"),
    EVIDENCE(CS_EVIDENCE_DEPTH, "depth"),
    EVIDENCE(CS_EVIDENCE_STAYS, "stays"),
    EVIDENCE(CS_EVIDENCE_CONTOUR, "contour"),
    EVIDENCE(CS_EVIDENCE_SOLIDITY, "solidity"),
    EVIDENCE(CS_EVIDENCE_RATE, "rate"),
    EVIDENCE(CS_EVIDENCE_BALANCE, "balance"),
    ADDS(CS_EVIDENCE_RING, "ring"),
    ADDS(CS_EVIDENCE_DEPTH, "depth"),
    ADDS(CS_EVIDENCE_STAYS, "stays"),
    ADDS(CS_EVIDENCE_CONTOUR, "contour"),
    ADDS(CS_EVIDENCE_SOLIDITY, "solidity"),
    ADDS(CS_EVIDENCE_RATE, "rate"),
    ADDS(CS_EVIDENCE_BALANCE, "balance"),
    { 0 },
};

const CsStoreTable cs_store_seeds = { "seeds", seed_columns };
const CsStoreTable cs_store_shifts = { "shifts", shift_columns };
const CsStoreTable cs_store_outlines = { "outlines", outline_columns };
const CsStoreTable cs_store_measures = { "measures", measure_columns };
const CsStoreTable cs_store_fits = { "fits", fit_columns };
const CsStoreTable cs_store_verdicts = { "verdicts", verdict_columns };
const CsStoreTable cs_store_clock = { "clock", clock_columns };
const CsStoreTable cs_store_inputs = { "inputs", input_columns };
const CsStoreTable cs_store_notes = { "notes", note_columns };
const CsStoreTable cs_store_electrical = { "electrical", electrical_columns };
const CsStoreTable cs_store_circuit = { "circuit_events", circuit_columns };
const CsStoreTable cs_store_pictures = { "pictures", picture_columns };

/* ---- SQL --------------------------------------------------------------- */

char *
cs_store_create_sql(const CsStoreTable *table)
{
    static const char *const types[] = {
        [CS_STORE_REAL] = "REAL",   [CS_STORE_INT] = "INTEGER",
        [CS_STORE_SIGNED] = "INTEGER", [CS_STORE_SIZE] = "INTEGER",
        [CS_STORE_BOOL] = "INTEGER", [CS_STORE_TEXT] = "TEXT",
        [CS_STORE_WORD] = "TEXT", [CS_STORE_FLOATS] = "BLOB",
        [CS_STORE_POLYGON] = "BLOB", [CS_STORE_BYTES] = "BLOB",
    };
    GString *sql = g_string_new(NULL);

    g_string_append_printf(sql,
                           "CREATE TABLE IF NOT EXISTS %s (recording INTEGER "
                           "NOT NULL REFERENCES recordings(id) ON DELETE "
                           "CASCADE, row INTEGER NOT NULL", table->name);
    for (const CsStoreColumn *c = table->column; c->name != NULL; c++)
        g_string_append_printf(sql, ", %s %s", c->name, types[c->kind]);
    g_string_append(sql, ", PRIMARY KEY (recording, row)) WITHOUT ROWID");
    return g_string_free(sql, FALSE);
}

char *
cs_store_insert_sql(const CsStoreTable *table)
{
    GString *sql = g_string_new("INSERT INTO ");

    g_string_append_printf(sql, "%s VALUES (?, ?", table->name);
    for (const CsStoreColumn *c = table->column; c->name != NULL; c++)
        g_string_append(sql, ", ?");
    g_string_append_c(sql, ')');
    return g_string_free(sql, FALSE);
}

char *
cs_store_select_sql(const CsStoreTable *table)
{
    GString *sql = g_string_new("SELECT ");

    for (const CsStoreColumn *c = table->column; c->name != NULL; c++)
        g_string_append_printf(sql, "%s%s", c == table->column ? "" : ", ",
                               c->name);
    g_string_append_printf(sql, " FROM %s WHERE recording = ? ORDER BY row",
                           table->name);
    return g_string_free(sql, FALSE);
}

/* ---- One value --------------------------------------------------------- */

static void
bind_floats(sqlite3_stmt *s, int i, const float *values, size_t n)
{
    size_t k = 0;

    while (k < n && isnan(values[k]))
        k++;
    if (k < n)
        sqlite3_bind_blob64(s, i, values, n * sizeof *values,
                            SQLITE_TRANSIENT);
    else
        sqlite3_bind_null(s, i);
}

static void
bind_polygon(sqlite3_stmt *s, int i, const CsPolygon *polygon)
{
    sqlite3_bind_blob64(s, i, polygon->n > 0 ? (void *) polygon->points : "",
                        polygon->n * sizeof *polygon->points,
                        SQLITE_TRANSIENT);
}

static void
bind_bytes(sqlite3_stmt *s, int i, GBytes *bytes)
{
    gsize n;
    const void *data = g_bytes_get_data(bytes, &n);

    sqlite3_bind_blob64(s, i, n > 0 ? data : "", n, SQLITE_STATIC);
}

void
cs_store_bind(sqlite3_stmt *s, const CsStoreTable *table, const void *row,
              size_t n_values)
{
    int i = 3;

    for (const CsStoreColumn *c = table->column; c->name != NULL; c++, i++) {
        const void *at = (const char *) row + c->offset;

        switch (c->kind) {
        case CS_STORE_REAL: /* NAN becomes NULL by itself */
            sqlite3_bind_double(s, i, *(const double *) at);
            break;
        case CS_STORE_INT:
        case CS_STORE_SIGNED: sqlite3_bind_int(s, i, *(const int *) at); break;
        case CS_STORE_SIZE:
            sqlite3_bind_int64(s, i, (gint64) * (const size_t *) at);
            break;
        case CS_STORE_BOOL: sqlite3_bind_int(s, i, *(const bool *) at); break;
        case CS_STORE_TEXT:
        case CS_STORE_WORD:
            sqlite3_bind_text(s, i, *(const char *const *) at, -1,
                              SQLITE_STATIC);
            break;
        case CS_STORE_FLOATS:
            bind_floats(s, i, *(float *const *) at, n_values);
            break;
        case CS_STORE_POLYGON: bind_polygon(s, i, at); break;
        case CS_STORE_BYTES: bind_bytes(s, i, *(GBytes *const *) at); break;
        }
    }
}

/* What is NULL stays as it was: NAN. */
static bool
fetch_floats(sqlite3_stmt *s, int i, float *values, size_t n)
{
    const void *blob = sqlite3_column_blob(s, i);

    if (blob == NULL)
        return sqlite3_column_type(s, i) == SQLITE_NULL;
    if ((size_t) sqlite3_column_bytes(s, i) != n * sizeof *values)
        return false;
    memcpy(values, blob, n * sizeof *values);
    return true;
}

static bool
fetch_polygon(sqlite3_stmt *s, int i, CsPolygon *polygon)
{
    const void *blob = sqlite3_column_blob(s, i);
    size_t n_bytes = (size_t) sqlite3_column_bytes(s, i);

    if (n_bytes % sizeof *polygon->points != 0
        || !cs_polygon_resize(polygon, n_bytes / sizeof *polygon->points,
                              NULL))
        return false;
    if (n_bytes > 0)
        memcpy(polygon->points, blob, n_bytes);
    return true;
}

char *
cs_store_text(sqlite3_stmt *s, int i)
{
    return g_strdup((const char *) sqlite3_column_text(s, i));
}

/* One of the few words of the program; they are never freed. */
static bool
fetch_word(sqlite3_stmt *s, int i, const char **word)
{
    const char *text = (const char *) sqlite3_column_text(s, i);

    if (text != NULL && strlen(text) > MAX_WORD)
        return false;
    *word = g_intern_string(text);
    return true;
}

static bool
fetch_text(sqlite3_stmt *s, int i, char **text)
{
    *text = cs_store_text(s, i);
    return *text != NULL;
}

static GBytes *
fetch_bytes(sqlite3_stmt *s, int i)
{
    const void *blob = sqlite3_column_blob(s, i);

    return g_bytes_new(blob, (gsize) sqlite3_column_bytes(s, i));
}

static bool
fetch_integer(sqlite3_stmt *s, int i, const CsStoreColumn *c, void *at)
{
    gint64 value = sqlite3_column_int64(s, i);
    gint64 max = c->max > 0 ? c->max : INT_MAX;

    if (sqlite3_column_type(s, i) != SQLITE_INTEGER
        || value < (c->kind == CS_STORE_SIGNED ? -1 : 0))
        return false;
    if (c->kind == CS_STORE_SIZE) {
        *(size_t *) at = (size_t) value;
        return true;
    }
    if (value > (c->kind == CS_STORE_BOOL ? 1 : max))
        return false;
    if (c->kind == CS_STORE_BOOL)
        *(bool *) at = value != 0;
    else
        *(int *) at = (int) value;
    return true;
}

bool
cs_store_fetch(sqlite3_stmt *s, const CsStoreTable *table, void *row,
               size_t n_values)
{
    int i = 0;

    for (const CsStoreColumn *c = table->column; c->name != NULL; c++, i++) {
        void *at = (char *) row + c->offset;
        bool ok = true;

        switch (c->kind) {
        case CS_STORE_REAL:
            *(double *) at = sqlite3_column_type(s, i) == SQLITE_NULL
                                 ? NAN : sqlite3_column_double(s, i);
            break;
        case CS_STORE_FLOATS:
            ok = fetch_floats(s, i, *(float **) at, n_values);
            break;
        case CS_STORE_POLYGON: ok = fetch_polygon(s, i, at); break;
        case CS_STORE_TEXT: ok = fetch_text(s, i, at); break;
        case CS_STORE_WORD: ok = fetch_word(s, i, at); break;
        case CS_STORE_BYTES: *(GBytes **) at = fetch_bytes(s, i); break;
        default: ok = fetch_integer(s, i, c, at);
        }
        if (!ok)
            return false;
    }
    return true;
}
