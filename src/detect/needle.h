/* Needle: the dark thing that comes in from the border, with what clings to
 * it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdint.h>

#include "detect/pick.h"

typedef enum { CS_NEEDLE_NONE, CS_NEEDLE_SKIN, CS_NEEDLE_METAL } CsNeedlePart;

/* Fills mask (width * height pixels of the first level, of rings too) with
 * CsNeedlePart; with nothing where there is no needle. Pixels of particles
 * picked so far are not taken for its skin.
 *
 * Errors: CS_ERROR_LIMIT. */
bool cs_needle_find(const CsLevels *levels, const CsRing *ring,
                    const CsPick *pick, size_t n_rings, uint8_t *mask,
                    GError **error);
