/* What CsMaterials holds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/materials.h"

struct CsMaterials {
    GStringChunk *text;     /* all names and sources                        */
    GArray       *material; /* of CsMaterial                                */
    GArray       *host;     /* of CsHost                                    */
    GArray       *coat;     /* of CsCoatMaterial                            */
};

/* A formula such as "Li3.75Si" or "TiO2" as atoms. False where it has an
 * element that is not known, or more than CS_MAX_ATOMS - 1 of them. */
bool cs_formula_parse(const char *text, CsAtoms atoms[CS_MAX_ATOMS]);
