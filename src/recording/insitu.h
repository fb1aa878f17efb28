/* Gatan's in-situ tree: Hour_00/Minute_00/Second_00/…_Frame_0000.dm4.
 *
 * The camera puts the frames of each second in a folder of its own and counts
 * them from 0 there; how many there are is its rate, which varies by one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/clock.h"
#include "recording/listing.h"

/* True for the name of a folder of such a tree ("Second_07"). */
bool cs_insitu_is_folder(const char *name);

/* Reads second_s and frame from the path of a file; false where one of the
 * four numbers is not in it. */
bool cs_insitu_parse(const char *path, uint64_t *second_s, uint64_t *frame);

/* The listing (of kind CS_LISTED_IN_SITU) of paths that all parse, sorted by
 * the four numbers. Missing and short seconds and missing frames are notes.
 *
 * Errors: CS_ERROR_FORMAT for several series or a number twice. */
bool cs_insitu_make(const GPtrArray *paths, const char *where,
                    CsListing *listing, GError **error);

/* Start times relative to the first frame: frame k of n in a second starts
 * k/n after it; a last second that was cut short goes by the usual rate.
 * `start_s` has room for all files. */
void cs_insitu_times(const CsListing *listing, double *start_s);
