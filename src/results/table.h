/* Tables of the results folder: a column is one line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *name;    /* of the column                                   */
    const char *name_px; /* with --pixels; NULL: the same                   */

    /* Appends the field of a row, or nothing; NULL: the double `offset`
     * bytes into the row. */
    void (*add)(GString *text, const void *row);
    size_t offset;
} CsColumn;

/* For columns whose room is not built. */
void cs_column_empty(GString *text, const void *row);

/* The header line, and one row, of columns that end with a NULL name. */
void cs_table_add_header(GString *text, const CsColumn *columns,
                         bool in_pixels);
void cs_table_add_row(GString *text, const CsColumn *columns,
                      const void *row);
