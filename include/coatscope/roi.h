/* CsRoi: regions of interest as ImageJ keeps them, .roi and RoiSet.zip.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "coatscope/polygon.h"

G_BEGIN_DECLS

typedef enum {
    CS_ROI_POLYGON = 0, CS_ROI_RECT = 1, CS_ROI_OVAL = 2, CS_ROI_LINE = 3,
    CS_ROI_FREELINE = 4, CS_ROI_POLYLINE = 5, CS_ROI_NONE = 6,
    CS_ROI_FREEHAND = 7, CS_ROI_TRACED = 8, CS_ROI_ANGLE = 9,
    CS_ROI_POINT = 10,
} CsRoiType;

typedef struct {
    char     *name;     /* UTF-8                                            */
    CsRoiType type;
    bool      is_composite; /* several rings; outline is the largest        */
    int       slice;    /* 1-based position in a stack, 0: all              */
    int       t;        /* 1-based T of a hyperstack, 0: all                */
    int       group;    /* 0 … 255                                          */
    guint32   stroke_argb; /* 0: default                                    */
    guint     n_pieces; /* of a label of a mask that has several, else 0    */
    bool      is_piece; /* one of those; otherwise the largest of them      */
    CsPolygon outline;  /* sub-pixel where the file has it; ovals and
                           rectangles as polygons                           */
    size_t    n_rings;  /* of a composite: all its rings, the outline among
                           them; by the even-odd rule holes are rings too   */
    CsPolygon *rings;   /* n_rings, ours                                    */
} CsRoi;

#define CS_ROI_INIT { 0 }

typedef struct {
    size_t n;
    CsRoi *roi;
} CsRois;

#define CS_ROIS_INIT { 0 }
void cs_roi_clear(CsRoi *roi);
void cs_rois_clear(CsRois *rois);

/* Bytes of one .roi file. The name is NULL where the file has none.
 * Errors: CS_ERROR_FORMAT, CS_ERROR_LIMIT. */
bool    cs_roi_decode(GBytes *bytes, CsRoi *roi, GError **error);

/* The same as ImageJ writes it, with a name, whole-number and (where they
 * differ) sub-pixel coordinates. The position is `slice`, which is what counts
 * in a stack of frames, or `t` where slice is 0: for hyperstacks that have
 * channels or z as well. Both at once ImageJ does not follow. Rectangles,
 * ovals and composites become polygons; of outlines with more than 65,535
 * points every kth is kept. */
GBytes *cs_roi_encode(const CsRoi *roi);

/* A .roi file or a zip of them, in the order of the zip; regions without a
 * name get that of their file. Errors also: CS_ERROR_IO. Messages name the
 * path. */
bool cs_rois_read(const char *path, CsRois *rois, GError **error);

/* A RoiSet.zip, always the same bytes for the same regions. Regions without a
 * name get ImageJ's own, FFFF-YYYY-XXXX; names that are there already get a
 * number. The file appears under its name only when complete.
 * Errors: CS_ERROR_IO, CS_ERROR_ARGUMENT (no regions: ImageJ takes an empty
 * zip for a broken one). */
bool cs_rois_write(const CsRois *rois, const char *path, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsRoi, cs_roi_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsRois, cs_rois_clear)

G_END_DECLS
