/* What a converted file kept.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stddef.h>

#include "coatscope/recording.h"

/* Reads `path` again, which holds the frames of a recording from the first-th
 * on, and lists in words what it does not hold of them: "the magnification,
 * the date"; NULL where nothing is lost. Free with g_free. */
char *cs_kept_losses(const CsRecordingInfo *info, size_t first,
                     const char *path);
