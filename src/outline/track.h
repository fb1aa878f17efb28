/* Track: one particle from frame to frame.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/outlines.h"
#include "coatscope/seeds.h"
#include "coatscope/shifts.h"
#include "outline/fit.h"

enum { CS_TRACK_LESSONS = 16 };

typedef struct {
    CsContour  contour; /* in the frame last seen, or where it should be     */
    CsShift    shift;   /* of that frame                                     */
    CsRimModel model;
    double     offset_px; /* by which the located edge lies inside the rim   */
    CsRimMemory memory;  /* of the frame that knows its coating best         */
    CsRimMemory lesson[CS_TRACK_LESSONS]; /* of single frames                */
    unsigned   n_lessons;
    float      unseen_px[CS_CONTOUR_SECTORS]; /* growth while hidden         */
    float      bare_px[CS_CONTOUR_SECTORS];   /* doubt where the coat is gone */
    unsigned   n_seen;    /* frames fitted                                   */
    unsigned   n_lost;    /* frames lost since                               */
} CsTrack;

/* What one thread needs; large, so not on the stack. */
typedef struct {
    CsPatch patch;
    CsRim   rim;
} CsTrackWork;

#define CS_TRACK_WORK_INIT { .patch = CS_PATCH_INIT }

/* False where the seed's outline is no outline. */
bool cs_track_start(const CsSeed *seed, const CsShift *shift, CsTrack *track);

/* The same, for a particle that was followed before: with what was learned
 * then. */
bool cs_track_restart(const CsSeed *seed, const CsShift *shift,
                      const CsRimMemory *memory, CsTrack *track);

/* What the frames that were looked at with view.learn say together. */
CsRimMemory cs_track_learned(const CsTrack *track);

/* Moves the track to a frame with that shift (pixels untouched). */
void cs_track_move(CsTrack *track, const CsShift *shift);

/* What a particle is followed into. */
typedef struct {
    const CsFrame *frame;
    const CsSeeds *seeds;
    const CsTrack *all;  /* the seeds' particles as last seen, moved to this
                            frame: they may cover this one                  */
    size_t         self; /* its number among them                           */
    bool           learn; /* how much coating it has, from this frame alone  */
} CsTrackView;

/* Follows the particle into a frame and fills outline. */
bool cs_track_follow(CsTrack *track, const CsTrackView *view,
                     CsTrackWork *work, CsOutline *outline, GError **error);

void cs_track_work_clear(CsTrackWork *work);
