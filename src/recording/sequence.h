/* File names to a sequence: which number counts, and is any missing?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "recording/listing.h"

/* Fills kind, step, n and file of listing from `paths` (char *, in any order,
 * at least one; the strings are copied), which must be of one series. `where`
 * is for messages. Single pictures and thumbnails beside a longer series of
 * another format are left out with a note.
 *
 * Errors: CS_ERROR_FORMAT for several series (listed) or a missing number. */
bool cs_sequence_make(const GPtrArray *paths, const char *where,
                      bool allow_gaps, CsListing *listing, GError **error);
