/* Truth as files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/simulator.h"

/* All products of one simulation. */
typedef struct {
    CsSimulation *simulation;
    CsRecording  *recording;
    CsMeasures    measures;
    CsShifts      shifts;
    CsOutlines    outlines;
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
