/* Memory whose size came from data: may be refused, never aborts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stddef.h>

/* n * size zeroed bytes for `what` ("the frame"), to be freed with g_free,
 * or NULL with CS_ERROR_LIMIT. n = 0 gives a pointer too. */
void *cs_try_alloc(size_t n, size_t size, const char *what, GError **error);

/* The same, uninitialised and aligned to 64 bytes; free with
 * cs_free_aligned (which takes NULL). */
void *cs_try_alloc_aligned(size_t n, size_t size, const char *what,
                           GError **error);
void  cs_free_aligned(void *memory);

/* For tests: lets the nth call from now on in this thread fail (1 is the
 * next one); 0 switches that off. */
void cs_alloc_fail_at(unsigned n);
