/* coatscope instruments: what is at an address; or a simulated bench.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "coatscope/bench.h"
#include "coatscope/error.h"
#include "coatscope/supply.h"

/* Says what is there; sets nothing. */
static bool
look_at(const char *address, const CsJob *job, GError **error)
{
    g_autoptr(CsSupply) supply
        = cs_supply_open(address, job->cancellable, error);
    const CsIdentity *id;
    bool on;

    if (supply == NULL || !cs_supply_is_on(supply, &on, error))
        return false;
    id = cs_supply_identity(supply);
    printf("%s\n  %s %s, serial number %s, firmware %s\n"
           "  driver %s; its output is %s\n", address, id->maker, id->model,
           id->serial, id->firmware, cs_supply_driver(supply),
           on ? "ON" : "off");
    return true;
}

/* The kernel names USB instruments; whatever else is there must be said. */
static char **
find_devices(void)
{
    GPtrArray *found = g_ptr_array_new();

    for (int i = 0; i < 16; i++) {
        g_autofree char *device = g_strdup_printf("/dev/usbtmc%d", i);

        if (g_file_test(device, G_FILE_TEST_EXISTS))
            g_ptr_array_add(found, g_strconcat("usbtmc:", device, NULL));
    }
    g_ptr_array_add(found, NULL);
    return (char **) g_ptr_array_free(found, FALSE);
}

static int
look_at_all(char *const *addresses, const CsJob *job)
{
    int status = CS_CLI_OK;

    for (size_t i = 0; addresses[i] != NULL; i++) {
        g_autoptr(GError) error = NULL;

        if (!look_at(addresses[i], job, &error))
            status = cs_cli_failed(error);
    }
    return status;
}

/* One of each, until Ctrl-C. */
static int
simulate(int first_port, const CsJob *job)
{
    g_autoptr(GPtrArray) benches
        = g_ptr_array_new_with_free_func((GDestroyNotify) cs_bench_stop);
    const char *const *model = cs_supply_drivers();

    for (int i = 0; model[i] != NULL; i++) {
        CsBenchSetting setting = {
            .model = model[i], .seed = (guint32) i + 1, .noise_A = 1e-13,
            .port = first_port > 0 ? (unsigned) (first_port + i) : 0,
        };
        g_autoptr(GError) error = NULL;
        CsBench *bench = cs_bench_start(&setting, &error);

        if (bench == NULL)
            return cs_cli_failed(error);
        g_ptr_array_add(benches, bench);
        printf("%-16s %s\n", model[i], cs_bench_address(bench));
    }
    fflush(stdout);
    while (!g_cancellable_is_cancelled(job->cancellable))
        g_usleep(50000);
    return CS_CLI_OK;
}

int
cs_cli_instruments(int argc, char **argv)
{
    g_auto(GStrv) addresses = NULL;
    gboolean simulated = FALSE;
    int port = 0, status;
    const GOptionEntry entries[] = {
        { "simulate", 0, 0, G_OPTION_ARG_NONE, &simulated,
          "Be one of each on loopback instead, until Ctrl-C", NULL },
        { "port", 0, 0, G_OPTION_ARG_INT, &port,
          "With --simulate: the first port; the others follow (any free)",
          "N" },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &addresses,
          NULL, NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context = g_option_context_new("[ADDRESS…]");
    g_auto(CsCliJob) cli = CS_CLI_JOB_INIT;

    g_option_context_set_summary(
        context,
        "Says which source-measure units and supplies answer at the addresses, "
        "and whether\ntheir outputs are on; sets nothing. Without an address: "
        "those on USB. An ADDRESS is\ntcp:HOST:PORT (Keithley 2450, Keysight: "
        "port 5025, Rigol: 5555), prologix:HOST:PORT:GPIB,\n"
        "serial:DEVICE[:BAUD], usbtmc:DEVICE or "
        "TCPIP0::HOST::PORT::SOCKET.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, cs_cli_job_group(&cli));
    if (!cs_cli_parse(context, argc, argv, &status))
        return status;
    if (port < 0 || port > 65500)
        return cs_cli_wrong_usage("instruments: --port takes 0 to 65500");
    if (simulated && addresses != NULL)
        return cs_cli_wrong_usage("instruments: --simulate takes no address");
    cs_cli_job_start(&cli);
    if (simulated)
        return cs_cli_end(simulate(port, &cli.job));
    if (addresses == NULL)
        addresses = find_devices();
    if (addresses[0] == NULL) {
        printf("No instrument on USB; give the address of one on a network or "
               "a serial line\n(coatscope instruments --help)\n");
        return cs_cli_end(CS_CLI_OK);
    }
    return cs_cli_end(look_at_all(addresses, &cli.job));
}
