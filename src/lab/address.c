/* Where an instrument is, in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "coatscope/error.h"
#include "lab/transport.h"

static const char *const allowed
    = "tcp:HOST:PORT, prologix:HOST:PORT:GPIB, serial:DEVICE[:BAUD], "
      "usbtmc:DEVICE or TCPIP0::HOST::PORT::SOCKET";

void
cs_address_clear(CsAddress *address)
{
    g_free(address->host);
    *address = (CsAddress) { 0 };
}

static bool
to_unsigned(const char *text, unsigned most, unsigned *value)
{
    guint64 v;

    if (!g_ascii_string_to_unsigned(text, 10, 0, most, &v, NULL))
        return false;
    *value = (unsigned) v;
    return true;
}

static bool
read_visa(const char *text, CsAddress *address)
{
    g_auto(GStrv) part = g_strsplit(text, "::", 5);

    if (g_strv_length(part) != 4 || strcmp(part[3], "SOCKET") != 0)
        return false;
    address->wire = CS_WIRE_TCP;
    address->host = g_strdup(part[1]);
    return *part[1] != '\0'
           && to_unsigned(part[2], G_MAXUINT16, &address->port)
           && address->port > 0;
}

/* HOST:PORT or [IPv6]:PORT at the head of text; *rest is what follows. */
static bool
read_host(const char *text, CsAddress *address, const char **rest)
{
    const char *colon;
    g_autofree char *port = NULL;
    size_t skip = 0;

    if (*text == '[') {
        const char *close = strchr(text, ']');

        if (close == NULL || close[1] != ':')
            return false;
        skip = 1;
        colon = close + 1;
    } else {
        colon = strchr(text, ':');
    }
    if (colon == NULL || colon == text)
        return false;
    address->host = g_strndup(text + skip,
                              (size_t) (colon - text) - 2 * skip);
    *rest = colon + 1 + strcspn(colon + 1, ":");
    port = g_strndup(colon + 1, (size_t) (*rest - colon - 1));
    return to_unsigned(port, G_MAXUINT16, &address->port)
           && address->port > 0;
}

static bool
read_serial(const char *text, CsAddress *address)
{
    const char *colon = strrchr(text, ':');

    address->wire = CS_WIRE_SERIAL;
    address->port = 9600;
    address->host = colon != NULL
                        ? g_strndup(text, (size_t) (colon - text))
                        : g_strdup(text);
    return *address->host != '\0'
           && (colon == NULL
               || to_unsigned(colon + 1, 115200, &address->port));
}

static bool
read_ours(const char *text, CsAddress *address)
{
    const char *rest = "";

    if (g_str_has_prefix(text, "tcp:"))
        return read_host(text + 4, address, &rest) && *rest == '\0';
    if (g_str_has_prefix(text, "prologix:")) {
        address->wire = CS_WIRE_PROLOGIX;
        return read_host(text + 9, address, &rest) && *rest == ':'
               && to_unsigned(rest + 1, 30, &address->gpib);
    }
    if (g_str_has_prefix(text, "serial:"))
        return read_serial(text + 7, address);
    if (g_str_has_prefix(text, "usbtmc:") && text[7] != '\0') {
        address->wire = CS_WIRE_USBTMC;
        address->host = g_strdup(text + 7);
        return true;
    }
    return false;
}

bool
cs_address_read(const char *text, CsAddress *address, GError **error)
{
    g_auto(CsAddress) fresh = { 0 };

    if (!(g_str_has_prefix(text, "TCPIP") ? read_visa(text, &fresh)
                                          : read_ours(text, &fresh)))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "\"%s\" is no address of an instrument; allowed are %s",
                       text, allowed);
    *address = fresh;
    fresh = (CsAddress) { 0 };
    return true;
}
