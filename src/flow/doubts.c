/* Doubts in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/doubts.h"

#include "coatscope/detect.h"

/* The baseline of a particle seen so rarely is all there is of it. */
enum { TOO_FEW_FOR_A0 = 10, MAX_LISTED = 5 };

static size_t
n_outlined(const CsOutlines *outlines, size_t p)
{
    size_t n = 0;

    for (size_t i = 0; i < outlines->n_frames; i++)
        n += cs_outlines_at(outlines, i, p)->state != CS_OUTLINE_LOST;
    return n;
}

/* "particle 3" or "8 particles (1, 2, 4, 5, 6, …)": those outlined in so many
 * frames; NULL for none. */
static char *
those_with(const CsOutlines *outlines, size_t least, size_t most,
           size_t *n_of_them)
{
    g_autoptr(GString) list = g_string_new(NULL);
    size_t n = 0;

    for (size_t p = 0; p < outlines->n_particles; p++) {
        size_t frames = n_outlined(outlines, p);

        if (frames < least || frames > most)
            continue;
        if (n < MAX_LISTED)
            g_string_append_printf(list, "%s%d", n > 0 ? ", " : "",
                                   outlines->particle_id[p]);
        n++;
    }
    *n_of_them = n;
    if (n == 0)
        return NULL;
    if (n == 1)
        return g_strdup_printf("particle %s", list->str);
    return g_strdup_printf("%" G_GSIZE_FORMAT " particles (%s%s)", n,
                           list->str, n > MAX_LISTED ? ", …" : "");
}

static void
warn_of_nothing(const CsRecordingInfo *info, const CsJob *job)
{
    double least_px = cs_detect_least_diameter_px(info->width, info->height);
    g_autofree char *in_nm
        = info->nm_per_px_x > 0
              ? g_strdup_printf(" (%.3g nm)", least_px * info->nm_per_px_x)
              : g_strdup("");

    cs_job_warn(job,
                "%s: no particle was found. What is looked for has a closed "
                "edge, is at least %g px%s across and stands out from its "
                "surroundings. If you see particles, draw a polygon around "
                "each in ImageJ and give the file with --roi",
                info->name, least_px, in_nm);
}

static void
warn_of_unseen_rois(const CsRecordingInfo *info, const CsRois *rois,
                    const CsOutlines *outlines, const CsJob *job)
{
    size_t n;
    g_autofree char *those = those_with(outlines, 0, 0, &n);

    if (those == NULL)
        return;
    if (rois != NULL)
        cs_job_warn(job,
                    "%s: %s, drawn by you, could not be outlined in any "
                    "frame: near the polygon no edge all around stands out "
                    "from the noise. Is it on the slice it was drawn on, and "
                    "close to the particle's edge? --roi-only takes polygons "
                    "as they are", info->name, those);
    else
        cs_job_warn(job,
                    "%s: %s could not be outlined in any frame and %s no area",
                    info->name, those, n == 1 ? "has" : "have");
}

static void
warn_of_short_tracks(const CsRecordingInfo *info, const CsOutlines *outlines,
                     const CsJob *job)
{
    size_t n;
    g_autofree char *those = those_with(outlines, 1, TOO_FEW_FOR_A0, &n);

    if (those != NULL && info->n_frames > 1)
        cs_job_warn(job,
                    "%s: %s %s at most %d outlines, too few to be sure which "
                    "came before growth, so A0 and A/A0 are uncertain",
                    info->name, those, n == 1 ? "has" : "have",
                    TOO_FEW_FOR_A0);
}

/* Whole fields of doubtful outlines: then the numbers are, too. */
static void
warn_of_unsure(const CsRecordingInfo *info, const CsOutlines *outlines,
               const CsJob *job)
{
    size_t n_ok = 0, n_faint = 0, n = 0;

    for (size_t i = 0; i < outlines->n_frames * outlines->n_particles; i++) {
        n += outlines->outline[i].state != CS_OUTLINE_LOST;
        n_ok += outlines->outline[i].state == CS_OUTLINE_OK;
        n_faint += outlines->outline[i].state == CS_OUTLINE_FAINT;
    }
    if (n > 1 && n_ok == 0)
        cs_job_warn(job,
                    "%s: none of the %" G_GSIZE_FORMAT " outlines is in state "
                    "ok; look at them in report.html before you use an area",
                    info->name, n);
    else if (2 * n_faint > n)
        cs_job_warn(job,
                    "%s: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " outlines "
                    "are faint: as they were found, with no uncertainty. Look "
                    "at them in report.html before you use an area",
                    info->name, n_faint, n);
}

void
cs_doubts_warn(const CsRecordingInfo *info, const CsRois *rois,
               const CsOutlines *outlines, const CsJob *job)
{
    if (outlines->n_particles == 0)
        warn_of_nothing(info, job);
    warn_of_unseen_rois(info, rois, outlines, job);
    warn_of_short_tracks(info, outlines, job);
    warn_of_unsure(info, outlines, job);
}
