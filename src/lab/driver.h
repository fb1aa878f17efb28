/* What a driver of a supply is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/supply.h"
#include "lab/scpi.h"

typedef struct {
    const char *name;
    double   least_V; /* the range that every model of it has */
    double   most_V;
    double   most_A;
    unsigned gap_ms;
    bool (*matches)(const CsIdentity *identity);
    /* May refuse an instrument that answers in another language; or NULL. */
    bool (*check)(CsScpi *scpi, GError **error);
    /* Leaves the output off. */
    bool (*prepare)(CsScpi *scpi, const CsSupplySetting *setting,
                    GError **error);
    bool (*set_voltage)(CsScpi *scpi, double voltage_V, GError **error);
    const char *on;    /* command */
    const char *off;
    const char *is_on; /* question */
    bool (*read)(CsScpi *scpi, CsSupplyReading *reading, GError **error);
} CsSupplyDriver;

extern const CsSupplyDriver cs_supply_keithley2450;
extern const CsSupplyDriver cs_supply_keithley2400;
extern const CsSupplyDriver cs_supply_dp832;
extern const CsSupplyDriver cs_supply_e36300;
