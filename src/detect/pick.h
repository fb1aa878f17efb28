/* Pick: which rings are particles.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdint.h>

#include "detect/ring.h"

/* The field that rings are in, and what there is besides particles. */
typedef struct {
    const CsLevels *levels;
    const uint8_t  *needle; /* of each pixel of the first level: 0 none, 1 skin,
                               2 metal; or NULL */
    bool            is_bright; /* what was bright was made dark to search it */
} CsField;

typedef enum {
    CS_PICK_OPEN,     /* not decided yet                               */
    CS_PICK_NO,       /* no closed edge, or another ring explains it   */
    CS_PICK_DIRT,     /* something, but too faint beside the others    */
    CS_PICK_PARTICLE,
} CsPick;

/* Decides on each of n rings. Returns how much they explain: the
 * sum over particles of area and step, by how sure they are. */
double cs_pick_rings(const CsRing *ring, size_t n, const CsField *field,
                     CsPick *pick);

/* The share of ring a (0 to 1) that lies in ring b. */
double cs_pick_share_in(const CsRing *a, const CsRing *b);
