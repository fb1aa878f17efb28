/* CsEyes: what an automatic step sees and feels: a live image, the time that
 * passes, the current. Real or simulated, the steps do not know.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "coatscope/image.h"

G_BEGIN_DECLS

typedef struct {
    /* One image of the field, in electrons or counts a pixel. */
    bool (*snap)(void *user, CsImage *image, GError **error);

    /* Lets so much time pass. Errors: CS_ERROR_CANCELLED. */
    bool (*wait)(void *user, double seconds, GError **error);

    /* The current between needle and particle at the small voltage that is
     * applied for that; NULL: nothing to measure it with. */
    bool (*current)(void *user, double *current_A, GError **error);

    void  *user;
    double nm_per_px;
} CsEyes;

G_END_DECLS
