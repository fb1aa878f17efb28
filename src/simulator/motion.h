/* Motion: when each frame is taken, where the specimen is, what the beam
 * does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/polygon.h"
#include "coatscope/recipe.h"

enum { CS_MOTION_PARTS = 8 };

typedef struct {
    double  start_s;      /* as stamped                                      */
    double  exposure_s;
    CsPoint shift_px;     /* of the specimen since the first frame, mean     */
    CsPoint part_px[CS_MOTION_PARTS]; /* within the exposure, about the mean */
    double  smear_px;     /* rms of those                                    */
    double  beam;         /* relative intensity, 0: blanked                  */
    double  defocus_nm;
    bool    jumped;       /* since the frame before                          */
    bool    is_late;
    size_t  slots_lost;   /* frames dropped right before this one            */
    size_t  copy_of;      /* whose samples it carries: its own index, or the
                             frame before                                    */
} CsMoment;

/* moments: recipe->recording.frames of them. */
void cs_motion_fill(const CsRecipe *recipe, CsMoment *moments);

/* Middle of the exposure, when growth is looked at. */
double cs_moment_middle_s(const CsMoment *moment);
