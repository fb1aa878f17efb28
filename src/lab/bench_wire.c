/* The simulated wire.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/wire_bench.h"

#include <math.h>

/* Longer than that nobody looked: it was off, or the clock stood. */
static const double longest_look_s = 0.5;

double
cs_wire_bench_load(double voltage_V, double time_s, void *user)
{
    CsWireBench *w = user;
    double since = time_s - w->last_s;
    double neck = 1 - 0.3 * MIN(w->charge_C / w->cut_C, 1);
    double dip = 1 + 0.25 * sin(2 * G_PI * time_s / 2);
    double flows = w->current_A * voltage_V / 4 * neck * dip;

    if (w->is_cut)
        flows = 0.06 * w->current_A * voltage_V / 4;
    if (w->last_s >= 0 && since > 0 && since < longest_look_s)
        w->charge_C += flows * since;
    w->last_s = time_s;
    w->is_cut |= w->charge_C >= w->cut_C;
    return flows;
}
