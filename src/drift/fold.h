/* Fold: drift, one frame at a time. The batch and live use are both made of
 * it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "drift/follow.h"

typedef struct {
    CsDriftField    field;
    CsDriftFollower follower;
} CsDriftFold;

/* For frames of that size; stays where it is in memory. seeds may be NULL.
 * Errors: CS_ERROR_LIMIT. */
bool cs_drift_fold_init(CsDriftFold *fold, size_t width, size_t height,
                        const CsSeeds *seeds, GError **error);
void cs_drift_fold_clear(CsDriftFold *fold);

/* Makes a frame ready; several threads may do so at once. */
bool cs_drift_fold_prepare(const CsDriftFold *fold, const CsFrame *frame,
                           CsDriftPlane *plane, GError **error);

/* Takes the next frame, made ready. */
bool cs_drift_fold_push(CsDriftFold *fold, CsDriftPlane *plane,
                        GError **error);

/* The shift of the frame pushed last, as far as it is known by now. False
 * where it is not (the first frames are placed together, and a field may show
 * nothing that lies still): then it is that of the frame before, sd is NAN,
 * but the flags count. */
bool cs_drift_fold_now(const CsDriftFold *fold, CsShift *shift);

/* The shifts of all frames, each by its neighbours too. Warns where drift is
 * not known. Errors: CS_ERROR_LIMIT. */
bool cs_drift_fold_finish(CsDriftFold *fold, const CsJob *job,
                          CsShifts *shifts, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsDriftFold, cs_drift_fold_clear)
