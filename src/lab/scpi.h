/* SCPI: settings that are checked, questions that are answered.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/supply.h"
#include "lab/transport.h"

typedef struct {
    CsTransport wire;
    unsigned    gap_ms; /* some instruments drop what comes sooner           */
    gint64      last_us;
} CsScpi;

#define CS_SCPI_INIT { .wire = CS_TRANSPORT_INIT }

/* Sends a setting, then empties the error queue: what the instrument refuses
 * is an error (CS_ERROR_UNSUPPORTED) with its words. */
bool cs_scpi_set(CsScpi *scpi, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Sends a setting and looks at nothing: for what must come first and fast. */
bool cs_scpi_tell(CsScpi *scpi, const char *line, GError **error);

/* The text of a reply. Errors: CS_ERROR_FORMAT where it is not text. */
bool cs_scpi_ask(CsScpi *scpi, const char *line, char **reply,
                 GError **error);

/* n numbers of a reply. */
bool cs_scpi_ask_numbers(CsScpi *scpi, const char *line, double *value,
                         size_t n, GError **error);

/* ON, OFF, 1, 0. */
bool cs_scpi_ask_switch(CsScpi *scpi, const char *line, bool *on,
                        GError **error);

/* Forgets the errors of whoever came before. */
bool cs_scpi_forget_errors(CsScpi *scpi, GError **error);

/* *RST and until it is done. */
bool cs_scpi_reset(CsScpi *scpi, GError **error);

/* Four fields of *IDN?. Errors: CS_ERROR_FORMAT. */
bool cs_scpi_identify(CsScpi *scpi, CsIdentity *identity, GError **error);

/* A number as SCPI takes it, whatever the locale. */
#define CS_SCPI_NUMBER_SIZE G_ASCII_DTOSTR_BUF_SIZE
const char *cs_scpi_number(double value, char buffer[CS_SCPI_NUMBER_SIZE]);
