/* Sight: what an image says of carbon, particle and needle, against one in
 * which the needle was not yet there. All in pixels of the view.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/image.h"

enum { CS_SIGHT_ANGLES = 64 };

typedef struct {
    CsImage clear;               /* without the needle                      */
    double  x_px, y_px;          /* the particle in it                      */
    double  r_px[CS_SIGHT_ANGLES]; /* its rim                               */
    double  mean_r_px;
    double  grid_x_px, grid_y_px; /* as seen last                           */
    guint8 *needle;              /* where the needle was seen last, or NULL */
} CsSight;

#define CS_SIGHT_INIT { .needle = NULL }
void cs_sight_clear(CsSight *sight);

typedef struct {
    double grid_x_px, grid_y_px; /* carbon since the clear image            */
    double grid_sd_px;
    double score;                /* how well the carbon matches             */
    double step_x_px, step_y_px; /* particle on the carbon; NAN: hidden     */
    double step_sd_px;
    bool   has_needle;
    double tip_x_px, tip_y_px;   /* its end                                 */
    double gap_px;               /* NAN where no needle is seen             */
    double darkening, darkening_sd;
} CsSeen;

/* Takes the clear image and the particle nearest to a place. Errors:
 * CS_ERROR_ARGUMENT where there is none; CS_ERROR_LIMIT. */
bool cs_sight_begin(const CsImage *clear, double x_px, double y_px,
                    CsSight *sight, GError **error);

/* Errors: CS_ERROR_ARGUMENT (another size, nothing to compare),
 * CS_ERROR_LIMIT. */
bool cs_sight_look(CsSight *sight, const CsImage *image, CsSeen *seen,
                   GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsSight, cs_sight_clear)
