/* Recipes, as the files of this room see them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/recipe.h"

/* Writes the defaults of all keys. */
void cs_recipe_fill(const CsRecipeKey *keys, void *to);

/* One more particle, like recipe->particle. */
CsParticleRecipe *cs_recipe_add_particle(CsRecipe *recipe);

/* Turns the layout of `scene` into particles. */
void cs_recipe_lay_out(CsRecipe *recipe);

/* Puts particles without a place in the middle of the field. */
void cs_recipe_finish(CsRecipe *recipe);
