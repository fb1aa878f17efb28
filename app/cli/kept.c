/* What a converted file kept, by reading it again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/kept.h"

#include <math.h>

/* Scales and times may pass through single precision. */
static const double least_share = 1e-5;

static void
add(GString *losses, const char *what)
{
    g_string_append_printf(losses, "%s%s", losses->len > 0 ? ", " : "", what);
}

static bool
is_kept(double before, double after)
{
    return !isfinite(before)
           || fabs(after - before) <= least_share * fabs(before);
}

/* Of every frame, to a microsecond or as single precision has them. */
static bool
are_times_kept(const CsClock *before, size_t first, const CsClock *after)
{
    for (size_t i = 0; i < after->n_frames; i++) {
        double time_s = before->start_s[first + i] - before->start_s[first];

        if (isfinite(time_s)
            && !(fabs(after->start_s[i] - time_s)
                 <= 1e-6 + least_share * fabs(time_s)))
            return false;
    }
    return true;
}

static bool
are_sources_kept(const CsClock *before, size_t first, const CsClock *after)
{
    for (size_t i = 0; i < after->n_frames; i++)
        if (before->source[first + i] != after->source[i])
            return false;
    return true;
}

static void
compare_clocks(const CsRecordingInfo *before, size_t first,
               const CsRecordingInfo *after, GString *losses)
{
    if (after->n_frames < 2 || before->clock.n_frames < first + after->n_frames)
        return;
    if (!are_times_kept(&before->clock, first, &after->clock))
        add(losses, "the times of the frames");
    else if (!are_sources_kept(&before->clock, first, &after->clock))
        add(losses, "which times were measured and which were not");
}

static void
compare_facts(const CsSeriesInfo *before, const CsSeriesInfo *after,
              GString *losses)
{
    if (!is_kept(before->voltage_kV, after->voltage_kV))
        add(losses, "the voltage");
    if (!is_kept(before->exposure_s, after->exposure_s))
        add(losses, "the exposure");
    if (!is_kept(before->magnification, after->magnification))
        add(losses, "the magnification");
    if (before->date != NULL && after->date == NULL)
        add(losses, "the date");
    if (before->camera != NULL && after->camera == NULL)
        add(losses, "the camera");
    if (before->microscope != NULL && after->microscope == NULL)
        add(losses, "the microscope");
}

char *
cs_kept_losses(const CsRecordingInfo *info, size_t first, const char *path)
{
    g_autoptr(CsRecording) recording
        = cs_recording_open(path, NULL, NULL, NULL);
    const CsRecordingInfo *after;
    GString *losses;

    if (recording == NULL)
        return g_strdup("anything that Coatscope can read again");
    after = cs_recording_info(recording);
    losses = g_string_new(NULL);
    if (!is_kept(info->nm_per_px_x, after->nm_per_px_x)
        || !is_kept(info->nm_per_px_y, after->nm_per_px_y))
        add(losses, "the scale");
    compare_clocks(info, first, after, losses);
    compare_facts(&info->series, &after->series, losses);
    return g_string_free(losses, losses->len == 0);
}
