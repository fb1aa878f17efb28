/* Fit: the rim's model to the rim's cells: contour, coating, uncertainty.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "outline/edge.h"
#include "outline/rim.h"

/* What is known of a particle's rim; carried from frame to frame. */
typedef struct {
    bool   is_dark;
    bool   has_coat;
    bool   has_shape;    /* the prediction is a contour that was fitted     */
    bool   recalled;     /* begun from what is remembered                   */
    double p[CS_EDGE_N];
    double covariance[CS_EDGE_N * CS_EDGE_N];
    double scale;        /* counts: bright particles are fitted in these    */
    double variance_out; /* of single pixels                                */
    double variance_in;
    double level_in;     /* counts inside, where variance_in was seen       */
    double clumping;     /* variance of sums of pixels over the sum of their
                            variances: above 1 in coloured noise            */
    bool   coloured;     /* clumping was seen in what a fit left over       */
    double sd_amplitude; /* how much sectors differ in optical depth        */
    double sd_level;     /* and in background                               */
    double sd_bend_px;   /* second difference of the radius at sectors      */
    double swept;        /* by a front since the frame before: 1, all anew  */
    double sd_change_px; /* first difference of its change in one frame     */
} CsRimModel;

/* What hardly changes of a particle: how much coating it has, how dark that
 * is, and how sharply it is seen. */
typedef struct {
    bool   known;
    bool   learned;     /* from the whole recording                          */
    double relative_sd; /* of the thickness                                  */
    double offset_px;   /* from the strongest edge to the rim                */
    double shell_px3;   /* R³ less (R - t)³                                  */
    double p[CS_EDGE_CORE];
    double covariance[CS_EDGE_CORE * CS_EDGE_CORE];
} CsRimMemory;

/* What one frame says. */
typedef struct {
    double contrast;   /* optical depth at the rim over its sd             */
    double seen;       /* share of sectors that were measured              */
    double background; /* counts                                           */
    double chi2;       /* per degree of freedom                            */
    double sector_chi2[CS_CONTOUR_SECTORS]; /* NAN where hidden              */
    double delta[CS_CONTOUR_SECTORS]; /* radius less that of the start     */
    double delta_sd[CS_CONTOUR_SECTORS];
    bool   hidden[CS_CONTOUR_SECTORS];
    double area_sd;
    double core_area_sd;
    double thickness_sd;
    double rim[CS_CONTOUR_SECTORS]; /* optical depth above the core's       */
} CsRimFit;

/* A model for a particle not seen before. */
void cs_rim_model_start(bool is_dark, CsRimModel *model);

/* A model that knows the optics and the noise of another, but nothing of its
 * coating and core. */
void cs_rim_model_forget(const CsRimModel *model, CsRimModel *fresh);

/* One frame later: what may have changed meanwhile is known less well. */
void cs_rim_model_age(CsRimModel *model);

/* The particle was found to have grown by so much since then: a reaction
 * front may have swept through as much of its core. */
void cs_rim_model_grow(CsRimModel *model, double growth_px);

/* Remembers a model fitted to a contour of that mean radius where it knows
 * the coating better than what is remembered; and starts one from memory. */
void cs_rim_model_remember(const CsRimModel *model, double radius_px,
                           CsRimMemory *memory);
void cs_rim_model_recall(const CsRimMemory *memory, double radius_px,
                         CsRimModel *model);

/* Variance of a single pixel of that value, with that background. */
double cs_rim_variance(const CsRimModel *model, double background,
                       double value);

/* How thick the coating is follows from how much there is, whatever the frame
 * before said: a front that runs in leaves a core whose free density can do
 * a coating's work. */
void cs_rim_model_remind(const CsRimMemory *memory, double radius_px,
                         CsRimModel *model);

/* The thickness of that much coating on a ball of that radius. */
double cs_rim_thickness(double shell_px3, double radius_px);

/* How far outside start (about which the rim was collected) the outer side
 * of the profile lies that the model gives: a front that runs inwards takes
 * the strongest edge with it, but not the rim. At most reach_px; misfit is
 * what the mean profile then differs by (INFINITY: not seen). */
double cs_rim_shift(const CsRim *rim, const CsContour *start,
                    const CsRimModel *model, double reach_px,
                    double *misfit);

/* Fits start (about which the rim was collected) and model, whose present
 * values are the prior; prediction is the contour expected from the frame
 * before, about the same pole; the rim is looked for offset_px beyond start.
 * False where too little was seen; then model is as it was. */
bool cs_rim_fit(const CsRim *rim, const CsContour *start,
                const CsContour *prediction, double offset_px,
                CsRimModel *model, CsRimFit *fit);
