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

bool
cs_guided_trace(CsRecording *recording, const CsRois *rois, const CsJob *job,
                CsMeasured *m, GError **error)
{
    g_auto(CsSeeds) found = CS_SEEDS_INIT;
    CsRois outer = cs_manual_without_cores(rois);
    g_autofree CsRoi *owned = outer.roi;

    (void) owned;
    return cs_manual_check(&outer, cs_recording_info(recording), error)
           && cs_detect_particles(recording, NULL, job, &found, error)
           && cs_drift_measure(recording, &found, job, &m->shifts, error)
           && trace_passes(recording, &outer, &found, job, m, error);
}

bool
cs_guided_take(CsRecording *recording, const CsRois *rois, CsMeasured *m,
               GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    CsRois outer = cs_manual_without_cores(rois);
    g_autofree CsRoi *owned = outer.roi;

    (void) owned;
    return cs_manual_check(&outer, info, error)
           && cs_shifts_resize(&m->shifts, info->n_frames, error)
           && cs_manual_outlines(&outer, info, &m->outlines, error);
}
