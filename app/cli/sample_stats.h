/* Minimum, maximum, mean and standard deviation of all samples of a recording
 * as the file stores them, in one pass over the frames.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/recording.h"

typedef struct {
    size_t n;     /* samples with a finite value; of complex ones the modulus */
    size_t n_not; /* samples that are not finite                              */
    double min;   /* NAN where n is 0, as those below                         */
    double max;
    double mean;
    double std;   /* of the population: divided by n                          */
} CsSampleStats;

/* The same on any number of threads. Errors: those of reading frames,
 * CS_ERROR_CANCELLED. */
bool cs_sample_stats(CsRecording *recording, const CsJob *job,
                     CsSampleStats *stats, GError **error);
