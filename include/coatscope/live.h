/* Live: frames as they come from the camera, areas at once.
 *
 *     frame -> drift fold -> outline fold -> areas of all particles
 *
 * Particles are those of the first frame that shows any; those born later, and
 * better outlines by going backwards, are for cs_flow_measure afterwards.
 * Drift is known from frame 17 on, when the support has been seen often
 * enough; until then each particle is followed by itself.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/flow.h"

G_BEGIN_DECLS

typedef struct CsLive CsLive;

/* What a frame showed. Lent until the next push. */
typedef struct {
    size_t           frame;       /* its number, from 0                     */
    CsShift          shift;       /* sd_px is NAN while drift is not known  */
    size_t           n_particles; /* 0 while none was found                 */
    const CsSeed    *seed;        /* n_particles                            */
    const CsOutline *outline;     /* n_particles, in pixels; lost ones too  */
} CsLiveFrame;

/* Opens for frames of info's size; nothing else of info is kept. job is lent
 * and may be NULL. Errors: CS_ERROR_ARGUMENT for a field without pixels,
 * CS_ERROR_LIMIT. */
CsLive *cs_live_open(const CsRecordingInfo *info, const CsJob *job,
                     GError **error);
void    cs_live_free(CsLive *live); /* takes NULL */

/* Measures the next frame. A frame that is black, blurred or doubled counts,
 * its outlines are lost. After an error the frame is not counted and live may
 * only be freed. Errors: CS_ERROR_ARGUMENT for a frame of another size,
 * CS_ERROR_LIMIT, CS_ERROR_CANCELLED. */
bool cs_live_push(CsLive *live, const CsFrame *frame, CsLiveFrame *now,
                  GError **error);

/* Tables of all frames pushed, with shifts smoothed over all of them; outlines
 * are those seen live. info has scale and clock, of as many frames as were
 * pushed; in_pixels as in CsFlowOptions. No push after it. Errors:
 * CS_ERROR_ARGUMENT where the numbers of frames differ, CS_ERROR_LIMIT,
 * CS_ERROR_CANCELLED. measured stays as it was. */
bool cs_live_finish(CsLive *live, const CsRecordingInfo *info, bool in_pixels,
                    CsMeasured *measured, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsLive, cs_live_free)

G_END_DECLS
