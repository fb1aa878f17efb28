/* Evidence: what speaks for a break at one moment and arc, and its weight.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "breakage/ring.h"
#include "breakage/scan.h"
#include "coatscope/verdicts.h"

/* Falls smaller than this share of the coating are not looked at. */
#define CS_LEAST_FALL 0.10

/* What the arc of a gap loses at least, in 95 of 100 (calibrated). */
#define CS_GAP_FALL 0.15

/* Fills evidence, adds and log_odds from a fall found in the depths of the
 * ring. row: the particle's measures, one a frame of the recording. Errors:
 * CS_ERROR_LIMIT. */
bool cs_evidence_weigh(const CsRing *ring, const CsMeasure *row,
                       const CsFall *fall, CsVerdict *verdict,
                       GError **error);
