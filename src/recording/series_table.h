/* A vendor's table beside a series of pictures: one row a picture, as
 * Protochips' AXON exports it ("Metadata (CSV)").
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "recording/listing.h"
#include "recording/scan.h"

/* Looks in the folder of the pictures for a CSV file with a column
 * ImageFileName that names them, and takes from it what the pictures
 * themselves do not tell: times, scale, dose rate. Which columns are there
 * is the user's choice in AXON: they are known by name, and lengths and rates
 * count only where their name holds a unit. scan->first.notes say what was
 * taken.
 *
 * Errors: CS_ERROR_FORMAT where the table contradicts itself: a scale that
 * differs between pictures, two rows for one picture. */
bool cs_series_table_take(const CsListing *listing, CsScan *scan,
                          GError **error);
