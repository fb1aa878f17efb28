/* CSV files in. Cells are cut out of the text in place.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/csv.h"

#include <gio/gio.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/text.h"

typedef struct {
    char       *at;   /* the next byte */
    size_t      line; /* it is on */
    const char *name;
} Scanner;

/* What ended a cell. */
typedef enum { END_OF_CELL, END_OF_ROW, END_OF_TEXT } Ending;

/* Takes the quotes off a cell that starts at s->at, in place. */
static bool
unquote(Scanner *s, GError **error)
{
    size_t opened = s->line;
    char *to = s->at++;

    while (*s->at != '\0') {
        if (*s->at == '"' && s->at[1] != '"') {
            s->at++;
            *to = '\0';
            return true;
        }
        if (*s->at == '"')
            s->at++;
        if (*s->at == '\n')
            s->line++;
        *to++ = *s->at++;
    }
    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s, line %" G_GSIZE_FORMAT ": a quote is never closed",
                   s->name, opened);
}

static Ending
end_cell(Scanner *s)
{
    char end;

    s->at += strcspn(s->at, ",\n");
    end = *s->at;
    if (end == '\0')
        return END_OF_TEXT;
    *s->at++ = '\0';
    if (end == ',')
        return END_OF_CELL;
    s->line++;
    return END_OF_ROW;
}

/* Cuts one row into cells (appended to row). */
static bool
scan_row(Scanner *s, GPtrArray *row, bool *at_end, GError **error)
{
    Ending ending;

    do {
        char *cell;

        s->at += strspn(s->at, " \t");
        cell = s->at;
        if (*cell == '"' && !unquote(s, error))
            return false;
        ending = end_cell(s);
        g_ptr_array_add(row, g_strstrip(cell));
    } while (ending == END_OF_CELL);
    *at_end = ending == END_OF_TEXT;
    return true;
}

static bool
is_blank(const GPtrArray *row)
{
    return row->len == 1 && ((char *) row->pdata[0])[0] == '\0';
}

/* What a spreadsheet writes in half of Europe. */
static bool
check_separator(const CsCsv *csv, GError **error)
{
    if (csv->n_columns > 1 || strpbrk(csv->header[0], ";\t") == NULL)
        return true;
    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s: its fields are separated by %s, not by commas; save it "
                   "with commas, and numbers with a decimal point", csv->name,
                   strchr(csv->header[0], ';') != NULL ? "“;”" : "tabs");
}

static bool
take_row(CsCsv *csv, const GPtrArray *row, size_t line, GPtrArray *cells,
         GArray *lines, GError **error)
{
    if (csv->header == NULL) {
        csv->n_columns = row->len;
        csv->header = g_memdup2(row->pdata, row->len * sizeof *csv->header);
        return check_separator(csv, error);
    }
    if (row->len != csv->n_columns)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s, line %" G_GSIZE_FORMAT ": %u cells, but the "
                       "header has %" G_GSIZE_FORMAT,
                       csv->name, line, row->len, csv->n_columns);
    for (guint i = 0; i < row->len; i++)
        g_ptr_array_add(cells, row->pdata[i]);
    g_array_append_val(lines, line);
    return true;
}

static bool
scan(CsCsv *csv, GError **error)
{
    Scanner s = { csv->text, 1, csv->name };
    g_autoptr(GPtrArray) row = g_ptr_array_new();
    g_autoptr(GPtrArray) cells = g_ptr_array_new();
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(size_t));
    bool at_end = false;

    if (g_str_has_prefix(s.at, "\xef\xbb\xbf"))
        s.at += 3;
    while (!at_end) {
        size_t line = s.line;

        g_ptr_array_set_size(row, 0);
        if (!scan_row(&s, row, &at_end, error))
            return false;
        if (!is_blank(row)
            && !take_row(csv, row, line, cells, lines, error))
            return false;
    }
    if (csv->header == NULL)
        return cs_fail(error, CS_ERROR_FORMAT, "%s: is empty, without even a "
                       "header line", csv->name);
    csv->n_rows = lines->len;
    csv->cell = (char **) g_ptr_array_free(g_steal_pointer(&cells), FALSE);
    csv->line = (size_t *) (void *) g_array_free(g_steal_pointer(&lines),
                                                 FALSE);
    return true;
}

/* Takes text over. */
static bool
parse_text(char *text, size_t n, const char *name, CsCsv *csv, GError **error)
{
    g_auto(CsCsv) fresh = { .name = g_strdup(name), .text = text };
    CsCsv old = *csv;

    if (strlen(text) != n)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s: has a NUL byte, so it is not text", name);
    if (!scan(&fresh, error))
        return false;
    *csv = fresh;
    fresh = old;
    return true;
}

bool
cs_csv_parse(const char *text, size_t n, const char *name, CsCsv *csv,
             GError **error)
{
    return parse_text(g_strndup(text, n), strnlen(text, n) == n ? n : n + 1,
                      name, csv, error);
}

bool
cs_csv_read(const char *path, CsCsv *csv, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GFile) file = g_file_new_for_path(path);
    g_autoptr(GFileInfo) info = g_file_query_info(
        file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL,
        NULL);
    char *text = NULL;
    gsize n = 0;

    if (info != NULL
        && g_file_info_get_size(info) > (goffset) CS_CSV_MAX_BYTES)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "%s: a table of more than %" G_GSIZE_FORMAT " bytes",
                       path, CS_CSV_MAX_BYTES);
    if (!g_file_get_contents(path, &text, &n, &cause))
        return cs_fail(error, CS_ERROR_IO, "%s: cannot be read: %s", path,
                       cause->message);
    return parse_text(text, n, path, csv, error);
}

int
cs_csv_column(const CsCsv *csv, const char *name)
{
    for (size_t i = 0; i < csv->n_columns; i++)
        if (strcmp(csv->header[i], name) == 0)
            return (int) i;
    return -1;
}

bool
cs_csv_need_column(const CsCsv *csv, const char *name, int *column,
                   GError **error)
{
    GString *found;
    int at = cs_csv_column(csv, name);

    if (at >= 0) {
        *column = at;
        return true;
    }
    found = g_string_new(NULL);
    for (size_t i = 0; i < csv->n_columns && i < 40; i++)
        g_string_append_printf(found, "%s%.40s", i > 0 ? ", " : "",
                               csv->header[i]);
    cs_fail(error, CS_ERROR_FORMAT,
            "%s: has no column %s, only %s", csv->name, name, found->str);
    g_string_free(found, TRUE);
    return false;
}

const char *
cs_csv_text(const CsCsv *csv, size_t row, int column)
{
    return column < 0 ? "" : csv->cell[row * csv->n_columns + (size_t) column];
}

bool
cs_csv_number(const CsCsv *csv, size_t row, int column, double *value,
              GError **error)
{
    const char *text = cs_csv_text(csv, row, column);

    if (text[0] == '\0') {
        *value = NAN;
        return true;
    }
    if (cs_text_to_double(text, value))
        return true;
    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s, line %" G_GSIZE_FORMAT ": “%.40s” in column %s is not "
                   "a number", csv->name, csv->line[row], text,
                   csv->header[column]);
}

void
cs_csv_clear(CsCsv *csv)
{
    g_free(csv->name);
    g_free(csv->text);
    g_free(csv->header);
    g_free(csv->cell);
    g_free(csv->line);
    *csv = (CsCsv) CS_CSV_INIT;
}
