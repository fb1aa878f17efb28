/* The texts inside our TIFF files: ImageJ's description and metadata, and
 * OME-XML; written here, read by tiff_imagej.c and tiff_ome.c.
 *
 * Slice labels carry each frame's own time, so that ImageJ shows it above the
 * image and we can read it back:
 *
 *     t=1.25 s                          a measured time
 *     t=1.25 s exposure=0.4 s           with the exposure
 *     t=1.25 s (assumed)                or (interpolated): not measured
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/writer.h"

/* The ImageDescription of a file for ImageJ. */
char *cs_tiff_imagej_description(const CsWriterInfo *info);

/* Tags 50838 and 50839: counts (in bytes) and, little-endian, header, info
 * text and slice labels. */
GByteArray *cs_tiff_imagej_metadata(const CsWriterInfo *info, GArray *counts);

/* The label of one frame, "" without a time. */
char *cs_tiff_time_label(const CsClock *clock, size_t i);

/* The OME-XML (2016-06) of a file with one plane a frame. */
char *cs_tiff_ome_xml(const CsWriterInfo *info);
