/* The date inside a PDF: digits of the same number, so that nothing moves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/pdf_date.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"

static const char mark[] = "/CreationDate (D:";
enum { N_DIGITS = 14 };

static void
set_date(char *bytes, gsize n, const char *digits)
{
    char *end = bytes + n, *at = bytes;

    while ((at = memmem(at, (size_t) (end - at), mark, strlen(mark)))
           != NULL) {
        at += strlen(mark);
        if (end - at < N_DIGITS)
            return;
        memcpy(at, digits, N_DIGITS);
    }
}

static bool
rewrite(const char *path, const char *digits, GError **error)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) why = NULL;
    gsize n;

    if (!g_file_get_contents(path, &bytes, &n, &why))
        return cs_fail(error, CS_ERROR_IO, "cannot read %s: %s", path,
                       why->message);
    set_date(bytes, n, digits);
    if (!g_file_set_contents(path, bytes, (gssize) n, &why))
        return cs_fail(error, CS_ERROR_IO, "cannot write %s: %s", path,
                       why->message);
    return true;
}

bool
cs_pdf_set_dates(const char *dir, double unix_s, GError **error)
{
    g_autofree char *folder = g_build_filename(dir, "figures", NULL);
    g_autoptr(GDateTime) date
        = isfinite(unix_s) ? g_date_time_new_from_unix_utc((gint64) unix_s)
                           : NULL;
    g_autofree char *digits
        = date != NULL ? g_date_time_format(date, "%Y%m%d%H%M%S") : NULL;
    g_autoptr(GDir) list = g_dir_open(folder, 0, NULL);
    const char *name;

    if (digits == NULL || strlen(digits) != N_DIGITS)
        return true;
    while (list != NULL && (name = g_dir_read_name(list)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if (g_str_has_suffix(name, ".pdf") && !rewrite(path, digits, error))
            return false;
    }
    return true;
}
