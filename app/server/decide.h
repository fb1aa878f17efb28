/* Edits applied to the particles of a model.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "server/model.h"
#include "server/solve.h"

/* Applies the edits of the model, in the order they were made, to its
 * particles, as they were listed; what was solved is taken from the solver
 * (NULL: nothing was). */
void cs_decide(CsSnapshot *model, CsSolver *solver);
