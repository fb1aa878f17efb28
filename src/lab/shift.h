/* Shift: by how much the content of one image lies further in another.
 *
 * From coarse to fine by masked correlation, then to a fraction of a pixel by
 * least squares (Lucas and Kanade 1981).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/image.h"

typedef struct {
    double        near_x_px; /* where it is looked for …                    */
    double        near_y_px;
    double        reach_px;  /* … and how far around                        */
    const guint8 *use;       /* of a's size: pixels of a that count; NULL: all */
} CsShiftPlan;

typedef struct {
    double dx_px; /* b(x + dx, y + dy) = a(x, y) but for brightness         */
    double dy_px;
    double sd_px; /* of the worse component, from what is left over         */
    double score; /* correlation of what is used, up to 1                   */
} CsShiftFound;

/* Both images of one size. Errors: CS_ERROR_ARGUMENT where nothing is left to
 * compare; CS_ERROR_LIMIT. A poor match is no error: look at score. */
bool cs_shift_find(const CsImage *a, const CsImage *b,
                   const CsShiftPlan *plan, CsShiftFound *found,
                   GError **error);
