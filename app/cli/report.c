/* coatscope report: results written again from their store.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/keeping.h"

int
cs_cli_report(int argc, char **argv)
{
    g_auto(GStrv) paths = NULL;
    gboolean unblind = FALSE;
    const GOptionEntry entries[] = {
        { "unblind", 0, 0, G_OPTION_ARG_NONE, &unblind,
          "End the blind mode of screen: from now on names are shown", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL,
          NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context = g_option_context_new("DIR");
    g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;
    g_autoptr(GError) error = NULL;
    int status;

    g_option_context_set_summary(
        context, "Writes tables, figures, outlines and report.html of the "
                 "results folder DIR again,\nfrom its results.db alone: the "
                 "recordings need not be there any more.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, cs_cli_job_group(&cli));
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (paths == NULL || paths[1] != NULL)
        return cs_cli_wrong_usage("report: give one results folder");
    cs_cli_job_start(&cli);
    if ((unblind
         && !cs_reporting_unblind(paths[0],
                                  (double) g_get_real_time() / G_USEC_PER_SEC,
                                  &error))
        || !cs_reporting_write(paths[0], &cli.job, &error)) {
        cs_cli_job_wipe(&cli);
        return cs_cli_end(cs_cli_failed(error));
    }
    cs_cli_job_wipe(&cli);
    printf("Results: %s (open %s" G_DIR_SEPARATOR_S "report.html)\n",
           paths[0], paths[0]);
    return cs_cli_end(CS_CLI_OK);
}
