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

/* Whether a polygon comes nearer than margin_px to the edge of the frame, or
 * crosses it: what lies beyond is not seen. */
bool cs_manual_is_cut(const CsPolygon *polygon, const CsRecordingInfo *info,
                      double margin_px);

/* How often particles are traced: as often as the one with most polygons has
 * some that are used, which are up to 5, evenly chosen. Polygons on several
 * slices are one particle by the rule of cs_manual_outlines, drift taken
 * away. */
size_t cs_manual_n_passes(const CsRois *rois, const CsShifts *shifts,
                          size_t *n_particles);

/* One seed a particle: the polygon of that pass, or its last, on its own
 * frame, moved to the coordinates of the first one; with the masks of found. */
bool cs_manual_seeds(const CsRois *rois, const CsRecordingInfo *info,
                     const CsShifts *shifts, size_t pass, const CsSeeds *found,
                     CsSeeds *seeds, GError **error);

/* Joins the outlines of all passes: in each frame those traced from the
 * nearest polygon. Errors: CS_ERROR_LIMIT. */
bool cs_manual_join(const CsRois *rois, const CsShifts *shifts,
                    const CsOutlines *pass, CsOutlines *outlines,
                    GError **error);

/* The polygons without those called …_core, which our own RoiSets hold beside
 * the outer contours: a lent view, whose `roi` is to be freed with g_free. */
CsRois cs_manual_without_cores(const CsRois *rois);

/* The polygons as outlines. Polygons on several slices are one particle where
 * they carry the same ImageJ group and one lies closest to the last of the
 * other; without groups, only if their centroids are nearer than its radius.
 * Areas are the polygons' own, without the holes of composites; their
 * uncertainty is not known (NAN). One that crosses the edge of the frame is in
 * state edge; its area is whole, as drawn. */
bool cs_manual_outlines(const CsRois *rois, const CsRecordingInfo *info,
                        CsOutlines *outlines, GError **error);
