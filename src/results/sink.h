/* CsSink: one file being written, a buffer at a time.
 *
 * Append to `text`, then call cs_sink_rest now and then: memory stays small
 * however long the file gets. Nothing is known to be on the disk before
 * cs_sink_close has said so.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct {
    char    *path;
    int      fd;   /* -1: not open                                          */
    GString *text; /* what is not written yet                               */
} CsSink;

#define CS_SINK_INIT { .fd = -1 }

/* Makes the file `name` (may hold one folder that is there) in the folder
 * dir. Errors: CS_ERROR_IO. */
bool cs_sink_open(CsSink *sink, const char *dir, const char *name,
                  GError **error);

/* Writes the buffer out if it has grown large. Errors: CS_ERROR_IO. */
bool cs_sink_rest(CsSink *sink, GError **error);

/* Writes the rest, waits for the disk, closes. Errors: CS_ERROR_IO. */
bool cs_sink_close(CsSink *sink, GError **error);

void cs_sink_clear(CsSink *sink);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsSink, cs_sink_clear)
