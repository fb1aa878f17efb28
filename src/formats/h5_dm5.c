/* Gatan DM5: the tags of a DM4 file as HDF5, and director of raw frames.
 *
 * Groups and attributes are called as the tags are: ImageList/[1]/ImageData.
 * Recordings of the K3 IS keep one image here and all frames in X.raw,
 * X.raw_1, … beside it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/error.h"
#include "formats/h5_images.h"

static bool
is_dm5(hid_t file)
{
    hid_t list = cs_h5_child(file, "ImageList");

    if (list >= 0)
        H5Oclose(list);
    return list >= 0;
}

/* Number of the image that the document shows; 1 is it in files that do not
 * say (0 is the thumbnail). */
static unsigned
shown_image(hid_t file)
{
    double source = cs_h5_number_at(file, "DocumentObjectList/[0]",
                                    "ImageSource");
    g_autofree char *path
        = g_strdup_printf("ImageSourceList/[%u]",
                          source >= 0 && source < 1000 ? (unsigned) source
                                                       : 0);
    double image = cs_h5_number_at(file, path, "ImageRef");

    return image >= 0 && image < 1000 ? (unsigned) image : 1;
}

static void
set_axis(hid_t image, int i, CsAxis *axis)
{
    g_autofree char *path
        = g_strdup_printf("ImageData/Calibrations/Dimension/[%d]", i);
    g_autofree char *unit = cs_h5_text_at(image, path, "Units");

    cs_axis_set(axis, cs_h5_number_at(image, path, "Scale"), unit);
}

static void
fill_facts(hid_t image, CsSeriesInfo *info)
{
    static const char scope[] = "ImageTags/Microscope Info";
    double volts = cs_h5_number_at(image, scope, "Voltage");
    double magnification
        = cs_h5_number_at(image, scope, "Indicated Magnification");
    double exposure_s
        = cs_h5_number_at(image, "ImageTags/DataBar", "Exposure Time (s)");

    info->title = cs_h5_text(image, "Name");
    info->microscope = cs_h5_text_at(image, scope, "Microscope");
    info->camera = cs_h5_text_at(image, "ImageTags/Acquisition/Device",
                                 "Name");
    info->date = cs_h5_text_at(image, "ImageTags/DataBar",
                               "Acquisition Date");
    if (volts > 0)
        info->voltage_kV = volts / 1e3;
    if (magnification > 0)
        info->magnification = magnification;
    if (exposure_s > 0)
        info->exposure_s = exposure_s;
}

static bool
fill(hid_t image, CsH5Images *images, CsSeriesInfo *info, GError **error)
{
    hid_t data = cs_h5_child(image, "ImageData/Data");
    CsAxis third = { .step = NAN };
    double factor;
    bool ok;

    if (data < 0)
        return cs_fail(error, CS_ERROR_FORMAT, "has an image without data");
    ok = cs_h5_images_take(images, data, 0, error);
    H5Oclose(data);
    if (!ok)
        return false;
    set_axis(image, 0, &info->x);
    set_axis(image, 1, &info->y);
    set_axis(image, 2, &third);
    if (cs_unit_kind(third.unit, &factor) == CS_UNIT_TIME && third.step > 0)
        info->interval_s = third.step * factor;
    fill_facts(image, info);
    images->n_recorded
        = cs_h5_number_at(image, "ImageTags/In-situ/Recorded", "# Frames");
    return true;
}

static bool
open_dm5(hid_t file, CsH5Images *images, CsSeriesInfo *info, GError **error)
{
    g_autofree char *path
        = g_strdup_printf("ImageList/[%u]", shown_image(file));
    hid_t image = cs_h5_child(file, path);
    bool ok;

    images->n_recorded = NAN;
    if (image < 0)
        image = cs_h5_child(file, "ImageList/[0]");
    if (image < 0)
        return cs_fail(error, CS_ERROR_FORMAT, "holds no image");
    ok = fill(image, images, info, error);
    H5Oclose(image);
    if (!ok)
        cs_h5_images_clear(images);
    return ok;
}

const CsH5Layout cs_h5_dm5 = { "Gatan DM5", is_dm5, open_dm5 };
