/* Companion files beside a recording.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/beside.h"

#include "core/alloc.h"

char *
cs_beside_path(const CsSource *source, const char *name)
{
    g_autofree char *folder = NULL;

    if (cs_source_path(source) == NULL)
        return NULL;
    folder = g_path_get_dirname(cs_source_path(source));
    return g_build_filename(folder, name, NULL);
}

char *
cs_beside_base(const CsSource *source)
{
    return g_path_get_basename(cs_source_name(source));
}

char *
cs_beside_text(const CsSource *source, const char *name, size_t max_bytes,
               size_t *n_bytes)
{
    g_autofree char *path = cs_beside_path(source, name);
    g_autoptr(CsSource) beside = NULL;
    g_autofree char *text = NULL;
    size_t n;

    if (path != NULL && g_file_test(path, G_FILE_TEST_IS_REGULAR))
        beside = cs_source_open(path, NULL);
    if (beside == NULL || cs_source_size(beside) > max_bytes)
        return NULL;
    n = (size_t) cs_source_size(beside);
    text = cs_try_alloc(n + 1, 1, "a file beside it", NULL);
    if (text == NULL
        || !cs_source_read(beside, 0, text, n, "the file beside it", NULL))
        return NULL;
    *n_bytes = n;
    return g_steal_pointer(&text);
}
