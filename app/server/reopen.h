/* The frames of a recording of the store, from the files it was measured
 * from.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/frame.h"
#include "coatscope/store.h"

typedef struct CsReopened CsReopened;

/* Paths that do not start at the root are looked for from here, then from dir
 * and the folder it is in. NULL, or the first file that is not there or has
 * another size (a clause, to be freed). */
char *cs_reopen_missing(const CsKept *kept, const char *dir);

/* Errors: CS_ERROR_IO where files are missing; those of
 * cs_recording_open; CS_ERROR_FORMAT where they hold other frames. */
CsReopened *cs_reopen(const CsKept *kept, const char *dir, GError **error);
CsReopened *cs_reopened_ref(CsReopened *reopened);
void        cs_reopened_unref(CsReopened *reopened); /* takes NULL */

/* Several threads may call it at once. */
bool cs_reopened_read(CsReopened *reopened, size_t n, CsFrame *frame,
                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsReopened, cs_reopened_unref)
