/* SHA-256 of files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/job.h"

typedef struct {
    const char *path; /* lent */
    guint64     size;
    char       *sha256;
} CsHashed;

/* Fills size and sha256 of n files, on the threads of the job. Errors:
 * CS_ERROR_IO, CS_ERROR_CANCELLED. */
bool cs_hash_files(CsHashed *files, size_t n, const CsJob *job,
                   GError **error);
void cs_hashed_clear(CsHashed *file);
