/* Truth as files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/results.h"
#include "coatscope/simulator.h"

/* The products of one simulation, but for the outlines: these are made one at
 * a time as they are written, for they would grow large. */
typedef struct {
    CsSimulation *simulation;
    CsRecording  *recording;
    CsMeasures    measures;
    CsShifts      shifts;
} CsTruth;

/* truth is all zero before. Errors: CS_ERROR_LIMIT. */
bool cs_truth_init(CsTruth *truth, CsSimulation *simulation, GError **error);
void cs_truth_clear(CsTruth *truth);

/* Tables and outlines of n simulations into dir. */
bool cs_truth_write(const CsTruth *truth, size_t n, const char *dir,
                    const CsJob *job, GError **error);

/* A stack of label masks. */
bool cs_truth_write_labels(const CsSimulation *simulation, bool core,
                           const char *path, const CsJob *job,
                           GError **error);

/* outlines/RECORDING.zip of each of the input's recordings, whose truths are
 * given in the same order. */
bool cs_truth_write_outlines(const CsTruth *truth, const CsResultsInput *input,
                             const char *dir, const CsJob *job,
                             GError **error);
