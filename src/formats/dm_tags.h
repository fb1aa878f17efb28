/* The tag tree of Gatan's DM3 and DM4 files, walked once from front to back.
 *
 * Nothing is built in memory: a visitor is asked which groups to enter and is
 * handed the tags in them. A path is the names from the root joined by ':',
 * as in Gatan's scripts; unnamed entries are numbered from 0, so the pixels of
 * the second image are "ImageList:1:ImageData:Data".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/cursor.h"

/* One value: where it lies and what it is made of. */
typedef struct {
    uint64_t  type;     /* Gatan's number for the type of its elements      */
    bool      is_array;
    uint64_t  count;    /* elements; 1 if it is no array                    */
    uint64_t  n_bytes;  /* of the value                                     */
    uint64_t  at;       /* its first byte; all bytes lie inside the file    */
    CsCursor *cursor;   /* lent for the call, in the values' byte order     */
} CsDmTag;

typedef struct {
    void *user;

    /* Shall this group be entered? */
    bool (*wants)(void *user, const char *path);

    /* A value in a group that was entered. False, with error set, ends the
     * walk. */
    bool (*tag)(void *user, const char *path, const CsDmTag *tag,
                GError **error);
} CsDmVisitor;

typedef struct {
    unsigned version;    /* 3 or 4                                          */
    bool     big_endian; /* the values; the tree itself always is           */
    uint64_t end;        /* the byte behind the root group                  */
} CsDmHeader;

/* How sure are the first n bytes those of a DM3 or DM4 file (as
 * CsReader.probe)? */
int cs_dm_probe(const uint8_t *head, size_t n);

/* Walks the tree of source. Errors: CS_ERROR_FORMAT, CS_ERROR_IO, and those
 * of the visitor. */
bool cs_dm_walk(const CsSource *source, const CsDmVisitor *visitor,
                CsDmHeader *header, GError **error);

/* The value as a number; NAN if it is not a single number. */
double cs_dm_tag_number(const CsDmTag *tag);

/* Copies a text as UTF-8 to `to`, cut to what fits in `room` bytes; empty if
 * the value is no text. */
void cs_dm_tag_text(const CsDmTag *tag, char *to, size_t room);
