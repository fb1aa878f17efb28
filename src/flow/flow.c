/* The flow: which stage follows which.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/flow.h"

#include <math.h>

#include "coatscope/breakage.h"
#include "coatscope/detect.h"
#include "coatscope/drift.h"
#include "coatscope/error.h"
#include "coatscope/measure.h"
#include "coatscope/outline.h"
#include "flow/doubts.h"
#include "flow/guided.h"
#include "flow/manual.h"

void
cs_measured_clear(CsMeasured *measured)
{
    cs_seeds_clear(&measured->seeds);
    cs_shifts_clear(&measured->shifts);
    cs_outlines_clear(&measured->outlines);
    cs_measures_clear(&measured->measures);
    cs_verdicts_clear(&measured->verdicts);
}

/* What could not be traced keeps the outline it was found with, said to be
 * faint and of unknown uncertainty: in a single picture there is no other
 * frame to learn from. In a recording it stays lost. What runs off the field
 * is cut, however faint. */
static void
keep_found(const CsRecordingInfo *info, const CsSeeds *seeds,
           CsOutlines *outlines)
{
    /* it was found on cells of so many pixels, and ends half a cell short */
    double margin_px = fmax(1.5, (double) seeds->mask_bin);

    for (size_t p = 0; info->n_frames == 1 && p < seeds->n; p++) {
        const CsPolygon *found = &seeds->seed[p].outline;
        CsOutline *o = cs_outlines_at(outlines, 0, p);
        CsPoint c = cs_polygon_centroid(found);

        if (o->state != CS_OUTLINE_LOST)
            continue;
        o->state = cs_manual_is_cut(found, info, margin_px)
                       ? CS_OUTLINE_EDGE : CS_OUTLINE_FAINT;
        o->centre_x_px = c.x;
        o->centre_y_px = c.y;
        o->area_px2 = cs_polygon_area(found);
        for (size_t k = 0; k < outlines->n_angles; k++)
            o->r_px[k] = (float) cs_polygon_ray(
                found, c,
                2 * G_PI * (double) k / (double) outlines->n_angles);
    }
}

/* Particles are looked for twice: at first so that drift can leave them out,
 * then along the whole recording, where they now lie still. */
static bool
find_and_trace(CsRecording *recording, const CsJob *job, CsMeasured *m,
               GError **error)
{
    g_auto(CsSeeds) first = CS_SEEDS_INIT;

    if (!cs_detect_particles(recording, NULL, job, &first, error)
        || !cs_drift_measure(recording, &first, job, &m->shifts, error)
        || !cs_detect_particles(recording, &m->shifts, job, &m->seeds, error)
        || !cs_outline_trace(recording, &m->shifts, &m->seeds, job,
                             &m->outlines, error))
        return false;
    keep_found(cs_recording_info(recording), &m->seeds, &m->outlines);
    return true;
}

static bool
outline(CsRecording *recording, const CsFlowOptions *options,
        const CsJob *job, CsMeasured *m, GError **error)
{
    switch (options->mode) {
    case CS_FLOW_AUTOMATIC:
        return find_and_trace(recording, job, m, error);
    case CS_FLOW_FROM_ROIS:
        return cs_guided_trace(recording, options->rois, job, m, error);
    case CS_FLOW_ROIS_ONLY:
        return cs_guided_take(recording, options->rois, job, m, error);
    }
    g_return_val_if_reached(false);
}

bool
cs_flow_judge(const CsJob *job, CsMeasured *measured, GError **error)
{
    if (!cs_breakage_judge(&measured->outlines, &measured->measures, NULL,
                           job, &measured->verdicts, error))
        return false;
    cs_verdicts_mark(&measured->verdicts, &measured->measures);
    return true;
}

bool
cs_flow_measure(CsRecording *recording, const CsFlowOptions *options,
                const CsJob *job, CsMeasured *measured, GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    g_auto(CsMeasured) fresh = CS_MEASURED_INIT;
    CsMeasured old = *measured;

    if (!cs_recording_check_measurable(recording, options->in_pixels, error)
        || !outline(recording, options, job, &fresh, error))
        return cs_blame(error, "%s", info->name);
    cs_doubts_warn(info, options->rois, &fresh.outlines, job);
    if (!cs_measure_outlines(&fresh.outlines, info, options->in_pixels,
                             &fresh.measures, error)
        || !cs_flow_judge(job, &fresh, error))
        return cs_blame(error, "%s", info->name);
    *measured = fresh;
    fresh = old;
    return true;
}
