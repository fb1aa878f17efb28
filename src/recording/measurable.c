/* Can a recording be measured, and if not, what is missing?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/error.h"
#include "coatscope/recording.h"

static bool
check_axis(const CsAxis *axis, const char *name, bool in_pixels,
           GError **error)
{
    static const char *const what[] = {
        [CS_UNIT_RECIPROCAL] = "a diffraction pattern or a Fourier transform",
        [CS_UNIT_ANGLE] = "a diffraction pattern",
        [CS_UNIT_TIME] = "a line scan against time or a spectrum",
    };

    if (axis->kind == CS_UNIT_NONE || axis->kind == CS_UNIT_LENGTH)
        return true;
    if (axis->kind == CS_UNIT_OTHER)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "its %s axis is in “%s”, which is no length that is "
                       "known: it may be a spectrum or the like; if it is an "
                       "image, say so with --scale %s", name, axis->unit,
                       in_pixels ? "1, with --pixels" : "NM_PER_PX");
    return cs_fail(error, CS_ERROR_UNSUPPORTED,
                   "its %s axis is in %s, so it is %s and not an image; if it "
                   "is one, say so with --scale %s", name, axis->unit,
                   what[axis->kind],
                   in_pixels ? "1, with --pixels" : "NM_PER_PX");
}

static bool
check_kind(const CsRecordingInfo *info, bool in_pixels, GError **error)
{
    const CsSeriesInfo *series = &info->series;

    if (info->width < 2 || info->height < 2)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "%zu × %zu pixels are a line or a spectrum, not an "
                       "image", info->width, info->height);
    if (series->type == CS_PIXEL_C64 || series->type == CS_PIXEL_C128)
        return cs_fail(error, CS_ERROR_UNSUPPORTED,
                       "its pixels are complex numbers, so it is a Fourier "
                       "transform or a hologram and not an image");
    return info->scale_source == CS_SCALE_USER
           || (check_axis(&series->x, "x", in_pixels, error)
               && check_axis(&series->y, "y", in_pixels, error));
}

static bool
check_times(const CsRecordingInfo *info, GError **error)
{
    for (size_t i = 0; i < info->clock.n_frames; i++)
        if (!isfinite(info->clock.start_s[i]))
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "frame %zu has no time; give --interval S or "
                           "--times CSV, or measure in frames with --pixels",
                           i);
    return true;
}

bool
cs_recording_check_measurable(const CsRecording *recording, bool in_pixels,
                              GError **error)
{
    const CsRecordingInfo *info = cs_recording_info(recording);
    bool ok = check_kind(info, in_pixels, error);

    if (ok && !in_pixels
        && (!isfinite(info->nm_per_px_x) || !isfinite(info->nm_per_px_y)))
        ok = cs_fail(error, CS_ERROR_ARGUMENT,
                     "has no scale; give --scale NM_PER_PX, or measure in "
                     "pixels with --pixels");
    if (ok && !in_pixels && info->n_frames > 1)
        ok = check_times(info, error);
    return ok || cs_blame(error, "%s", info->n_files == 1 ? info->files[0]
                                                          : info->name);
}
