/* Search: the particles of one frame.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/frame.h"
#include "coatscope/seeds.h"

/* How a frame is searched; found on the first frame with particles, used for
 * the others. */
typedef struct {
    bool is_known; /* false: both dark and bright are tried */
    bool is_dark;
} CsSearchPlan;

/* Finds the particles of a frame, and fills seeds->mask. Outlines are in the
 * pixels of that frame; birth and death are left 0. A plan not known yet is
 * filled as soon as there is a particle.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_detect_search(const CsFrame *frame, CsSearchPlan *plan,
                      CsSeeds *seeds, GError **error);
