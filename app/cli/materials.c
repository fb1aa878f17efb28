/* coatscope materials: what is known of hosts and coatings, with ranges and
 * sources; checks a file of the user's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/materials.h"

/* "  volume_ratio 3.77 (3.75 to 3.8): source" */
static void
print_value(const char *name, double value, const CsOrigin *origin)
{
    if (isnan(value))
        return;
    printf("  %-20s %.6g", name, value);
    if (isfinite(origin->low))
        printf(" (%.6g to %.6g)", origin->low, origin->high);
    printf(": %s\n", origin->source);
}

static void
print_hosts(const CsMaterials *known)
{
    size_t n;
    const CsHost *h = cs_materials_hosts(known, &n);

    for (size_t i = 0; i < n; i++) {
        printf("%s with %s to %s, %.4g ions each, A/A0 %.3f when free\n",
               h[i].host, h[i].ion, h[i].product, h[i].x_full,
               cs_free_expansion(&h[i], NULL, 1, 0));
        print_value("v_host_cm3_per_mol", h[i].v_host_cm3_per_mol,
                    &h[i].v_host_origin);
        print_value("volume_ratio", h[i].volume_ratio, &h[i].ratio_origin);
    }
}

static void
print_coats(const CsMaterials *known)
{
    size_t n;
    const CsCoatMaterial *c = cs_materials_coats(known, &n);

    for (size_t i = 0; i < n; i++) {
        const CsMaterial *m = cs_materials_material(known, c[i].name);

        printf("coating of %s\n", c[i].name);
        print_value("density_g_per_cm3", m->density_g_per_cm3,
                    &m->density_origin);
        print_value("young_GPa", c[i].young_GPa, &c[i].young_origin);
        print_value("poisson", c[i].poisson, &c[i].poisson_origin);
        print_value("toughness_MPa_m05", c[i].toughness_MPa_m05,
                    &c[i].toughness_origin);
        print_value("volume_ratio", c[i].swelling, &c[i].swelling_origin);
    }
}

int
cs_cli_materials(int argc, char **argv)
{
    g_auto(GStrv) paths = NULL;
    const GOptionEntry entries[] = {
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths,
          NULL, NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context = g_option_context_new("[FILE.yaml]");
    g_autoptr(CsMaterials) own = NULL;
    g_autoptr(GError) error = NULL;
    int status;

    g_option_context_set_summary(
        context, "Lists hosts, ions and coatings with ranges and sources; with "
                 "a FILE, also what\nit adds or says otherwise (keys: "
                 "docs/howto/materials.md).");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (paths != NULL && paths[1] != NULL)
        return cs_cli_wrong_usage("materials: give one FILE or none");
    if (paths != NULL) {
        own = cs_materials_read(paths[0], &error);
        if (own == NULL)
            return cs_cli_failed(error);
    }
    print_hosts(own != NULL ? own : cs_materials_builtin());
    print_coats(own != NULL ? own : cs_materials_builtin());
    return cs_cli_end(CS_CLI_OK);
}
