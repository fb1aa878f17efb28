/* Keithley 2400 series, through a bridge to GPIB or a serial line. User's
 * manual 2400S-900-01, ch. 18; INTERFACES 1.3.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "lab/driver.h"

/* Bits of the status element: over-range, real and range compliance. */
enum { OVER_RANGE = 1 << 0, REAL_LIMIT = 1 << 3, RANGE_LIMIT = 1 << 16 };

static bool
matches(const CsIdentity *identity)
{
    return g_ascii_strncasecmp(identity->maker, "KEITHLEY", 8) == 0
           && strstr(identity->model, "MODEL 24") != NULL;
}

static bool
set_voltage(CsScpi *scpi, double voltage_V, GError **error)
{
    char v[CS_SCPI_NUMBER_SIZE];

    return cs_scpi_set(scpi, error, ":SOUR:VOLT %s",
                       cs_scpi_number(voltage_V, v));
}

/* The measuring range clips as the limit does, so they are set together. */
static bool
prepare(CsScpi *scpi, const CsSupplySetting *setting, GError **error)
{
    char a[CS_SCPI_NUMBER_SIZE], n[CS_SCPI_NUMBER_SIZE];

    cs_scpi_number(setting->current_limit_A, a);
    return cs_scpi_reset(scpi, error)
           && cs_scpi_set(scpi, error, ":STAT:PRES")
           && cs_scpi_set(scpi, error, ":FORM:ELEM VOLT,CURR,RES,TIME,STAT")
           && cs_scpi_set(scpi, error, ":SOUR:FUNC VOLT")
           && cs_scpi_set(scpi, error, ":SOUR:VOLT:MODE FIX")
           && cs_scpi_set(scpi, error, ":SOUR:VOLT:RANG:AUTO 1")
           && cs_scpi_set(scpi, error, ":SENS:FUNC 'CURR'")
           && cs_scpi_set(scpi, error, ":SENS:CURR:PROT %s", a)
           && cs_scpi_set(scpi, error, ":SENS:CURR:RANG %s", a)
           && (setting->nplc <= 0
               || cs_scpi_set(scpi, error, ":SENS:CURR:NPLC %s",
                              cs_scpi_number(setting->nplc, n)))
           && cs_scpi_set(scpi, error, ":OUTP:SMOD HIMP")
           && set_voltage(scpi, setting->voltage_V, error);
}

static bool
read_once(CsScpi *scpi, CsSupplyReading *reading, GError **error)
{
    double v[5];
    guint32 status;

    if (!cs_scpi_ask_numbers(scpi, ":READ?", v, 5, error))
        return false;
    status = v[4] >= 0 && v[4] < 16777216 ? (guint32) v[4] : 0;
    reading->voltage_V = v[0];
    reading->current_A = (status & OVER_RANGE) != 0 ? (double) NAN : v[1];
    reading->limited = (status & (REAL_LIMIT | RANGE_LIMIT)) != 0;
    reading->overflow = isnan(reading->current_A);
    return true;
}

const CsSupplyDriver cs_supply_keithley2400 = {
    .name = "keithley-2400",
    .least_V = -21, .most_V = 21, .most_A = 1.05,
    .matches = matches, .prepare = prepare, .set_voltage = set_voltage,
    .read = read_once,
    .on = ":OUTP 1", .off = ":OUTP 0", .is_on = ":OUTP?",
};
