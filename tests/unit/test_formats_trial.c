/* A first try in a copy of the process: what it does stays there, and what
 * kills it is an error here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "formats/trial.h"

static void
count(void *data)
{
    (*(int *) data)++;
}

static void
die(void *data)
{
    kill(getpid(), *(int *) data);
}

static void
what_it_does_stays_there(void)
{
    g_autoptr(GError) error = NULL;
    int n = 0;

    g_assert_true(cs_trial_run(count, &n, "counting", &error));
    g_assert_no_error(error);
    g_assert_cmpint(n, ==, 0);
}

static void
what_kills_it_is_an_error(void)
{
    int deadly[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGXCPU };

    for (size_t i = 0; i < G_N_ELEMENTS(deadly); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(cs_trial_run(die, &deadly[i], "dying", &error));
        g_assert_error(error, CS_ERROR, CS_ERROR_FORMAT);
        g_assert_nonnull(strstr(error->message, "dying fails on it"));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/formats/trial/what_it_does_stays_there",
                    what_it_does_stays_there);
    g_test_add_func("/formats/trial/what_kills_it_is_an_error",
                    what_kills_it_is_an_error);
    return g_test_run();
}
