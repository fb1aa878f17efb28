/* What .zarray and zarr.json say of an array.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "formats/zarr_array.h"

/* Fill an array from the JSON of version 2 or 3. */
bool cs_zarr_meta_v2(CsZarrArray *array, JsonObject *json, GError **error);
bool cs_zarr_meta_v3(CsZarrArray *array, JsonObject *json, GError **error);
