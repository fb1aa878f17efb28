/* Coarse: where a frame lies on those before it, to about a pixel, wherever it
 * may have jumped.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>

#include "drift/plane.h"

typedef struct CsCoarse CsCoarse;

/* For planes of that field. Errors: CS_ERROR_LIMIT. */
CsCoarse *cs_coarse_new(const CsDriftField *field, GError **error);
void      cs_coarse_free(CsCoarse *coarse); /* takes NULL */

/* Finds the plane among those before it, and takes it in. In binned pixels,
 * relative to the first, which lies at (0, 0). */
void cs_coarse_follow(CsCoarse *coarse, const CsImage *plane, double *dx,
                      double *dy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsCoarse, cs_coarse_free)
