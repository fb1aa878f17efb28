/* Kinds of logs: one file each, one line in a table (log_formats.c).
 *
 * All are sheets (core/sheet.h) with a header; a kind says which sheets are
 * its own, and what its header and notes tell besides the columns' names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

#include "coatscope/log.h"
#include "core/sheet.h"
#include "recording/log_columns.h"
#include "recording/log_time.h"

/* How the rows of one log are to be read. */
typedef struct {
    CsLogColumn column[CS_N_LOG_ROLES];
    int         date;         /* column with the date alone, or -1          */
    int         fraction;     /* with fractions of a second, or -1          */
    int         reading_unit; /* with the unit of column[CURRENT], which may
                                 hold volts too; -1: none                   */
    int         notes;        /* where a "name = value" is no sample; -1    */
    bool        is_elapsed;   /* H:MM:SS is time passed, not of the day     */
    double      base_local_s; /* wall clock of time 0, of no zone; NAN      */
    double      base_day_s;   /* midnight of the first sample's day; NAN    */
    CsDateOrder order;        /* of dates such as 5/12/2024                 */
} CsLogPlan;

typedef struct {
    const char *title;
    bool (*is_header)(char *const *cell, size_t n);
    /* Completes a plan whose columns were found by name. The sheet may be
     * read through. Errors: CS_ERROR_FORMAT. */
    bool (*plan)(CsSheet *sheet, CsLogPlan *plan, GPtrArray *notes,
                 GError **error);
} CsLogFormat;

/* In the order in which they are asked; the last one takes any header. */
extern const CsLogFormat *const cs_log_formats[];

extern const CsLogFormat cs_log_keithley, cs_log_protochips, cs_log_dens,
    cs_log_table;

/* The column of exactly this name (any case), or -1. */
int cs_log_find(char *const *cell, size_t n, const char *name);
