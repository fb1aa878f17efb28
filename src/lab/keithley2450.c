/* Keithley 2450 in its SCPI language. Reference manual 2450-901-01;
 * INTERFACES 1.4.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "lab/driver.h"

static bool
matches(const CsIdentity *identity)
{
    return g_ascii_strncasecmp(identity->maker, "KEITHLEY", 8) == 0
           && strstr(identity->model, "2450") != NULL;
}

static bool
check(CsScpi *scpi, GError **error)
{
    g_autofree char *language = NULL;

    if (!cs_scpi_ask(scpi, "*LANG?", &language, error))
        return false;
    if (strcmp(language, "SCPI") == 0)
        return true;
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "%s: it speaks %.20s; set it to SCPI (*LANG SCPI, then "
                   "switch it off and on)", scpi->wire.name, language);
}

static bool
set_voltage(CsScpi *scpi, double voltage_V, GError **error)
{
    char v[CS_SCPI_NUMBER_SIZE];

    return cs_scpi_set(scpi, error, "SOUR:VOLT %s",
                       cs_scpi_number(voltage_V, v));
}

static bool
prepare(CsScpi *scpi, const CsSupplySetting *setting, GError **error)
{
    char a[CS_SCPI_NUMBER_SIZE], n[CS_SCPI_NUMBER_SIZE];

    return cs_scpi_reset(scpi, error)
           && cs_scpi_set(scpi, error, "SOUR:FUNC VOLT")
           && cs_scpi_set(scpi, error, "SOUR:VOLT:RANG:AUTO ON")
           && cs_scpi_set(scpi, error, "SOUR:VOLT:READ:BACK ON")
           && cs_scpi_set(scpi, error, "SENS:FUNC \"CURR\"")
           && cs_scpi_set(scpi, error, "SENS:CURR:RANG:AUTO ON")
           && cs_scpi_set(scpi, error, "SOUR:VOLT:ILIM %s",
                          cs_scpi_number(setting->current_limit_A, a))
           && (setting->nplc <= 0
               || cs_scpi_set(scpi, error, "SENS:CURR:NPLC %s",
                              cs_scpi_number(setting->nplc, n)))
           && set_voltage(scpi, setting->voltage_V, error);
}

static bool
read_once(CsScpi *scpi, CsSupplyReading *reading, GError **error)
{
    double v[2], limited;

    if (!cs_scpi_ask_numbers(scpi, "READ? \"defbuffer1\", SOUR, READ", v, 2,
                             error)
        || !cs_scpi_ask_numbers(scpi, "SOUR:VOLT:ILIM:TRIP?", &limited, 1,
                                error))
        return false;
    reading->voltage_V = v[0];
    reading->current_A = v[1];
    reading->limited = limited == 1;
    reading->overflow = isnan(v[1]);
    return true;
}

const CsSupplyDriver cs_supply_keithley2450 = {
    .name = "keithley-2450",
    .least_V = -210, .most_V = 210, .most_A = 1.05,
    .matches = matches, .check = check, .prepare = prepare,
    .set_voltage = set_voltage, .read = read_once,
    .on = "OUTP ON", .off = "OUTP OFF", .is_on = "OUTP?",
};
