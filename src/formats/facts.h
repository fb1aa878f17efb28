/* Facts: what is known of a recording beyond pixels, scale and times, as
 * "key = value" pairs. Our TIFF files carry them in ImageJ's info text or in
 * an OME map, and our readers understand them there.
 *
 * Keys: value_offset, value_gain, time_source, start_unix_s, date,
 * exposure_s, voltage_kV, magnification, dose_rate_e_per_A2_s,
 * counts_per_electron, camera, microscope, title.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/writer.h"

typedef void (*CsFactFunc)(const char *key, const char *value, void *user);

/* Calls tell with every fact that is known, in a fixed order. */
void cs_facts_tell(const CsWriterInfo *info, CsFactFunc tell, void *user);

/* Stores a fact about the series where it is one of ours and still unknown.
 * Returns whether the key was one of ours. Not for the first three keys: see
 * the TIFF reader. */
bool cs_facts_take(CsSeriesInfo *info, const char *key, const char *value);

/* The keys that cs_facts_take takes, by number; NULL behind the last. */
const char *cs_facts_key(size_t i);

/* Where the times of frames come from: "measured", or runs of frames with the
 * same source: "measured 100, assumed 3". Free with g_free. */
char *cs_facts_list_sources(const CsClock *clock);

/* Gives the frames their sources again, where they have times or a step and
 * the text, which may be NULL, tells those of as many frames; else nothing.
 * Errors: CS_ERROR_LIMIT. */
bool cs_facts_take_sources(CsSeriesInfo *info, const char *text,
                           GError **error);
