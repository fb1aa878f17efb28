/* Hostile bytes for protocol files: read, or one clear error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>

#include "coatscope/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(CsProtocol) protocol = CS_PROTOCOL_INIT;
    g_autoptr(GError) error = NULL;
    bool ok = cs_protocol_parse((const char *) data, size, "fuzz", &protocol,
                                &error);

    if (ok != (error == NULL) || ok != (protocol.n > 0))
        g_error("a result and an error, or neither");
    for (size_t i = 0; i < protocol.n; i++)
        if (protocol.step[i].id == NULL || protocol.step[i].kind == NULL)
            g_error("a step without a kind");
    return 0;
}
