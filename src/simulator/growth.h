/* Growth: the share of a host that is converted, against time.
 *
 * Laws and symbols: SCIENCE 3. Z is the final over the initial volume, s the
 * time since onset.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/recipe.h"

typedef struct {
    CsRecipeLaw law;
    double tau_s, tau_coat_s, tau_interface_s, tau_diffusion_s;
    double exponent;
    double z;
    double q;

    /* Law stress: r_c / R0 and its slope at equal steps, by Runge-Kutta. */
    size_t  n_table;
    double  step_s;
    double *table; /* ours */
} CsGrowth;

/* until_s: no later time will be asked for. */
void cs_growth_init(CsGrowth *growth, const CsParticleRecipe *particle,
                    double z, double until_s);
void cs_growth_clear(CsGrowth *growth);

/* Share converted, 0 to 1, at s (negative: 0). */
double cs_growth_share(const CsGrowth *growth, double s);

/* Carter and Valensi's g(share), SCIENCE 3.3. */
double cs_growth_carter(double share, double z);
