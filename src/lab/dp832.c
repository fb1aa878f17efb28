/* Rigol DP800 series, channel 1. Programming guide DP800; INTERFACES 1.6.
 *
 * It is never reset: its network may hang until it is switched off. Commands
 * on each other's heels are dropped, so there is a gap between them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "coatscope/error.h"
#include "lab/driver.h"

static bool
matches(const CsIdentity *identity)
{
    return g_ascii_strncasecmp(identity->maker, "RIGOL", 5) == 0
           && g_str_has_prefix(identity->model, "DP8");
}

static bool
set_voltage(CsScpi *scpi, double voltage_V, GError **error)
{
    char v[CS_SCPI_NUMBER_SIZE];

    return cs_scpi_set(scpi, error, ":SOUR1:VOLT %s",
                       cs_scpi_number(voltage_V, v));
}

static bool
prepare(CsScpi *scpi, const CsSupplySetting *setting, GError **error)
{
    char a[CS_SCPI_NUMBER_SIZE];

    return cs_scpi_set(scpi, error, ":OUTP CH1,OFF")
           && cs_scpi_set(scpi, error, ":SOUR1:CURR %s",
                          cs_scpi_number(setting->current_limit_A, a))
           && set_voltage(scpi, setting->voltage_V, error);
}

static bool
read_once(CsScpi *scpi, CsSupplyReading *reading, GError **error)
{
    g_autofree char *mode = NULL;
    double v[2];

    if (!cs_scpi_ask_numbers(scpi, ":MEAS:ALL? CH1", v, 2, error)
        || !cs_scpi_ask(scpi, ":OUTP:MODE? CH1", &mode, error))
        return false;
    reading->voltage_V = v[0];
    reading->current_A = v[1];
    reading->limited = strcmp(mode, "CC") == 0;
    return true;
}

const CsSupplyDriver cs_supply_dp832 = {
    .name = "rigol-dp832",
    .least_V = 0, .most_V = 30, .most_A = 3, .gap_ms = 10,
    .matches = matches, .prepare = prepare, .set_voltage = set_voltage,
    .read = read_once,
    .on = ":OUTP CH1,ON", .off = ":OUTP CH1,OFF", .is_on = ":OUTP? CH1",
};
