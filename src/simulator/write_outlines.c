/* True outlines as regions of ImageJ, one at a time: all of them at once would
 * take more memory the longer the recording is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>

#include "coatscope/error.h"
#include "formats/roi.h"
#include "results/exports.h"
#include "results/names.h"
#include "simulator/simulation.h"
#include "simulator/write_truth.h"

enum { N_ANGLES = 360 };

/* The region that was made last, and room to make one. */
typedef struct {
    const CsSimulation *simulation;
    CsOutlines          one;
    CsBodyState         state;
    CsRoi               roi;
} Regions;

/* Particle by particle, frame by frame, outer contour and core. */
static const CsRoi *
lend_region(size_t i, void *data, GError **error)
{
    Regions *r = data;
    const CsSimulation *s = r->simulation;
    CsRegionPlace at = {
        .particle = i / 2 / s->n_frames, .frame = i / 2 % s->n_frames,
        .core = i % 2 == 1, .n_particles = s->n_bodies,
        .n_frames = s->n_frames, .n_angles = N_ANGLES,
    };

    at.particle_id = (int) at.particle + 1;
    cs_simulation_outline(s, at.frame, at.particle, N_ANGLES, &r->state,
                          r->one.outline);
    return cs_export_region(r->one.outline, &at, &r->roi, error) ? &r->roi
                                                                 : NULL;
}

static bool
write_regions(const CsSimulation *s, const char *path, GError **error)
{
    g_autofree Regions *r = g_new0(Regions, 1);
    CsRoiLender lender = { 2 * s->n_bodies * s->n_frames, lend_region, r };
    bool ok;

    r->simulation = s;
    ok = lender.n == 0
         || (cs_outlines_resize(&r->one, 1, 1, N_ANGLES, error)
             && cs_rois_write_lent(&lender, path, error));
    cs_outlines_clear(&r->one);
    cs_roi_clear(&r->roi);
    return ok;
}

bool
cs_truth_write_outlines(const CsTruth *truth, const CsResultsInput *input,
                        const char *dir, const CsJob *job, GError **error)
{
    g_autofree char *folder = g_build_filename(dir, "outlines", NULL);
    g_auto(GStrv) names = cs_results_file_names(input);

    if (g_mkdir(folder, 0777) != 0)
        return cs_fail(error, CS_ERROR_IO, "cannot make the folder %s: %s",
                       folder, g_strerror(errno));
    for (size_t i = 0; i < input->n; i++) {
        g_autofree char *file = g_strconcat(names[i], ".zip", NULL);
        g_autofree char *path = g_build_filename(folder, file, NULL);

        if (!cs_job_go_on(job, error)
            || !write_regions(truth[i].simulation, path, error))
            return false;
    }
    return true;
}
