/* The verbs of `coatscope`: one file and one line in the table each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

typedef struct {
    const char *name;    /* "measure" */
    const char *summary; /* one line for `coatscope --help` */

    /* argv[0] is the verb. Returns the exit status: 0, 1 failed, 2 wrong
     * usage; says what went wrong on standard error itself. */
    int (*run)(int argc, char **argv);
} CsVerb;

int cs_cli_bias(int argc, char **argv);
int cs_cli_instruments(int argc, char **argv);
int cs_cli_export(int argc, char **argv);
int cs_cli_info(int argc, char **argv);
int cs_cli_convert(int argc, char **argv);
int cs_cli_materials(int argc, char **argv);
int cs_cli_measure(int argc, char **argv);
int cs_cli_score(int argc, char **argv);
int cs_cli_plan(int argc, char **argv);
int cs_cli_run(int argc, char **argv);
int cs_cli_report(int argc, char **argv);
int cs_cli_screen(int argc, char **argv);
int cs_cli_serve(int argc, char **argv);
int cs_cli_simulate(int argc, char **argv);

/* `--version`: this build, its libraries, formats and helpers. */
int cs_cli_version(void);

/* Every verb, ending with a NULL name. */
extern const CsVerb cs_verbs[];
