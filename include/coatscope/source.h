/* CsSource: the bytes of one file, or of memory that stands for one.
 *
 * Readers are handed a source, not a file name, so that files, uploads, tests
 * and fuzzers take the same path. Bytes are read, never mapped: a file that
 * shrinks under us is an error, not a crash, and memory stays bounded.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct CsSource CsSource;

/* Opens a regular file for reading. Errors: CS_ERROR_IO. */
CsSource *cs_source_open(const char *path, GError **error);

/* Bytes in memory. `name` is for messages and may end in a suffix. */
CsSource *cs_source_from_bytes(GBytes *bytes, const char *name);

CsSource *cs_source_ref(CsSource *source);
void      cs_source_unref(CsSource *source); /* takes NULL */

/* The path, or the name given to memory. */
const char *cs_source_name(const CsSource *source);

/* The path, or NULL for memory: only for libraries that insist on a file and
 * for finding companion files. */
const char *cs_source_path(const CsSource *source);

/* Bytes in all, as of when it was opened. */
uint64_t cs_source_size(const CsSource *source);

/* Copies bytes offset … offset + n - 1 to `to`. May be called from several
 * threads at once.
 *
 * Errors: CS_ERROR_FORMAT if the file ends before, saying where it ends and
 * what was needed (`what`, say "the header"); CS_ERROR_IO. */
bool cs_source_read(const CsSource *source, uint64_t offset, void *to,
                    size_t n, const char *what, GError **error);

/* Copies up to n bytes from the start and returns how many there were: what a
 * probe looks at. 0 also when the file cannot be read. */
size_t cs_source_peek(const CsSource *source, void *to, size_t n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsSource, cs_source_unref)

G_END_DECLS
