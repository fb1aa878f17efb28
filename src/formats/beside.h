/* Companion files: what lies beside a recording and tells more of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/source.h"

/* The path of `name` in the folder of the source, or NULL for memory. Free
 * with g_free. */
char *cs_beside_path(const CsSource *source, const char *name);

/* The last part of the source's name, without its folder. Free with g_free. */
char *cs_beside_base(const CsSource *source);

/* The text of the file called `name` beside the source, with a zero behind
 * it, or NULL where there is none, it is longer than max_bytes or cannot be
 * read: a companion is never asked for. Free with g_free. */
char *cs_beside_text(const CsSource *source, const char *name,
                     size_t max_bytes, size_t *n_bytes);
