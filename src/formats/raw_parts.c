/* Gatan's raw frames.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/raw_parts.h"

#include <inttypes.h>
#include <string.h>

#include "coatscope/error.h"
#include "formats/beside.h"

enum { MAX_PARTS = 10000 };

struct CsRawParts {
    GPtrArray *part; /* CsSource */
    uint64_t   each; /* bytes of all but the last */
    uint64_t   size;
};

/* "X.raw" for X.dm4, then "X.raw_1", …; NULL where there is none. */
static CsSource *
open_part(const CsSource *director, unsigned number, GError **error)
{
    g_autofree char *base = cs_beside_base(director);
    char *dot = strrchr(base, '.');
    g_autofree char *name = NULL, *path = NULL;

    if (dot != NULL)
        *dot = '\0';
    name = number == 0 ? g_strdup_printf("%s.raw", base)
                       : g_strdup_printf("%s.raw_%u", base, number);
    path = cs_beside_path(director, name);
    if (path == NULL || !g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return NULL;
    return cs_source_open(path, error);
}

static bool
add_parts(CsRawParts *parts, const CsSource *director, GError **error)
{
    for (unsigned i = 0; i < MAX_PARTS; i++) {
        g_autoptr(GError) why = NULL;
        CsSource *part = open_part(director, i, &why);
        uint64_t n = i > 0 ? cs_source_size(parts->part->pdata[i - 1]) : 0;

        if (why != NULL) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
        if (part == NULL)
            return true;
        g_ptr_array_add(parts->part, part);
        if (i > 0 && n != parts->each)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "its raw file number %u has %" PRIu64 " bytes; all"
                           " but the last have the first one's %" PRIu64,
                           i - 1, n, parts->each);
        if (i == 0)
            parts->each = cs_source_size(part);
        parts->size += cs_source_size(part);
    }
    return true;
}

bool
cs_raw_parts_open(const CsSource *director, CsRawParts **parts,
                  GError **error)
{
    CsRawParts *fresh = g_new0(CsRawParts, 1);

    fresh->part
        = g_ptr_array_new_with_free_func((GDestroyNotify) cs_source_unref);
    if (!add_parts(fresh, director, error)) {
        cs_raw_parts_free(fresh);
        return false;
    }
    if (fresh->part->len == 0)
        g_clear_pointer(&fresh, cs_raw_parts_free);
    *parts = fresh;
    return true;
}

uint64_t
cs_raw_parts_size(const CsRawParts *parts)
{
    return parts->size;
}

bool
cs_raw_parts_read(const CsRawParts *parts, uint64_t offset, void *to,
                  size_t n, GError **error)
{
    char *at = to;

    while (n > 0) {
        uint64_t number = parts->each > 0 ? offset / parts->each : 0;
        uint64_t inside = offset - number * parts->each;
        size_t now = (size_t) MIN((uint64_t) n, parts->each - inside);

        if (number >= parts->part->len)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "its raw files end at byte %" PRIu64
                           ", before what is wanted", parts->size);
        if (!cs_source_read(parts->part->pdata[number], inside, at, now,
                            "a frame", error))
            return false;
        at += now;
        offset += now;
        n -= now;
    }
    return true;
}

void
cs_raw_parts_free(CsRawParts *parts)
{
    if (parts == NULL)
        return;
    g_ptr_array_unref(parts->part);
    g_free(parts);
}
