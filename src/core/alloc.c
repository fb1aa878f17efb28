/* Allocation that can be refused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/alloc.h"

#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "coatscope/error.h"

enum { ALIGNMENT = 64 };

static _Thread_local unsigned calls_until_failure;

void
cs_alloc_fail_at(unsigned n)
{
    calls_until_failure = n;
}

static bool
fails_now(void)
{
    return calls_until_failure > 0 && --calls_until_failure == 0;
}

static void
refuse(size_t n, size_t size, const char *what, GError **error)
{
    cs_fail(error, CS_ERROR_LIMIT,
            "no memory for %s (%" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT
            " bytes)", what, n, size);
}

void *
cs_try_alloc(size_t n, size_t size, const char *what, GError **error)
{
    void *memory = NULL;

    if (!fails_now())
        memory = calloc(MAX(n, 1), MAX(size, 1));
    if (memory == NULL)
        refuse(n, size, what, error);
    return memory;
}

void *
cs_try_alloc_aligned(size_t n, size_t size, const char *what, GError **error)
{
    void *memory = NULL;

    if (!fails_now() && (size == 0 || n <= (SIZE_MAX / 2) / size)) {
        size_t bytes = MAX(n * size, 1);

        bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        memory = aligned_alloc(ALIGNMENT, bytes);
    }
    if (memory == NULL)
        refuse(n, size, what, error);
    return memory;
}

void
cs_free_aligned(void *memory)
{
    free(memory);
}
