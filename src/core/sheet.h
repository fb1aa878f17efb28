/* Sheet: a table of text as instruments and spreadsheets write it.
 *
 * Lines before the header, commas, semicolons or tabs, quotes, decimal
 * commas, UTF-8, UTF-16 or Windows-1252. Rows are cut one at a time, so that
 * memory does not grow with their number. For our own files see csv.h, which
 * is strict.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum { CS_SHEET_MAX_COLUMNS = 1000, CS_SHEET_MAX_PREAMBLE = 200 };

typedef struct {
    char      *name;      /* of the file, for messages                      */
    char      *text;      /* all of it, UTF-8                               */
    char       separator; /* ',', ';' or a tab                              */
    size_t     n_columns;
    char     **header;    /* n_columns, NULL-ended                          */
    size_t     header_line;
    GPtrArray *preamble;  /* char *: the lines before the header            */

    const char *rows_at;  /* the first line after the header                */
    const char *at;       /* of the next row                                */
    size_t      line;     /* of the last row taken, from 1                  */
    size_t      next_line;
    bool        is_cut;   /* the last row ended without a line break        */
    char       *scratch;
    size_t      n_scratch;
    GPtrArray  *cell;     /* of the last row, into scratch                  */
} CsSheet;

#define CS_SHEET_INIT { 0 }

/* Whether these cells are the header that is looked for. */
typedef bool (*CsSheetHeader)(char *const *cell, size_t n, const void *user);

/* Reads a file and finds its header among the first lines. *found says
 * whether there is one. Errors: CS_ERROR_IO, CS_ERROR_FORMAT (not text),
 * CS_ERROR_LIMIT (more than max_bytes). */
bool cs_sheet_read(const char *path, size_t max_bytes,
                   CsSheetHeader is_header, const void *user, CsSheet *sheet,
                   bool *found, GError **error);

/* Cuts the next row that is not blank into sheet->cell; false at the end. */
bool cs_sheet_next(CsSheet *sheet);

/* Back to the first row. */
void cs_sheet_rewind(CsSheet *sheet);

/* A cell of the last row, "" where it has none. */
const char *cs_sheet_cell(const CsSheet *sheet, size_t column);

/* A text as a number, with a decimal comma where commas do not separate
 * cells. False if it is none. */
bool cs_sheet_to_number(const CsSheet *sheet, const char *text,
                        double *value);

void cs_sheet_clear(CsSheet *sheet);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsSheet, cs_sheet_clear)
