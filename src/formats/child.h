/* Child: another program at work for us, read from or written to through a
 * pipe.
 *
 * No shell is between; it can reach no more than what its arguments name. It
 * is killed when the handle is freed, and when it neither takes nor gives a
 * byte for a minute.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum { CS_CHILD_GIVES, CS_CHILD_TAKES } CsChildKind;

typedef struct CsChild CsChild;

/* Starts argv[0], found in PATH; argv ends with NULL. Of GIVES we read the
 * standard output, to TAKES we write its standard input.
 *
 * Errors: CS_ERROR_UNSUPPORTED where there is no such program, naming it;
 * CS_ERROR_IO. */
CsChild *cs_child_start(const char *const *argv, CsChildKind kind,
                        GError **error);

/* Reads n bytes, or what there is before the end: *got of them. Errors:
 * CS_ERROR_IO, also after a minute of silence. */
bool cs_child_read(CsChild *child, void *to, size_t n, size_t *got,
                   GError **error);

/* Writes n bytes. Errors: CS_ERROR_IO, with what the program said. */
bool cs_child_write(CsChild *child, const void *from, size_t n,
                    GError **error);

/* No more will be written. Waits for the end. Errors: CS_ERROR_FORMAT (of
 * GIVES) or CS_ERROR_IO (of TAKES) where it failed, with what it said. */
bool cs_child_finish(CsChild *child, GError **error);

/* What it said on its standard error so far, on one line, "" if nothing.
 * Lent. */
const char *cs_child_said(CsChild *child);

/* Ends it. Takes NULL. */
void cs_child_free(CsChild *child);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsChild, cs_child_free)
