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
#include <math.h>

#include "coatscope/error.h"
#include "formats/roi.h"
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

bool
cs_export_region(const CsOutline *o, const CsRegionPlace *place, CsRoi *roi,
                 GError **error)
{
    if (!cs_outline_polygon(o, place->n_angles, place->core, &roi->outline,
                            error))
        return false;
    g_free(roi->name);
    roi->name = g_strdup_printf(
        "p%0*d_f%0*zu%s", MAX(2, n_digits(place->n_particles)),
        place->particle_id, MAX(4, n_digits(place->n_frames)), place->frame,
        place->core ? "_core" : "");
    roi->type = CS_ROI_POLYGON;
    roi->slice = (int) place->frame + 1; /* and no T: see above */
    roi->group = 1 + (place->particle_id - 1) % 255;
    roi->stroke_argb = place->core ? (guint32) CORE_ARGB
                                   : (guint32) OUTER_ARGB;
    return true;
}

/* Which regions there are, and the one that was made last. */
typedef struct {
    const CsOutlines *outlines;
    GArray           *which; /* of CsRegionPlace */
    CsRoi             roi;
} Regions;

static const CsRoi *
lend_region(size_t i, void *data, GError **error)
{
    Regions *r = data;
    const CsRegionPlace *at = &g_array_index(r->which, CsRegionPlace, i);
    const CsOutline *o
        = cs_outlines_at(r->outlines, at->frame, at->particle);

    return cs_export_region(o, at, &r->roi, error) ? &r->roi : NULL;
}

static bool
is_a_ring(const float *radius, size_t n_angles)
{
    size_t n = 0;

    for (size_t k = 0; k < n_angles; k++)
        n += !isnan(radius[k]);
    return n >= 3;
}

static void
find_regions(Regions *regions)
{
    const CsOutlines *all = regions->outlines;
    CsRegionPlace at = { .n_particles = all->n_particles,
                         .n_frames = all->n_frames,
                         .n_angles = all->n_angles };

    for (at.particle = 0; at.particle < all->n_particles; at.particle++) {
        at.particle_id = all->particle_id[at.particle];
        for (at.frame = 0; at.frame < all->n_frames; at.frame++) {
            const CsOutline *o = cs_outlines_at(all, at.frame, at.particle);

            for (int core = 0; core < 2; core++) {
                at.core = core == 1;
                if (is_a_ring(at.core ? o->core_px : o->r_px, at.n_angles))
                    g_array_append_val(regions->which, at);
            }
        }
    }
}

static bool
write_regions(const CsOutlines *outlines, const char *path, GError **error)
{
    g_autoptr(GArray) which
        = g_array_new(FALSE, FALSE, sizeof(CsRegionPlace));
    Regions regions = { outlines, which, CS_ROI_INIT };
    CsRoiLender lender = { 0, lend_region, &regions };
    bool ok;

    find_regions(&regions);
    lender.n = which->len;
    ok = which->len == 0 || cs_rois_write_lent(&lender, path, error);
    cs_roi_clear(&regions.roi);
    return ok;
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
        g_autofree char *file = g_strconcat(names[i], ".zip", NULL);
        g_autofree char *path = g_build_filename(folder, file, NULL);

        if (!cs_job_go_on(job, error)
            || !write_regions(input->item[i].outlines, path, error))
            return false;
    }
    return true;
}
