/* Hostile requests: an address on the first line, a body after it. Whatever
 * they are, they are understood or refused in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "server/edit_ask.h"
#include "server/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_target(const char *target)
{
    g_auto(CsRequest) request = CS_REQUEST_INIT;
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;
    size_t whole = 5;
    double real = 0;

    if (!cs_request_parse_target(target, &request, &refusal)) {
        g_assert_true(refusal.status >= 400 && refusal.message != NULL);
        return;
    }
    for (size_t i = 0; i < request.n_segments; i++)
        g_assert_true(request.segment[i][0] != '\0'
                      && strchr(request.segment[i], '/') == NULL
                      && strcmp(request.segment[i], "..") != 0);
    if (cs_request_size(&request, "x", 1, 9, &whole, &refusal))
        g_assert_true(whole >= 1 && whole <= 9);
    if (cs_request_double(&request, "low", 0, 100, &real, &refusal))
        g_assert_true(real >= 0 && real <= 100);
}

static void
try_edit(const char *text, size_t n)
{
    g_auto(CsEditAsk) ask = CS_EDIT_ASK_INIT;
    g_auto(CsRefusal) refusal = CS_REFUSAL_INIT;

    if (!cs_edit_ask_parse(text, n, &ask, &refusal))
        g_assert_true(refusal.status >= 400 && refusal.message != NULL);
    else
        g_assert_true(ask.author != NULL && ask.particle_id >= 0
                      && ask.from <= ask.to);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *) data;
    const char *end = size > 0 ? memchr(text, '\n', size) : NULL;
    size_t n = end != NULL ? (size_t) (end - text) : size;
    g_autofree char *target = g_strndup(text, n);

    try_target(target);
    if (end != NULL)
        try_edit(end + 1, size - n - 1);
    return 0;
}
