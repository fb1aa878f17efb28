/* Resolve: one particle traced again from what a person drew.
 *
 *     recording, shifts, seeds, polygons, outlines before -> measured
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/flow.h"

G_BEGIN_DECLS

/* A polygon on a frame, in its pixels; it counts for frames from … to. */
typedef struct {
    size_t           frame, from, to;
    bool             is_core; /* of the core: counts for its frame only     */
    const CsPolygon *polygon;
} CsDrawnOutline;

typedef struct {
    int               particle_id;
    const CsShifts   *shifts;
    const CsSeeds    *seeds;    /* of all particles, and the masks          */
    const CsOutlines *before;   /* of this particle alone                   */
    size_t            n;
    const CsDrawnOutline *drawn;
    bool              in_pixels;
} CsResolve;

/* Traces the particle both ways from each polygon; its neighbours are traced
 * too, to be left out of its rim. Each frame takes what was traced from the
 * nearest polygon that counts for it, its own frame the polygon itself (with
 * the uncertainty of the contour that was traced there: that of the hand is
 * not known); frames that none counts for stay as before. Then the particle is
 * measured and judged. Errors: those of the stages; measured stays as it was. */
bool cs_resolve_particle(CsRecording *recording, const CsResolve *what,
                         const CsJob *job, CsMeasured *measured,
                         GError **error);

G_END_DECLS
