/* The simulated bench: instruments on loopback that speak as the real ones do,
 * wired to a simulated contact, with faults on request.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* The current (A) that flows at a voltage, time_s after the bench started. */
typedef double (*CsBenchLoad)(double voltage_V, double time_s, void *user);

typedef enum {
    CS_BENCH_SOUND,   /* no fault                                           */
    CS_BENCH_SILENT,  /* answers nothing more                               */
    CS_BENCH_GARBAGE, /* one reply of bytes that mean nothing               */
    CS_BENCH_HALF,    /* half of one reply, then nothing on that connection */
    CS_BENCH_LATE,    /* one reply delay_ms late                            */
    CS_BENCH_HANG_UP, /* closes the connection instead of one reply         */
    CS_BENCH_STUCK,   /* says yes to everything but the output stays on     */
} CsBenchFault;

typedef struct {
    const char  *model;    /* a name of cs_supply_drivers                   */
    unsigned     port;     /* 0: any that is free                           */
    CsBenchLoad  load;     /* NULL: a resistor of 2 TΩ                      */
    void        *user;     /* handed to load                                */
    double       noise_A;  /* standard deviation of the current             */
    guint32      seed;
    CsBenchFault fault;
    unsigned     fault_at; /* at which question, from 1                     */
    unsigned     delay_ms;
} CsBenchSetting;

typedef struct CsBench CsBench; /* opaque */

/* Starts an instrument on 127.0.0.1. Errors: CS_ERROR_ARGUMENT (model),
 * CS_ERROR_IO (port taken). */
CsBench *cs_bench_start(const CsBenchSetting *setting, GError **error);

/* Closes every connection and waits for its threads. */
void cs_bench_stop(CsBench *bench);

/* For cs_supply_open. */
const char *cs_bench_address(const CsBench *bench);

/* What is true at its terminals, whatever it told. */
bool     cs_bench_is_on(CsBench *bench);
double   cs_bench_voltage_V(CsBench *bench);
double   cs_bench_limit_A(CsBench *bench);
unsigned cs_bench_n_questions(CsBench *bench);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsBench, cs_bench_stop)

G_END_DECLS
