/* The side of SCPI that instruments are on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/bench_scpi.h"

#include <math.h>
#include <string.h>

#include "core/text.h"

/* SCPI 1999 vol. 2, 21.8. */
static const struct { int code; const char *text; } errors[] = {
    { 0, "No error" },
    { -104, "Data type error" },
    { -109, "Missing parameter" },
    { -113, "Undefined header" },
    { -222, "Parameter data out of range" },
    { -350, "Queue overflow" },
    { 803, "Not permitted with OUTPUT off" },
};

void
cs_bench_error(CsBenchState *state, int code)
{
    if (state->n_errors < CS_BENCH_MAX_ERRORS)
        state->error[state->n_errors++] = code;
    else
        state->error[CS_BENCH_MAX_ERRORS - 1] = -350;
}

static void
next_error(CsBenchState *state, const char *arguments, GString *reply)
{
    int code = 0;

    (void) arguments;
    if (state->n_errors > 0) {
        code = state->error[0];
        memmove(state->error, state->error + 1,
                --state->n_errors * sizeof state->error[0]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(errors); i++)
        if (errors[i].code == code)
            g_string_append_printf(reply, "%d,\"%s\"", code, errors[i].text);
}

static void
reset(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) arguments, (void) reply;
    if (state->setting.fault != CS_BENCH_STUCK)
        state->on = false;
    state->voltage_V = 0;
    state->limit_A = 1e-4;
}

static void
clear_status(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) arguments, (void) reply;
    state->n_errors = 0;
}

static void
say_one(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) state, (void) arguments;
    g_string_append_c(reply, '1');
}

static void
say_zero(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) state, (void) arguments;
    g_string_append_c(reply, '0');
}

static void
say_version(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) state, (void) arguments;
    g_string_append(reply, "1999.0");
}

/* What every instrument knows; *IDN? is in the table of models. */
static const CsBenchCommand common[] = {
    { "*RST", reset },
    { "*CLS", clear_status },
    { "*OPC?", say_one },
    { "*ESR?", say_zero },
    { "*STB?", say_zero },
    { "SYSTem:ERRor?", next_error },
    { "SYSTem:ERRor:NEXT?", next_error },
    { "SYSTem:VERSion?", say_version },
    { NULL, NULL },
};

/* ---- Headers and arguments ----------------------------------------------- */

/* The number at the end of a word, which is 1 where none is written; *n becomes
 * the length without it. */
static unsigned
suffix(const char *word, size_t *n)
{
    size_t end = *n;
    unsigned value = 0;

    while (*n > 0 && g_ascii_isdigit(word[*n - 1]))
        --*n;
    for (size_t i = *n; i < end && value < 1000; i++)
        value = 10 * value + (unsigned) (word[i] - '0');
    return end > *n ? value : 1;
}

static bool
word_fits(const char *documented, size_t n, const char *sent, size_t m)
{
    unsigned wanted = suffix(documented, &n), given = suffix(sent, &m);
    size_t n_short = 0;

    while (n_short < n && !g_ascii_islower(documented[n_short]))
        n_short++;
    return wanted == given && (m == n_short || m == n)
           && g_ascii_strncasecmp(documented, sent, m) == 0;
}

/* A word ends at a colon; a question mark is a word of its own. */
static size_t
word_length(const char *text)
{
    return *text == '?' ? 1 : strcspn(text, ":?");
}

bool
cs_bench_fits(const char *documented, const char *sent)
{
    if (*sent == ':')
        sent++;
    while (*documented != '\0' && *sent != '\0') {
        size_t n = word_length(documented), m = word_length(sent);

        if (!word_fits(documented, n, sent, m))
            return false;
        documented += n;
        sent += m;
        if (*documented == ':' && *sent == ':') {
            documented++;
            sent++;
        }
    }
    return *documented == '\0' && *sent == '\0';
}

bool
cs_bench_argument(CsBenchState *state, const char *arguments, size_t n,
                  double *value)
{
    g_auto(GStrv) part = g_strsplit(arguments, ",", 16);

    if (g_strv_length(part) <= n || *g_strstrip(part[n]) == '\0') {
        cs_bench_error(state, -109);
        return false;
    }
    if (!cs_text_to_double(part[n], value) || !isfinite(*value)) {
        cs_bench_error(state, -104);
        return false;
    }
    return true;
}

bool
cs_bench_says_on(const char *arguments)
{
    g_auto(GStrv) part = g_strsplit(arguments, ",", 16);

    for (size_t i = 0; part[i] != NULL; i++)
        if (g_ascii_strcasecmp(g_strstrip(part[i]), "ON") == 0
            || strcmp(part[i], "1") == 0)
            return true;
    return false;
}

static const CsBenchCommand *
find_command(const CsBenchModel *model, const char *header)
{
    const CsBenchCommand *tables[] = { model->command, common };

    for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
        for (const CsBenchCommand *c = tables[t]; c->header != NULL; c++)
            if (cs_bench_fits(c->header, header))
                return c;
    return NULL;
}

static void
carry_out(CsBenchState *state, const CsBenchModel *model, char *message,
          GString *reply)
{
    size_t length = strcspn(message, " \t");
    const char *arguments = message[length] != '\0' ? message + length + 1
                                                    : "";
    const CsBenchCommand *command;

    message[length] = '\0';
    if (*message == '\0')
        return;
    if (reply->len > 0 && strchr(message, '?') != NULL)
        g_string_append_c(reply, ';');
    if (g_ascii_strcasecmp(message, "*IDN?") == 0) {
        g_string_append(reply, model->identity);
        return;
    }
    command = find_command(model, message);
    if (command == NULL)
        cs_bench_error(state, -113);
    else
        command->act(state, arguments, reply);
}

void
cs_bench_line(CsBenchState *state, const CsBenchModel *model,
              const char *line, GString *reply)
{
    g_auto(GStrv) message = g_strsplit(line, ";", 64);

    for (size_t i = 0; message[i] != NULL; i++)
        carry_out(state, model, g_strstrip(message[i]), reply);
}

/* ---- The terminals ------------------------------------------------------- */

/* Sum of twelve uniform numbers: normal enough for a current's noise. */
static double
noise(GRand *random)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += g_rand_double(random);
    return sum;
}

static double
two_teraohm(double voltage_V, double time_s, void *user)
{
    (void) time_s, (void) user;
    return voltage_V / 2e12;
}

CsBenchTerminals
cs_bench_measure(CsBenchState *state)
{
    const CsBenchSetting *s = &state->setting;
    CsBenchLoad load = s->load != NULL ? s->load : two_teraohm;
    double t = (double) (g_get_monotonic_time() - state->start_us) / 1e6;
    CsBenchTerminals now = { 0 };

    if (state->on) {
        double wanted = load(state->voltage_V, t, s->user);

        now.limited = fabs(wanted) > state->limit_A;
        now.current_A = now.limited ? copysign(state->limit_A, wanted)
                                    : wanted;
        now.voltage_V = now.limited
                            ? state->voltage_V * state->limit_A / fabs(wanted)
                            : state->voltage_V;
    }
    now.current_A += s->noise_A * noise(state->random);
    return now;
}
