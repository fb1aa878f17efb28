/* Errors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/error.h"

G_DEFINE_QUARK(coatscope-error, cs_error)

gboolean
cs_fail(GError **error, CsError code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (error != NULL && *error == NULL)
        *error = g_error_new_valist(CS_ERROR, (int) code, format, args);
    va_end(args);
    return FALSE;
}

gboolean
cs_blame(GError **error, const char *format, ...)
{
    g_autofree char *where = NULL;
    va_list args;

    if (error == NULL || *error == NULL)
        return FALSE;
    va_start(args, format);
    where = g_strdup_vprintf(format, args);
    va_end(args);
    g_prefix_error(error, "%s: ", where);
    return FALSE;
}
