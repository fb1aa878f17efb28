/* Logs of a supply: bias.csv and its like, a reading a line, each on its way to
 * the disk before the next is taken.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdio.h>

#include "coatscope/supply.h"

typedef struct {
    char  *path;     /* from the experiment's folder on                     */
    FILE  *file;
    double start_s;  /* of time_s                                           */
} CsLog1;

#define CS_LOG1_INIT { .file = NULL }

/* Makes DIR/recordings/NAME-N.csv, N the first that is free. Errors:
 * CS_ERROR_IO. */
bool cs_log1_open(const char *dir, const char *name, double start_s,
                  CsLog1 *log, GError **error);

/* Adds a reading taken at unix_s; scale is how much faster the experiment's
 * clock runs than the instrument's. Errors: CS_ERROR_IO. */
bool cs_log1_add(CsLog1 *log, double unix_s, double scale,
                 const CsSupplyReading *reading, GError **error);
void cs_log1_clear(CsLog1 *log);

/* "recordings/NAME-N.SUFFIX" where there is none yet in dir, also of the other
 * suffixes. */
char *cs_run_free_name(const char *dir, const char *name, const char *suffix);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsLog1, cs_log1_clear)
