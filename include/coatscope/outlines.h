/* CsOutlines: the contours of every particle in every frame.
 *
 * A contour is star-shaped: its distance r from a centre at n_angles angles,
 * theta_k = 2 pi k / n_angles, from +x towards +y. Centre and contour are in
 * the pixels of the frame itself (no shift applied), so they can be drawn on
 * it as they are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/polygon.h"

G_BEGIN_DECLS

typedef enum {
    CS_OUTLINE_LOST,    /* not found in this frame: no contour              */
    CS_OUTLINE_OK,
    CS_OUTLINE_EDGE,    /* cut by the edge of the field                     */
    CS_OUTLINE_OVERLAP, /* part of the rim is shared with a neighbour or
                           hidden by the needle                             */
    CS_OUTLINE_FAINT,   /* too little contrast to be sure                   */
} CsOutlineState;

/* "lost", "ok", "edge", "overlap", "faint", as in areas.csv. */
const char *cs_outline_state_name(CsOutlineState state);

/* One particle in one frame. NAN where something was not measured. The float
 * arrays have n_angles values and belong to the CsOutlines. */
typedef struct {
    CsOutlineState state;
    bool   edited;       /* constrained by a polygon of the user             */
    double centre_x_px;  /* the pole of the contours, not the centroid       */
    double centre_y_px;
    double area_px2;     /* enclosed by the outer contour                    */
    double area_sd_px2;  /* one sd, from noise and outline model together    */
    double core_area_px2;
    double core_area_sd_px2;
    double coat_thickness_px; /* mean over the rim                           */
    double coat_thickness_sd_px;
    double rim_gap_fraction;  /* share of the rim where no coating is seen   */
    double background;   /* counts outside, near the rim                     */
    double intensity;    /* mean counts inside the outer contour             */
    double chi2;         /* of the fit, per degree of freedom                */
    float *r_px;         /* outer contour                                    */
    float *r_sd_px;
    float *core_px;      /* inner contour, edge of core and coating          */
    float *core_sd_px;
    float *rim;          /* optical depth of the rim above the core's        */
} CsOutline;

typedef struct {
    size_t     n_frames;
    size_t     n_particles;
    size_t     n_angles;
    int       *particle_id; /* n_particles                                   */
    CsOutline *outline;     /* n_frames * n_particles, frame by frame        */
    float     *values;      /* what the arrays of the outlines point into    */
} CsOutlines;

#define CS_OUTLINES_INIT { 0 }

/* Room for that many outlines, all lost and NAN, with ids 1 … n_particles.
 * Errors: CS_ERROR_LIMIT, with outlines as it was. */
bool cs_outlines_resize(CsOutlines *outlines, size_t n_frames,
                        size_t n_particles, size_t n_angles, GError **error);
void cs_outlines_clear(CsOutlines *outlines);

/* The outline of particle number p (an index, not an id) in a frame. */
CsOutline *cs_outlines_at(const CsOutlines *outlines, size_t frame, size_t p);

/* The outer (core: inner) contour as a polygon in frame pixels, vertices with
 * NAN left out. A whole contour's polygon encloses what the smooth contour
 * through its points does: chords alone would lose 2 pi² / (3 n²) of a circle
 * (SCIENCE 1.2), so vertices lie that little further out.
 * Errors: CS_ERROR_LIMIT. */
bool cs_outline_polygon(const CsOutline *outline, size_t n_angles, bool core,
                        CsPolygon *polygon, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsOutlines, cs_outlines_clear)

G_END_DECLS
