/* Outlines from the user's polygons.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/guided.h"

#include "coatscope/detect.h"
#include "coatscope/drift.h"
#include "coatscope/outline.h"
#include "flow/manual.h"

/* The outlines of every pass. */
typedef struct {
    size_t      n;
    CsOutlines *outlines;
} Passes;

static void
passes_clear(Passes *passes)
{
    for (size_t k = 0; k < passes->n; k++)
        cs_outlines_clear(&passes->outlines[k]);
    g_free(passes->outlines);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Passes, passes_clear)

static bool
trace_passes(CsRecording *recording, const CsRois *rois, const CsSeeds *found,
             const CsJob *job, CsMeasured *m, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_auto(Passes) passes = { 0 };
    g_auto(CsSeeds) seeds = CS_SEEDS_INIT;
    size_t n_particles;

    passes.n = cs_manual_n_passes(rois, &m->shifts, &n_particles);
    passes.outlines = g_new0(CsOutlines, passes.n + 1);
    if (n_particles < rois->n)
        cs_job_warn(job,
                    "%s: %" G_GSIZE_FORMAT " polygons are of %" G_GSIZE_FORMAT
                    " particle%s, for they lie on one another on several "
                    "slices; up to 5 of each are traced from, and each frame "
                    "takes the outline of the nearest. --roi-only takes all "
                    "as they are", info->name, rois->n, n_particles,
                    n_particles == 1 ? "" : "s");
    for (size_t k = 0; k < passes.n; k++)
        if (!cs_manual_seeds(rois, info, &m->shifts, k, found,
                             k == 0 ? &m->seeds : &seeds, error)
            || !cs_outline_trace(recording, &m->shifts,
                                 k == 0 ? &m->seeds : &seeds, job,
                                 &passes.outlines[k], error))
            return false;
    return cs_manual_join(rois, &m->shifts, passes.outlines, &m->outlines,
                          error);
}

/* What masks hold besides one piece a label. */
static void
warn_of_pieces(const CsRois *rois, const CsJob *job)
{
    const CsRoi *largest = NULL;
    size_t n_pieces = 0, n_labels = 0;

    for (size_t i = 0; i < rois->n; i++) {
        const CsRoi *roi = &rois->roi[i];

        n_pieces += roi->is_piece;
        if (roi->n_pieces == 0 || roi->is_piece)
            continue;
        n_labels++;
        if (largest == NULL)
            largest = roi;
    }
    if (n_pieces > 0)
        cs_job_warn(job,
                    "the mask has a single label in several pieces: each of "
                    "the %" G_GSIZE_FORMAT " is taken as a particle",
                    n_pieces);
    if (largest != NULL)
        cs_job_warn(job,
                    "%s is in %u pieces%s: of each label the largest is "
                    "taken, the others are left out. If they are particles, "
                    "give each a label of its own",
                    largest->name, largest->n_pieces,
                    n_labels > 1 ? ", and so are other labels" : "");
}

static void
warn_of_cut(const CsRecordingInfo *info, const CsOutlines *outlines,
            const CsJob *job)
{
    size_t n = 0;

    for (size_t i = 0; i < outlines->n_frames * outlines->n_particles; i++)
        n += outlines->outline[i].state == CS_OUTLINE_EDGE;
    if (n > 0)
        cs_job_warn(job,
                    "%s: %" G_GSIZE_FORMAT " polygon%s the edge of the frame "
                    "of %" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT " pixels "
                    "(state edge); the area is all that was drawn, what lies "
                    "outside too", info->name, n,
                    n == 1 ? " crosses" : "s cross", info->width,
                    info->height);
}

bool
cs_guided_trace(CsRecording *recording, const CsRois *rois, const CsJob *job,
                CsMeasured *m, GError **error)
{
    g_auto(CsSeeds) found = CS_SEEDS_INIT;
    CsRois outer = cs_manual_without_cores(rois);
    g_autofree CsRoi *owned = outer.roi;

    (void) owned;
    warn_of_pieces(&outer, job);
    return cs_manual_check(&outer, cs_recording_info(recording), error)
           && cs_detect_particles(recording, NULL, job, &found, error)
           && cs_drift_measure(recording, &found, job, &m->shifts, error)
           && trace_passes(recording, &outer, &found, job, m, error);
}

bool
cs_guided_take(CsRecording *recording, const CsRois *rois, const CsJob *job,
               CsMeasured *m, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    CsRois outer = cs_manual_without_cores(rois);
    g_autofree CsRoi *owned = outer.roi;

    (void) owned;
    warn_of_pieces(&outer, job);
    if (!cs_manual_check(&outer, info, error)
        || !cs_shifts_resize(&m->shifts, info->n_frames, error)
        || !cs_manual_outlines(&outer, info, &m->outlines, error))
        return false;
    warn_of_cut(info, &m->outlines, job);
    return true;
}
