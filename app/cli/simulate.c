/* coatscope simulate: a recording with known truth.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/simulator.h"
#include "coatscope/writer.h"

static int
list_presets(void)
{
    for (const CsPreset *p = cs_presets; p->name != NULL; p++)
        printf("%-14s %s\n", p->name, p->summary);
    return cs_cli_end(CS_CLI_OK);
}

static void
print_range(const CsRecipeKey *key)
{
    switch (key->kind) {
    case CS_KEY_NUMBER:
    case CS_KEY_INTEGER:
        printf("%.10g to %.10g", key->min, key->max);
        if (isnan(key->fallback))
            printf(", or none");
        break;
    case CS_KEY_FLAG: printf("true, false"); break;
    case CS_KEY_CHOICE:
    case CS_KEY_TEXT:
        if (key->choices == NULL)
            printf("text");
        for (int i = 0; key->choices != NULL && key->choices[i] != NULL; i++)
            printf("%s%s", i > 0 ? ", " : "", key->choices[i]);
    }
}

static void
print_default(const CsRecipeKey *key)
{
    switch (key->kind) {
    case CS_KEY_NUMBER:
    case CS_KEY_INTEGER:
        if (isnan(key->fallback))
            printf("none");
        else
            printf("%.10g", key->fallback);
        break;
    case CS_KEY_FLAG: printf(key->fallback != 0 ? "true" : "false"); break;
    case CS_KEY_CHOICE: printf("%s", key->choices[(int) key->fallback]); break;
    case CS_KEY_TEXT: printf("%s", key->text_fallback);
    }
}

/* Markdown, so that the documentation is made from the table. */
static int
list_keys(void)
{
    for (const CsRecipeSection *s = cs_recipe_sections; s->name != NULL; s++) {
        printf("## %s%s\n\n%s\n\n", s->name, s->is_list ? " (a list)" : "",
               s->help);
        printf("| key | unit | allowed | default | meaning |\n"
               "|---|---|---|---|---|\n");
        for (const CsRecipeKey *k = s->keys; k->name != NULL; k++) {
            printf("| `%s` | %s | ", k->name, k->unit);
            print_range(k);
            printf(" | ");
            print_default(k);
            printf(" | %s |\n", k->help);
        }
        printf("\n");
    }
    return cs_cli_end(CS_CLI_OK);
}

static int
simulate(const char *recipe_name, const char *dir, const char *format,
         CsCliJob *cli)
{
    g_auto(CsRecipe) recipe = CS_RECIPE_INIT;
    g_autoptr(GError) error = NULL;

    if (!cs_recipe_load(recipe_name, &recipe, &error)
        || !cs_simulate_to_folder(&recipe, dir, format, &cli->job, &error))
        return cs_cli_job_failed(cli, error, "nothing was written");
    return CS_CLI_OK;
}

int
cs_cli_simulate(int argc, char **argv)
{
    g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;
    g_auto(GStrv) recipes = NULL;
    g_autofree char *dir = NULL, *format = NULL;
    gboolean keys = FALSE, presets = FALSE;
    const GOptionEntry entries[] = {
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &dir,
          "Folder to make; must not be there or be empty", "DIR" },
        { "format", 0, 0, G_OPTION_ARG_STRING, &format,
          "Format of the recording (tiff)", "NAME" },
        { "list", 0, 0, G_OPTION_ARG_NONE, &presets, "List the presets",
          NULL },
        { "list-keys", 0, 0, G_OPTION_ARG_NONE, &keys,
          "List every key of a recipe, with unit, range and default", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &recipes,
          NULL, NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context
        = g_option_context_new("PRESET|RECIPE.yaml -o DIR");
    int status;

    g_option_context_set_summary(
        context, "Makes a recording, and beside it the truth about it.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, cs_cli_job_group(&cli));
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (presets)
        return list_presets();
    if (keys)
        return list_keys();
    if (recipes == NULL || recipes[1] != NULL || dir == NULL)
        return cs_cli_wrong_usage(
            "simulate takes one PRESET or RECIPE.yaml and -o DIR");
    cs_cli_job_start(&cli);
    status = simulate(recipes[0], dir, format != NULL ? format : "tiff",
                      &cli);
    cs_cli_job_wipe(&cli);
    return cs_cli_end(status);
}
