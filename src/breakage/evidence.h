/* Evidence: what speaks for a break at one moment and arc, and its weight.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "breakage/ring.h"
#include "breakage/scan.h"
#include "coatscope/verdicts.h"

/* Falls smaller than this share of the coating are not looked at. */
#define CS_LEAST_FALL 0.10

/* A break must reach so many times the z that chance reaches: what falls by
 * much in a ring that is all noise is no break. */
#define CS_LEAST_TIMES_NEEDED 1.5

/* Fills evidence, adds and log_odds from a fall found in the depths of the
 * ring. row: the particle's measures, one a frame of the recording. Errors:
 * CS_ERROR_LIMIT. */
bool cs_evidence_weigh(const CsRing *ring, const CsMeasure *row,
                       const CsFall *fall, CsVerdict *verdict,
                       GError **error);

/* The weights that are not 0, as "-7.6 + 2.5 ring + …", for the methods text. */
void cs_evidence_in_words(GString *text);

/* The log-odds of a fall that has that depth and sd, if nothing else speaks. */
double cs_evidence_of_fall(double depth, double sd, double needed);
