/* Grow: from the hearts of particles to their edges.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "image/tree.h"

/* Gives every pixel of the image the number (from 1) of the particle it
 * belongs to, or 0. chosen are disjoint nodes of the tree; particles that
 * touch grow into the region they make together, and share it out from dark
 * to bright. Returns the number of particles.
 *
 * Errors (-1): CS_ERROR_LIMIT. */
int cs_grow_labels(const CsImage *image, const CsTree *tree,
                   const bool *chosen, uint16_t *label, GError **error);
