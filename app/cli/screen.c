/* coatscope screen: a campaign of recordings in, one results folder out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/campaign.h"
#include "coatscope/screening.h"

/* What the command line says. */
typedef struct {
    char    *output;
    char    *materials;
    gboolean force;
    gboolean blind;
    char   **paths;
} Options;

static void
options_clear(Options *o)
{
    g_free(o->output);
    g_free(o->materials);
    g_strfreev(o->paths);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static void
print_summary(const Options *o, const CsCampaign *campaign,
              const CsScreening *screening)
{
    size_t i = 0, n_known = 0;

    if (o->blind)
        printf("%" G_GSIZE_FORMAT " recordings of %" G_GSIZE_FORMAT
               " coatings, whose names are hidden until\n"
               "coatscope report --unblind %s\n",
               screening->n, campaign->n, o->output);
    for (size_t c = 0; c < campaign->n; c++) {
        size_t n_particles = 0;

        for (size_t r = 0; r < campaign->coating[c].n; r++, i++) {
            n_particles += screening->item[i].kept.measured.outlines.n_particles;
            n_known += screening->item[i].kept.known;
        }
        if (!o->blind)
            printf("%s: %" G_GSIZE_FORMAT " recording%s, %" G_GSIZE_FORMAT
               " particle%s\n", campaign->coating[c].name,
               campaign->coating[c].n, campaign->coating[c].n == 1 ? "" : "s",
               n_particles, n_particles == 1 ? "" : "s");
    }
    if (n_known > 0)
        printf("%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " recordings were "
               "measured before\n", n_known, screening->n);
    printf("Results: %s (open %s" G_DIR_SEPARATOR_S "report.html)\n",
           o->output, o->output);
}

/* The store is closed before the results are written from it. */
static bool
measure(const Options *o, char *const *command, const CsJob *job,
        CsScreening *screening, GError **error)
{
    g_autoptr(CsStore) store = cs_store_open(o->output, o->force, error);

    screening->is_blind = o->blind;
    return store != NULL
           && cs_screening_check_blind(store, o->blind, error)
           && cs_screening_measure(screening, store, job, error)
           && cs_screening_arrange(screening, store, command, job, error);
}

static bool
run(const Options *o, char *const *command, CsCliJob *cli, GError **error)
{
    g_auto(CsCampaign) campaign = CS_CAMPAIGN_INIT;
    g_auto(CsScreening) screening = CS_SCREENING_INIT;

    if (!cs_campaign_read_with(o->paths[0], o->materials, &campaign, error)
        || !cs_results_check(o->output, o->force || cs_store_is_at(o->output),
                             error)
        || !cs_screening_open(&campaign, &cli->job, &screening, error)
        || !measure(o, command, &cli->job, &screening, error)
        || !cs_reporting_write(o->output, &cli->job, error))
        return false;
    cs_cli_job_wipe(cli);
    print_summary(o, &campaign, &screening);
    return true;
}

int
cs_cli_screen(int argc, char **argv)
{
    g_auto(Options) o = { 0 };
    const GOptionEntry entries[] = {
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output,
          "Write the results folder DIR", "DIR" },
        { "materials", 0, 0, G_OPTION_ARG_FILENAME, &o.materials,
          "More hosts and coatings, or other values "
          "(docs/howto/materials.md)", "FILE" },
        { "force", 'f', 0, G_OPTION_ARG_NONE, &o.force,
          "Replace results that are in DIR and measure all anew", NULL },
        { "blind", 0, 0, G_OPTION_ARG_NONE, &o.blind,
          "Codes in place of the names of coatings and recordings, until "
          "report --unblind", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.paths,
          NULL, NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context
        = g_option_context_new("CAMPAIGN.yaml -o DIR");
    g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;
    g_auto(GStrv) command = g_strdupv(argv);
    g_autoptr(GError) error = NULL;
    int status;

    g_option_context_set_summary(
        context, "Measures every recording of every coating that "
                 "CAMPAIGN.yaml lists, and puts them\ninto one results "
                 "folder. The keys of the file: docs/campaign.md.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, cs_cli_job_group(&cli));
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (o.paths == NULL || o.paths[1] != NULL)
        return cs_cli_wrong_usage("screen: give one CAMPAIGN.yaml");
    if (o.output == NULL)
        return cs_cli_wrong_usage("screen: where to? Give -o DIR");
    cs_cli_job_start(&cli);
    if (!run(&o, command, &cli, &error))
        status = cs_cli_job_failed(&cli, error,
                                   "what was measured so far is kept; the "
                                   "same command goes on from there");
    return cs_cli_end(status);
}
