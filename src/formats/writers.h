/* The writers of this build, and what they share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/writer.h"

extern const CsWriter cs_writer_tiff;
extern const CsWriter cs_writer_ome_tiff;
extern const CsWriter cs_writer_mrc;
extern const CsWriter cs_writer_hspy;
extern const CsWriter cs_writer_ome_zarr;
extern const CsWriter cs_writer_mp4;
extern const CsWriter cs_writer_avi;
extern const CsWriter cs_writer_imagej;

/* Seconds between frames if the clock is uniform from 0 on (to a part in a
 * million of a step), else NAN. NULL has none. */
double cs_uniform_interval(const CsClock *clock);
