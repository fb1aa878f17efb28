/* Which column of a log is what, by the words in its name.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/log.h"

typedef enum {
    CS_LOG_TIME,
    CS_LOG_BIAS,
    CS_LOG_CURRENT,
    CS_N_LOG_ROLES
} CsLogRole;

typedef struct {
    int    at;     /* the column; -1: none                                  */
    double factor; /* s, V or A of its unit; NAN: no unit in the name       */
    bool   tied;   /* another column says the same as well                  */
} CsLogColumn;

/* What a name may be called besides: the column's own name without its unit,
 * "Channel A Current" of "Channel A Current (nA)". */
char *cs_log_column_name(const char *header);

/* Finds the column of each role. False where there is no time, or neither
 * bias nor current. */
bool cs_log_columns_find(char *const *header, size_t n,
                         CsLogColumn columns[CS_N_LOG_ROLES]);

/* Puts the columns that the user named in their place. Errors:
 * CS_ERROR_ARGUMENT, naming the columns there are. */
bool cs_log_columns_take(const CsLogOptions *options, char *const *header,
                         size_t n, CsLogColumn columns[CS_N_LOG_ROLES],
                         GError **error);

/* Whether a user's column is among these cells. */
bool cs_log_columns_named(const CsLogOptions *options, char *const *cell,
                          size_t n);

/* "time", "bias", "current", and the option that names its column. */
const char *cs_log_role_name(CsLogRole role);
