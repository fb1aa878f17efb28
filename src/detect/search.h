/* Search: the particles of one frame.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/frame.h"
#include "coatscope/seeds.h"

/* How a frame is searched; found on the first frame, used for the others. */
typedef struct {
    double blur_px; /* of the picture; 0: not known yet, all are tried */
    bool   is_dark;
} CsSearchPlan;

/* Finds the particles of a frame, and fills seeds->mask. Outlines are in the
 * pixels of that frame; birth and death are left 0. A plan without a blur is
 * filled with what served best.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_detect_search(const CsFrame *frame, CsSearchPlan *plan,
                      CsSeeds *seeds, GError **error);
