/* CsMeasures: the table of areas against time; what areas.csv holds.
 *
 * Tables only from here on: no pixel is looked at again. In a recording that
 * is measured in pixels, nm_per_px is NAN and the "nm" columns hold pixels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/clock.h"
#include "coatscope/outlines.h"

G_BEGIN_DECLS

/* One particle in one frame; NAN where there is nothing to say. */
typedef struct {
    int          particle_id;
    size_t       frame;
    double       time_s;
    CsTimeSource time_source;
    double       area_nm2;
    double       area_sd_nm2;
    double       core_area_nm2;
    double       core_area_sd_nm2;
    double       coat_thickness_nm;
    double       coat_thickness_sd_nm;
    double       expansion; /* A/A0 of the outer contour */
    double       expansion_sd;
    double       volume_ratio;
    double       x; /* ions per host atom, from the core */
    double       centroid_x_px;
    double       centroid_y_px;
    double       solidity;
    double       rim_gap_fraction;
    double       intensity;
    double       bias_V;
    double       current_A;
    double       dose_e_per_A2;
    CsOutlineState state;
    int          broken; /* 0, 1, or -1: not judged */
    bool         edited;
} CsMeasure;

typedef struct {
    char      *recording;
    char      *coating; /* "" where not told */
    bool       in_pixels;
    size_t     n;
    CsMeasure *row; /* sorted by particle_id, then frame */
} CsMeasures;

#define CS_MEASURES_INIT { 0 }

void cs_measures_clear(CsMeasures *measures);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsMeasures, cs_measures_clear)

G_END_DECLS
