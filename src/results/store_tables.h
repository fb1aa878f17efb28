/* Tables of the store: a column is one line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
    CS_STORE_REAL,    /* double; NULL for NAN                               */
    CS_STORE_INT,     /* int, enums and unsigned; from 0 to max             */
    CS_STORE_SIGNED,  /* int; from -1 to max                                */
    CS_STORE_SIZE,    /* size_t                                             */
    CS_STORE_BOOL,
    CS_STORE_TEXT,    /* char *, ours, UTF-8                                */
    CS_STORE_WORD,    /* const char * into the program, or NULL             */
    CS_STORE_FLOATS,  /* float *, n_values of them; NULL where all are NAN  */
    CS_STORE_POLYGON, /* CsPolygon: x and y in turn, as doubles             */
    CS_STORE_BYTES,   /* GBytes *                                           */
} CsStoreKind;

typedef struct {
    const char *name;
    CsStoreKind kind;
    size_t      offset;
    int         max; /* of an integer; 0: as far as it goes                 */
} CsStoreColumn;

/* Rows belong to a recording and come back in the order they went in. */
typedef struct {
    const char          *name;
    const CsStoreColumn *column; /* ends with a NULL name                   */
} CsStoreTable;

extern const CsStoreTable cs_store_seeds, cs_store_shifts, cs_store_outlines,
    cs_store_measures, cs_store_fits, cs_store_verdicts, cs_store_clock,
    cs_store_inputs,
    cs_store_notes, cs_store_electrical, cs_store_circuit, cs_store_pictures;

/* CREATE, INSERT and SELECT for a table; free with g_free. */
char *cs_store_create_sql(const CsStoreTable *table);
char *cs_store_insert_sql(const CsStoreTable *table);
char *cs_store_select_sql(const CsStoreTable *table);

/* Binds a row from parameter 3 on (1 is the recording, 2 the row number). */
void cs_store_bind(sqlite3_stmt *statement, const CsStoreTable *table,
                   const void *row, size_t n_values);

/* Fills a row from a result. False where a value is not what was put. */
bool cs_store_fetch(sqlite3_stmt *statement, const CsStoreTable *table,
                    void *row, size_t n_values);
