/* Fold: all particles of a field from frame to frame, one frame at a time. The
 * batch and live use are both made of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/job.h"
#include "coatscope/outlines.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"
#include "outline/track.h"

typedef struct {
    const CsSeeds *seeds; /* lent                                           */
    const CsJob   *job;   /* lent, may be NULL                              */
    unsigned       n_threads;
    CsTrack       *track;  /* a particle each                               */
    CsTrack       *seen;   /* the same, as it was in the frame before       */
    CsRimMemory   *memory; /* a particle each: what was learned             */
    CsTrackWork   *work;   /* a thread each                                 */
    bool           learns; /* of coatings, from the frame that is pushed    */
    const CsFrame *frame;  /* these three while a frame is followed         */
    const bool    *wanted;
    CsOutline     *outline;
} CsOutlineFold;

/* Nothing is followed before a start. Errors: CS_ERROR_LIMIT. */
bool cs_outline_fold_init(CsOutlineFold *fold, const CsSeeds *seeds,
                          const CsJob *job, GError **error);
void cs_outline_fold_clear(CsOutlineFold *fold);

/* Puts all particles where their seeds are in a frame of that shift, with what
 * was learned. Warns of seeds that cannot be followed, where `warns`. */
void cs_outline_fold_start(CsOutlineFold *fold, const CsShift *shift,
                           bool warns);

/* Keeps what the frames up to now taught, for the next start. */
void cs_outline_fold_learn(CsOutlineFold *fold);

/* The frame last followed is now known to have that shift: nothing moves. */
void cs_outline_fold_rebase(CsOutlineFold *fold, const CsShift *shift);

/* Follows the particles that are wanted (one flag each; NULL: all) into a
 * frame, unless its shift is flagged, and fills outline, one of each particle.
 * A particle sees its neighbours as they were in the frame before, so the
 * order of the threads does not matter. Errors: CS_ERROR_LIMIT,
 * CS_ERROR_CANCELLED. */
bool cs_outline_fold_push(CsOutlineFold *fold, const CsFrame *frame,
                          const CsShift *shift, const bool *wanted,
                          CsOutline *outline, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsOutlineFold, cs_outline_fold_clear)
