/* Errors: one domain, few codes, chosen by what the caller can do about it.
 *
 * Every function that can fail returns bool (or a pointer) and takes a
 * GError ** last; false (NULL) if and only if the error is set; on failure
 * its outputs stay as they were. Messages are a clause without a full stop:
 * they name the thing, the value found and the values allowed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    CS_ERROR_IO,          /* the system refused: retry or check the disk    */
    CS_ERROR_FORMAT,      /* the bytes are not what they claim to be        */
    CS_ERROR_UNSUPPORTED, /* well formed, but we do not do this variant     */
    CS_ERROR_LIMIT,       /* larger than the limits of the job allow        */
    CS_ERROR_ARGUMENT,    /* the user asked for something that cannot be    */
    CS_ERROR_CANCELLED,   /* the job was stopped from outside               */
} CsError;

/* The domain of all our errors. */
#define CS_ERROR (cs_error_quark())
GQuark cs_error_quark(void);

/* Sets *error (which may be NULL) to a formatted message. Always returns
 * FALSE, so that a check can be written `return cs_fail(...)`. */
gboolean cs_fail(GError **error, CsError code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Puts a formatted prefix and ": " before the message of *error, if set.
 * Always returns FALSE. */
gboolean cs_blame(GError **error, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

G_END_DECLS
