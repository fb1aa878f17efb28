/* CsSupply: an instrument that holds a voltage and says what current flows:
 * a source-measure unit for the bias, a bench supply for electropolishing.
 *
 * A driver is one file in src/lab and one line in the table of
 * src/lab/supplies.c; one conformance suite runs over all of them. Commands:
 * the makers' manuals, as cited in each driver.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* What *IDN? says. */
typedef struct {
    char *maker;
    char *model;
    char *serial;
    char *firmware;
} CsIdentity;

#define CS_IDENTITY_INIT { 0 }
void cs_identity_clear(CsIdentity *identity);

typedef struct {
    double voltage_V;
    double current_limit_A; /* above 0                                      */
    double nplc;            /* integration time in power-line cycles; 0: as
                               the instrument likes; supplies have none     */
} CsSupplySetting;

/* One reading. NAN where the instrument says that it has none. */
typedef struct {
    double time_s;      /* middle of the question, on g_get_monotonic_time's
                           clock                                            */
    double time_sd_s;   /* half of how long the question took               */
    double voltage_V;
    double current_A;
    bool   limited;     /* the current limit holds it, not the voltage      */
    bool   overflow;    /* the range was too small: current_A is NAN        */
} CsSupplyReading;

typedef struct CsSupply CsSupply; /* opaque */

/* Opens what is at an address: tcp:HOST:PORT, prologix:HOST:PORT:GPIB,
 * serial:DEVICE[:BAUD], usbtmc:DEVICE or TCPIP0::HOST::PORT::SOCKET, and asks
 * who it is. Nothing is set. cancellable (may be NULL) stops every wait.
 *
 * Errors: CS_ERROR_ARGUMENT (address), CS_ERROR_IO, CS_ERROR_FORMAT (no SCPI
 * instrument), CS_ERROR_UNSUPPORTED (one we have no driver for),
 * CS_ERROR_CANCELLED. */
CsSupply *cs_supply_open(const char *address, GCancellable *cancellable,
                         GError **error);

/* Closes the connection. The output stays as it is: switch it off first. */
void cs_supply_free(CsSupply *supply);

/* How long a reply may take (default 3 s; 12 s for the first). */
void cs_supply_set_timeout(CsSupply *supply, unsigned timeout_ms);

/* Who it said it is; lives as long as the supply. */
const CsIdentity *cs_supply_identity(const CsSupply *supply);
/* The driver's name, from cs_supply_drivers. */
const char *cs_supply_driver(const CsSupply *supply);

/* Output off, then voltage and limit as wanted. Errors: CS_ERROR_ARGUMENT
 * (outside what the instrument can, said with its range), those of the
 * connection, CS_ERROR_UNSUPPORTED (refused). */
bool cs_supply_prepare(CsSupply *supply, const CsSupplySetting *setting,
                       GError **error);

/* Changes the voltage of a prepared supply. */
bool cs_supply_set_voltage(CsSupply *supply, double voltage_V,
                           GError **error);

/* Switches the output and reads back that it is so: CS_ERROR_IO if not. */
bool cs_supply_output(CsSupply *supply, bool on, GError **error);
bool cs_supply_is_on(CsSupply *supply, bool *on, GError **error);

/* One reading, as fast as the instrument gives it. Errors: those of the
 * connection, CS_ERROR_FORMAT, CS_ERROR_UNSUPPORTED (refused). */
bool cs_supply_read(CsSupply *supply, CsSupplyReading *reading,
                    GError **error);

/* Off, whatever it takes: the connection is opened again where it broke, and
 * the command is tried three times. True once the instrument has confirmed.
 * Waits of the supply's cancellable are not heeded. */
bool cs_supply_make_safe(CsSupply *supply, GError **error);

/* The drivers' names, NULL at the end. */
const char *const *cs_supply_drivers(void);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsIdentity, cs_identity_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsSupply, cs_supply_free)

G_END_DECLS
