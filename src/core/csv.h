/* CSV files in: RFC 4180, UTF-8, a header line, as a table of text.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char   *name;      /* of the file, for messages                         */
    char   *text;      /* what the cells point into                         */
    size_t  n_columns;
    size_t  n_rows;    /* without the header                                */
    char  **header;    /* n_columns                                         */
    char  **cell;      /* n_rows * n_columns, row by row                    */
    size_t *line;      /* n_rows: where each begins in the file, from 1     */
} CsCsv;

#define CS_CSV_INIT { 0 }

/* No table has more bytes than this. */
#define CS_CSV_MAX_BYTES ((size_t) 1 << 30)

/* Reads a file. Blank lines are skipped, blanks around cells taken off, a
 * byte order mark ignored; CR LF and LF both end a line.
 *
 * Errors: CS_ERROR_IO; CS_ERROR_FORMAT with file and line for a row of another
 * length than the header, an open quote, a NUL byte; CS_ERROR_LIMIT. */
bool cs_csv_read(const char *path, CsCsv *csv, GError **error);

/* The same for text in memory (copied); name is for messages. */
bool cs_csv_parse(const char *text, size_t n, const char *name, CsCsv *csv,
                  GError **error);

/* The number of the column called name, or -1. */
int cs_csv_column(const CsCsv *csv, const char *name);

/* The same, an error (CS_ERROR_FORMAT) where it is missing: it names the file
 * and the columns found. */
bool cs_csv_need_column(const CsCsv *csv, const char *name, int *column,
                        GError **error);

/* The cell as text; "" for a column below 0. */
const char *cs_csv_text(const CsCsv *csv, size_t row, int column);

/* The cell as a number: NAN where it is empty or the column is below 0.
 * Errors: CS_ERROR_FORMAT with file and line. */
bool cs_csv_number(const CsCsv *csv, size_t row, int column, double *value,
                   GError **error);

void cs_csv_clear(CsCsv *csv);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsCsv, cs_csv_clear)
