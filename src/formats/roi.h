/* What the files about ImageJ's regions share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/roi.h"

/* FFFF-YYYY-XXXX as ImageJ names a region: slice and centre of its bounds. */
char *cs_roi_default_name(const CsRoi *roi);

/* Regions that are made when they are asked for, for sets too large to keep.
 * Region i is lent until the next call and is the same each time; there are
 * two calls for each. NULL, with an error, where it cannot be made. */
typedef struct {
    size_t n;
    const CsRoi *(*lend)(size_t i, void *data, GError **error);
    void *data;
} CsRoiLender;

/* cs_rois_write of such regions. */
bool cs_rois_write_lent(const CsRoiLender *lender, const char *path,
                        GError **error);
