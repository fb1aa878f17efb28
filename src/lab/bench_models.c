/* The instruments of the simulated bench, command by command. INTERFACES 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "lab/bench_scpi.h"

/* ---- What they share ----------------------------------------------------- */

static void
ignore(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) state, (void) arguments, (void) reply;
}

static void
set_voltage(CsBenchState *state, const char *arguments, GString *reply)
{
    double v;

    (void) reply;
    if (!cs_bench_argument(state, arguments, 0, &v))
        return;
    if (fabs(v) > 210)
        cs_bench_error(state, -222);
    else
        state->voltage_V = v;
}

static void
say_voltage(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) arguments;
    g_string_append_printf(reply, "%.6E", state->voltage_V);
}

static void
set_limit(CsBenchState *state, const char *arguments, GString *reply)
{
    double a;

    (void) reply;
    if (!cs_bench_argument(state, arguments, 0, &a))
        return;
    if (a <= 0 || a > 10)
        cs_bench_error(state, -222);
    else
        state->limit_A = a;
}

static void
say_limit(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) arguments;
    g_string_append_printf(reply, "%.6E", state->limit_A);
}

static void
set_output(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) reply;
    if (state->setting.fault != CS_BENCH_STUCK || !state->on)
        state->on = cs_bench_says_on(arguments);
}

static void
say_output(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) arguments;
    g_string_append_c(reply, state->on ? '1' : '0');
}

static void
say_measured_voltage(CsBenchState *state, const char *arguments,
                     GString *reply)
{
    (void) arguments;
    g_string_append_printf(reply, "%.5f", cs_bench_measure(state).voltage_V);
}

static void
say_measured_current(CsBenchState *state, const char *arguments,
                     GString *reply)
{
    (void) arguments;
    g_string_append_printf(reply, "%.6E", cs_bench_measure(state).current_A);
}

/* ---- Keithley 2450 ------------------------------------------------------- */

static void
say_language(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) state, (void) arguments;
    g_string_append(reply, "SCPI");
}

static void
say_tripped(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) arguments;
    g_string_append_c(reply, cs_bench_measure(state).limited ? '1' : '0');
}

/* READ? "buffer", ELEMENT, …: those that were asked for, in that order. */
static void
read_2450(CsBenchState *state, const char *arguments, GString *reply)
{
    CsBenchTerminals now = cs_bench_measure(state);
    double t = (double) (g_get_monotonic_time() - state->start_us) / 1e6;
    g_auto(GStrv) element = g_strsplit(arguments, ",", 16);
    size_t before = reply->len;

    for (size_t i = 0; element[i] != NULL; i++) {
        const char *e = g_strstrip(element[i]);
        double value;

        if (g_ascii_strncasecmp(e, "SOUR", 4) == 0)
            value = now.voltage_V;
        else if (g_ascii_strncasecmp(e, "READ", 4) == 0)
            value = now.current_A;
        else if (g_ascii_strncasecmp(e, "REL", 3) == 0)
            value = t;
        else
            continue;
        g_string_append_printf(reply, "%s%.6E", reply->len > before ? "," : "",
                               value);
    }
    if (reply->len == before)
        g_string_append_printf(reply, "%.6E", now.current_A);
}

static const CsBenchCommand keithley2450[] = {
    { "*LANG?", say_language },
    { "SOURce:FUNCtion", ignore },
    { "SOURce:VOLTage", set_voltage },
    { "SOURce:VOLTage?", say_voltage },
    { "SOURce:VOLTage:RANGe", ignore },
    { "SOURce:VOLTage:RANGe:AUTO", ignore },
    { "SOURce:VOLTage:ILIMit", set_limit },
    { "SOURce:VOLTage:ILIMit?", say_limit },
    { "SOURce:VOLTage:ILIMit:TRIPped?", say_tripped },
    { "SOURce:VOLTage:READ:BACK", ignore },
    { "SENSe:FUNCtion", ignore },
    { "SENSe:CURRent:RANGe:AUTO", ignore },
    { "SENSe:CURRent:NPLCycles", ignore },
    { "OUTPut", set_output },
    { "OUTPut?", say_output },
    { "OUTPut:STATe", set_output },
    { "OUTPut:STATe?", say_output },
    { "READ?", read_2450 },
    { NULL, NULL },
};

/* ---- Keithley 2400 ------------------------------------------------------- */

static void
read_2400(CsBenchState *state, const char *arguments, GString *reply)
{
    CsBenchTerminals now = cs_bench_measure(state);
    double t = (double) (g_get_monotonic_time() - state->start_us) / 1e6;
    int status = now.limited ? 1 << 3 : 0;

    (void) arguments;
    if (!state->on) {
        cs_bench_error(state, 803);
        return;
    }
    g_string_append_printf(reply, "%+.6E,%+.6E,+9.910000E+37,%+.6E,%+.6E",
                           now.voltage_V, now.current_A, t, (double) status);
}

static const CsBenchCommand keithley2400[] = {
    { "STATus:PRESet", ignore },
    { "FORMat:ELEMents", ignore },
    { "SOURce:FUNCtion", ignore },
    { "SOURce:VOLTage", set_voltage },
    { "SOURce:VOLTage?", say_voltage },
    { "SOURce:VOLTage:MODE", ignore },
    { "SOURce:VOLTage:RANGe", ignore },
    { "SOURce:VOLTage:RANGe:AUTO", ignore },
    { "SENSe:FUNCtion", ignore },
    { "SENSe:CURRent:PROTection", set_limit },
    { "SENSe:CURRent:PROTection?", say_limit },
    { "SENSe:CURRent:RANGe", ignore },
    { "SENSe:CURRent:NPLCycles", ignore },
    { "OUTPut", set_output },
    { "OUTPut?", say_output },
    { "OUTPut:SMODe", ignore },
    { "READ?", read_2400 },
    { NULL, NULL },
};

/* ---- Rigol DP832 --------------------------------------------------------- */

static void
apply(CsBenchState *state, const char *arguments, GString *reply)
{
    double v, a;

    (void) reply;
    if (cs_bench_argument(state, arguments, 1, &v)
        && cs_bench_argument(state, arguments, 2, &a)) {
        state->voltage_V = v;
        state->limit_A = a;
    }
}

static void
say_applied(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) arguments;
    g_string_append_printf(reply, "CH1,%.3f,%.3f", state->voltage_V,
                           state->limit_A);
}

static void
say_output_in_words(CsBenchState *state, const char *arguments,
                    GString *reply)
{
    (void) arguments;
    g_string_append(reply, state->on ? "ON" : "OFF");
}

static void
say_measured(CsBenchState *state, const char *arguments, GString *reply)
{
    CsBenchTerminals now = cs_bench_measure(state);

    (void) arguments;
    g_string_append_printf(reply, "%.4f,%.4f,%.3f", now.voltage_V,
                           now.current_A, now.voltage_V * now.current_A);
}

static void
say_measured_power(CsBenchState *state, const char *arguments,
                   GString *reply)
{
    CsBenchTerminals now = cs_bench_measure(state);

    (void) arguments;
    g_string_append_printf(reply, "%.3f", now.voltage_V * now.current_A);
}

static void
say_mode(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) arguments;
    g_string_append(reply, !state->on                        ? "UR"
                           : cs_bench_measure(state).limited ? "CC"
                                                             : "CV");
}

static const CsBenchCommand dp832[] = {
    { "INSTrument:NSELect", ignore },
    { "APPLy", apply },
    { "APPLy?", say_applied },
    { "SOURce1:VOLTage", set_voltage },
    { "SOURce1:VOLTage?", say_voltage },
    { "SOURce1:CURRent", set_limit },
    { "SOURce1:CURRent?", say_limit },
    { "OUTPut", set_output },
    { "OUTPut?", say_output_in_words },
    { "OUTPut:MODE?", say_mode },
    { "MEASure:ALL?", say_measured },
    { "MEASure:VOLTage?", say_measured_voltage },
    { "MEASure:CURRent?", say_measured_current },
    { "MEASure:POWEr?", say_measured_power },
    { "SYSTem:BEEPer:STATe?", say_output_in_words },
    { "SYSTem:REMote", ignore },
    { "SYSTem:LOCal", ignore },
    { NULL, NULL },
};

/* ---- Keysight E36312A ---------------------------------------------------- */

static void
say_regulation(CsBenchState *state, const char *arguments, GString *reply)
{
    (void) arguments;
    g_string_append_c(reply, !state->on                        ? '0'
                             : cs_bench_measure(state).limited ? '1'
                                                               : '2');
}

static const CsBenchCommand e36300[] = {
    { "VOLTage", set_voltage },
    { "VOLTage?", say_voltage },
    { "CURRent", set_limit },
    { "CURRent?", say_limit },
    { "SOURce:VOLTage", set_voltage },
    { "SOURce:CURRent", set_limit },
    { "OUTPut", set_output },
    { "OUTPut?", say_output },
    { "INSTrument:NSELect", ignore },
    { "MEASure:VOLTage?", say_measured_voltage },
    { "MEASure:CURRent?", say_measured_current },
    { "STATus:QUEStionable:INSTrument:ISUMmary1:CONDition?", say_regulation },
    { "SYSTem:REMote", ignore },
    { "SYSTem:LOCal", ignore },
    { NULL, NULL },
};

const CsBenchModel cs_bench_models[] = {
    { "keithley-2450", "KEITHLEY INSTRUMENTS,MODEL 2450,00000000,1.7.12b",
      false, keithley2450 },
    { "keithley-2400",
      "KEITHLEY INSTRUMENTS INC.,MODEL 2400,0000000,C34 Mar 31 2015", true,
      keithley2400 },
    { "rigol-dp832", "RIGOL TECHNOLOGIES,DP832,DP8C000000000,00.01.19", false,
      dp832 },
    { "keysight-e36300",
      "Keysight Technologies,E36312A,MY00000000,2.1.3-1.0.4-1.12", false,
      e36300 },
};

const size_t cs_bench_n_models = G_N_ELEMENTS(cs_bench_models);
