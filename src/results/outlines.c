/* outlines/RECORDING.zip: every contour as a region of ImageJ.
 *
 * Region p02_f0017 is the outer edge of particle 2 in frame 17 (counted from
 * 0, as in areas.csv; ImageJ shows it on slice 18), p02_f0017_core its core.
 *
 * Only the slice is set, not the T of a hyperstack: ImageJ 1.53t, given both,
 * forgets the slice and then stays where it is on a stack of one dimension,
 * plain or of time. With the slice alone it goes there on either.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>

#include "coatscope/error.h"
#include "coatscope/roi.h"
#include "core/alloc.h"
#include "results/exports.h"
#include "results/names.h"

/* Yellow for the outer edge, cyan for the core: visible on grey. */
enum { OUTER_ARGB = 0xffffff00, CORE_ARGB = 0xff00ffff };

static int
n_digits(size_t number)
{
    int n = 1;

    for (; number >= 10; number /= 10)
        n++;
    return n;
}

static bool
add_region(const CsOutlines *outlines, size_t frame, size_t p, bool core,
           CsRois *rois, GError **error)
{
    const CsOutline *o = cs_outlines_at(outlines, frame, p);
    CsRoi *roi = &rois->roi[rois->n];

    if (!cs_outline_polygon(o, outlines->n_angles, core, &roi->outline, error))
        return false;
    if (roi->outline.n < 3) {
        cs_polygon_clear(&roi->outline);
        return true;
    }
    roi->name = g_strdup_printf(
        "p%0*d_f%0*zu%s", MAX(2, n_digits(outlines->n_particles)),
        outlines->particle_id[p], MAX(4, n_digits(outlines->n_frames)), frame,
        core ? "_core" : "");
    roi->type = CS_ROI_POLYGON;
    roi->slice = (int) frame + 1; /* and no T: see above */
    roi->group = 1 + (outlines->particle_id[p] - 1) % 255;
    roi->stroke_argb = core ? (guint32) CORE_ARGB : (guint32) OUTER_ARGB;
    rois->n++;
    return true;
}

static bool
collect_regions(const CsOutlines *outlines, CsRois *rois, GError **error)
{
    rois->roi = cs_try_alloc(outlines->n_frames * outlines->n_particles,
                             2 * sizeof *rois->roi, "the regions", error);
    if (rois->roi == NULL)
        return false;
    for (size_t p = 0; p < outlines->n_particles; p++)
        for (size_t f = 0; f < outlines->n_frames; f++)
            for (int core = 0; core < 2; core++)
                if (!add_region(outlines, f, p, core == 1, rois, error))
                    return false;
    return true;
}

bool
cs_export_outlines(const CsResultsInput *input, const char *dir,
                   const CsJob *job, GError **error)
{
    g_autofree char *folder = g_build_filename(dir, "outlines", NULL);
    g_auto(GStrv) names = cs_results_file_names(input);

    if (g_mkdir(folder, 0777) != 0)
        return cs_fail(error, CS_ERROR_IO, "cannot make the folder %s: %s",
                       folder, g_strerror(errno));
    for (size_t i = 0; i < input->n; i++) {
        g_auto(CsRois) rois = CS_ROIS_INIT;
        g_autofree char *file = g_strconcat(names[i], ".zip", NULL);
        g_autofree char *path = g_build_filename(folder, file, NULL);

        if (!cs_job_go_on(job, error)
            || !collect_regions(input->item[i].outlines, &rois, error))
            return false;
        if (rois.n > 0 && !cs_rois_write(&rois, path, error))
            return false;
    }
    return true;
}
