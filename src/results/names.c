/* File names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/names.h"

#include "core/text.h"

char **
cs_results_file_names(const CsResultsInput *input)
{
    g_autofree const char **recordings = g_new0(const char *, input->n + 1);

    for (size_t i = 0; i < input->n; i++)
        recordings[i] = input->item[i].measures->recording;
    return cs_results_names_of(recordings, input->n);
}

char **
cs_results_names_of(const char *const *recordings, size_t n)
{
    char **names = g_new0(char *, n + 1);
    g_autoptr(GHashTable) taken
        = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < n; i++) {
        g_autofree char *safe = cs_text_file_name(recordings[i]);

        names[i] = g_strdup(safe);
        for (int k = 2;
             !g_hash_table_add(taken, g_ascii_strdown(names[i], -1)); k++) {
            g_free(names[i]);
            names[i] = g_strdup_printf("%s-%d", safe, k);
        }
    }
    return names;
}
