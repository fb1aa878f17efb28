/* A simulation, as the files of this room see it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/simulator.h"
#include "simulator/body.h"
#include "simulator/motion.h"
#include "simulator/paint.h"

struct CsSimulation {
    gatomicrefcount refs;
    CsRecipe  recipe;
    CsPaint   paint;
    size_t    n_frames;
    CsMoment *moments;     /* n_frames                                       */
    size_t    n_bodies;
    CsBody   *bodies;
    CsPoint  *centres_nm;  /* frame by frame, n_bodies each, without drift   */
    CsPoint   tip_nm;      /* where the needle's skin ends at contact        */
    double    take_metal, take_skin, take_carbon;
    double    phase_per_nm; /* rad, at the mean inner potential             */
    CsImage   support;     /* first pixel at support_x0, support_y0          */
    ptrdiff_t support_x0, support_y0;
    CsPoint   support_origin_nm; /* added to places when asking for carbon   */
};

/* Particle p's centre in frame pixels. */
CsPoint cs_simulation_centre_px(const CsSimulation *s, size_t frame,
                                size_t p);

/* Its state in the middle of the exposure. */
void cs_simulation_body_at(const CsSimulation *s, size_t frame, size_t p,
                           CsBodyState *state);

/* Its outline in a frame; o has n_angles. state is room to work in. */
void cs_simulation_outline(const CsSimulation *s, size_t frame, size_t p,
                           size_t n_angles, CsBodyState *state, CsOutline *o);
