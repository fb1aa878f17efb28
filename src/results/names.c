/* File names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/names.h"

#include <string.h>

enum { MAX_BYTES = 100 };

/* Letters and digits of any script stay; all else becomes one "_". */
static char *
make_safe(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    GString *safe = g_string_new(NULL);

    for (const char *c = valid; *c != '\0' && safe->len < MAX_BYTES;
         c = g_utf8_next_char(c)) {
        gunichar u = g_utf8_get_char(c);
        bool keep = (u != 0xfffd && g_unichar_isalnum(u)) || u == '-'
                    || (u == '.' && safe->len > 0);

        if (keep)
            g_string_append_unichar(safe, u);
        else if (safe->len == 0 || safe->str[safe->len - 1] != '_')
            g_string_append_c(safe, '_');
    }
    if (strspn(safe->str, "_") == safe->len)
        g_string_assign(safe, "recording");
    return g_string_free(safe, FALSE);
}

char **
cs_results_file_names(const CsResultsInput *input)
{
    char **names = g_new0(char *, input->n + 1);
    g_autoptr(GHashTable) taken
        = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < input->n; i++) {
        g_autofree char *safe = make_safe(input->item[i].measures->recording);

        names[i] = g_strdup(safe);
        for (int k = 2;
             !g_hash_table_add(taken, g_utf8_casefold(names[i], -1)); k++) {
            g_free(names[i]);
            names[i] = g_strdup_printf("%s-%d", safe, k);
        }
    }
    return names;
}
