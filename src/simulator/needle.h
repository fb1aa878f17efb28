/* The needle: a tungsten cone with a rough skin of metal and oxide.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "simulator/paint.h"

/* Paints the needle with the end of its skin at tip_px, coming from
 * angle_deg. Contrasts a nm of tungsten and of the skin. */
void cs_needle_paint(const CsPaint *paint, const CsNeedleRecipe *recipe,
                     double take_metal, double take_skin, uint64_t seed,
                     CsPoint tip_px, CsImage *map);

/* How far the end of the skin is from where it touches, in nm. */
double cs_needle_gap_nm(const CsNeedleRecipe *recipe, double time_s);
