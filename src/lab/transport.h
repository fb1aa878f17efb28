/* Transport: lines to an instrument and replies from it, with a deadline.
 *
 * One connection, one user at a time. After a failure in the middle of a reply
 * nobody knows what comes next, so the connection is closed and the next
 * message opens it again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

typedef enum {
    CS_WIRE_TCP,      /* tcp:HOST:PORT            SCPI raw socket           */
    CS_WIRE_PROLOGIX, /* prologix:HOST:PORT:GPIB  bridge from LAN to GPIB   */
    CS_WIRE_SERIAL,   /* serial:DEVICE[:BAUD]     8N1                       */
    CS_WIRE_USBTMC,   /* usbtmc:DEVICE            kernel's driver           */
} CsWire;

typedef struct {
    CsWire   wire;
    char    *host;   /* or the device */
    unsigned port;   /* or the baud rate */
    unsigned gpib;
} CsAddress;

/* Reads an address as above, or VISA's TCPIP0::HOST::PORT::SOCKET. Errors:
 * CS_ERROR_ARGUMENT, with what is allowed. */
bool cs_address_read(const char *text, CsAddress *address, GError **error);
void cs_address_clear(CsAddress *address);

typedef struct {
    char      *name;        /* the address as given, for messages           */
    CsAddress  address;
    unsigned   timeout_ms;  /* for one reply                                */
    unsigned   first_ms;    /* for the first reply after opening            */
    size_t     limit;       /* bytes of the longest reply taken             */
    int        fd;          /* -1: closed                                   */
    GSocket   *socket;      /* owns fd where it is a socket                 */
    bool       greeted;     /* a reply has come since opening               */
    GByteArray *inbox;
    GCancellable *cancellable; /* may be NULL; lent                         */
} CsTransport;

#define CS_TRANSPORT_INIT { .fd = -1 }

/* Opens. Errors: CS_ERROR_ARGUMENT (address), CS_ERROR_IO (nobody there),
 * CS_ERROR_CANCELLED. */
bool cs_transport_open(const char *address, GCancellable *cancellable,
                       CsTransport *transport, GError **error);
void cs_transport_clear(CsTransport *transport);

/* Sends one message; the newline is added. Errors: CS_ERROR_IO (also when the
 * deadline passes), CS_ERROR_CANCELLED. */
bool cs_transport_send(CsTransport *transport, const char *line,
                       GError **error);

/* Sends and takes the reply's payload, with a NUL after it. */
bool cs_transport_ask(CsTransport *transport, const char *line,
                      GByteArray **reply, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsAddress, cs_address_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsTransport, cs_transport_clear)
