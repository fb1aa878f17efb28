/* Locate: where the edge is, to a pixel or so, whatever it looks like.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "outline/contour.h"
#include "outline/patch.h"

/* Looks for the closed path of the strongest edge (towards darker inside
 * where is_dark) no farther than range_px from the prediction, and gives it
 * in found, about the same pole; seen[k] says whether ray k has any edge. The
 * smoother the change from the prediction, the cheaper. Returns the mean edge
 * strength along the path over its noise, or 0 where nothing could be seen. */
double cs_locate(const CsPatch *patch, const CsContour *prediction,
                 bool is_dark, double range_px, CsContour *found, bool *seen);
