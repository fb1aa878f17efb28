/* Gatan's raw frames: X.raw, X.raw_1, X.raw_2, … beside X.dm4 or X.dm5, to be
 * read as one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/source.h"

typedef struct CsRawParts CsRawParts;

/* *parts is NULL, without an error, where there is no X.raw beside the
 * source. All but the last part have the length of the first.
 *
 * Errors: CS_ERROR_FORMAT for a part of another length; CS_ERROR_IO. */
bool cs_raw_parts_open(const CsSource *director, CsRawParts **parts,
                       GError **error);

/* Bytes of all parts. */
uint64_t cs_raw_parts_size(const CsRawParts *parts);

/* As cs_source_read(); what is wanted may lie in several parts. */
bool cs_raw_parts_read(const CsRawParts *parts, uint64_t offset, void *to,
                       size_t n, GError **error);

/* Takes NULL. */
void cs_raw_parts_free(CsRawParts *parts);
