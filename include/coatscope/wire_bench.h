/* The simulated wire: what a supply sees while tungsten dissolves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct {
    double current_A;  /* at 4 V at first                                   */
    double cut_C;      /* charge at which it parts                          */
    double charge_C;   /* that has flowed                                   */
    double last_s;
    bool   is_cut;
} CsWireBench;

/* 60 mA at 4 V, cut after so much charge. */
#define CS_WIRE_BENCH_INIT { .current_A = 0.06, .cut_C = 0.6, .last_s = -1 }

/* A CsBenchLoad; user is a CsWireBench. The current falls as the neck gets
 * thin and goes up and down as the wire is dipped to 2 to 4 mm. */
double cs_wire_bench_load(double voltage_V, double time_s, void *user);

G_END_DECLS
