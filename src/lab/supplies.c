/* Supplies: the table of drivers, and what all of them share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/error.h"
#include "lab/driver.h"

static const CsSupplyDriver *const drivers[] = {
    &cs_supply_keithley2450,
    &cs_supply_keithley2400,
    &cs_supply_dp832,
    &cs_supply_e36300,
};

static const char *const names[G_N_ELEMENTS(drivers) + 1] = {
    "keithley-2450", "keithley-2400", "rigol-dp832", "keysight-e36300", NULL,
};

struct CsSupply {
    const CsSupplyDriver *driver;
    CsScpi     scpi;
    CsIdentity identity;
};

const char *const *
cs_supply_drivers(void)
{
    return names;
}

void
cs_supply_free(CsSupply *supply)
{
    if (supply == NULL)
        return;
    cs_transport_clear(&supply->scpi.wire);
    cs_identity_clear(&supply->identity);
    g_free(supply);
}

void
cs_supply_set_timeout(CsSupply *supply, unsigned timeout_ms)
{
    supply->scpi.wire.timeout_ms = timeout_ms;
    supply->scpi.wire.first_ms = timeout_ms;
}

const CsIdentity *
cs_supply_identity(const CsSupply *supply)
{
    return &supply->identity;
}

const char *
cs_supply_driver(const CsSupply *supply)
{
    return supply->driver->name;
}

static bool
find_driver(CsSupply *supply, GError **error)
{
    const CsIdentity *id = &supply->identity;

    for (size_t i = 0; i < G_N_ELEMENTS(drivers); i++)
        if (drivers[i]->matches(id)) {
            supply->driver = drivers[i];
            supply->scpi.gap_ms = drivers[i]->gap_ms;
            return true;
        }
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "%s: \"%.60s %.60s\" is not known; known are Keithley 2450 "
                   "and 2400, Rigol DP832, Keysight E36300",
                   supply->scpi.wire.name, id->maker, id->model);
}

CsSupply *
cs_supply_open(const char *address, GCancellable *cancellable,
               GError **error)
{
    g_autoptr(CsSupply) supply = g_new0(CsSupply, 1);

    supply->scpi = (CsScpi) CS_SCPI_INIT;
    if (!cs_transport_open(address, cancellable, &supply->scpi.wire, error)
        || !cs_scpi_identify(&supply->scpi, &supply->identity, error)
        || !find_driver(supply, error)
        || (supply->driver->check != NULL
            && !supply->driver->check(&supply->scpi, error)))
        return NULL;
    return g_steal_pointer(&supply);
}

static bool
check_voltage(const CsSupply *supply, double voltage_V, GError **error)
{
    const CsSupplyDriver *d = supply->driver;

    if (voltage_V >= d->least_V && voltage_V <= d->most_V)
        return true;
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "%s: %g V; a %s can do %g to %g V", supply->scpi.wire.name,
                   voltage_V, d->name, d->least_V, d->most_V);
}

static bool
check_limit(const CsSupply *supply, double limit_A, GError **error)
{
    const CsSupplyDriver *d = supply->driver;

    if (limit_A > 0 && limit_A <= d->most_A)
        return true;
    return cs_fail(error, CS_ERROR_ARGUMENT,
                   "%s: a limit of %g A; a %s can do up to %g A, above 0",
                   supply->scpi.wire.name, limit_A, d->name, d->most_A);
}

bool
cs_supply_prepare(CsSupply *supply, const CsSupplySetting *setting,
                  GError **error)
{
    return check_voltage(supply, setting->voltage_V, error)
           && check_limit(supply, setting->current_limit_A, error)
           && cs_scpi_forget_errors(&supply->scpi, error)
           && supply->driver->prepare(&supply->scpi, setting, error);
}

bool
cs_supply_set_voltage(CsSupply *supply, double voltage_V, GError **error)
{
    return check_voltage(supply, voltage_V, error)
           && supply->driver->set_voltage(&supply->scpi, voltage_V, error);
}

bool
cs_supply_is_on(CsSupply *supply, bool *on, GError **error)
{
    return cs_scpi_ask_switch(&supply->scpi, supply->driver->is_on, on, error);
}

bool
cs_supply_output(CsSupply *supply, bool on, GError **error)
{
    const CsSupplyDriver *d = supply->driver;
    bool is_on = !on;

    if (!cs_scpi_tell(&supply->scpi, on ? d->on : d->off, error)
        || !cs_supply_is_on(supply, &is_on, error))
        return false;
    if (is_on != on)
        return cs_fail(error, CS_ERROR_IO,
                       "%s: the output did not go %s", supply->scpi.wire.name,
                       on ? "on" : "off");
    return true;
}

bool
cs_supply_read(CsSupply *supply, CsSupplyReading *reading, GError **error)
{
    CsSupplyReading fresh = { .voltage_V = NAN, .current_A = NAN };
    gint64 before = g_get_monotonic_time(), after;

    if (!supply->driver->read(&supply->scpi, &fresh, error))
        return false;
    after = g_get_monotonic_time();
    fresh.time_s = (double) (before + after) / 2e6;
    fresh.time_sd_s = (double) (after - before) / 2e6;
    *reading = fresh;
    return true;
}

enum { TRIES = 3 };

bool
cs_supply_make_safe(CsSupply *supply, GError **error)
{
    GCancellable *old = supply->scpi.wire.cancellable;
    bool off = false;

    supply->scpi.wire.cancellable = NULL;
    for (int i = 0; i < TRIES && !off; i++)
        off = cs_supply_output(supply, false,
                               i + 1 < TRIES ? NULL : error);
    supply->scpi.wire.cancellable = old;
    return off;
}
