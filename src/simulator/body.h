/* A body: one coated particle, its surfaces at any time.
 *
 * Every surface is r(theta) in the plane times a half height c along the
 * beam; the beam passes 2 c sqrt(1 - (r/r(theta))^2) of it. For a sphere that
 * is the chord, for an ellipsoid too. Its volume is 4/3 c times its area, so
 * swelling and the thinning of coats are solved exactly.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/recipe.h"
#include "simulator/growth.h"

enum {
    CS_BODY_ANGLES = 720,
    CS_BODY_LAYERS = 3,   /* oxide, coat, outer coat                          */
    CS_BODY_SURFACES = 5, /* fresh core, core, layers                         */
};

/* How much a stuff takes from the beam a nm: bright field 1/lambda; HAADF
 * the share of electrons scattered onto the detector. */
typedef struct {
    double host, product, layer[CS_BODY_LAYERS];
} CsBodyContrast;

typedef struct {
    CsParticleRecipe recipe;
    CsBodyContrast   contrast;
    CsGrowth         growth;
    double           z;                /* final over initial volume          */
    double           contact_angle;    /* rad: where ions come in            */
    double           halt_s;           /* contact lost; INFINITY: never      */
    double           half0_nm;
    double           core0_nm[CS_BODY_ANGLES];
    size_t           n_layers;
    double           pattern[CS_BODY_LAYERS][CS_BODY_ANGLES]; /* mean 1      */
    double           layer0_nm[CS_BODY_LAYERS];
    double           layer_volume0_nm3[CS_BODY_LAYERS];
    double           layer_swelling[CS_BODY_LAYERS];
    double           break_s;          /* INFINITY: never                    */
} CsBody;

/* A body at one time. Surfaces from the inside out: [0] what is still fresh,
 * [1] the core, [2 …] the layers; [n_surfaces - 1] is the outer one. */
typedef struct {
    size_t n_surfaces;
    double half_nm[CS_BODY_SURFACES];
    double r_nm[CS_BODY_SURFACES][CS_BODY_ANGLES + 1]; /* first again        */
    double take[CS_BODY_SURFACES]; /* contrast a nm inside each surface      */
    double share;        /* converted, mean                                  */
    double core_area_nm2, area_nm2;
    double coat_nm;      /* mean thickness of all layers around the rim      */
    double gap_nm;       /* of the break, 0 while whole                      */
    double gap_fraction; /* of the rim                                       */
    double crystal;      /* diffraction contrast, 0 to 1                     */
} CsBodyState;

/* Prepares a body. contrast of pale_to is applied here; `needle_angle` in
 * rad is where ions come in unless the recipe says otherwise. */
void cs_body_init(CsBody *body, const CsParticleRecipe *recipe,
                  const CsBodyContrast *contrast, double needle_angle,
                  double halt_s, double until_s, uint64_t seed);
void cs_body_clear(CsBody *body);

void cs_body_at(const CsBody *body, double time_s, CsBodyState *state);

/* r(theta) of a surface in nm, for any theta in rad. */
double cs_body_radius(const CsBodyState *state, size_t surface, double theta);
