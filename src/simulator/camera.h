/* The camera: from the expected electrons of each pixel to counts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/frame.h"
#include "coatscope/image.h"
#include "coatscope/recipe.h"

/* Fills frame from expected electrons a pixel. Noise depends on the seed and
 * `draw` only. `electrons` is used up. */
bool cs_camera_expose(const CsRecipe *recipe, size_t draw, CsImage *electrons,
                      CsFrame *frame, GError **error);
