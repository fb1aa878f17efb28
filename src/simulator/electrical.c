/* The electrical log: what a source meter beside the microscope would say.
 *
 * The ions of one particle make femtoamperes (SCIENCE 5); what is seen is
 * leakage, noise and, when asked for, a short circuit.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "simulator/random.h"
#include "simulator/simulation.h"

static double
end_s(const CsSimulation *s)
{
    const CsMoment *last = &s->moments[s->n_frames - 1];

    return last->start_s + last->exposure_s;
}

size_t
cs_simulation_n_bias(const CsSimulation *s)
{
    const CsBiasRecipe *b = &s->recipe.bias;

    return b->log ? (size_t) (end_s(s) / b->log_interval_s) + 1 : 0;
}

CsBiasSample
cs_simulation_bias(const CsSimulation *s, size_t i)
{
    const CsBiasRecipe *b = &s->recipe.bias;
    double t = (double) i * b->log_interval_s;
    bool is_on = t >= b->on_s && !(t >= b->off_s);
    double volts = is_on ? b->voltage_V : 0, amperes = volts / b->leakage_ohm;
    CsRandom random;

    cs_random_seed(&random, (uint64_t) s->recipe.recording.seed, 81, i);
    if (t >= b->short_s)
        amperes += volts / b->short_ohm;
    return (CsBiasSample) {
        .time_s = t,
        .bias_V = volts + b->voltage_noise_V * cs_random_gauss(&random),
        .current_A = amperes + b->current_noise_A * cs_random_gauss(&random),
    };
}
