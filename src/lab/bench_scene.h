/* What the simulated stage shows, in layers of transmission.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/image.h"
#include "coatscope/stage_bench.h"

/* Each layer is larger than the view by a margin on every side. */
typedef struct {
    size_t  width, height; /* of the view                                   */
    size_t  margin;
    double  nm_per_px;
    CsImage carbon, particle, needle;
    double  target_x_px, target_y_px; /* particle's centre, in the layer    */
    double  tip_x_px, tip_y_px;       /* needle's end, in the layer         */
} CsSceneView;

struct CsStageScene {
    gatomicrefcount refs;
    CsSceneView near_view, wide_view;
    double      particle_nm; /* radius with its coat                        */
    double      tip_nm;      /* radius of the needle's end with its skin    */
};
