/* Clocks made of each frame's own time stamp.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/stamps.h"

static bool
goes_forward(const CsClock *stamps, size_t *n_missing)
{
    double before_s = -INFINITY;

    *n_missing = 0;
    for (size_t i = 0; i < stamps->n_frames; i++) {
        double now_s = stamps->start_s[i];

        if (isnan(now_s)) {
            *n_missing += 1;
            continue;
        }
        if (now_s <= before_s)
            return false;
        before_s = now_s;
    }
    return true;
}

void
cs_stamps_take(CsSeriesInfo *info, CsClock *stamps, bool is_unix)
{
    g_auto(CsClock) clock = *stamps;
    double first_s = clock.n_frames > 0 ? clock.start_s[0] : NAN;
    size_t n_missing;

    *stamps = (CsClock) CS_CLOCK_INIT;
    if (isnan(first_s)) {
        cs_series_info_note(info, "the first frame has no time stamp; the"
                            " times of the others are not used");
        return;
    }
    if (is_unix)
        info->start_unix_s = first_s;
    if (!goes_forward(&clock, &n_missing)) {
        cs_series_info_note(info, "the time stamps of the frames do not go"
                            " forward; they are not used");
        return;
    }
    if (n_missing > 0)
        cs_series_info_note(info, "%zu of %zu frames have no time stamp",
                            n_missing, clock.n_frames);
    for (size_t i = 0; i < clock.n_frames; i++) {
        clock.duration_s[i] = info->exposure_s;
        if (isnan(clock.start_s[i]))
            continue;
        clock.start_s[i] -= first_s;
        clock.source[i] = CS_TIME_MEASURED;
    }
    clock.start_unix_s = is_unix ? first_s : NAN;
    info->clock = clock;
    clock = (CsClock) CS_CLOCK_INIT;
}
