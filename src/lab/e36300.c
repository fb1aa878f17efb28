/* Keysight E36300 series, output 1. Programming guide E36311-90008;
 * INTERFACES 1.5.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "lab/driver.h"

/* What STAT:QUES:INST:ISUM1:COND? says. */
enum { CONSTANT_CURRENT = 1 };

static bool
matches(const CsIdentity *identity)
{
    return (g_ascii_strncasecmp(identity->maker, "KEYSIGHT", 8) == 0
            || g_ascii_strncasecmp(identity->maker, "AGILENT", 7) == 0)
           && g_str_has_prefix(identity->model, "E363");
}

static bool
set_voltage(CsScpi *scpi, double voltage_V, GError **error)
{
    char v[CS_SCPI_NUMBER_SIZE];

    return cs_scpi_set(scpi, error, "VOLT %s,(@1)",
                       cs_scpi_number(voltage_V, v));
}

static bool
prepare(CsScpi *scpi, const CsSupplySetting *setting, GError **error)
{
    char a[CS_SCPI_NUMBER_SIZE];

    return cs_scpi_set(scpi, error, "OUTP 0,(@1)")
           && cs_scpi_set(scpi, error, "CURR %s,(@1)",
                          cs_scpi_number(setting->current_limit_A, a))
           && set_voltage(scpi, setting->voltage_V, error);
}

static bool
read_once(CsScpi *scpi, CsSupplyReading *reading, GError **error)
{
    double mode;

    if (!cs_scpi_ask_numbers(scpi, "MEAS:VOLT? (@1)", &reading->voltage_V, 1,
                             error)
        || !cs_scpi_ask_numbers(scpi, "MEAS:CURR? (@1)", &reading->current_A,
                                1, error)
        || !cs_scpi_ask_numbers(scpi, "STAT:QUES:INST:ISUM1:COND?", &mode, 1,
                                error))
        return false;
    reading->limited = mode == CONSTANT_CURRENT;
    return true;
}

const CsSupplyDriver cs_supply_e36300 = {
    .name = "keysight-e36300",
    .least_V = 0, .most_V = 6, .most_A = 5,
    .matches = matches, .prepare = prepare, .set_voltage = set_voltage,
    .read = read_once,
    .on = "OUTP 1,(@1)", .off = "OUTP 0,(@1)", .is_on = "OUTP? (@1)",
};
