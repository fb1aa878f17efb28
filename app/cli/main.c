/* coatscope: one binary, `coatscope VERB …`.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "cli/verbs.h"

const CsVerb cs_verbs[] = {
    { "info", "what recordings hold, and what would be assumed", cs_cli_info },
    { "convert", "a recording as one file of another format",
      cs_cli_convert },
    { "export", "outlines for other programs: COCO, labelme, napari, …",
      cs_cli_export },
    { "materials", "what is known of hosts, ions and coatings",
      cs_cli_materials },
    { "measure", "areas of all particles against time, outlines, report",
      cs_cli_measure },
    { "plan", "dose, pixel and frame interval for a wanted precision",
      cs_cli_plan },
    { "report", "results written again from their store", cs_cli_report },
    { "score", "how far results are from a known truth", cs_cli_score },
    { "screen", "all recordings of a campaign, coating by coating",
      cs_cli_screen },
    { "serve", "results and recordings in the browser", cs_cli_serve },
    { "instruments", "which supplies and source-measure units answer",
      cs_cli_instruments },
    { "run", "an experiment by its protocol, step by step", cs_cli_run },
    { "bias", "hold a voltage, log the current, open on a short",
      cs_cli_bias },
    { "simulate", "make a recording with known truth", cs_cli_simulate },
    { 0 },
};

static int
print_help(FILE *to)
{
    fprintf(to, "Usage: coatscope VERB [OPTION…] …\n\n"
                "Measures coated nanoparticles that swell in a TEM.\n\n"
                "Verbs:\n");
    for (size_t i = 0; cs_verbs[i].name != NULL; i++)
        fprintf(to, "  %-11s %s\n", cs_verbs[i].name, cs_verbs[i].summary);
    fprintf(to, "\n`coatscope VERB --help` tells more; `coatscope --version` "
                "what this build can do.\n");
    return to == stdout ? 0 : 2;
}

/* glibc raises by itself the size from which memory goes straight back to the
 * system, once a frame was freed; from then on freed frames leave holes, and a
 * recording of 200 frames takes half as much again as one of 20. */
static void
give_memory_back(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

int
main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    give_memory_back();
    if (argc < 2)
        return print_help(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return print_help(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        return cs_cli_version();
    }
    for (size_t i = 0; cs_verbs[i].name != NULL; i++)
        if (strcmp(argv[1], cs_verbs[i].name) == 0)
            return cs_verbs[i].run(argc - 1, argv + 1);
    fprintf(stderr, "coatscope: there is no verb %s; see coatscope --help\n",
            argv[1]);
    return 2;
}
