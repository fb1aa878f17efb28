/* Telling recordings of one name apart.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/naming.h"

#include <string.h>

#include "coatscope/error.h"

enum { MAX_FOLDERS = 8 };

/* own with up to n_folders names of folders before it. */
static char *
longer_name(const char *path, const char *own, int n_folders)
{
    char *name = g_strdup(own);
    g_autofree char *full = g_canonicalize_filename(path, NULL);
    g_autofree char *at = g_path_get_dirname(full);

    for (int k = 0; k < n_folders && strcmp(at, "/") != 0;) {
        g_autofree char *folder = g_path_get_basename(at);
        g_autofree char *above = g_path_get_dirname(at);

        /* A glob such as run1/ *.tif has the folder's name already. */
        if (k > 0 || strcmp(folder, own) != 0) {
            g_autofree char *shorter = name;

            name = g_strconcat(folder, "-", shorter, NULL);
            k++;
        }
        g_free(at);
        at = g_steal_pointer(&above);
    }
    return name;
}

static bool
is_shared(char *const *name, size_t n, size_t i)
{
    for (size_t k = 0; k < n; k++)
        if (k != i && strcmp(name[k], name[i]) == 0)
            return true;
    return false;
}

static bool
check_twice(const char *const *path, size_t n, GError **error)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(path[i], path[k]) == 0)
                return cs_fail(error, CS_ERROR_ARGUMENT, "%s is given twice",
                               path[i]);
    return true;
}

char **
cs_naming(const char *const *path, const char *const *own, size_t n,
          GError **error)
{
    char **name;

    if (!check_twice(path, n, error))
        return NULL;
    name = g_new0(char *, n + 1);
    for (size_t i = 0; i < n; i++)
        name[i] = g_strdup(own[i]);
    for (int folders = 1; folders <= MAX_FOLDERS; folders++) {
        g_autofree bool *shared = g_new0(bool, n + 1);

        for (size_t i = 0; i < n; i++)
            shared[i] = is_shared(name, n, i);
        for (size_t i = 0; i < n; i++)
            if (shared[i]) {
                g_free(name[i]);
                name[i] = longer_name(path[i], own[i], folders);
            }
    }
    for (size_t i = 0; i < n; i++)
        if (is_shared(name, n, i)) {
            g_free(name[i]);
            name[i] = g_strdup(path[i]);
        }
    return name;
}
