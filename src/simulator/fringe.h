/* Fringes: what defocus makes of the phase that the specimen gives the beam.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/image.h"

/* What a fringe needs beside the phase. */
typedef struct {
    double nm_per_px;
    double wavelength_nm;
    double defocus_nm;
    double damping_nm; /* sd of the Gaussian envelope */
} CsFringe;

/* Multiplies intensity by 1 + 2 F^-1[sin(pi lambda defocus k^2) F[phase]],
 * with its envelope: linear in the phase, so right where the phase changes
 * little over a fringe, and somewhat strong right at steep rims. The image of
 * phases (rad) is used up; a margin of it is mirrored. */
bool cs_fringe_apply(const CsFringe *fringe, const CsImage *phase,
                     CsImage *intensity, GError **error);
