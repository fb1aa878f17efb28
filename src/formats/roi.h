/* What the files about ImageJ's regions share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/roi.h"

/* FFFF-YYYY-XXXX as ImageJ names a region: slice and centre of its bounds. */
char *cs_roi_default_name(const CsRoi *roi);
