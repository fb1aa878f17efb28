/* coatscope --version: what this build can do.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/reader.h"
#include "coatscope/writer.h"
#include "config.h"

/* Programs that are called where something needs them. */
static const struct {
    const char *program;
    const char *what_for;
} helpers[] = {
    { "gnuplot", "figures, and with them the report" },
};

static void
print_helper(const char *program, const char *what_for)
{
    g_autofree char *path = g_find_program_in_path(program);

    printf("  %-8s %s: %s\n", program, what_for,
           path != NULL ? path : "not installed");
}

int
cs_cli_version(void)
{
    printf("coatscope %s\nbuilt with %s (%s)\nlibraries: %s\nreads: ",
           COATSCOPE_VERSION, COATSCOPE_COMPILER, COATSCOPE_BUILD_TYPE,
           COATSCOPE_LIBRARIES);
    for (size_t i = 0; cs_readers[i] != NULL; i++)
        printf("%s%s", i > 0 ? ", " : "", cs_readers[i]->title);
    printf("\nwrites: ");
    for (size_t i = 0; cs_writers[i] != NULL; i++)
        printf("%s%s", i > 0 ? ", " : "", cs_writers[i]->name);
    printf("\nprograms it calls:\n");
    for (size_t i = 0; i < G_N_ELEMENTS(helpers); i++)
        print_helper(helpers[i].program, helpers[i].what_for);
    if (cs_reader_named("video") != NULL)
        print_helper("ffmpeg", "videos");
    return cs_cli_end(CS_CLI_OK);
}
