/* Text files beside MRC files: Direct Electron's and SerialEM's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/reader.h"

/* Fills what NAME_info.txt beside NAME_movie.mrc or NAME.mrc.mdoc beside
 * NAME.mrc tell of the info->n_frames frames. Neither has to be there.
 * Errors: CS_ERROR_LIMIT. */
bool cs_mrc_beside_read(const CsSource *source, CsSeriesInfo *info,
                        GError **error);
