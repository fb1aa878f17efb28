/* Rim: the grey values about a contour, sorted by sector and depth.
 *
 * Each pixel of the frame is looked at once; all fitting works on these cells.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "outline/patch.h"

enum { CS_RIM_MAX_BINS = 144 };

typedef struct {
    float n;     /* pixels                                                  */
    float value; /* their mean                                              */
    float depth; /* their mean depth below the contour, along the normal    */
    float out;   /* their mean distance from the pole over the contour's    */
} CsRimCell;

typedef struct {
    int       n_bins;
    float     first_px; /* depth where bin 0 begins (negative: outside)     */
    float     bin_px;
    CsRimCell cell[CS_CONTOUR_SECTORS][CS_RIM_MAX_BINS];
    double    noise_out; /* variance of single pixels, outside and inside;  */
    double    noise_in;  /* NAN where there are too few                     */
} CsRim;

void cs_rim_collect(const CsPatch *patch, const CsContour *contour,
                    double outside_px, double inside_px, CsRim *rim);
