/* ImageJ's own: RoiSet.zip out, .roi and .zip in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/shapes.h"

static bool
write_imagej(const CsRois *rois, const CsShapesImage *image,
             const char *path, GError **error)
{
    (void) image;
    return cs_rois_write(rois, path, error);
}

static const char *const suffixes[] = { ".zip", ".roi", NULL };

const CsShapesFormat cs_shapes_imagej = {
    .name = "imagej",
    .title = "ImageJ RoiSet",
    .suffixes = suffixes,
    .read = cs_rois_read,
    .write = write_imagej,
};
