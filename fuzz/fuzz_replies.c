/* Hostile bytes for what instruments answer and what the bench is told: the
 * framing of replies, numbers and errors in them, lines of SCPI, addresses.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lab/bench_scpi.h"
#include "lab/reply.h"
#include "lab/transport.h"

enum { LONGEST = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All replies in a stream; each takes at least a byte. */
static void
frame_all(const uint8_t *data, size_t size)
{
    size_t done = 0;

    while (done < size) {
        CsReplySpan span;

        if (cs_reply_frame(data + done, size - done, LONGEST, &span)
            != CS_REPLY_WHOLE)
            return;
        if (span.used == 0 || span.used > size - done
            || span.begin + span.length > span.used)
            g_error("a reply beyond its bytes");
        done += span.used;
    }
}

static void
read_text(const char *text)
{
    g_autofree char *words = NULL;
    g_auto(CsAddress) address = { 0 };
    const char *rest = text;
    double value;
    int code, kind;

    while (*rest != '\0' && cs_reply_number(&rest, &value))
        continue;
    cs_reply_error(text, &code, &kind, &words);
    cs_address_read(text, &address, NULL);
}

static void
tell_bench(const char *text)
{
    for (size_t i = 0; i < cs_bench_n_models; i++) {
        CsBenchState state = { .limit_A = 1e-4 };
        g_autoptr(GString) reply = g_string_new(NULL);
        g_auto(GStrv) line = g_strsplit(text, "\n", 64);

        state.random = g_rand_new_with_seed(1);
        for (size_t k = 0; line[k] != NULL; k++)
            cs_bench_line(&state, &cs_bench_models[i], line[k], reply);
        g_rand_free(state.random);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = NULL;

    if (size > LONGEST)
        return 0;
    text = g_strndup((const char *) data, size);
    frame_all(data, size);
    read_text(text);
    tell_bench(text);
    return 0;
}
