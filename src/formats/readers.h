/* The readers of this build, each in a file of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/reader.h"

extern const CsReader cs_reader_dm;
extern const CsReader cs_reader_tiff;
extern const CsReader cs_reader_mrc;
extern const CsReader cs_reader_png;
extern const CsReader cs_reader_jpeg;
extern const CsReader cs_reader_ser;
extern const CsReader cs_reader_tvips;
extern const CsReader cs_reader_mib;
extern const CsReader cs_reader_mrc_packed;
extern const CsReader cs_reader_seq;
extern const CsReader cs_reader_hdf5;
extern const CsReader cs_reader_video;
extern const CsReader cs_reader_zarr;
