/* Outlines in the formats of other programs, out and in. One constant a
 * format, in one table; docs/formats/outlines.md says what each keeps.
 *
 * What goes through is a list of regions (roi.h): polygons in corner
 * coordinates, with the frame they are on (slice), a name, and a group, which
 * is the particle's number.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/frame.h"
#include "coatscope/roi.h"

G_BEGIN_DECLS

/* Of the frames that the regions lie on. */
typedef struct {
    size_t      width, height;
    size_t      n_frames;
    double      nm_per_px_x, nm_per_px_y; /* NAN: results are in pixels     */
    const char *image;       /* its path or name                            */

    /* Fills frame number index; needed only where needs_frames. */
    bool (*read)(void *user, size_t index, CsFrame *frame, GError **error);
    void *user;
} CsShapesImage;

#define CS_SHAPES_IMAGE_INIT                                                  \
    { .n_frames = 1, .nm_per_px_x = NAN, .nm_per_px_y = NAN, .image = "" }

typedef struct {
    const char *name;    /* "coco"; unique, lower case                      */
    const char *title;
    const char *const *suffixes; /* lower case; NULL: never read by suffix  */
    const char *root_key; /* JSON: the key of its root that tells it; else
                             NULL                                           */
    bool        needs_frames; /* to write                                   */
    bool        is_folder;    /* writes a folder where n_frames > 1         */

    /* Errors: CS_ERROR_IO, CS_ERROR_FORMAT, CS_ERROR_LIMIT; messages name
     * the path. NULL: cannot be read. rois is empty before, and after an
     * error. */
    bool (*read)(const char *path, CsRois *rois, GError **error);

    /* Makes path, which is not there (the caller saw to it); what is half
     * written is the caller's to remove. Regions outside the frames are cut
     * (labels) or kept as they are. NULL: cannot be written. */
    bool (*write)(const CsRois *rois, const CsShapesImage *image,
                  const char *path, GError **error);
} CsShapesFormat;

/* Every one, ending with NULL. */
extern const CsShapesFormat *const cs_shapes_formats[];
const CsShapesFormat *cs_shapes_named(const char *name);

/* Reads regions in any of the formats, told by suffix and content. Regions of
 * files with a single picture have slice 1. Errors: CS_ERROR_UNSUPPORTED with
 * what can be read; those of the format. */
bool cs_shapes_read(const char *path, CsRois *rois, GError **error);

/* Writes regions to path, which must not be there: it appears when complete.
 * Errors: CS_ERROR_IO; CS_ERROR_ARGUMENT (path is there, no region, frames or
 * a size are needed and missing); CS_ERROR_UNSUPPORTED; CS_ERROR_LIMIT; those
 * of reading frames. */
bool cs_shapes_write(const CsShapesFormat *format, const CsRois *rois,
                     const CsShapesImage *image, const char *path,
                     GError **error);

G_END_DECLS
