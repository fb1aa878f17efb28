/* Presets: the files of examples/recipes, compiled in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/presets.h"

#include <gio/gio.h>
#include <string.h>

#include "coatscope/recipe.h"
#include "simulator/presets-resource.h"

const CsPreset cs_presets[] = {
    { "jove-5nm", "100 nm Si with 5 nm TiO2: area doubles, coat holds" },
    { "jove-10nm", "the same with 10 nm: six times slower, 1.2x, broken after "
                   "2 min" },
    { "agglomerate", "six touching particles that grow one after the other" },
    { "low-dose", "jove-5nm with 11 electrons a pixel" },
    { "haadf", "scanning, bright on dark" },
    { "delithiation", "in and out again" },
    { "sodium-tin", "sodium into tin under carbon" },
    { "screening", "a campaign: eight coatings, three particles each" },
    { 0 },
};

char *
cs_preset_yaml(const char *name)
{
    g_autofree char *path = NULL;
    g_autoptr(GBytes) bytes = NULL;

    if (strchr(name, '/') != NULL || strchr(name, '.') != NULL)
        return NULL;
    path = g_strdup_printf("/coatscope/recipes/%s.yaml", name);
    bytes = g_resource_lookup_data(coatscope_presets_get_resource(), path,
                                   G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    if (bytes == NULL)
        return NULL;
    return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}
