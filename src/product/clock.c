/* Clocks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "coatscope/clock.h"

#include <stdlib.h>

#include "core/alloc.h"

const char *
cs_time_source_name(CsTimeSource source)
{
    static const char *const names[] = {
        [CS_TIME_NONE] = "none",
        [CS_TIME_ASSUMED] = "assumed",
        [CS_TIME_INTERPOLATED] = "interpolated",
        [CS_TIME_MEASURED] = "measured",
    };

    return names[source];
}

bool
cs_clock_resize(CsClock *clock, size_t n_frames, GError **error)
{
    g_auto(CsClock) fresh = CS_CLOCK_INIT;
    CsClock old = *clock;

    fresh.n_frames = n_frames;
    fresh.start_s = cs_try_alloc(n_frames, sizeof(double), "the clock", error);
    if (fresh.start_s == NULL)
        return false;
    fresh.duration_s
        = cs_try_alloc(n_frames, sizeof(double), "the clock", error);
    if (fresh.duration_s == NULL)
        return false;
    fresh.source
        = cs_try_alloc(n_frames, sizeof(CsTimeSource), "the clock", error);
    if (fresh.source == NULL)
        return false;
    for (size_t i = 0; i < n_frames; i++)
        fresh.start_s[i] = fresh.duration_s[i] = NAN;

    *clock = fresh;
    fresh = old;
    return true;
}

void
cs_clock_fill(CsClock *clock, double interval_s, double duration_s,
              CsTimeSource source)
{
    for (size_t i = 0; i < clock->n_frames; i++) {
        clock->start_s[i] = (double) i * interval_s;
        clock->duration_s[i] = duration_s;
        clock->source[i] = source;
    }
}

static int
by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

double
cs_clock_median_interval(const CsClock *clock)
{
    g_autofree double *step = g_new(double, clock->n_frames + 1);
    size_t n = 0;

    for (size_t i = 1; i < clock->n_frames; i++) {
        double s = clock->start_s[i] - clock->start_s[i - 1];

        if (isfinite(s))
            step[n++] = s;
    }
    if (n == 0)
        return NAN;
    qsort(step, n, sizeof *step, by_value);
    return n % 2 == 1 ? step[n / 2] : (step[n / 2 - 1] + step[n / 2]) / 2;
}

void
cs_clock_clear(CsClock *clock)
{
    g_free(clock->start_s);
    g_free(clock->duration_s);
    g_free(clock->source);
    *clock = (CsClock) CS_CLOCK_INIT;
}
