/* Names of recordings that are given together.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A name for each of n recordings: its own where no other has it, else with
 * the names of folders of its path before it, as few as tell them apart
 * ("sim5-recording"). NULL-ended, for g_strfreev.
 *
 * Errors: CS_ERROR_ARGUMENT where one path is given twice. */
char **cs_naming(const char *const *path, const char *const *own, size_t n,
                 GError **error);
