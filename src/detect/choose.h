/* Choose: which nodes of a component tree are particles.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

#include "image/tree.h"

typedef struct {
    double min_area_px;
    double max_area_px;
    double noise_step; /* the step between neighbours that texture makes */
} CsChoice;

/* Marks in chosen[n_nodes] the disjoint nodes that together look most like
 * particles, and returns the sum of their scores. */
double cs_choose_nodes(const CsTree *tree, const CsChoice *choice,
                       bool *chosen);
