/* coatscope run: a protocol carried out, step by step.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/error.h"
#include "coatscope/experiment.h"

static void
tell(const char *line, void *user)
{
    (void) user;
    printf("%s\n", line);
    fflush(stdout);
}

/* A line from standard input; Ctrl-C is heeded meanwhile. */
static bool
ask(const char *question, const char *fallback, char **answer, void *user,
    GError **error)
{
    GCancellable *stop = user;
    g_autoptr(GString) line = g_string_new(NULL);
    char c;

    printf("  %s%s%s%s ", question, *fallback != '\0' ? " [" : "", fallback,
           *fallback != '\0' ? "]" : "");
    fflush(stdout);
    for (;;) {
        struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
        int n = poll(&in, 1, 200);

        if (g_cancellable_is_cancelled(stop))
            return cs_fail(error, CS_ERROR_CANCELLED, "stopped");
        if (n <= 0)
            continue;
        if (read(STDIN_FILENO, &c, 1) != 1)
            return cs_fail(error, CS_ERROR_IO,
                           "nobody answers: standard input has ended (--yes "
                           "takes the defaults)");
        if (c == '\n' || line->len > 4000)
            break;
        g_string_append_c(line, c);
    }
    *answer = g_strdup(line->str);
    return true;
}

static bool
is_impatient(void *user)
{
    struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
    char c;

    (void) user;
    return poll(&in, 1, 0) > 0 && read(STDIN_FILENO, &c, 1) == 1
           && c == '\n';
}

static int
list_faults(void)
{
    for (const CsExperimentFault *f = cs_experiment_faults(); f->name != NULL;
         f++)
        printf("%-14s %s\n", f->name, f->help);
    return cs_cli_end(CS_CLI_OK);
}

/* Markdown, so that the documentation is made from the table. */
static int
list_kinds(void)
{
    for (const CsStepKind *k = cs_step_kinds(); k->name != NULL; k++) {
        printf("### %s\n\n%s%s\n\n", k->name, k->help,
               k->is_open ? " Takes other parameters too: they are asked for."
                          : "");
        if (k->keys[0].name == NULL)
            continue;
        printf("| parameter | unit | allowed | default | meaning |\n"
               "|---|---|---|---|---|\n");
        for (const CsStepKey *p = k->keys; p->name != NULL; p++)
            if (p->text != NULL)
                printf("| `%s` | | text | %s | %s |\n", p->name, p->text,
                       p->help);
            else
                printf("| `%s` | %s | %g to %g | %g | %s |\n", p->name,
                       p->unit, p->least, p->most, p->fallback, p->help);
        printf("\n");
    }
    return cs_cli_end(CS_CLI_OK);
}

static int
run(const char *protocol, const char *dir, CsExperimentOptions *options,
    CsCliJob *cli)
{
    g_autoptr(GError) error = NULL;

    options->talk = (CsExperimentTalk) {
        .ask = ask, .tell = tell, .is_impatient = is_impatient,
        .user = cli->job.cancellable,
    };
    if (!cs_experiment_run(protocol, dir, options, &cli->job, &error))
        return cs_cli_job_failed(cli, error,
                                 "outputs are off, the needle is back; the "
                                 "same command goes on where it was");
    cs_cli_job_wipe(cli);
    printf("Report: %s" G_DIR_SEPARATOR_S "report.html\n", dir);
    return CS_CLI_OK;
}

int
cs_cli_run(int argc, char **argv)
{
    g_auto(GStrv) paths = NULL, faults = NULL;
    g_autofree char *dir = NULL, *supply = NULL;
    gboolean simulated = FALSE, yes = FALSE, kinds = FALSE, fault_list = FALSE;
    CsExperimentOptions options = { 0 };
    int status;
    const GOptionEntry entries[] = {
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &dir,
          "Folder that keeps all of it; one that was begun is gone on with",
          "DIR" },
        { "simulate", 0, 0, G_OPTION_ARG_NONE, &simulated,
          "Use the simulated bench, whose clock does not wait", NULL },
        { "yes", 0, 0, G_OPTION_ARG_NONE, &yes,
          "Ask nothing: take the defaults", NULL },
        { "supply", 0, 0, G_OPTION_ARG_STRING, &supply,
          "Address of the supply for electropolishing", "ADDRESS" },
        { "fault", 0, 0, G_OPTION_ARG_STRING_ARRAY, &faults,
          "With --simulate: let this go wrong (may be given again)", "NAME" },
        { "list-faults", 0, 0, G_OPTION_ARG_NONE, &fault_list,
          "List what can go wrong", NULL },
        { "list-kinds", 0, 0, G_OPTION_ARG_NONE, &kinds,
          "List the kinds of steps with their parameters", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL,
          NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context
        = g_option_context_new("PROTOCOL.yaml -o DIR");
    g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;

    g_option_context_set_summary(
        context,
        "Carries out a protocol: asks and times what a person does, drives what "
        "can be driven,\nkeeps everything in DIR. Stopped at any moment it goes "
        "on at the same step. Without\nhardware: --simulate --yes. Ends with 1, "
        "outputs off and the needle back, after a fault.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, cs_cli_job_group(&cli));
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (kinds)
        return list_kinds();
    if (fault_list)
        return list_faults();
    if (paths == NULL || paths[1] != NULL || dir == NULL)
        return cs_cli_wrong_usage("run: give one PROTOCOL.yaml and -o DIR");
    options.is_simulated = simulated;
    options.says_yes = yes;
    options.supply = supply;
    options.faults = (const char *const *) faults;
    cs_cli_job_start(&cli);
    return cs_cli_end(run(paths[0], dir, &options, &cli));
}
