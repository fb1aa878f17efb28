/* Darkness: how dark a coating is beside its core.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "breakage/ring.h"
#include "coatscope/outlines.h"

/* Optical depth per length of the coating over that of the core, as both are
 * measured: the median over the first frames of the ring. It tells how much of
 * the rim's depth a gap takes that the core bulges into. NAN in dark field and
 * where the core was not seen. */
double cs_darkness(const CsOutlines *outlines, size_t particle,
                   const CsRing *ring);
