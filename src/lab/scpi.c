/* SCPI: settings that are checked, questions that are answered.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/scpi.h"

#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "lab/reply.h"

/* A queue that never empties is broken; the longest holds 64. */
enum { MOST_ERRORS = 64 };

static void
keep_gap(CsScpi *scpi)
{
    gint64 wait_us = scpi->last_us + (gint64) scpi->gap_ms * 1000
                     - g_get_monotonic_time();

    if (scpi->gap_ms > 0 && wait_us > 0)
        g_usleep((gulong) wait_us);
}

bool
cs_scpi_tell(CsScpi *scpi, const char *line, GError **error)
{
    bool ok;

    keep_gap(scpi);
    ok = cs_transport_send(&scpi->wire, line, error);
    scpi->last_us = g_get_monotonic_time();
    return ok;
}

bool
cs_scpi_ask(CsScpi *scpi, const char *line, char **reply, GError **error)
{
    g_autoptr(GByteArray) bytes = NULL;
    bool ok;

    keep_gap(scpi);
    ok = cs_transport_ask(&scpi->wire, line, &bytes, error);
    scpi->last_us = g_get_monotonic_time();
    if (!ok)
        return false;
    for (guint i = 0; i < bytes->len; i++)
        if (bytes->data[i] < ' ' || bytes->data[i] > '~')
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s: the reply to %s is not text",
                           scpi->wire.name, line);
    *reply = g_strndup((const char *) bytes->data, bytes->len);
    return true;
}

static bool
unreadable(const CsScpi *scpi, const char *line, const char *reply,
           const char *wanted, GError **error)
{
    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s: the reply to %s is \"%.80s\", not %s",
                   scpi->wire.name, line, reply, wanted);
}

bool
cs_scpi_ask_numbers(CsScpi *scpi, const char *line, double *value, size_t n,
                    GError **error)
{
    g_autofree char *reply = NULL;
    g_autofree double *v = g_new(double, n);

    if (!cs_scpi_ask(scpi, line, &reply, error))
        return false;
    if (!cs_reply_numbers(reply, v, n))
        return unreadable(scpi, line, reply, "numbers", error);
    memcpy(value, v, n * sizeof *v);
    return true;
}

bool
cs_scpi_ask_switch(CsScpi *scpi, const char *line, bool *on, GError **error)
{
    g_autofree char *reply = NULL;

    if (!cs_scpi_ask(scpi, line, &reply, error))
        return false;
    if (g_ascii_strcasecmp(reply, "ON") != 0
        && g_ascii_strcasecmp(reply, "OFF") != 0 && strcmp(reply, "1") != 0
        && strcmp(reply, "0") != 0)
        return unreadable(scpi, line, reply, "ON, OFF, 1 or 0", error);
    *on = g_ascii_strcasecmp(reply, "ON") == 0 || strcmp(reply, "1") == 0;
    return true;
}

/* The first error in the queue goes into *found (to be freed; NULL: none),
 * the others are taken out. */
static bool
empty_queue(CsScpi *scpi, char **found, GError **error)
{
    g_autofree char *first = NULL;

    for (int i = 0; i < MOST_ERRORS; i++) {
        g_autofree char *reply = NULL, *words = NULL;
        int code, kind;

        if (!cs_scpi_ask(scpi, "SYST:ERR?", &reply, error))
            return false;
        if (!cs_reply_error(reply, &code, &kind, &words))
            return unreadable(scpi, "SYST:ERR?", reply, "an error's number",
                              error);
        if (code == 0) {
            *found = g_steal_pointer(&first);
            return true;
        }
        if (first == NULL && kind == 1)
            first = g_strdup_printf("%d, %s", code, words);
    }
    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s: more than %d errors in its queue", scpi->wire.name,
                   MOST_ERRORS);
}

bool
cs_scpi_set(CsScpi *scpi, GError **error, const char *format, ...)
{
    g_autofree char *line = NULL, *refusal = NULL;
    va_list args;

    va_start(args, format);
    line = g_strdup_vprintf(format, args);
    va_end(args);
    if (!cs_scpi_tell(scpi, line, error)
        || !empty_queue(scpi, &refusal, error))
        return false;
    if (refusal != NULL)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "%s: refused %s: %s", scpi->wire.name, line, refusal);
    return true;
}

bool
cs_scpi_forget_errors(CsScpi *scpi, GError **error)
{
    g_autofree char *old = NULL;

    return cs_scpi_tell(scpi, "*CLS", error)
           && empty_queue(scpi, &old, error);
}

bool
cs_scpi_reset(CsScpi *scpi, GError **error)
{
    double done;

    return cs_scpi_tell(scpi, "*RST", error)
           && cs_scpi_ask_numbers(scpi, "*OPC?", &done, 1, error);
}

void
cs_identity_clear(CsIdentity *identity)
{
    g_free(identity->maker);
    g_free(identity->model);
    g_free(identity->serial);
    g_free(identity->firmware);
    *identity = (CsIdentity) CS_IDENTITY_INIT;
}

bool
cs_scpi_identify(CsScpi *scpi, CsIdentity *identity, GError **error)
{
    g_autofree char *reply = NULL;
    g_auto(GStrv) field = NULL;

    if (!cs_scpi_ask(scpi, "*IDN?", &reply, error))
        return false;
    field = g_strsplit(reply, ",", 4);
    if (g_strv_length(field) != 4)
        return unreadable(scpi, "*IDN?", reply,
                          "maker, model, serial number and firmware", error);
    cs_identity_clear(identity);
    identity->maker = g_strdup(g_strstrip(field[0]));
    identity->model = g_strdup(g_strstrip(field[1]));
    identity->serial = g_strdup(g_strstrip(field[2]));
    identity->firmware = g_strdup(g_strstrip(field[3]));
    return true;
}

const char *
cs_scpi_number(double value, char buffer[CS_SCPI_NUMBER_SIZE])
{
    return g_ascii_formatd(buffer, CS_SCPI_NUMBER_SIZE, "%.9g", value);
}
