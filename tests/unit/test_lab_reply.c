/* Replies of instruments and addresses: what is taken for what.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "lab/bench_scpi.h"
#include "lab/reply.h"
#include "lab/transport.h"

static CsReplyState
frame(const char *bytes, size_t n, CsReplySpan *span)
{
    return cs_reply_frame((const guint8 *) bytes, n, 64, span);
}

static void
test_lines(void)
{
    CsReplySpan span;

    g_assert_cmpint(frame("", 0, &span), ==, CS_REPLY_MORE);
    g_assert_cmpint(frame("1.5", 3, &span), ==, CS_REPLY_MORE);
    g_assert_cmpint(frame("1.5\r\n7", 6, &span), ==, CS_REPLY_WHOLE);
    g_assert_cmpuint(span.length, ==, 3);
    g_assert_cmpuint(span.used, ==, 5);
    g_assert_cmpint(frame("\n", 1, &span), ==, CS_REPLY_WHOLE);
    g_assert_cmpuint(span.length, ==, 0);
}

/* A block may hold newlines; only its length says where it ends. */
static void
test_blocks(void)
{
    const char block[] = "#14a\nb\n\nrest";
    CsReplySpan span;

    for (size_t n = 0; n < 8; n++)
        g_assert_cmpint(frame(block, n, &span), ==, CS_REPLY_MORE);
    g_assert_cmpint(frame(block, 8, &span), ==, CS_REPLY_WHOLE);
    g_assert_cmpuint(span.begin, ==, 3);
    g_assert_cmpuint(span.length, ==, 4);
    g_assert_cmpuint(span.used, ==, 8);
    g_assert_true(span.is_block);
}

static void
test_endless(void)
{
    char long_line[100];
    CsReplySpan span;

    memset(long_line, 'x', sizeof long_line);
    g_assert_cmpint(frame(long_line, 63, &span), ==, CS_REPLY_MORE);
    g_assert_cmpint(frame(long_line, 64, &span), ==, CS_REPLY_BAD);
    g_assert_cmpint(frame("#9999999999", 11, &span), ==, CS_REPLY_BAD);
    g_assert_cmpint(frame("#2x1", 4, &span), ==, CS_REPLY_BAD);
    g_assert_cmpint(frame("#13abcd", 7, &span), ==, CS_REPLY_BAD);
}

static void
test_numbers(void)
{
    double v[3];

    g_assert_true(cs_reply_numbers("+1.5E-12,2 V,-3", v, 3));
    g_assert_cmpfloat(v[0], ==, 1.5e-12);
    g_assert_cmpfloat(v[1], ==, 2);
    g_assert_cmpfloat(v[2], ==, -3);
    g_assert_true(cs_reply_numbers("9.9E37,+9.91E37,-9.9e37", v, 3));
    g_assert_true(isnan(v[0]) && isnan(v[1]) && isnan(v[2]));
    g_assert_false(cs_reply_numbers("1,2", v, 3));
    g_assert_false(cs_reply_numbers("1,two,3", v, 3));
    g_assert_false(cs_reply_numbers("1.5#,2,3", v, 3));
}

static void
test_errors(void)
{
    static const struct {
        const char *reply;
        int code, kind;
        const char *words;
    } cases[] = {
        { "0,\"No error\"", 0, 1, "No error" },
        { "+0,\"No error\"", 0, 1, "No error" },
        { "0,\"No error;0;0 0\"", 0, 1, "No error" },
        { "-109,\"Missing parameter;1;2015/05/06 12:55:33.648\"", -109, 1,
          "Missing parameter" },
        { "4915,\"Attempting to store;2;2020\"", 4915, 2,
          "Attempting to store" },
        { "-113", -113, 1, "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *words = NULL;
        int code, kind;

        g_assert_true(cs_reply_error(cases[i].reply, &code, &kind, &words));
        g_assert_cmpint(code, ==, cases[i].code);
        g_assert_cmpint(kind, ==, cases[i].kind);
        g_assert_cmpstr(words, ==, cases[i].words);
    }
    {
        g_autofree char *words = NULL;
        int code, kind;

        g_assert_false(cs_reply_error("No error", &code, &kind, &words));
        g_assert_false(cs_reply_error("99999999999", &code, &kind, &words));
    }
}

static void
test_addresses(void)
{
    static const struct {
        const char *text;
        CsWire wire;
        const char *host;
        unsigned port, gpib;
    } good[] = {
        { "tcp:10.0.0.5:5025", CS_WIRE_TCP, "10.0.0.5", 5025, 0 },
        { "tcp:[::1]:5555", CS_WIRE_TCP, "::1", 5555, 0 },
        { "TCPIP0::smu.lab::5025::SOCKET", CS_WIRE_TCP, "smu.lab", 5025, 0 },
        { "prologix:bridge:1234:24", CS_WIRE_PROLOGIX, "bridge", 1234, 24 },
        { "serial:/dev/ttyUSB0:19200", CS_WIRE_SERIAL, "/dev/ttyUSB0", 19200,
          0 },
        { "serial:/dev/ttyUSB0", CS_WIRE_SERIAL, "/dev/ttyUSB0", 9600, 0 },
        { "usbtmc:/dev/usbtmc0", CS_WIRE_USBTMC, "/dev/usbtmc0", 0, 0 },
    };
    static const char *const bad[] = {
        "", "tcp:", "tcp:host", "tcp::5025", "tcp:host:0", "tcp:host:99999",
        "tcp:host:5025:1", "prologix:h:1234", "prologix:h:1234:31",
        "serial:", "usbtmc:", "TCPIP0::h::INSTR", "TCPIP0::::5025::SOCKET",
        "gpib:24", "tcp:[::1:5025",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_auto(CsAddress) a = { 0 };
        GError *error = NULL;

        g_assert_true(cs_address_read(good[i].text, &a, &error));
        g_assert_no_error(error);
        g_assert_cmpint(a.wire, ==, good[i].wire);
        g_assert_cmpstr(a.host, ==, good[i].host);
        g_assert_cmpuint(a.port, ==, good[i].port);
        g_assert_cmpuint(a.gpib, ==, good[i].gpib);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_auto(CsAddress) a = { 0 };
        g_autoptr(GError) error = NULL;

        g_assert_false(cs_address_read(bad[i], &a, &error));
        g_assert_error(error, CS_ERROR, CS_ERROR_ARGUMENT);
        g_assert_null(a.host);
    }
}

static void
test_headers(void)
{
    g_assert_true(cs_bench_fits("SOURce:VOLTage?", ":sour:volt?"));
    g_assert_true(cs_bench_fits("SOURce:VOLTage?", "SOURCE:VOLTAGE?"));
    g_assert_true(cs_bench_fits("SYSTem:ERRor:NEXT?", "SYST:ERR:NEXT?"));
    g_assert_true(cs_bench_fits("*OPC?", "*opc?"));
    g_assert_true(cs_bench_fits("SOURce1:VOLTage", "SOUR1:VOLT"));
    g_assert_true(cs_bench_fits("SOURce1:VOLTage", "SOUR:VOLT"));
    g_assert_false(cs_bench_fits("SOURce1:VOLTage", "SOUR2:VOLT"));
    g_assert_false(cs_bench_fits("SOURce:VOLTage?", "SOUR:VOLT"));
    g_assert_false(cs_bench_fits("SOURce:VOLTage", "SOUR:VOLT?"));
    g_assert_false(cs_bench_fits("SOURce:VOLTage", "SOU:VOLT"));
    g_assert_false(cs_bench_fits("SOURce:VOLTage", "SOUR"));
    g_assert_false(cs_bench_fits("OUTPut", "OUTP:STAT"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lab/reply/lines", test_lines);
    g_test_add_func("/lab/reply/blocks", test_blocks);
    g_test_add_func("/lab/reply/endless", test_endless);
    g_test_add_func("/lab/reply/numbers", test_numbers);
    g_test_add_func("/lab/reply/errors", test_errors);
    g_test_add_func("/lab/address", test_addresses);
    g_test_add_func("/lab/bench/headers", test_headers);
    return g_test_run();
}
