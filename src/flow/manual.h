/* Manual: the user's own polygons instead of, or as a start for, ours.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/outlines.h"
#include "coatscope/recording.h"
#include "coatscope/roi.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"

/* Polygons of at least 3 points that lie at least partly in the frame, on
 * slices that exist; a polygon on no slice needs a recording of one frame.
 * Errors: CS_ERROR_ARGUMENT, naming the polygon. */
bool cs_manual_check(const CsRois *rois, const CsRecordingInfo *info,
                     GError **error);

/* One seed a polygon, on its own frame, moved to the coordinates of the first
 * one; with the masks of `found` (moved out of it). */
bool cs_manual_seeds(const CsRois *rois, const CsRecordingInfo *info,
                     const CsShifts *shifts, CsSeeds *found, CsSeeds *seeds,
                     GError **error);

/* The polygons as outlines. Polygons on several slices are one particle where
 * they carry the same ImageJ group and one lies closest to the last of the
 * other; without groups, only if their centroids are nearer than its radius.
 * Areas are the polygons' own; their uncertainty is not known (NAN). */
bool cs_manual_outlines(const CsRois *rois, const CsRecordingInfo *info,
                        CsOutlines *outlines, GError **error);
