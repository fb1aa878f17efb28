/* CsInputs: the files something was made of, known by their SHA-256.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/job.h"

G_BEGIN_DECLS

typedef struct {
    char  *path;
    size_t size;   /* in bytes                                              */
    char  *sha256; /* 64 hexadecimal digits                                 */
} CsInputFile;

typedef struct {
    size_t       n;
    CsInputFile *file;
} CsInputs;

#define CS_INPUTS_INIT { 0 }

/* Reads and hashes n files, on the threads of the job. Errors: CS_ERROR_IO,
 * CS_ERROR_CANCELLED; inputs stays as it was. */
bool cs_inputs_hash(char *const *paths, size_t n, const CsJob *job,
                    CsInputs *inputs, GError **error);
void cs_inputs_clear(CsInputs *inputs);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsInputs, cs_inputs_clear)

G_END_DECLS
