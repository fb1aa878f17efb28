/* A vendor's table beside a series of pictures.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/series_table.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "coatscope/error.h"
#include "core/csv.h"
#include "core/text.h"

enum { MAX_TABLE_BYTES = 64 << 20, MAX_WORD = 64 };

static const double scale_tolerance = 1e-3;

typedef struct {
    CsCsv  csv;
    size_t *row;   /* of each picture; SIZE_MAX: none */
} Table;

static void
table_clear(Table *table)
{
    cs_csv_clear(&table->csv);
    g_clear_pointer(&table->row, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Table, table_clear)

/* ---- Names of columns ----------------------------------------------------- */

/* "Pixel Size X (nm/px)" to "pixelsizex" and "nm". */
static void
split_name(const char *name, char word[MAX_WORD], char unit[MAX_WORD])
{
    size_t n = 0;
    const char *open = strpbrk(name, "([");

    for (; *name != '\0' && name != open; name++)
        if (g_ascii_isalnum(*name) && n + 1 < MAX_WORD)
            word[n++] = g_ascii_tolower(*name);
    word[n] = '\0';
    *unit = '\0';
    if (open == NULL)
        return;
    g_strlcpy(unit, open + 1, MAX_WORD);
    unit[strcspn(unit, ")]")] = '\0';
    g_strstrip(unit);
}

/* The first column called one of these words. */
static int
find_column(const CsCsv *csv, const char *const *words, char unit[MAX_WORD])
{
    for (size_t w = 0; words[w] != NULL; w++)
        for (size_t i = 0; i < csv->n_columns; i++) {
            char word[MAX_WORD];

            split_name(csv->header[i], word, unit);
            if (strcmp(word, words[w]) == 0)
                return (int) i;
        }
    *unit = '\0';
    return -1;
}

/* ---- Which table ---------------------------------------------------------- */

static char *
base_of(const char *path)
{
    g_autofree char *slashes = g_strdelimit(g_strdup(path), "\\", '/');

    return g_path_get_basename(slashes);
}

/* The row of each picture, by its name; with how many have one. */
static bool
join_rows(Table *table, const CsListing *listing, int column, size_t *n_joined,
          GError **error)
{
    g_autoptr(GHashTable) rows
        = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    table->row = g_new(size_t, listing->n);
    for (size_t i = 0; i < table->csv.n_rows; i++) {
        char *name = base_of(cs_csv_text(&table->csv, i, column));

        if (!g_hash_table_insert(rows, name, GSIZE_TO_POINTER(i + 1)))
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s:%zu: a second row for %s", table->csv.name,
                           table->csv.line[i],
                           cs_csv_text(&table->csv, i, column));
    }
    *n_joined = 0;
    for (size_t i = 0; i < listing->n; i++) {
        g_autofree char *name = base_of(listing->file[i].path);
        gsize row = GPOINTER_TO_SIZE(g_hash_table_lookup(rows, name));

        table->row[i] = row > 0 ? row - 1 : SIZE_MAX;
        *n_joined += row > 0;
    }
    return true;
}

/* A file that is no such table, or is of other pictures, is none of ours. */
static bool
open_table(Table *table, const char *path, const CsListing *listing,
           size_t *n_joined, GError **error)
{
    static const char *const names[] = { "imagefilename", "imagefile",
                                         "filename", NULL };
    char unit[MAX_WORD];
    struct stat status;
    int column;

    *n_joined = 0;
    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode)
        || status.st_size > MAX_TABLE_BYTES
        || !cs_csv_read(path, &table->csv, NULL))
        return true;
    column = find_column(&table->csv, names, unit);
    return column < 0
           || join_rows(table, listing, column, n_joined, error);
}

static int
by_string(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static GPtrArray *
list_tables(const char *picture)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *place = g_path_get_dirname(picture);
    g_autoptr(GDir) folder = g_dir_open(place, 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *lower = g_ascii_strdown(name, -1);

        if (g_str_has_suffix(lower, ".csv") && *name != '.')
            g_ptr_array_add(paths, g_build_filename(place, name, NULL));
    }
    g_ptr_array_sort(paths, by_string);
    return paths;
}

/* ---- Times ---------------------------------------------------------------- */

/* A date with a time, as seconds since 1970 (UTC where it says no zone), or
 * NAN. */
static double
date_s(const char *text)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autofree char *iso = g_strdup(text);
    g_autoptr(GDateTime) date = NULL;
    char *gap = strchr(iso, ' ');

    if (gap != NULL)
        *gap = 'T';
    date = g_date_time_new_from_iso8601(iso, utc);
    return date != NULL ? (double) g_date_time_to_unix(date)
                              + g_date_time_get_microsecond(date) / 1e6
                        : NAN;
}

static bool
has_times(const CsScan *scan)
{
    for (size_t i = 0; i < scan->n_files; i++)
        if (!isfinite(scan->file[i].start_unix_s))
            return false;
    return true;
}

/* A bare number counts only with a unit of time. */
static double
time_of(const char *text, double factor)
{
    double value;

    if (!isnan(factor) && cs_text_to_double(text, &value))
        return value * factor;
    return date_s(text);
}

static void
take_times(const Table *table, CsScan *scan)
{
    static const char *const names[]
        = { "time", "timestamp", "elapsedtime", "relativetime", "imagetime",
            "acquisitiontime", "datetime", "date", NULL };
    char unit[MAX_WORD];
    int column = find_column(&table->csv, names, unit);
    g_autofree double *at = g_new(double, scan->n_files);
    double factor = NAN;

    if (column < 0 || has_times(scan) || scan->n_frames != scan->n_files)
        return;
    if (cs_unit_kind(unit, &factor) != CS_UNIT_TIME)
        factor = NAN;
    for (size_t i = 0; i < scan->n_files; i++) {
        at[i] = table->row[i] == SIZE_MAX
                    ? NAN
                    : time_of(cs_csv_text(&table->csv, table->row[i], column),
                              factor);
        if (isnan(at[i])) {
            cs_series_info_note(&scan->first, "%s: column %s gives no time"
                                " (with its unit in brackets, or a date) for"
                                " every picture: it is not used",
                                table->csv.name, table->csv.header[column]);
            return;
        }
    }
    for (size_t i = 0; i < scan->n_files; i++)
        scan->file[i].start_unix_s = at[i];
    scan->is_relative = !isnan(factor);
    cs_series_info_note(&scan->first, "times are those of column %s of %s",
                        table->csv.header[column], table->csv.name);
}

/* ---- Scale and dose ------------------------------------------------------- */

/* The value of the first picture, and that all have it; NAN where one has
 * none. */
static bool
same_for_all(const Table *table, size_t n, int column, double *value,
             GError **error)
{
    for (size_t i = 0; i < n; i++) {
        double here = NAN;

        if (table->row[i] != SIZE_MAX
            && !cs_csv_number(&table->csv, table->row[i], column, &here,
                              error))
            return false;
        if (i == 0)
            *value = here;
        if (isnan(here) || !(here > 0)) {
            *value = NAN;
            return true;
        }
        if (fabs(here - *value) > scale_tolerance * *value)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s:%zu: %s is %g, in the first row %g: pictures of"
                           " one recording have one scale", table->csv.name,
                           table->csv.line[table->row[i]],
                           table->csv.header[column], here, *value);
    }
    return true;
}

static bool
take_scale(const Table *table, CsScan *scan, GError **error)
{
    static const char *const names[]
        = { "pixelsize", "pixelsizex", "imagepixelsize", "imagepixelsizex",
            "pixelwidth", "scale", "calibration", NULL };
    char unit[MAX_WORD];
    int column = find_column(&table->csv, names, unit);
    double value = NAN;

    unit[strcspn(unit, "/")] = '\0';
    g_strchomp(unit);
    if (column < 0 || !isnan(cs_axis_nm(&scan->first.x)))
        return true;
    if (cs_unit_kind(unit, NULL) != CS_UNIT_LENGTH) {
        cs_series_info_note(&scan->first, "%s: column %s has no unit of length"
                            " in its name: it is not used", table->csv.name,
                            table->csv.header[column]);
        return true;
    }
    if (!same_for_all(table, scan->n_files, column, &value, error))
        return false;
    if (isnan(value))
        return true;
    cs_axis_set(&scan->first.x, value, unit);
    cs_axis_set(&scan->first.y, value, unit);
    for (size_t i = 0; i < scan->n_files; i++)
        scan->file[i].nm_per_px_x = cs_axis_nm(&scan->first.x);
    cs_series_info_note(&scan->first, "the scale is that of column %s of %s",
                        table->csv.header[column], table->csv.name);
    return true;
}

/* Electrons on an area a second, as one of its many spellings; NAN for other
 * words. To e/Å²/s. */
static double
dose_factor(const char *unit)
{
    g_autoptr(GString) plain = g_string_new(unit);

    g_string_replace(plain, "Å", "A", 0);
    g_string_replace(plain, "²", "2", 0);
    g_string_replace(plain, "·", "", 0);
    g_string_replace(plain, "^", "", 0);
    g_string_replace(plain, " ", "", 0);
    g_string_replace(plain, "e-", "e", 0);
    if (strcmp(plain->str, "e/A2/s") == 0 || strcmp(plain->str, "e/A2s") == 0
        || strcmp(plain->str, "e/(A2s") == 0)
        return 1;
    if (strcmp(plain->str, "e/nm2/s") == 0
        || strcmp(plain->str, "e/nm2s") == 0)
        return 0.01;
    return NAN;
}

/* Of the first picture, as all facts of a recording. */
static bool
take_dose(const Table *table, CsScan *scan, GError **error)
{
    static const char *const names[]
        = { "doserate", "electrondoserate", "electronfluxrate",
            "electronflux", NULL };
    char unit[MAX_WORD];
    int column = find_column(&table->csv, names, unit);
    double value = NAN, factor = dose_factor(unit);

    if (column < 0 || isnan(factor) || table->row[0] == SIZE_MAX
        || !isnan(scan->first.dose_rate_e_per_A2_s))
        return true;
    if (!cs_csv_number(&table->csv, table->row[0], column, &value, error))
        return false;
    if (value > 0) {
        scan->first.dose_rate_e_per_A2_s = value * factor;
        cs_series_info_note(&scan->first, "the dose rate is that of column %s"
                            " of %s, first picture",
                            table->csv.header[column], table->csv.name);
    }
    return true;
}

bool
cs_series_table_take(const CsListing *listing, CsScan *scan, GError **error)
{
    g_autoptr(GPtrArray) paths = NULL;

    if (listing->n < 2)
        return true;
    paths = list_tables(listing->file[0].path);
    for (guint i = 0; i < paths->len; i++) {
        g_auto(Table) table = { .csv = CS_CSV_INIT };
        size_t n_joined;

        if (!open_table(&table, paths->pdata[i], listing, &n_joined, error))
            return false;
        if (n_joined == 0)
            continue;
        if (n_joined < listing->n)
            cs_series_info_note(&scan->first, "%s has rows for %zu of the %zu"
                                " pictures", table.csv.name, n_joined,
                                listing->n);
        take_times(&table, scan);
        return take_scale(&table, scan, error)
               && take_dose(&table, scan, error);
    }
    return true;
}
