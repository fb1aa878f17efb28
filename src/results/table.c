/* Tables.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/table.h"

#include "core/text.h"

void
cs_column_empty(GString *text, const void *row)
{
    (void) text;
    (void) row;
}

void
cs_table_add_header(GString *text, const CsColumn *columns, bool in_pixels)
{
    for (const CsColumn *c = columns; c->name != NULL; c++) {
        if (c != columns)
            g_string_append_c(text, ',');
        g_string_append(
            text, in_pixels && c->name_px != NULL ? c->name_px : c->name);
    }
    g_string_append_c(text, '\n');
}

void
cs_table_add_row(GString *text, const CsColumn *columns, const void *row)
{
    for (const CsColumn *c = columns; c->name != NULL; c++) {
        if (c != columns)
            g_string_append_c(text, ',');
        if (c->add != NULL)
            c->add(text, row);
        else
            cs_text_add_double(
                text, *(const double *) ((const char *) row + c->offset));
    }
    g_string_append_c(text, '\n');
}
