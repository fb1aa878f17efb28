/* Sheets.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sheet.h"

#include <gio/gio.h>
#include <string.h>

#include "coatscope/error.h"
#include "core/text.h"

/* ---- Text ---------------------------------------------------------------- */

static bool
is_utf16(const char *bytes, gsize n, const char **charset)
{
    *charset = NULL;
    if (n >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0)
        *charset = "UTF-16LE";
    if (n >= 2 && memcmp(bytes, "\xfe\xff", 2) == 0)
        *charset = "UTF-16BE";
    return *charset != NULL;
}

/* Takes bytes over. */
static char *
to_utf8(char *bytes, gsize n, const char *path, GError **error)
{
    const char *charset;
    char *text = NULL;

    if (is_utf16(bytes, n, &charset))
        text = g_convert(bytes + 2, (gssize) n - 2, "UTF-8", charset, NULL,
                         NULL, NULL);
    else if (memchr(bytes, '\0', n) != NULL)
        text = NULL;
    else if (g_utf8_validate(bytes, (gssize) n, NULL))
        return bytes;
    else
        text = g_convert(bytes, (gssize) n, "UTF-8", "WINDOWS-1252", NULL,
                         NULL, NULL);
    g_free(bytes);
    if (text == NULL)
        cs_fail(error, CS_ERROR_FORMAT, "%s: is not text", path);
    return text;
}

static char *
read_text(const char *path, size_t max_bytes, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GFile) file = g_file_new_for_path(path);
    g_autoptr(GFileInfo) info = g_file_query_info(
        file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL,
        NULL);
    char *bytes = NULL;
    gsize n = 0;

    if (info != NULL && g_file_info_get_size(info) > (goffset) max_bytes) {
        cs_fail(error, CS_ERROR_LIMIT,
                "%s: has more than the %" G_GSIZE_FORMAT " bytes allowed",
                path, max_bytes);
        return NULL;
    }
    if (!g_file_get_contents(path, &bytes, &n, &cause)) {
        cs_fail(error, CS_ERROR_IO, "%s: cannot be read: %s", path,
                cause->message);
        return NULL;
    }
    return to_utf8(bytes, n, path, error);
}

/* ---- Rows ---------------------------------------------------------------- */

/* Where the line that begins at `at` ends; *next is the one after it. */
static size_t
line_length(const char *at, const char **next)
{
    size_t n = strcspn(at, "\r\n");

    *next = at + n;
    if (**next == '\r')
        *next += 1;
    if (**next == '\n')
        *next += 1;
    return n;
}

/* Takes the quotes off a cell; what follows the closing one up to the
 * separator is dropped. Returns where the cell ends. */
static char *
unquote(char *cell, char separator)
{
    char *to = cell, *from = cell + 1;

    for (; *from != '\0'; from++) {
        if (*from == '"' && from[1] != '"')
            break;
        if (*from == '"')
            from++;
        *to++ = *from;
    }
    while (*from != '\0' && *from != separator)
        from++;
    if (to < from)
        *to = '\0';
    return from;
}

/* Cuts scratch into cells. */
static void
cut(char *scratch, char separator, GPtrArray *cell)
{
    char *at = scratch;
    bool more = true;

    g_ptr_array_set_size(cell, 0);
    while (more && cell->len < CS_SHEET_MAX_COLUMNS) {
        char *begin, *end;

        while (*at == ' ' || (*at == '\t' && separator != '\t'))
            at++;
        begin = at;
        end = *at == '"' ? unquote(at, separator) : strchr(at, separator);
        if (end == NULL)
            end = at + strlen(at);
        more = *end != '\0';
        *end = '\0';
        at = end + 1;
        g_ptr_array_add(cell, g_strstrip(begin));
    }
}

static void
cut_line(CsSheet *sheet, const char *line, size_t n, char separator)
{
    if (n + 1 > sheet->n_scratch) {
        sheet->n_scratch = 2 * n + 256;
        sheet->scratch = g_realloc(sheet->scratch, sheet->n_scratch);
    }
    memcpy(sheet->scratch, line, n);
    sheet->scratch[n] = '\0';
    cut(sheet->scratch, separator, sheet->cell);
}

static bool
is_blank(const GPtrArray *cell)
{
    for (guint i = 0; i < cell->len; i++)
        if (((const char *) cell->pdata[i])[0] != '\0')
            return false;
    return true;
}

bool
cs_sheet_next(CsSheet *sheet)
{
    while (*sheet->at != '\0') {
        const char *next;
        size_t n = line_length(sheet->at, &next);

        cut_line(sheet, sheet->at, n, sheet->separator);
        sheet->is_cut = sheet->at + n == next;
        sheet->at = next;
        sheet->line = sheet->next_line++;
        if (!is_blank(sheet->cell))
            return true;
    }
    return false;
}

void
cs_sheet_rewind(CsSheet *sheet)
{
    sheet->at = sheet->rows_at;
    sheet->next_line = sheet->header_line + 1;
}

const char *
cs_sheet_cell(const CsSheet *sheet, size_t column)
{
    return column < sheet->cell->len ? sheet->cell->pdata[column] : "";
}

bool
cs_sheet_to_number(const CsSheet *sheet, const char *text, double *value)
{
    g_autofree char *dotted = NULL;

    if (sheet->separator == ',' || strchr(text, ',') == NULL)
        return cs_text_to_double(text[0] == '+' ? text + 1 : text, value);
    dotted = g_strdelimit(g_strdup(text), ",", '.');
    return cs_text_to_double(dotted[0] == '+' ? dotted + 1 : dotted, value);
}

/* ---- The header ---------------------------------------------------------- */

static void
take_header(CsSheet *sheet)
{
    sheet->n_columns = sheet->cell->len;
    sheet->header = g_new0(char *, sheet->n_columns + 1);
    for (guint i = 0; i < sheet->cell->len; i++)
        sheet->header[i] = g_strdup(sheet->cell->pdata[i]);
}

static bool
try_separators(CsSheet *sheet, const char *line, size_t n,
               CsSheetHeader is_header, const void *user)
{
    static const char separators[] = { '\t', ';', ',' };

    for (size_t i = 0; i < sizeof separators; i++) {
        cut_line(sheet, line, n, separators[i]);
        if (is_header((char *const *) sheet->cell->pdata, sheet->cell->len,
                      user)) {
            sheet->separator = separators[i];
            take_header(sheet);
            return true;
        }
    }
    return false;
}

static bool
find_header(CsSheet *sheet, CsSheetHeader is_header, const void *user)
{
    const char *at = sheet->text, *next;

    if (g_str_has_prefix(at, "\xef\xbb\xbf"))
        at += 3;
    for (size_t line = 1; *at != '\0' && line <= CS_SHEET_MAX_PREAMBLE;
         line++, at = next) {
        size_t n = line_length(at, &next);

        if (try_separators(sheet, at, n, is_header, user)) {
            sheet->header_line = line;
            sheet->rows_at = next;
            cs_sheet_rewind(sheet);
            return true;
        }
        g_ptr_array_add(sheet->preamble, g_strndup(at, n));
    }
    return false;
}

bool
cs_sheet_read(const char *path, size_t max_bytes, CsSheetHeader is_header,
              const void *user, CsSheet *sheet, bool *found, GError **error)
{
    g_auto(CsSheet) fresh = CS_SHEET_INIT;
    CsSheet old = *sheet;

    fresh.text = read_text(path, max_bytes, error);
    if (fresh.text == NULL)
        return false;
    fresh.name = g_strdup(path);
    fresh.cell = g_ptr_array_new();
    fresh.preamble = g_ptr_array_new_with_free_func(g_free);
    *found = find_header(&fresh, is_header, user);
    *sheet = fresh;
    fresh = old;
    return true;
}

void
cs_sheet_clear(CsSheet *sheet)
{
    g_free(sheet->name);
    g_free(sheet->text);
    g_strfreev(sheet->header);
    g_free(sheet->scratch);
    g_clear_pointer(&sheet->preamble, g_ptr_array_unref);
    g_clear_pointer(&sheet->cell, g_ptr_array_unref);
    *sheet = (CsSheet) CS_SHEET_INIT;
}
