/* CsPool: the files of a recording, opened when a frame is wanted.
 *
 * A few stay open, the one unused for longest goes first; so a recording of
 * many thousand files needs neither their descriptors nor their memory.
 * Several threads may use a pool at once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/reader.h"

/* An open file: a source, its reader and the reader's state. */
typedef struct {
    const CsReader *reader;
    CsSource       *source;
    void           *state;
} CsOpenFile;

#define CS_OPEN_FILE_INIT { 0 }

/* Opens a file with the reader that claims it and fills info (which must be
 * INIT). Errors carry the path. */
bool cs_open_file(const char *path, CsOpenFile *file, CsSeriesInfo *info,
                  GError **error);
void cs_open_file_clear(CsOpenFile *file);

typedef struct CsPool CsPool;

/* A pool of the given paths, which are lent until it is freed. */
CsPool *cs_pool_new(char *const *paths, size_t n_paths);
void    cs_pool_free(CsPool *pool); /* takes NULL */

/* The file number i, open, until it is given back. Errors as cs_open_file. */
const CsOpenFile *cs_pool_borrow(CsPool *pool, size_t i, GError **error);
void cs_pool_give_back(CsPool *pool, size_t i);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsOpenFile, cs_open_file_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsPool, cs_pool_free)
